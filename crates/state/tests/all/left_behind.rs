//! What logins have left behind, of which a copy for trying units out has nothing, is no part of a plan.

use doorward_jose::SystemRandom;
use doorward_state::{PEOPLE, Request};
use doorward_store::{StoreError, Ticket, sessions, testing::START};
use jiff::SignedDuration;
use uuid::Uuid;

use crate::{
    carrying_out::HOUSE,
    fixture::{Fixture, files, on_both_engines, request},
};

/// As if anna and ben had logged in through the upstream and were using the application.
async fn log_in(here: &Fixture) {
    let app = here.apps.snapshot().await.unwrap().find("netbox").unwrap().id;
    for name in ["anna", "ben"] {
        let user = here.directory.find_user(name).await.unwrap().unwrap().id;
        let ticket = Ticket::new(START, &SystemRandom);
        let session = ticket.id();
        let expires = START + SignedDuration::from_hours(8);
        let written: Result<(), StoreError> = here
            .store
            .write(START, move |tx| {
                let new = sessions::NewSession {
                    user_id: user,
                    expires,
                    idle_seconds: 3600,
                    auth_time: START,
                    amr: &["pwd".to_owned()],
                    acr: None,
                    address: "192.0.2.1",
                    user_agent: "a browser",
                };
                sessions::create(tx, &ticket, &new)?;
                let upstream = tx.one("SELECT id FROM upstreams", &[], |row| row.get::<Uuid>(0))?;
                let upstream = upstream.unwrap();
                tx.execute(
                    "INSERT INTO upstream_sessions (session_id, upstream_id, sub_digest, expires_at) VALUES ($1, $2, $3, $4)",
                    &[session.into(), upstream.into(), session.as_bytes().into(), expires.into()],
                )?;
                tx.execute(
                    "INSERT INTO grants (id, user_id, app_id, session_id, scope, amr, offline, created_at, expires_at) \
                     VALUES ($1, $2, $3, $1, 'openid', 'pwd', 0, $4, $5)",
                    &[session.into(), user.into(), app.into(), START.into(), expires.into()],
                )?;
                tx.execute(
                    "INSERT INTO letters (id, kind, recipient, content, state, tries, due_at, give_up_at, created_at) \
                     VALUES ($1, 'greeting', 'anna@example.com', $2, 'waiting', 0, $3, $3, $3)",
                    &[session.into(), session.as_bytes().into(), START.into()],
                )?;
                Ok(())
            })
            .await;
        written.unwrap();
    }
}

#[test]
fn what_logins_have_left_behind_makes_no_plan_another_one_than_what_is_done() {
    on_both_engines(async |here| {
        let with_people = |people: &str| {
            let mut said = files(HOUSE);
            said.insert(PEOPLE.to_owned(), people.to_owned());
            said
        };
        let before = "[[person]]\nname = \"anna\"\ngroups = [\"staff\"]\n[[person]]\nname = \"ben\"\n";
        here.apply(&with_people(before)).await.unwrap();
        log_in(&here).await;
        let live = async || -> Vec<i64> {
            let read: Result<_, StoreError> = here
                .store
                .read(|tx| {
                    let mut counts = Vec::new();
                    for of in ["sessions WHERE ended_at", "grants WHERE revoked_at"] {
                        let sql = format!("SELECT COUNT(*) FROM {of} IS NULL");
                        counts.extend(tx.one(&sql, &[], |row| row.get::<i64>(0))?);
                    }
                    Ok(counts)
                })
                .await;
            read.unwrap()
        };
        assert_eq!(live().await, [2, 2]);

        let after = "[[person]]\nname = \"anna\"\ndisabled = true\n[[person]]\nname = \"ben\"\nroles = [\"people\"]\n";
        let mut files = with_people(after);
        files.remove("applications/netbox.toml");
        files
            .get_mut("upstreams/corp.toml")
            .unwrap()
            .insert_str(0, "enabled = false\n");
        let everything = Request {
            prune: true,
            ..request(&files)
        };
        // Planned on a copy without sessions, grants and letters, and carried out where there are some.
        let done = here.apply_request(everything).await.unwrap();
        assert_eq!(done.changes.len(), 4, "{done:#?}");
        assert_eq!(
            live().await,
            [0, 0],
            "the upstream's sessions and the application's grants ended"
        );
    });
}
