//! Letters through a real mail server: encrypted, refused, out of reach; and what people do with them.

use std::time::{Duration, Instant};

use doorward_e2e::{Browser, MailServer, Page, Person, Server, Taking, bounded};
use serde_json::Value;

const PASSWORD: &str = "a fresh and good one";

/// The queue, once `right` is true of it.
async fn queue_until(server: &Server, right: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let deadline = Instant::now() + Duration::from_secs(40);
    loop {
        let queue = server.json(&["mail", "queue"]).await;
        let items = queue["items"].as_array().expect("a list").clone();
        if right(&items) {
            return items;
        }
        assert!(Instant::now() < deadline, "{queue}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn forgot(server: &Server, typed: &str) -> Page {
    let mut browser = Browser::new();
    let login = browser.get(&format!("{}/login", server.url)).await;
    let page = browser.press(&login, "Forgotten your password?").await;
    browser.submit(&page, "/forgot", &[("username", typed)]).await
}

#[tokio::test]
async fn letters_go_over_tls_to_a_server_that_a_known_authority_vouches_for() {
    bounded(180, async {
        for taking in [Taking::Starttls, Taking::Implicit] {
            let mail = MailServer::start_for(taking, "sso", "s3cret pass").await;
            let folder = tempfile::tempdir().expect("a folder");
            let password = folder.path().join("password");
            std::fs::write(&password, "s3cret pass\n").expect("a file");
            let login = format!("user = \"sso\"\npassword_file = {password:?}\n");
            let server = Server::start_with(&mail.setting(&login)).await;
            let done = server
                .cli(&["mail", "test", "alice@example.com", "--language", "de"])
                .await;
            assert_eq!(done.code, 0, "{}{}", done.out, done.err);
            let letter = mail.letter(1).await;
            assert!(letter.tls, "{taking:?}");
            assert_eq!(
                (letter.to.as_str(), letter.user.as_deref()),
                ("alice@example.com", Some("sso"))
            );
            assert_eq!(letter.subject, "Doorward: Mail funktioniert");
            assert!(
                letter.text.contains(&server.url) && letter.html.contains(&server.url),
                "{}",
                letter.text
            );
            assert!(
                letter.headers.contains("Auto-Submitted: auto-generated"),
                "{}",
                letter.headers
            );
            assert!(
                letter.headers.contains("From: Acme <sso@example.com>"),
                "{}",
                letter.headers
            );
            assert!(
                letter.headers.contains("@example.com>"),
                "a Message-ID of ours: {}",
                letter.headers
            );

            // The same server, and nobody vouches for it.
            let distrusting = mail.setting(&login);
            let distrusting: String = distrusting
                .lines()
                .filter(|line| !line.starts_with("ca ="))
                .fold(String::new(), |all, line| all + line + "\n");
            let server = Server::start_with(&distrusting).await;
            let done = server.cli(&["mail", "test", "alice@example.com"]).await;
            assert_eq!(done.code, 1, "{}{}", done.out, done.err);
            assert!(done.err.contains("certificate"), "{}", done.err);
            assert!(
                done.err.contains("[mail]"),
                "the remedy names the setting: {}",
                done.err
            );

            // The wrong password.
            std::fs::write(&password, "wrong\n").expect("a file");
            let server = Server::start_with(&mail.setting(&login)).await;
            let done = server.cli(&["mail", "test", "alice@example.com"]).await;
            assert!(done.code == 1 && done.err.contains("535"), "{}", done.err);
            assert_eq!(mail.count(), 1);
        }
        // TLS is never left out because the server has none.
        let plain = MailServer::start(Taking::Plain).await;
        let setting = plain.setting("").replace("none-insecure", "starttls");
        let server = Server::start_with(&setting).await;
        let done = server.cli(&["mail", "test", "alice@example.com"]).await;
        assert_eq!((done.code, plain.count()), (1, 0), "{}{}", done.out, done.err);
        // Unless the settings say so loudly.
        let server = Server::start_with(&plain.setting("")).await;
        server.json(&["mail", "test", "alice@example.com"]).await;
        assert!(!plain.letter(1).await.tls);
        let done = server.cli(&["mail", "test", "no address"]).await;
        assert!(done.code == 1 && done.err.contains("no e-mail address"), "{}", done.err);
    })
    .await;
}

#[tokio::test]
async fn whoever_forgot_the_password_gets_a_letter_and_the_page_tells_nobody_who_has_an_account() {
    bounded(180, async {
        let mail = MailServer::start(Taking::Starttls).await;
        let server = Server::start_with(&mail.setting("")).await;
        let mut own = Browser::new();
        let alice = server.add_person_in(own.clone(), "alice", "Alice Archer", &[]).await;
        server
            .json(&["user", "add", "root", "--email", "root@example.com"])
            .await;
        server.json(&["admin", "grant", "full", "root"]).await;

        let mut pages = Vec::new();
        for typed in ["nobody", "nobody@example.com", "root", "alice@example.com"] {
            let page = forgot(&server, typed).await;
            page.says("Check your e-mail");
            pages.push((page.status, page.text()));
        }
        pages.dedup();
        assert_eq!(pages.len(), 1, "{pages:?}");

        let (mut to_alice, mut to_root) = (mail.letter(1).await, mail.letter(2).await);
        if to_alice.to.starts_with("root") {
            std::mem::swap(&mut to_alice, &mut to_root);
        }
        assert_eq!(to_alice.subject, "Doorward: choose a new password");
        assert!(to_root.text.contains("doorward user link root"), "{}", to_root.text);
        assert!(!to_root.text.contains("/link/"), "{}", to_root.text);

        let mut browser = Browser::new();
        let page = browser.get(to_alice.link()).await;
        let chosen = [("new_password", PASSWORD), ("repeat_password", PASSWORD)];
        let page = browser.submit(&page, "/link/", &chosen).await;
        assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());
        assert_eq!(mail.letter(3).await.subject, "Doorward: your password was changed");
        assert_eq!(browser.get(to_alice.link()).await.status, 410, "it works once");

        let login = own.get(&format!("{}/login", server.url)).await;
        assert_eq!(own.log_in(&login, &alice).await.status, 401, "the old password is over");
        let alice = Person {
            password: PASSWORD.to_owned(),
            ..alice
        };
        let login = own.get(&format!("{}/login", server.url)).await;
        assert_eq!(own.log_in(&login, &alice).await.url.path(), "/");
        assert_eq!(mail.count(), 3);
        let events = server.json(&["event", "list", "--action", "password.forgotten"]).await;
        assert_eq!(events["items"].as_array().map(Vec::len), Some(2), "{events}");
    })
    .await;
}

#[tokio::test]
async fn a_letter_waits_out_an_outage_and_a_crash_and_is_given_up_when_it_is_refused() {
    bounded(180, async {
        let mut mail = MailServer::prepared(Taking::Starttls).await;
        let mut server = Server::start_with(&mail.setting("")).await;
        let added = server
            .json(&["user", "add", "bob", "--email", "bob@example.com", "--mail"])
            .await;
        assert_eq!(added["enrolment"]["mailed_to"], "bob@example.com");
        let waiting = queue_until(&server, |queue| {
            queue
                .iter()
                .any(|letter| letter["tries"] == 1 && !letter["problem"].is_null())
        })
        .await;
        assert_eq!(
            (&waiting[0]["kind"], &waiting[0]["state"]),
            (&"invitation".into(), &"waiting".into())
        );
        server.kill().await;
        server.restart().await;
        mail.run().await;
        let id = waiting[0]["id"].as_str().expect("an id").to_owned();
        let done = server.cli(&["mail", "retry", &id]).await;
        assert_eq!(done.code, 0, "{}", done.err);
        let letter = mail.letter(1).await;
        let link = added["enrolment"]["url"].as_str().expect("a link");
        assert_eq!(letter.link(), link);
        queue_until(&server, <[Value]>::is_empty).await;

        server
            .json(&["user", "add", "eve", "--email", "unknown@example.com", "--mail"])
            .await;
        server
            .json(&["user", "add", "joe", "--email", "later@example.com", "--mail"])
            .await;
        let queue = queue_until(&server, |queue| {
            queue.len() == 2 && queue.iter().all(|letter| !letter["problem"].is_null())
        })
        .await;
        let of = |address: &str| {
            queue
                .iter()
                .find(|letter| letter["recipient"] == address)
                .expect("a letter")
                .clone()
        };
        let (refused, later) = (of("unknown@example.com"), of("later@example.com"));
        assert_eq!(refused["state"], "given_up");
        assert!(
            refused["problem"].as_str().is_some_and(|said| said.contains("550")),
            "{refused}"
        );
        assert_eq!(later["state"], "waiting");
        let events = server.json(&["event", "list", "--action", "mail.give_up"]).await;
        assert_eq!(events["items"][0]["subject"]["name"], "unknown@example.com", "{events}");
        let shown = server.json(&["mail", "show"]).await;
        assert_eq!(
            (&shown["on"], &shown["waiting"], &shown["given_up"]),
            (&true.into(), &1.into(), &1.into())
        );
        server
            .cli(&["mail", "remove", refused["id"].as_str().expect("an id")])
            .await;
        let done = server
            .cli(&["mail", "remove", refused["id"].as_str().expect("an id")])
            .await;
        assert!(done.code == 1 && done.err.contains("mail queue"), "{}", done.err);
        assert_eq!(mail.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn without_a_mail_server_links_are_handed_over_and_the_pages_say_whom_to_ask() {
    bounded(60, async {
        let server = Server::start().await;
        let done = server
            .cli(&["user", "add", "alice", "--email", "alice@example.com", "--mail"])
            .await;
        assert!(done.code == 1 && done.err.contains("[mail]"), "{}", done.err);
        assert_eq!(
            server.cli(&["user", "show", "alice"]).await.code,
            1,
            "nothing is half done"
        );
        let mut browser = Browser::new();
        browser
            .get(&format!("{}/login", server.url))
            .await
            .says("An administrator can give you a link");
        browser
            .get(&format!("{}/forgot", server.url))
            .await
            .says("This server sends no e-mail");
        let shown = server.json(&["mail", "show"]).await;
        assert_eq!(shown["on"], false);
    })
    .await;
}
