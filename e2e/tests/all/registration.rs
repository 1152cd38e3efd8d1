//! People who come by themselves, with a real mail server: straight in, or after an administrator's word.

use doorward_e2e::{Browser, MailServer, Page, Person, Server, Taking, bounded};
use serde_json::Value;

const PASSWORD: &str = "a fresh and good one";

async fn ask(server: &Server, address: &str) -> Page {
    let mut browser = Browser::new();
    let login = browser.get(&format!("{}/login", server.url)).await;
    let page = browser.press(&login, "Register").await;
    browser.submit(&page, "/register", &[("email", address)]).await
}

fn choosing<'a>(name: &'a str, full_name: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("username", name),
        ("display_name", full_name),
        ("new_password", PASSWORD),
        ("repeat_password", PASSWORD),
    ]
}

async fn actions(server: &Server, action: &str) -> Vec<Value> {
    let events = server.json(&["event", "list", "--action", action]).await;
    events["items"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn whoever_has_an_address_of_an_allowed_domain_registers_and_is_in() {
    bounded(180, async {
        let mail = MailServer::start(Taking::Starttls).await;
        let server = Server::start_with(&mail.setting("")).await;
        let mut browser = Browser::new();
        let login = browser.get(&format!("{}/login", server.url)).await;
        assert!(!login.text().contains("Register"), "{}", login.text());
        let register = format!("{}/register", server.url);
        assert_eq!(browser.get(&register).await.status, 404, "off unless opened");
        let done = server.cli(&["registration", "set", "--open", "true"]).await;
        assert!(
            done.code == 1 && done.err.contains("--domains example.com"),
            "{}",
            done.err
        );

        server.json(&["group", "add", "newcomers"]).await;
        let set = ["registration", "set", "--open", "true", "--approval", "false"];
        let more = ["--domains", "example.com", "--groups", "newcomers"];
        let policy = server.json(&[set.as_slice(), &more].concat()).await;
        assert_eq!(
            (&policy["open"], &policy["groups"][0]),
            (&true.into(), &"newcomers".into())
        );
        assert_eq!(server.json(&["registration", "show"]).await, policy);
        server.add_person("alice", "Alice Archer", &[]).await;

        for (address, says) in [
            ("nina@example.org", "not open for addresses of this kind"),
            ("nina@sub.example.com", "not open for addresses of this kind"),
            ("nina at home", "name@example.com"),
        ] {
            let page = ask(&server, address).await;
            assert_eq!(page.status, 422, "{}", page.text());
            page.says(says);
        }
        let mut pages = Vec::new();
        for address in ["alice@example.com", "nina@example.com"] {
            let page = ask(&server, address).await;
            page.says("Check your e-mail");
            pages.push((page.status, page.text()));
        }
        pages.dedup();
        assert_eq!(pages.len(), 1, "{pages:?}");
        let (mut to_alice, mut to_nina) = (mail.letter(1).await, mail.letter(2).await);
        if to_alice.to.starts_with("nina") {
            std::mem::swap(&mut to_alice, &mut to_nina);
        }
        assert_eq!(to_alice.subject, "Doorward: you have an account");
        assert!(!to_alice.text.contains("/register/"), "{}", to_alice.text);
        assert_eq!(to_nina.subject, "Doorward: go on with your registration");

        // A mail scanner looks first, and uses nothing up.
        let scanned = Browser::new().get(to_nina.link()).await;
        assert_eq!(scanned.status, 200);
        let page = browser.get(to_nina.link()).await;
        page.says("Your address nina@example.com is confirmed");
        for (name, says) in [
            ("alice", "This user name is taken"),
            ("admin", "This user name is taken"),
            ("no name", "Choose a user name of letters"),
        ] {
            let page = browser.submit(&page, "/register/", &choosing(name, "Nina")).await;
            assert_eq!(page.status, 422, "{}", page.text());
            page.says(says);
        }
        let short = [
            ("username", "nina"),
            ("new_password", "short"),
            ("repeat_password", "short"),
        ];
        let refused = browser.submit(&page, "/register/", &short).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        let fields = choosing("nina", "Nina <b>Newcomer</b>");
        let page = browser.submit(&page, "/register/", &fields).await;
        assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());
        assert!(!page.html.contains("<b>Newcomer"), "{}", page.html);
        assert_eq!(browser.get(to_nina.link()).await.status, 410, "it works once");

        let shown = server.json(&["user", "show", "nina"]).await;
        assert_eq!(
            (&shown["email"], &shown["email_verified"]),
            (&"nina@example.com".into(), &true.into())
        );
        assert_eq!(server.groups_of("nina").await, ["newcomers"]);
        let registered = actions(&server, "user.register").await;
        assert_eq!(
            (
                registered.len(),
                &registered[0]["actor"]["name"],
                &registered[0]["address"]
            ),
            (1, &"nina".into(), &"127.0.0.1".into()),
            "{registered:?}"
        );
        let nina = Person {
            name: "nina".to_owned(),
            password: PASSWORD.to_owned(),
        };
        let mut elsewhere = Browser::new();
        let login = elsewhere.get(&format!("{}/login", server.url)).await;
        assert_eq!(elsewhere.log_in(&login, &nina).await.url.path(), "/");

        let closed = [
            "registration",
            "set",
            "--open",
            "false",
            "--domains",
            "",
            "--groups",
            "",
        ];
        let terms = server.json(&closed).await;
        assert_eq!(terms["domains"].as_array().map(Vec::len), Some(0), "{terms}");
        assert_eq!(browser.get(&register).await.status, 404);
        assert_eq!(mail.count(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_administrator_lets_people_in_by_command_and_in_the_console_and_turns_others_away() {
    bounded(180, async {
        let mail = MailServer::start(Taking::Starttls).await;
        let server = Server::start_with(&mail.setting("")).await;
        let root = server.add_person("root", "Root", &[]).await;
        server.json(&["admin", "grant", "full", "root"]).await;
        let mut console = Browser::new();
        let room = format!("{}/admin/registration", server.url);
        let page = console.get(&room).await;
        let page = console.log_in(&page, &root).await;
        page.says("Nobody waits");
        let open = [
            ("open", "true"),
            ("approval", "true"),
            ("domains", "example.com"),
            ("groups", ""),
        ];
        let page = console.submit(&page, "/admin/registration", &open).await;
        page.says("The change has been saved");
        page.says("doorward registration set --open on --domains example.com --approval on --groups ''");

        let mut letters = 0;
        for name in ["nina", "olga", "paul"] {
            ask(&server, &format!("{name}@example.com"))
                .await
                .says("Check your e-mail");
            letters += 1;
            let letter = mail.letter(letters).await;
            let mut browser = Browser::new();
            let page = browser.get(letter.link()).await;
            assert!(!page.html.contains("new_password"), "{}", page.html);
            let page = browser
                .submit(
                    &page,
                    "/register/",
                    &[("username", name), ("display_name", "Somebody New")],
                )
                .await;
            page.says("An administrator decides now");
            assert_eq!(
                server.cli(&["user", "show", name]).await.code,
                1,
                "there is no account yet"
            );
        }
        let waiting = server.json(&["registration", "list"]).await;
        let items = waiting["items"].as_array().expect("a list");
        assert_eq!(items.len(), 3, "{waiting}");
        let id = |name: &str| {
            let found = items.iter().find(|item| item["name"] == name).expect("somebody waits");
            found["id"].as_str().expect("an id").to_owned()
        };
        let overview = server.cli(&["overview"]).await;
        assert!(overview.out.contains("doorward registration list"), "{}", overview.out);

        // By command, under another name.
        let approved = server
            .json(&["registration", "approve", &id("nina"), "--name", "nina.new"])
            .await;
        assert_eq!(approved["mailed_to"], "nina@example.com");
        let letter = mail.letter(letters + 1).await;
        assert_eq!(
            (letter.to.as_str(), letter.subject.as_str()),
            ("nina@example.com", "Your account at Doorward is ready")
        );
        assert!(letter.text.contains("nina.new"), "{}", letter.text);
        let mut browser = Browser::new();
        let page = browser.get(letter.link()).await;
        let chosen = [("new_password", PASSWORD), ("repeat_password", PASSWORD)];
        let page = browser.submit(&page, "/link/", &chosen).await;
        assert_eq!((page.status, page.url.path()), (200, "/"), "{}", page.text());
        let again = server.cli(&["registration", "approve", &id("nina")]).await;
        assert!(
            again.code == 1 && again.err.contains("registration list"),
            "{}",
            again.err
        );

        // In the console, and turned away.
        let page = console.get(&room).await;
        let fields = [("request", id("olga")), ("name", "root".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = console.submit(&page, "/admin/registration/approve", &fields).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        let fields = [("request", id("olga")), ("name", "olga".to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = console.submit(&page, "/admin/registration/approve", &fields).await;
        page.says("It has been added");
        let letter = mail.letter(letters + 2).await;
        assert_eq!(letter.to, "olga@example.com");
        let rejected = server.cli(&["registration", "reject", &id("paul")]).await;
        assert_eq!(rejected.code, 0, "{}", rejected.err);
        let letter = mail.letter(letters + 3).await;
        assert_eq!(
            (letter.to.as_str(), letter.subject.as_str()),
            ("paul@example.com", "Doorward: your registration")
        );
        assert_eq!(server.cli(&["user", "show", "paul"]).await.code, 1);
        console.get(&room).await.says("Nobody waits");
        for (action, count) in [
            ("registration.edit", 1),
            ("registration.ask", 3),
            ("registration.wait", 3),
            ("registration.approve", 2),
            ("registration.reject", 1),
        ] {
            let found = actions(&server, action).await;
            assert_eq!(found.len(), count, "{action}: {found:?}");
        }
    })
    .await;
}
