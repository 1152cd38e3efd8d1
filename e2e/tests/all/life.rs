//! The end of an account: at its date, for every way in; by being deleted, with days of grace; and what its person reads of it.

use std::time::{Duration, Instant};

use doorward_e2e::{Browser, Client, Clock, MailServer, Page, Person, Received, Server, Taking, bounded};
use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use serde_json::Value;

/// The letter of that number. What the clock brings about is carried out once a minute.
async fn in_a_minute(mail: &MailServer, number: usize) -> Received {
    let deadline = Instant::now() + Duration::from_secs(80);
    while mail.count() < number && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    mail.letter(number).await
}

async fn try_to_log_in(server: &Server, name: &str, password: &str) -> Page {
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}/login", server.url)).await;
    let person = Person {
        name: name.to_owned(),
        password: password.to_owned(),
    };
    browser.log_in(&page, &person).await
}

async fn actions(server: &Server, name: &str) -> Vec<Value> {
    let events = server.json(&["event", "list", "--person", name]).await;
    events["items"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn an_account_ends_at_its_date_for_every_way_in_and_a_deleted_one_after_its_days_of_grace() {
    bounded(300, async {
        let (clock, mail) = (Clock::new(), MailServer::start(Taking::Plain).await);
        let server = Server::start_under_with(&clock, &mail.setting("")).await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let bob = server.add_person("bob", "Bob Brewer", &["staff"]).await;
        let settings = ["--request-scopes", "openid,profile,email,offline_access"];
        let mut wiki = Client::add(&server, "wiki", "staff", &settings).await;
        wiki.scope.push_str(" offline_access");
        let mut browser = wiki.browser();
        let code = wiki.code(&mut browser, &alice).await;
        let tokens = wiki.redeem(&code).await.granted();
        let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));

        // A service account has a date of its own, which can be moved.
        let shown = server.json(&["user", "show", "alice"]).await;
        let added: Timestamp = shown["created"]
            .as_str()
            .and_then(|at| at.parse().ok())
            .expect("a time");
        let end = added + SignedDuration::from_mins(12);
        let until = end.to_string();
        let later = (end + SignedDuration::from_hours(1)).to_string();
        server.json(&["service", "add", "robot", "--expires", &later]).await;
        server.json(&["service", "edit", "robot", "--expires", &until]).await;
        server.json(&["admin", "grant", "read-only", "robot"]).await;
        let token = server.json(&["service", "token", "add", "robot"]).await;
        let token = token["token"].as_str().expect("a token").to_owned();
        let ask = || {
            let url = format!("{}/api/v1/users/alice", server.url);
            let request = reqwest::Client::new().get(url).bearer_auth(&token);
            async move { request.send().await.expect("an answer").status() }
        };
        assert_eq!(ask().await, StatusCode::OK);

        let past = server.cli(&["user", "edit", "alice", "--expires", "2020-01-31"]).await;
        assert!(
            past.code == 1 && past.err.contains("doorward user disable"),
            "{}",
            past.err
        );
        let wrong = server.cli(&["user", "edit", "alice", "--expires", "soon"]).await;
        assert!(wrong.code == 2 && wrong.err.contains("2027-01-31"), "{}", wrong.err);
        let edited = server.json(&["user", "edit", "alice", "--expires", &until]).await;
        assert_eq!(edited["expires"].as_str().and_then(|at| at.parse().ok()), Some(end));
        let told = in_a_minute(&mail, 1).await;
        assert_eq!(
            (told.to.as_str(), told.subject.as_str()),
            ("alice@example.com", "Doorward: your account ends soon")
        );
        assert_eq!(wiki.userinfo(access).await, StatusCode::OK);
        let refreshed = wiki.refresh(refresh).await.granted();
        let (access, refresh) = (refreshed.text("access_token"), refreshed.text("refresh_token"));
        assert!(wiki.is_active(access).await && wiki.is_active(refresh).await);

        // Bob is deleted, brought back, and deleted again.
        server.json(&["setting", "edit", "--deletion-grace", "1"]).await;
        let deleted = server.cli(&["user", "delete", "bob", "--yes"]).await;
        assert!(
            deleted.code == 0 && deleted.out.contains("doorward user restore bob"),
            "{}",
            deleted.out
        );
        let planned = mail.letter(2).await;
        assert_eq!(
            (planned.to.as_str(), planned.subject.as_str()),
            ("bob@example.com", "Doorward: your account will be deleted")
        );
        let refused = try_to_log_in(&server, "bob", &bob.password).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        refused.says("Your account has been deleted.");
        let taken = server.cli(&["user", "add", "bob"]).await;
        assert_eq!(taken.code, 1, "the name stays taken: {}", taken.out);
        server.json(&["user", "restore", "bob"]).await;
        assert_eq!(try_to_log_in(&server, "bob", &bob.password).await.url.path(), "/");
        let twice = server.cli(&["user", "restore", "bob"]).await;
        assert!(
            twice.code == 1 && twice.err.contains("not being deleted"),
            "{}",
            twice.err
        );
        server.json(&["user", "delete", "bob", "--yes"]).await;
        mail.letter(3).await;

        // In the second, whenever the sweep comes.
        clock.set("+13m");
        let page = browser.get(&format!("{}/account/sessions", server.url)).await;
        assert!(page.is_login(), "the session is over: {} {}", page.url, page.text());
        assert_eq!(wiki.userinfo(access).await, StatusCode::UNAUTHORIZED);
        assert!(!wiki.is_active(access).await && !wiki.is_active(refresh).await);
        wiki.refresh(refresh).await.refused("invalid_grant");
        assert_eq!(ask().await, StatusCode::UNAUTHORIZED);
        let refused = browser.log_in(&page, &alice).await;
        assert_eq!(refused.status, 403, "{}", refused.text());
        refused.says("Your account has ended.");
        let stranger = try_to_log_in(&server, "alice", "some other password").await;
        assert_eq!(stranger.status, 401, "{}", stranger.text());
        assert!(!stranger.text().contains("has ended"), "{}", stranger.text());
        // The sweep may have come in between: what it does has no reason.
        let refused: Vec<Value> = actions(&server, "alice")
            .await
            .into_iter()
            .filter(|event| event["reason"].is_string())
            .collect();
        assert_eq!(
            (&refused[0]["reason"], &refused[1]["reason"]),
            (&"wrong_credentials".into(), &"account_expired".into())
        );
        let trace = refused[1]["trace"].as_str().expect("a trace").to_owned();
        let refusal = server.trace(&trace).await.refusal().clone();
        assert!(refusal.detail.expect("a detail").contains("ended at"));
        assert!(refusal.remedy.expect("a remedy").contains("--expires never"));

        // Then the sweep ends what there was, and a new date opens the account to new logins only.
        let deadline = Instant::now() + Duration::from_secs(80);
        while !actions(&server, "alice")
            .await
            .iter()
            .any(|event| event["action"] == "user.expire")
        {
            assert!(Instant::now() < deadline, "{}", server.log());
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        server.json(&["user", "edit", "alice", "--expires", "never"]).await;
        wiki.refresh(refresh).await.refused("invalid_grant");
        assert_eq!(try_to_log_in(&server, "alice", &alice.password).await.url.path(), "/");

        clock.set("+25h");
        let gone = in_a_minute(&mail, 4).await;
        assert_eq!(
            (gone.to.as_str(), gone.subject.as_str()),
            ("bob@example.com", "Doorward: your account was deleted")
        );
        let shown = server.cli(&["user", "show", "bob"]).await;
        assert!(
            shown.code == 1 && shown.err.contains("there is no user"),
            "{}",
            shown.err
        );
        let again = server.json(&["user", "add", "bob"]).await;
        assert_eq!(again["user"]["name"], "bob");
    })
    .await;
}

#[tokio::test]
async fn people_see_what_they_did_and_delete_their_own_account_where_they_may() {
    bounded(180, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let ada = server.add_person("ada", "Ada Admin", &[]).await;
        server.json(&["admin", "grant", "full", "ada"]).await;
        let wiki = Client::add(&server, "wiki", "staff", &["--title", "The <b>Wiki</b>"]).await;
        let mut browser = wiki.browser();
        wiki.code(&mut browser, &alice).await;
        try_to_log_in(&server, "alice", "not her password").await;
        server.json(&["user", "edit", "alice", "--name", "Alice Brook"]).await;
        server.json(&["user", "add", "carol", "--name", "Carol"]).await;

        let activity = format!("{}/account/activity", server.url);
        let page = browser.get(&activity).await;
        for sentence in [
            "Your recent activity",
            "The account was made",
            "Logged in to The <b>Wiki</b>",
            "A login did not succeed",
            "The account was changed",
            "Somebody who administers",
        ] {
            page.says(sentence);
        }
        assert!(!page.html.contains("<b>Wiki"), "{}", page.html);
        for other in ["carol", "ada", "root"] {
            assert!(
                !page.text().contains(other),
                "{other} is nobody of hers: {}",
                page.text()
            );
        }
        let nonsense = browser.get(&format!("{activity}?before=nonsense")).await;
        assert_eq!(nonsense.status, 200, "{}", nonsense.text());

        // What an administrator does to others is theirs, and the others are not named.
        let mut office = Browser::new();
        let login = office.get(&format!("{}/admin/people/carol", server.url)).await;
        let page = office.log_in(&login, &ada).await;
        office.submit(&page, "/admin/people/carol/disable", &[]).await;
        let page = office.get(&activity).await;
        page.says("Administration: People");
        assert!(!page.text().contains("carol"), "{}", page.text());

        // Off unless set: neither offered nor done.
        let profile = format!("{}/account/profile", server.url);
        let page = browser.get(&profile).await;
        assert!(!page.html.contains("/account/delete"), "{}", page.html);
        assert_eq!(
            browser.get(&format!("{}/account/delete", server.url)).await.url.path(),
            "/account/profile"
        );
        server.json(&["setting", "edit", "--own-deletion", "on"]).await;
        let page = browser.get(&profile).await;
        let page = browser.press(&page, "Delete my account").await;
        page.says("For 14 days an administrator can bring it back");
        let forged = browser.submit(&page, "/account/delete", &[("csrf", "guessed")]).await;
        assert_eq!(forged.status, 403, "{}", forged.text());
        let closed = browser.submit(&page, "/account/delete", &[]).await;
        closed.says("Your account is closed");
        assert!(browser.get(&profile).await.is_login(), "logged out everywhere");
        let refused = try_to_log_in(&server, "alice", &alice.password).await;
        refused.says("Your account has been deleted.");
        let shown = server.json(&["user", "show", "alice"]).await;
        assert!(shown["deletion"].is_string(), "{shown}");
        let events = actions(&server, "alice").await;
        let deleted = events
            .iter()
            .find(|event| event["action"] == "user.delete")
            .expect("the event");
        assert_eq!(deleted["actor"]["name"], "alice");
    })
    .await;
}

#[tokio::test]
async fn the_console_brings_people_back_gives_them_a_last_day_and_deletes_them_for_good() {
    bounded(180, async {
        let server = Server::start().await;
        let alice = server.add_person("alice", "Alice Archer", &[]).await;
        let ada = server.add_person("ada", "Ada Admin", &[]).await;
        server.json(&["admin", "grant", "full", "ada"]).await;
        server.json(&["setting", "edit", "--own-deletion", "on"]).await;
        server.json(&["user", "delete", "alice", "--yes"]).await;
        let mut office = Browser::new();
        let login = office.get(&format!("{}/account/delete", server.url)).await;
        office.log_in(&login, &ada).await;

        // Whoever administers cannot leave like that.
        let page = office.get(&format!("{}/account/delete", server.url)).await;
        assert_eq!(page.status, 403, "{}", page.text());
        page.says("Another administrator has to take your role over");

        // The console brings her back, gives her a last day, and deletes her for good.
        let page = office.get(&format!("{}/admin/people/alice", server.url)).await;
        page.says("being deleted");
        let page = office.submit(&page, "/admin/people/alice/restore", &[]).await;
        page.says("The account is back.");
        let page = office
            .submit(&page, "/admin/people/alice/edit", &[("expires", "2020-01-31")])
            .await;
        assert_eq!(page.status, 400, "{}", page.text());
        let page = office
            .submit(&page, "/admin/people/alice/edit", &[("expires", "2090-01-31")])
            .await;
        assert_eq!(page.status, 200, "{}", page.text());
        let shown = server.json(&["user", "show", "alice"]).await;
        assert_eq!(shown["expires"], "2090-01-31T23:59:59Z");
        assert_eq!(try_to_log_in(&server, "alice", &alice.password).await.url.path(), "/");
        let page = office
            .submit(&page, "/admin/people/alice/edit", &[("expires", "")])
            .await;
        assert_eq!(server.json(&["user", "show", "alice"]).await["expires"], Value::Null);
        let asked = office.press(&page, "Delete the account").await;
        let page = office
            .submit(&asked, "/admin/people/alice/delete", &[("at_once", "false")])
            .await;
        page.says("The account is closed.");
        let asked = office.press(&page, "Delete for good now").await;
        let page = office.submit(&asked, "/admin/people/alice/delete", &[]).await;
        assert_eq!(page.url.path(), "/admin/people", "{}", page.text());
        assert_eq!(server.cli(&["user", "show", "alice"]).await.code, 1);
        let page = office.get(&format!("{}/admin/settings", server.url)).await;
        let fields = [("deletion_grace_days", "30"), ("own_deletion", "off")];
        office.submit(&page, "/admin/settings", &fields).await;
        let settings = server.json(&["setting", "show"]).await;
        assert_eq!(
            (&settings["deletion_grace_days"], &settings["own_deletion"]),
            (&30.into(), &false.into())
        );
    })
    .await;
}
