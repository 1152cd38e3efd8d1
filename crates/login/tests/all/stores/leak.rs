//! What somebody gets who steals the database.

use std::sync::Arc;

use doorward_login::{connect_postgres, open_sqlite};

use super::engines::{Engine, engines};
use crate::browser::{Browser, builder};
use crate::stub::Stub;

#[tokio::test]
async fn a_stolen_database_tells_no_token_and_no_name() {
    for engine in engines().await {
        let stub = Stub::start().await;
        let store = engine.open().await;
        let login = builder(&stub)
            .scopes("offline_access")
            .unwrap()
            .sessions(Arc::clone(&store))
            .build()
            .unwrap();
        let mut browser = Browser::at(&login);
        let begun = browser.answer("/auth/login?return_to=/secret-page").await;
        let bindings: Vec<_> = browser.jar.values().cloned().collect();
        browser.get(&begun).await;
        browser.answer("/auth/login?return_to=/another-secret-page").await;
        assert_eq!(browser.get("/").await.body, "Alice Liddell");
        let stolen = match &engine {
            Engine::Memory => continue,
            Engine::Sqlite(folder) => ["", "-wal"]
                .iter()
                .flat_map(|end| std::fs::read(folder.path().join(format!("sessions.db{end}"))).unwrap_or_default())
                .collect(),
            Engine::Postgres(schema) => schema.dump().await,
        };
        let holds = |words: &str| stolen.windows(words.len()).any(|window| window == words.as_bytes());
        for secret in [
            "the-access-token",
            "refresh-0",
            "eyJ",
            "Alice",
            "alice",
            "u-1",
            "admins",
            "secret-page",
        ] {
            assert!(!holds(secret), "{} holds {secret}", engine.name());
        }
        for cookie in bindings.iter().chain(browser.jar.values()) {
            assert!(!holds(cookie), "{} holds a cookie", engine.name());
        }
        assert!(stolen.len() > 500, "{} was read", engine.name());
    }
}

#[tokio::test]
#[cfg(unix)]
async fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let _store = open_sqlite(&path).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
}

#[tokio::test]
async fn stores_that_cannot_be_had_say_why_and_no_password() {
    let refused = |result: Result<_, doorward_login::LoginError>| {
        let error = result.err().unwrap();
        assert_eq!(error.code(), "session_store_failed");
        error.to_string()
    };
    let words = refused(open_sqlite("/nowhere/at/all/sessions.db").await);
    assert!(words.contains("/nowhere/at/all/sessions.db"), "{words}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no.db");
    std::fs::write(&path, "this is no database, and long enough to look like one").unwrap();
    assert!(refused(open_sqlite(&path).await).contains("not a database"));
    for url in [
        "postgres://login:hush@127.0.0.1:9/none",
        "postgres://login:hush@127.0.0.1:9/none?sslmode=require",
        "postgres://login:hush@127.0.0.1:9/none?nonsense=1",
        "postgres://login:hush@127.0.0.1:9/none?sslrootcert=/nowhere.pem",
    ] {
        let words = refused(connect_postgres(url).await);
        assert!(!words.contains("hush"), "{words}");
    }
}
