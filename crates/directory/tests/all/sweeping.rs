use std::time::Duration;

use doorward_directory::LinkKind;
use doorward_store::StoreError;

use crate::{
    house::{House, PASSWORD, at, code, from, houses_with},
    logins::{attempt, four_tries, reason, try_at, with_cookie},
};

const DAY: i64 = 24 * 3_600;

async fn count(house: &House, table: &'static str) -> i64 {
    house
        .store
        .read::<_, StoreError>(move |tx| tx.one(&format!("SELECT COUNT(*) FROM {table}"), &[], |row| row.get(0)))
        .await
        .unwrap()
        .unwrap()
}

async fn counts(house: &House) -> [i64; 5] {
    [
        count(house, "login_budgets").await,
        count(house, "enrolment_links").await,
        count(house, "api_tokens").await,
        count(house, "browser_users").await,
        count(house, "browsers").await,
    ]
}

#[tokio::test]
async fn what_has_ended_is_deleted_and_what_still_counts_stays() {
    for house in houses_with(four_tries()).await {
        let directory = &house.directory;
        let (user, robot) = (house.enrolled("alice").await, house.service("robot").await);
        let known = with_cookie(
            "192.0.2.1",
            &attempt(&house, "alice", PASSWORD, &from("192.0.2.1")).await.unwrap(),
        );
        reason(attempt(&house, "alice", "wrong password", &from("192.0.2.1")).await);
        let hour = Duration::from_hours(1);
        let link = directory
            .create_link(&house.root, user.id, LinkKind::Reset, hour, at(1))
            .await
            .unwrap();
        directory
            .create_api_token(&house.root, robot.id, "short", Some(at(3_600)), at(1))
            .await
            .unwrap();
        directory
            .create_api_token(&house.root, robot.id, "unlimited", None, at(1))
            .await
            .unwrap();
        assert!(!directory.sweep(at(2)).await.unwrap());
        assert_eq!(counts(&house).await, [2, 1, 2, 1, 1], "nothing has ended");
        directory.sweep(at(DAY)).await.unwrap();
        assert_eq!(counts(&house).await, [0, 1, 2, 1, 1], "whoever comes late reads why");
        assert_eq!(code(directory.link(link.ticket.expose(), at(DAY)).await), "link_ended");
        directory.sweep(at(9 * DAY)).await.unwrap();
        assert_eq!(counts(&house).await, [0, 0, 1, 1, 1]);
        try_at(&house, "alice", PASSWORD, &known, 170 * DAY).await.unwrap();
        directory.sweep(at(190 * DAY)).await.unwrap();
        assert_eq!(counts(&house).await, [0, 0, 1, 1, 1], "a browser in use stays");
        directory.sweep(at(360 * DAY)).await.unwrap();
        assert_eq!(counts(&house).await, [0, 0, 1, 0, 0]);
    }
}

#[tokio::test]
async fn sweeping_says_when_there_is_more() {
    for house in houses_with(four_tries()).await {
        house
            .store
            .write::<_, StoreError>(at(0), |tx| {
                for number in 0..700_i64 {
                    let insert = "INSERT INTO login_budgets (id, spent_until) VALUES ($1, $2)";
                    tx.execute(insert, &[(&number.to_be_bytes()).into(), number.into()])?;
                }
                Ok(())
            })
            .await
            .unwrap();
        assert!(house.directory.sweep(at(1)).await.unwrap());
        assert!(!house.directory.sweep(at(1)).await.unwrap());
        assert_eq!(count(&house, "login_budgets").await, 0);
    }
}
