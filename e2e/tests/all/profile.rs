//! What people change of themselves, with a real mail server, and what they can take along.

use doorward_e2e::{Browser, MailServer, Page, Server, Taking, bounded};
use serde_json::Value;

#[tokio::test]
async fn a_person_changes_name_language_and_address_and_takes_their_data_along() {
    bounded(180, async {
        let mail = MailServer::start(Taking::Implicit).await;
        let server = Server::start_with(&mail.setting("")).await;
        let mut browser = Browser::new();
        let alice = server.add_person("alice", "Alice Archer", &[]).await;
        let profile = format!("{}/account/profile", server.url);
        let login = browser.get(&profile).await;
        let page = browser.log_in(&login, &alice).await;
        page.says("alice@example.com");

        let fields = [("display_name", "Alice <b>Brook</b>"), ("language", "de")];
        let page = browser.submit(&page, "/account/profile", &fields).await;
        page.says("Your profile has been saved.");
        assert!(!page.html.contains("<b>Brook"), "{}", page.html);
        let page = browser
            .submit(&page, "/account/profile/email", &[("email", "alice at home")])
            .await;
        assert_eq!(page.status, 422, "{}", page.text());
        let new = [("email", "alice@example.org")];
        let page = browser.submit(&page, "/account/profile/email", &new).await;
        page.says("If this address is free, an e-mail is on its way to it.");
        page.says("alice@example.com");

        // In German, because that is her language; nothing that she typed, because nobody knows whose address it is.
        let letter = mail.letter(1).await;
        assert_eq!(
            (letter.to.as_str(), letter.subject.as_str()),
            ("alice@example.org", "Doorward: E-Mail-Adresse bestätigen")
        );
        assert!(!letter.text.contains("Alice"), "{}", letter.text);
        // Opened where somebody else is logged in: it says so, shows neither account nor address, and changes nothing.
        let bob = server.add_person("bob", "Bob Builder", &[]).await;
        let mut foreign = Browser::new();
        let page = foreign.get(&format!("{}/login", server.url)).await;
        foreign.log_in(&page, &bob).await;
        let other = foreign.get(letter.link()).await;
        assert_eq!(other.status, 403, "{}", other.text());
        other.says("This link belongs to another account");
        assert!(!other.html.contains("alice"), "{}", other.html);
        // Opened in another browser, where she has to log in first; looking changes nothing.
        let mut elsewhere = Browser::new();
        let login = elsewhere.get(letter.link()).await;
        assert!(login.is_login(), "{}", login.text());
        let confirm = elsewhere.log_in(&login, &alice).await;
        confirm.says("alice@example.org");
        // Bob's own token does not make her form his.
        let target = confirm.form("/confirm/").action;
        let forged = foreign.get(&format!("{}/account/profile", server.url)).await;
        let forged = Page {
            html: forged.html.replace("/account/profile/email", &target),
            ..forged
        };
        let forged = foreign.submit(&forged, "/confirm/", &[]).await;
        assert_eq!(forged.status, 403, "{}", forged.text());
        assert_eq!(
            server.json(&["user", "show", "alice"]).await["email"],
            "alice@example.com"
        );
        let done = elsewhere.submit(&confirm, "/confirm/", &[]).await;
        done.says("The address is confirmed");
        let shown = server.json(&["user", "show", "alice"]).await;
        assert_eq!(
            (&shown["email"], &shown["email_verified"]),
            (&"alice@example.org".into(), &true.into())
        );
        assert_eq!(elsewhere.get(letter.link()).await.status, 410, "it works once");
        let told = mail.letter(2).await;
        assert_eq!(told.to, "alice@example.com");
        assert!(told.text.contains("al…@example.org"), "{}", told.text);

        let export = browser.get(&format!("{}/account/export", server.url)).await;
        let export: Value = serde_json::from_str(&export.html).expect("JSON");
        assert_eq!(export["account"]["email"], "alice@example.org");
        assert_eq!(export["sessions"][0]["address"], "127.0.0.1");
        let actions: Vec<&str> = export["events"]
            .as_array()
            .expect("events")
            .iter()
            .filter_map(|event| event["action"].as_str())
            .collect();
        for action in ["user.email.confirm", "user.profile.edit", "session.begin", "user.add"] {
            assert!(actions.contains(&action), "{action} is not in {actions:?}");
        }
        assert!(!export.to_string().contains("argon2"), "no secret is in it");
        for event in export["events"].as_array().expect("events") {
            let by = event["by"].as_str().expect("a kind");
            assert!(
                ["you", "administrator", "server", "somebody"].contains(&by),
                "nobody is named: {event}"
            );
        }
        let mut events = export["events"].as_array().expect("events").iter();
        let added = events.find(|event| event["action"] == "user.add").expect("the event");
        assert_eq!(added["by"], "administrator", "{added}");

        let done = server.cli(&["setting", "edit", "--own-profile", ""]).await;
        assert_eq!(done.code, 0, "{}", done.err);
        let page = browser.get(&profile).await;
        assert!(
            !page.html.contains("name=\"email\"") && !page.html.contains("name=\"display_name\""),
            "{}",
            page.html
        );
        let done = server.cli(&["setting", "edit", "--own-profile", "shoe size"]).await;
        assert!(
            done.code == 2 && done.err.contains("expected name, email or language"),
            "{}",
            done.err
        );
    })
    .await;
}
