//! What files do here.

use doorward_directory::{NewGroup, NewUser, Role, RoleHolder, UserKind};
use doorward_jose::Secret;
use doorward_state::{Request, What};
use doorward_store::testing::START;
use serde_json::json;

use crate::fixture::{files, on_both_engines, refused, request, root};

/// Files of a small installation.
pub(crate) const HOUSE: [(&str, &str); 9] = [
    (
        "groups/staff.toml",
        "description = \"everybody who works here\"\ngroups = [\"ops\"]\n",
    ),
    (
        "groups/ops.toml",
        "roles = [\"apps\", \"group-manager:staff\"]\n[policy]\nfactors = \"second\"\n",
    ),
    (
        "services/backup.toml",
        "display_name = \"Backups\"\ngroups = [\"ops\"]\n",
    ),
    (
        "applications/netbox.toml",
        "preset = \"netbox\"\nurl = \"https://netbox.example.com\"\n[scope_map]\nstaff = []\neveryone = [\"openid\"]\n[policy]\nfresh_seconds = 600\n",
    ),
    (
        "upstreams/corp.toml",
        "preset = \"generic\"\nissuer = \"https://id.example.org\"\nclient_id = \"doorward\"\nauthentication = \"none\"\ngroups = [\"staff\"]\n[parameters]\nhd = \"example.org\"\n",
    ),
    ("policies.toml", "remember_days = 7\n"),
    (
        "client-registration.toml",
        "mode = \"weaken-open\"\ngroups = [\"staff\"]\n",
    ),
    ("terms.toml", "[[texts]]\nlanguage = \"en\"\ntext = \"Be kind.\"\n"),
    ("settings.toml", "days = \"7\"\n"),
];

#[test]
fn what_files_say_is_made_so_and_exported_as_files_that_change_nothing() {
    on_both_engines(async |here| {
        let said = files(HOUSE);
        let done = here.apply(&said).await.unwrap();
        assert_eq!(done.changes.len(), HOUSE.len(), "{done:#?}");
        assert!(done.changes.iter().all(|change| change.what == What::Add), "{done:#?}");
        let weakens = done.changes.iter().flat_map(|change| &change.weakens);
        let weakened: Vec<&str> = weakens.map(|one| one.name.as_str()).collect();
        // The last one is what the preset of NetBox needs, said as loud.
        assert_eq!(weakened, ["weaken-policy", "weaken-open", "weaken-pkce-if-sent"]);
        let again = here.plan(&said).await.unwrap();
        assert_eq!((again.changes, again.only_here), (vec![], vec![]));

        let written = here.export().await;
        assert_eq!(written.len(), HOUSE.len(), "{written:#?}");
        let empty = here.plan(&written).await.unwrap();
        assert_eq!((empty.changes, empty.only_here), (vec![], vec![]), "{written:#?}");
        let another = crate::fixture::Fixture::fresh().await;
        another.apply(&written).await.unwrap();
        assert_eq!(another.export().await, written, "what was written says all of it");
    });
}

#[test]
fn what_is_here_and_in_no_file_stays_until_it_is_pruned_and_people_always_stay() {
    on_both_engines(async |here| {
        here.apply(&files(HOUSE)).await.unwrap();
        let anna = NewUser {
            name: "anna".to_owned(),
            groups: vec!["staff".to_owned()],
            ..NewUser::default()
        };
        here.directory.add_user(&root(), anna, START).await.unwrap();
        let few = files([("groups/staff.toml", "")]);
        let plan = here.plan(&few).await.unwrap();
        assert_eq!(plan.changes.len(), 1, "{plan:#?}");
        assert_eq!(plan.only_here.len(), HOUSE.len() - 1, "{plan:#?}");
        let done = here
            .apply_request(Request {
                prune: true,
                ..request(&few)
            })
            .await
            .unwrap();
        assert_eq!(done.only_here, Vec::<String>::new());
        assert_eq!(here.export().await, few);
        assert!(here.directory.find_user("anna").await.unwrap().is_some());
        let nothing = Request {
            prune: true,
            ..Request::default()
        };
        let refusal = refused(here.state.plan(&root(), nothing, START).await);
        assert_eq!(refusal.kind.code, "state_empty");
    });
}

#[test]
fn a_plan_changes_nothing_and_is_for_the_state_that_it_was_made_for() {
    on_both_engines(async |here| {
        let said = files(HOUSE);
        let plan = here.plan(&said).await.unwrap();
        assert!(here.export().await.is_empty());
        assert_eq!(here.plan(&said).await.unwrap(), plan);
        let new = NewGroup {
            name: "meanwhile".to_owned(),
            ..NewGroup::default()
        };
        here.directory.add_group(&root(), new, START).await.unwrap();
        let refusal = refused(here.state.apply(&root(), request(&said), &plan.digest, START).await);
        assert_eq!(refusal.kind.code, "state_moved");
        assert_eq!(here.export().await.len(), 1, "nothing of it was done");
    });
}

#[test]
fn what_was_not_planned_is_not_done() {
    on_both_engines(async |here| {
        let with = |secret: &str, prune: bool, text: &str| Request {
            files: files([("applications/a.toml", text)]),
            secrets: [("applications/a.toml".to_owned(), Secret::new(secret.to_owned()))].into(),
            prune,
        };
        let text = "url = \"https://a.example.com\"\nsecret = { env = \"A\" }\n";
        let planned = with("a-secret-from-elsewhere", true, text);
        let plan = here.state.plan(&root(), planned.clone(), START).await.unwrap();
        assert!(!plan.digest.contains("elsewhere"));
        for other in [
            with("another-secret-from-elsewhere", true, text),
            with("a-secret-from-elsewhere", false, text),
            with("a-secret-from-elsewhere", true, &text.replace("a.example", "b.example")),
            Request {
                secrets: std::collections::BTreeMap::new(),
                ..planned.clone()
            },
        ] {
            let refusal = refused(here.state.apply(&root(), other, &plan.digest, START).await);
            assert_eq!(refusal.kind.code, "state_not_planned", "{refusal:?}");
        }
        let half = plan.digest.rsplit_once('.').unwrap().0;
        for cut in ["", half, half.split_once('.').unwrap().0] {
            let refusal = refused(here.state.apply(&root(), planned.clone(), cut, START).await);
            assert_eq!(refusal.kind.code, "state_moved", "{cut}: {refusal:?}");
        }
        assert!(here.export().await.is_empty(), "nothing of it was done");
        here.state
            .apply(&root(), planned.clone(), &plan.digest, START)
            .await
            .unwrap();

        // A secret that is another one by now is in no file: what the plan did not show is not done.
        let same = here.state.plan(&root(), planned.clone(), START).await.unwrap();
        assert_eq!(same.changes, []);
        let by = doorward_audit::Actor::named("root", "socket");
        let overlap = jiff::SignedDuration::ZERO;
        let rotated = here.apps.rotate_secret(&by, "a", overlap, START).await.unwrap();
        let refusal = refused(here.state.apply(&root(), planned, &same.digest, START).await);
        assert_eq!(refusal.kind.code, "state_moved");
        let shown = here.apps.show_secret(&by, "a", START).await.unwrap();
        assert_eq!(shown.secret.expose(), rotated.secret.expose());
    });
}

#[test]
fn somebody_who_changes_what_was_applied_is_found_and_whoever_applies_again_is_content() {
    on_both_engines(async |here| {
        assert_eq!(
            here.state.drift(&root()).await.unwrap(),
            None,
            "nothing was applied yet"
        );
        here.apply(&files(HOUSE)).await.unwrap();
        let drift = async || here.state.drift(&root()).await.unwrap().unwrap();
        let none = drift().await;
        assert_eq!((none.by.as_str(), none.at, none.differs), ("root", START, vec![]));
        // Somebody plans: nothing is remembered of it.
        here.plan(&files([("groups/ops.toml", "")])).await.unwrap();
        assert_eq!(drift().await.differs, Vec::<String>::new());
        let new = |name: &str| NewGroup {
            name: name.to_owned(),
            ..NewGroup::default()
        };
        here.directory.add_group(&root(), new("new"), START).await.unwrap();
        assert_eq!(
            drift().await.differs,
            Vec::<String>::new(),
            "no file names it, and none has to"
        );
        let ops = here.directory.find_group("ops").await.unwrap().unwrap();
        here.directory.remove_group(&root(), ops.id, START).await.unwrap();
        let by = doorward_audit::Actor::named("root", "socket");
        here.apps.remove(&by, "netbox", START).await.unwrap();
        let differs = drift().await.differs;
        let all = [
            "applications/netbox.toml",
            "groups/ops.toml",
            "groups/staff.toml",
            "services/backup.toml",
        ];
        assert_eq!(differs, all, "those that named the group say something else too");
        // One file alone is content with itself, and leaves the others what they were.
        here.apply(&files([(
            "groups/staff.toml",
            "description = \"everybody who works here\"\n",
        )]))
        .await
        .unwrap();
        assert_eq!(
            drift().await.differs,
            ["applications/netbox.toml", "groups/ops.toml", "services/backup.toml"]
        );
        // What is here is taken over, and whatever comes later that no file names is found.
        let written = here.export().await;
        let pruned = Request {
            prune: true,
            ..request(&written)
        };
        here.apply_request(pruned).await.unwrap();
        assert_eq!(drift().await.differs, Vec::<String>::new());
        here.directory.add_group(&root(), new("newer"), START).await.unwrap();
        assert_eq!(drift().await.differs, ["groups/newer.toml"]);
    });
}

#[test]
fn a_plan_that_was_sent_no_secret_judges_everything_else() {
    on_both_engines(async |here| {
        let upstream = |more: &str| {
            let text = "client_id = \"doorward\"\nissuer = \"https://id.example.org\"\nsecret = { env = \"A\" }\n";
            files([("upstreams/corp.toml", &format!("{text}{more}"))])
        };
        let signs = upstream("authentication = \"private_key_jwt\"\n");
        let plan = here.plan(&signs).await.unwrap();
        let names: Vec<&str> = plan.changes[0].settings.iter().map(|one| one.name.as_str()).collect();
        assert!(
            names.contains(&"secret") && names.contains(&"authentication"),
            "{plan:#?}"
        );
        assert_eq!(
            plan.unread,
            Vec::<String>::new(),
            "a new one has none that could be compared"
        );
        let refusal = refused(here.plan(&upstream("authentication = \"none\"\n")).await);
        assert!(refusal.detail.contains("has no secret"), "{refusal:?}");
        let refusal = refused(here.plan(&upstream("ca_pem = \"none\"\n")).await);
        assert!(refusal.detail.contains("certificates in PEM"), "{refusal:?}");
        let refusal = refused(here.apply(&signs).await);
        assert_eq!(refusal.kind.code, "state_secret_missing");

        let said = upstream("");
        let with = |files: &doorward_state::Files| Request {
            secrets: [(
                "upstreams/corp.toml".to_owned(),
                Secret::new("a-secret-from-elsewhere".to_owned()),
            )]
            .into(),
            ..request(files)
        };
        here.apply_request(with(&said)).await.unwrap();
        assert_eq!(here.plan(&said).await.unwrap().unread, ["upstreams/corp.toml"]);
        let signs = here.plan(&signs).await.unwrap();
        assert_eq!(signs.changes.len(), 1, "the key is not read for a plan: {signs:#?}");
    });
}

#[test]
fn one_wrong_file_and_nothing_is_done() {
    on_both_engines(async |here| {
        let mut said = files(HOUSE);
        said.insert(
            "applications/zz.toml".to_owned(),
            "url = \"https://zz.example.com\"\n[scope_map]\nstuff = []\n".to_owned(),
        );
        let refusal = refused(here.apply(&said).await);
        assert!(refusal.detail.starts_with("applications/zz.toml: "), "{refusal:?}");
        assert!(refusal.remedy.unwrap().contains("staff"));
        assert!(here.export().await.is_empty());
    });
}

#[test]
fn whoever_lacks_full_rights_neither_plans_nor_applies_and_the_last_administrator_stays() {
    on_both_engines(async |here| {
        let ben = NewUser {
            name: "ben".to_owned(),
            kind: UserKind::Person,
            ..NewUser::default()
        };
        let ben = here.directory.add_user(&root(), ben, START).await.unwrap();
        here.apply(&files([("groups/bosses.toml", "roles = [\"full\"]\n")]))
            .await
            .unwrap();
        let bosses = here.directory.find_group("bosses").await.unwrap().unwrap();
        here.directory
            .add_member(&root(), bosses.id, ben.id, START)
            .await
            .unwrap();
        let refusal = refused(here.apply(&files([("groups/bosses.toml", "")])).await);
        assert_eq!(refusal.kind.code, "last_administrator");
        // Moved to another group of theirs in one go, the roles go along.
        let moved = files([
            ("groups/bosses.toml", ""),
            ("groups/chiefs.toml", "roles = [\"full\"]\ngroups = [\"bosses\"]\n"),
        ]);
        here.apply(&moved).await.unwrap();

        here.directory
            .grant_role(&root(), Role::Apps, RoleHolder::User(ben.id), START)
            .await
            .unwrap();
        let facts = here.directory.facts(ben.id).await.unwrap().unwrap();
        let mut actor = doorward_directory::Actor::user(&facts, doorward_directory::Via::Server);
        actor.roles = vec![Role::Apps];
        let refusal = refused(here.state.plan(&actor, request(&moved), START).await);
        assert_eq!(refusal.kind.code, "missing_right");
        let refusal = refused(here.state.export(&actor, moved.clone()).await);
        assert_eq!(refusal.kind.code, "missing_right");
    });
}

#[test]
fn every_change_has_its_event_in_the_same_unit_of_work() {
    on_both_engines(async |here| {
        here.apply(&files(HOUSE)).await.unwrap();
        let count = async |sql: &'static str| {
            here.store
                .scan(move |tx| {
                    Ok::<_, doorward_store::StoreError>(tx.one(sql, &[], |row| row.get::<i64>(0))?.unwrap())
                })
                .await
                .unwrap()
        };
        for action in [
            "group.add",
            "service_account.never",
            "user.add",
            "app.add",
            "upstream.add",
            "policy.edit",
            "terms.publish",
            "role.grant",
            "client_registration.edit",
        ] {
            let sql: &'static str =
                Box::leak(format!("SELECT COUNT(*) FROM events WHERE action = '{action}'").into_boxed_str());
            let found = count(sql).await;
            assert_eq!(found > 0, action != "service_account.never", "{action}: {found}");
        }
        let before = count("SELECT COUNT(*) FROM events").await;
        here.apply(&files(HOUSE)).await.unwrap();
        assert_eq!(
            count("SELECT COUNT(*) FROM events").await,
            before,
            "nothing changed, nothing is said"
        );
    });
}

#[test]
fn a_secret_is_named_in_the_file_given_beside_it_and_shown_nowhere() {
    on_both_engines(async |here| {
        let text = "url = \"https://a.example.com\"\nsecret = { env = \"A_SECRET\" }\n";
        let said = files([("applications/a.toml", text)]);
        let refusal = refused(here.apply(&said).await);
        assert_eq!(refusal.kind.code, "state_secret_missing");
        let with = |secret: &str| Request {
            secrets: [("applications/a.toml".to_owned(), Secret::new(secret.to_owned()))].into(),
            ..request(&said)
        };
        let done = here.apply_request(with("a-secret-from-elsewhere")).await.unwrap();
        assert!(!format!("{done:?}").contains("elsewhere"));
        let new = done.changes[0]
            .settings
            .iter()
            .find(|one| one.name == "secret")
            .unwrap();
        assert_eq!(new.to, Some(json!("another one, from env A_SECRET")), "{done:#?}");
        let shown = here
            .apps
            .show_secret(&doorward_audit::Actor::named("root", "socket"), "a", START)
            .await
            .unwrap();
        assert_eq!(shown.secret.expose(), "a-secret-from-elsewhere");
        assert_eq!(
            here.apply_request(with("a-secret-from-elsewhere"))
                .await
                .unwrap()
                .changes,
            []
        );
        assert_eq!(
            here.apply(&said).await.unwrap().changes,
            [],
            "without one it keeps the one it has"
        );
        let other = here.apply_request(with("another-one-from-elsewhere")).await.unwrap();
        assert_eq!(other.changes[0].settings[0].name, "secret");
        assert_eq!(
            other.changes[0].settings[0].to,
            Some(json!("another one, from env A_SECRET"))
        );
        refused(here.apply_request(with("short")).await);
        let written = here.state.export(&root(), said.clone()).await.unwrap();
        assert_eq!(written, said, "a file that says what is here stays as it is");
    });
}
