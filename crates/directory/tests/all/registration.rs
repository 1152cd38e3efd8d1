use std::net::IpAddr;

use doorward_directory::{
    Asked, NewUser, Newcomer, Registered, RegistrationEdit, Role, RoleHolder, Settings, User, UserEdit, Verified,
    count_waiting_registrations,
};
use doorward_mail::Lang;
use doorward_store::StoreError;
use uuid::Uuid;

use crate::{
    addresses::newest_letter,
    forgotten::{letters, with_address, with_mail, with_mail_and},
    house::{House, PASSWORD, at, code, from, houses, secret},
};

pub(crate) const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
pub(crate) const DAY: i64 = 86_400;

pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

pub(crate) async fn open(house: &House, approval: bool, groups: &[&str]) {
    let edit = RegistrationEdit {
        open: Some(true),
        domains: Some(words(&["example.com"])),
        approval: Some(approval),
        groups: Some(words(groups)),
    };
    house
        .directory
        .edit_registration(&house.root, edit, at(0))
        .await
        .unwrap();
}

pub(crate) async fn ask(house: &House, address: &str, seconds: i64) -> Asked {
    house
        .directory
        .ask_to_register(address, Lang::De, HERE, at(seconds))
        .await
        .unwrap()
}

pub(crate) async fn answer_all(house: &House, seconds: i64) {
    while house.directory.answer_registration(at(seconds)).await.unwrap() {}
}

pub(crate) async fn noted(house: &House) -> i64 {
    let sql = "SELECT COUNT(*) FROM registration_requests";
    let count: Option<i64> = house.store.read(|tx| tx.one(sql, &[], |row| row.get(0))).await.unwrap();
    count.unwrap()
}

/// The ticket of the link in the newest letter.
pub(crate) async fn ticket(house: &House, path: &str) -> String {
    let text = newest_letter(house).await;
    let (_, rest) = text.split_once(path).unwrap_or_else(|| panic!("no {path} in {text}"));
    rest[..64].to_owned()
}

/// Asks, and gives the ticket of the letter.
pub(crate) async fn asked(house: &House, address: &str, seconds: i64) -> String {
    assert_eq!(ask(house, address, seconds).await, Asked::Noted);
    answer_all(house, seconds).await;
    ticket(house, "/register/").await
}

pub(crate) fn named(name: &str) -> Newcomer {
    Newcomer {
        name: name.to_owned(),
        display_name: Some("Nina Newcomer".to_owned()),
        password: secret(PASSWORD),
    }
}

pub(crate) async fn register(
    house: &House,
    ticket: &str,
    name: &str,
    seconds: i64,
) -> Result<Registered, doorward_directory::DirectoryError> {
    house
        .directory
        .register(ticket, named(name), &from("192.0.2.1"), at(seconds))
        .await
}

pub(crate) async fn joined(house: &House, ticket: &str, name: &str, seconds: i64) -> Verified {
    match register(house, ticket, name, seconds).await {
        Ok(Registered::In(verified)) => *verified,
        other => panic!("not in: {other:?}"),
    }
}

pub(crate) async fn waiting(house: &House, seconds: i64) -> Vec<doorward_directory::Registration> {
    let found = house.directory.waiting_registrations(None, 100, at(seconds)).await;
    found.unwrap()
}

/// How many wait.
pub(crate) async fn count(house: &House, seconds: i64) -> u64 {
    let count = move |tx: &mut doorward_store::Tx<'_>| count_waiting_registrations(tx, at(seconds));
    house.store.read(count).await.unwrap()
}

#[tokio::test]
async fn nobody_registers_unless_it_was_opened_for_their_domain() {
    for house in with_mail().await {
        let refused = |address: &'static str| house.directory.ask_to_register(address, Lang::En, HERE, at(1));
        assert_eq!(code(refused("nina@example.com").await), "registration_closed");
        assert!(house.directory.open_registration().await.unwrap().is_none());
        open(&house, false, &[]).await;
        assert!(house.directory.open_registration().await.unwrap().is_some());
        assert_eq!(code(refused("nina@example.org").await), "address_not_admitted");
        assert_eq!(code(refused("nina@sub.example.com").await), "address_not_admitted");
        assert_eq!(code(refused("nina@x@example.com").await), "invalid_user");
        assert_eq!(code(refused("").await), "invalid_user");
        for beyond_ascii in [
            "n\u{ed}na@example.com",
            "nina@ex\u{e4}mple.com",
            "\u{212a}im@example.com",
        ] {
            assert_eq!(code(refused(beyond_ascii).await), "invalid_user", "{beyond_ascii}");
        }
        assert_eq!(noted(&house).await, 0);
        let edit = RegistrationEdit {
            open: Some(false),
            ..RegistrationEdit::default()
        };
        ask(&house, "nina@example.com", 2).await;
        house
            .directory
            .edit_registration(&house.root, edit, at(3))
            .await
            .unwrap();
        answer_all(&house, 4).await;
        assert_eq!(letters(&house).await, [], "closed meanwhile: {}", house.store.engine);
    }
}

#[tokio::test]
async fn the_terms_are_checked_and_only_full_administrators_set_them() {
    for house in with_mail().await {
        let set = async |edit: RegistrationEdit| house.directory.edit_registration(&house.root, edit, at(1)).await;
        let opened = RegistrationEdit {
            open: Some(true),
            ..RegistrationEdit::default()
        };
        assert_eq!(
            code(set(opened.clone()).await),
            "invalid_registration",
            "for which domains?"
        );
        let domains = |domain: &str| RegistrationEdit {
            domains: Some(words(&[domain])),
            ..RegistrationEdit::default()
        };
        assert_eq!(code(set(domains("*.example.com")).await), "invalid_registration");
        let groups = |group: &str| RegistrationEdit {
            groups: Some(words(&[group])),
            ..RegistrationEdit::default()
        };
        assert_eq!(code(set(groups("nobody")).await), "no_such_group");
        let operators = house.group("operators").await;
        house.grant(Role::People, RoleHolder::Group(operators.id)).await;
        assert_eq!(code(set(groups("operators")).await), "invalid_registration");
        let people = house.administrator("petra", Role::People).await;
        let by_people = house
            .directory
            .edit_registration(&people, domains("example.com"), at(2));
        assert_eq!(code(by_people.await), "missing_right");
        let (policy, _) = house.directory.registration_policy().await.unwrap();
        assert_eq!(
            policy,
            doorward_directory::RegistrationPolicy::default(),
            "nothing is half done"
        );
    }
    for house in houses().await {
        let edit = RegistrationEdit {
            open: Some(true),
            domains: Some(words(&["example.com"])),
            ..RegistrationEdit::default()
        };
        let opened = house.directory.edit_registration(&house.root, edit, at(1)).await;
        assert_eq!(code(opened), "mail_is_off");
    }
}

#[tokio::test]
async fn asking_writes_the_same_for_every_address_and_only_its_owner_hears_of_an_account() {
    for house in with_mail().await {
        open(&house, false, &[]).await;
        with_address(&house, "alice").await;
        let gone = with_address(&house, "gone").await;
        let edit = UserEdit {
            disabled: Some(true),
            ..UserEdit::default()
        };
        let disabled = house.directory.edit_user(&house.root, gone.id, edit, at(0)).await;
        disabled.unwrap();
        for (count, address) in ["alice@example.com", "nina@example.com", "gone@example.com"]
            .into_iter()
            .enumerate()
        {
            assert_eq!(ask(&house, address, 10).await, Asked::Noted);
            assert_eq!(noted(&house).await, i64::try_from(count).unwrap() + 1, "{address}");
        }
        answer_all(&house, 11).await;
        assert_eq!(noted(&house).await, 0);
        let mut sent = letters(&house).await;
        sent.sort();
        let to = |kind: &str, name: &str| (kind.to_owned(), format!("{name}@example.com"));
        assert_eq!(
            sent,
            [to("register", "nina"), to("registered-already", "alice")],
            "{}",
            house.store.engine
        );
    }
}

#[tokio::test]
async fn whoever_reads_the_letter_has_an_account_in_the_groups_of_newcomers() {
    for house in with_mail().await {
        house.group("newcomers").await;
        open(&house, false, &["newcomers"]).await;
        let ticket = asked(&house, "Nina@example.com", 1).await;
        let text = newest_letter(&house).await;
        assert!(
            text.contains("Registrierung fortsetzen"),
            "in the browser's language: {text}"
        );
        let page = house.directory.registration(&ticket, at(2)).await.unwrap();
        assert_eq!((page.address.as_str(), page.approval), ("Nina@example.com", false));

        let verified = joined(&house, &ticket, "nina", 3).await;
        let user = &verified.facts.user;
        assert_eq!(
            (user.email.as_deref(), user.email_verified, user.display_name.as_str()),
            (Some("Nina@example.com"), true, "Nina Newcomer")
        );
        assert_eq!(user.attributes.text("locale"), Some("de"));
        assert_eq!(house.groups_of(user).await, ["newcomers"], "{}", house.store.engine);
        assert!(verified.facts.roles.is_empty());
        let login = house
            .directory
            .verify_password("nina", secret(PASSWORD), &from("192.0.2.1"), at(4))
            .await;
        assert!(login.is_ok(), "{login:?}");
        assert_eq!(code(house.directory.registration(&ticket, at(5)).await), "link_ended");
        assert_eq!(code(register(&house, &ticket, "nina2", 5).await), "link_ended");
    }
}

#[tokio::test]
async fn a_link_works_once_for_one_of_many_who_press_at_once() {
    for house in with_mail().await {
        open(&house, false, &[]).await;
        let ticket = asked(&house, "nina@example.com", 1).await;
        let tries = (0..8).map(|number| {
            let (directory, ticket) = (house.directory.clone(), ticket.clone());
            tokio::spawn(async move {
                let name = format!("nina{number}");
                directory
                    .register(&ticket, named(&name), &from("192.0.2.1"), at(2))
                    .await
            })
        });
        let mut good = 0;
        for tried in tries.collect::<Vec<_>>() {
            match tried.await.unwrap() {
                Ok(Registered::In(_)) => good += 1,
                Ok(other) => panic!("{other:?}"),
                refused => assert!(matches!(code(refused), "link_ended" | "email_taken" | "name_taken")),
            }
        }
        assert_eq!(good, 1, "{}", house.store.engine);
    }
}

#[tokio::test]
async fn other_letters_to_an_address_end_with_its_registration_and_each_ends_after_a_day() {
    for house in with_mail().await {
        open(&house, false, &[]).await;
        let first = asked(&house, "nina@example.com", 1).await;
        let second = asked(&house, "nina@example.com", 2).await;
        joined(&house, &first, "nina", 3).await;
        assert_eq!(code(register(&house, &second, "nina2", 4).await), "link_ended");
        let late = asked(&house, "olga@example.com", 5).await;
        assert_eq!(
            code(house.directory.registration(&late, at(DAY + 6)).await),
            "link_ended"
        );
        let mut forged = asked(&house, "paul@example.com", 7).await;
        forged.replace_range(40..41, if &forged[40..41] == "A" { "B" } else { "A" });
        assert_eq!(code(house.directory.registration(&forged, at(8)).await), "link_ended");
        assert_eq!(
            code(house.directory.registration("nonsense", at(8)).await),
            "link_ended"
        );
    }
}

#[tokio::test]
async fn names_that_are_taken_reserved_or_no_names_leave_the_link_and_are_not_read_out() {
    for house in with_mail().await {
        open(&house, false, &[]).await;
        house.person("alice").await;
        let ticket = asked(&house, "nina@example.com", 1).await;
        assert_eq!(code(register(&house, &ticket, "Alice", 2).await), "name_taken");
        assert_eq!(code(register(&house, &ticket, "root", 2).await), "name_taken");
        assert_eq!(code(register(&house, &ticket, "no name", 2).await), "invalid_user_name");
        let weak = Newcomer {
            password: secret("nina@example.com"),
            ..named("nina")
        };
        let weak = house.directory.register(&ticket, weak, &from("192.0.2.1"), at(2)).await;
        assert_eq!(code(weak), "weak_password");
        let mut tries = 0;
        while !matches!(
            register(&house, &ticket, "alice", 3).await,
            Ok(Registered::Later { .. })
        ) {
            tries += 1;
            assert!(tries < 20, "names can be tried without end");
        }
        joined(&house, &ticket, "nina", 120).await;
    }
}

#[tokio::test]
async fn nobody_takes_the_name_that_somebody_had() {
    for house in with_mail().await {
        open(&house, false, &[]).await;
        let alice = house.person("alice").await;
        let bob = house.person("bob").await;
        let renamed = UserEdit {
            name: Some("bobby".to_owned()),
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, bob.id, renamed, at(1))
            .await
            .unwrap();
        house
            .directory
            .delete_user(&house.root, alice.id, true, at(1))
            .await
            .unwrap();
        let ticket = asked(&house, "nina@example.com", 2).await;
        for name in ["alice", "Bob"] {
            assert_eq!(code(register(&house, &ticket, name, 3).await), "name_taken", "{name}");
        }
        // An administrator may give it on purpose.
        house.person("alice").await;
        joined(&house, &ticket, "nina", 4).await;
    }
}

#[tokio::test]
async fn nobody_becomes_an_administrator_by_registering() {
    for house in with_mail().await {
        let newcomers = house.group("newcomers").await;
        open(&house, false, &["newcomers"]).await;
        // The group has gained a role since it was named.
        house.grant(Role::Full, RoleHolder::Group(newcomers.id)).await;
        let ticket = asked(&house, "nina@example.com", 1).await;
        let verified = joined(&house, &ticket, "nina", 2).await;
        assert!(verified.facts.roles.is_empty() && verified.facts.groups.is_empty());
    }
}

#[tokio::test]
async fn nobody_names_themselves_like_an_id_or_so_that_an_address_is_not_found_any_more() {
    let settings = Settings {
        domain: Some("example.com".to_owned()),
        ..Settings::default()
    };
    for house in with_mail_and(settings).await {
        open(&house, false, &[]).await;
        let olga = NewUser {
            name: "o.olsen".to_owned(),
            email: Some("Olga@example.com".to_owned()),
            ..NewUser::default()
        };
        let olga = house.directory.add_user(&house.root, olga, at(0)).await.unwrap();
        let ticket = asked(&house, "nina@example.com", 1).await;
        for id in [olga.id.to_string(), olga.id.simple().to_string()] {
            assert_eq!(code(register(&house, &ticket, &id, 2).await), "invalid_user_name");
        }
        for name in ["olga", "OLGA"] {
            assert_eq!(code(register(&house, &ticket, name, 2).await), "name_taken", "{name}");
        }
        let found = house.directory.find_user("olga@example.com").await.unwrap();
        assert_eq!(found.map(|user| user.id), Some(olga.id), "{}", house.store.engine);
        joined(&house, &ticket, "nina", 3).await;
    }
}

/// Notes that somebody was added at a login through an upstream, as such a login does.
async fn came_through_an_upstream(house: &House, user: &User) {
    let (upstream, identity, user) = (Uuid::from_u128(1), Uuid::from_u128(2), user.id);
    let written: Result<(), StoreError> = house
        .store
        .write(at(0), move |tx| {
            tx.execute(
                "INSERT INTO upstreams (id, name, name_key, enabled, document, version, created_at, changed_at) \
                 VALUES ($1, 'corp', $2, 1, '{}', 1, $3, $3)",
                &[upstream.into(), b"corp".into(), at(0).into()],
            )?;
            tx.execute(
                "INSERT INTO identities (id, upstream_id, issuer, subject, user_id, origin, claims, created_at) \
                 VALUES ($1, $2, 'https://corp.example', 'm', $3, 'created', '{}', $4)",
                &[identity.into(), upstream.into(), user.into(), at(0).into()],
            )?;
            Ok(())
        })
        .await;
    written.unwrap();
}

#[tokio::test]
async fn an_address_that_somebody_only_said_elsewhere_does_not_keep_its_owner_out() {
    for approval in [false, true] {
        for house in with_mail().await {
            open(&house, approval, &[]).await;
            let mallory = with_address(&house, "nina").await;
            came_through_an_upstream(&house, &mallory).await;
            let ticket = asked(&house, "Nina@example.com", 1).await;
            let said = house.directory.user(mallory.id).await.unwrap().unwrap();
            assert_eq!(said.email, mallory.email, "until somebody has proved it");
            let registered = register(&house, &ticket, "nina.n", 2).await.unwrap();
            if approval {
                assert!(matches!(registered, Registered::Waiting));
                let id = waiting(&house, 3).await[0].id;
                house
                    .directory
                    .approve_registration(&house.root, id, None, at(3))
                    .await
                    .unwrap();
            }
            let owner = house.directory.find_user("nina@example.com").await.unwrap().unwrap();
            assert_eq!((owner.name.as_str(), owner.email_verified), ("nina.n", true));
            let said = house.directory.user(mallory.id).await.unwrap().unwrap();
            assert_eq!(said.email, None, "{}", house.store.engine);
        }
    }
}

#[tokio::test]
async fn an_address_that_was_proved_stays_whoever_came_how() {
    for house in with_mail().await {
        open(&house, false, &[]).await;
        let nina = with_address(&house, "nina").await;
        came_through_an_upstream(&house, &nina).await;
        let ticket = asked(&house, "nina@example.com", 1).await;
        let edit = UserEdit {
            email_verified: Some(true),
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, nina.id, edit, at(2))
            .await
            .unwrap();
        assert_eq!(code(register(&house, &ticket, "nina.n", 3).await), "link_ended");
        ask(&house, "nina@example.com", 4).await;
        answer_all(&house, 4).await;
        let told = letters(&house).await.pop().unwrap();
        assert_eq!(told.0, "registered-already", "{}", house.store.engine);
    }
}
