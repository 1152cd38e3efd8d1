//! Files that do not say what they should.

use crate::fixture::{Fixture, files, refused, runtime};

#[test]
fn each_wrong_file_is_told_what_was_expected() {
    runtime().block_on(async {
        let here = Fixture::fresh().await;
        let app = "url = \"https://a.example.com\"\n";
        for (path, text, says) in [
            ("application/a.toml", app.to_owned(), "applications/NAME.toml"),
            ("applications/../a.toml", app.to_owned(), "expected one of"),
            ("applications/a b.toml", app.to_owned(), "expected one of"),
            ("netbox.toml", app.to_owned(), "expected one of"),
            ("applications/a.toml", "url = ".to_owned(), "line 1"),
            ("applications/a.toml", String::new(), "expected `url`"),
            (
                "applications/a.toml",
                format!("{app}pcke = \"required\""),
                "unknown field `pcke`",
            ),
            (
                "applications/a.toml",
                format!("{app}pkce = \"if-sent\""),
                "weaken-if-sent",
            ),
            ("applications/a.toml", format!("{app}preset = \"nextbox\""), "nextbox"),
            (
                "applications/a.toml",
                format!("{app}secret = \"hunter2hunter2hunter2\""),
                "never holds a secret",
            ),
            (
                "applications/a.toml",
                format!("{app}[lifetimes]\ncode = 1"),
                "lifetime code",
            ),
            ("applications/a.toml", format!("{app}[lifetimes]\ncdoe = 60"), "cdoe"),
            (
                "applications/a.toml",
                format!("{app}[policy]\nfators = \"second\""),
                "fators",
            ),
            (
                "applications/a.toml",
                format!("{app}[grants]\nregistered = true"),
                "registered",
            ),
            ("applications/a.toml", format!("{app}unset = [\"nmae\"]"), "nmae"),
            (
                "applications/a.toml",
                format!("{app}redirect_uris = [\"https://*.example.com/cb\"]"),
                "*",
            ),
            ("groups/a.toml", "descripton = \"x\"".to_owned(), "descripton"),
            ("groups/a.toml", "roles = [\"king\"]".to_owned(), "read-only"),
            ("groups/a.toml", "groups = [\"b\"]".to_owned(), "no group `b`"),
            ("groups/a.toml", "groups = [\"a\"]".to_owned(), ""),
            ("services/a.toml", "token = \"x\"".to_owned(), "token"),
            (
                "upstreams/a.toml",
                "issuer = \"https://a.example\"".to_owned(),
                "client_id",
            ),
            (
                "upstreams/a.toml",
                "preset = \"generic\"\nclient_id = \"x\"\nissuer = \"https://a.example\"\ntimeot = 3".to_owned(),
                "timeot",
            ),
            ("policies.toml", "factor = \"second\"".to_owned(), "factor"),
            ("terms.toml", "text = \"x\"".to_owned(), "text"),
            ("client-registration.toml", "mode = \"open\"".to_owned(), "weaken-open"),
            ("people.toml", "[[person]]\nemail = \"a@b\"".to_owned(), "name"),
            ("people.toml", "[[people]]\nname = \"a\"".to_owned(), "[[person]]"),
            (
                "people.toml",
                "[[person]]\nname = \"a\"\npassword = \"x\"".to_owned(),
                "password",
            ),
        ] {
            let refusal = refused(here.apply(&files([(path, &text)])).await);
            assert!(refusal.detail.contains(says), "{path} {text}: {refusal:?}");
            assert!(!refusal.detail.contains("hunter2"), "{refusal:?}");
        }
        assert!(here.export().await.is_empty());
    });
}

#[test]
fn the_same_thing_in_two_capitals_is_one_too_many() {
    runtime().block_on(async {
        let here = Fixture::fresh().await;
        let refusal = refused(here.apply(&files([("groups/a.toml", ""), ("groups/A.toml", "")])).await);
        assert!(refusal.detail.contains("about the same"), "{refusal:?}");
        // One of them finds what is there.
        here.apply(&files([("groups/a.toml", "")])).await.unwrap();
        let plan = here.plan(&files([("groups/A.toml", "")])).await.unwrap();
        assert_eq!((plan.changes, plan.only_here), (vec![], vec![]));
    });
}
