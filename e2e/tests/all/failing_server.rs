//! The server's own machine fails in the middle of a request: the application repeats it, and nobody is taken for a thief.

use doorward_e2e::{Client, Engine, Server, bounded};

/// A fault, how it is put into the database, and how it is taken out again.
struct Fault {
    name: &'static str,
    put: String,
    mend: String,
}

/// What can break while a code is redeemed: the reading of its grant, and each of the two rows that are written.
fn faults(engine: Engine) -> [Fault; 3] {
    let trigger = |name, event: &str, table: &str| Fault {
        name,
        put: match engine {
            Engine::Sqlite => {
                format!("CREATE TRIGGER fault BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'a fault'); END")
            }
            Engine::Postgres => format!(
                "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'a fault'; END $$; \
                 CREATE TRIGGER fault BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION fail()"
            ),
        },
        mend: match engine {
            Engine::Sqlite => "DROP TRIGGER fault".to_owned(),
            Engine::Postgres => format!("DROP TRIGGER fault ON {table}"),
        },
    };
    [
        Fault {
            name: "what was granted cannot be read",
            put: "UPDATE grants SET claims = 'damaged'".to_owned(),
            mend: "UPDATE grants SET claims = NULL".to_owned(),
        },
        trigger("the code cannot be taken", "UPDATE", "codes"),
        trigger("the refresh token cannot be stored", "INSERT", "refresh_families"),
    ]
}

#[tokio::test]
async fn a_code_whose_redemption_failed_works_when_it_is_sent_again_on_sqlite() {
    bounded(120, redeem_again_after_each_fault(Engine::Sqlite)).await;
}

#[tokio::test]
async fn a_code_whose_redemption_failed_works_when_it_is_sent_again_on_postgresql() {
    bounded(120, redeem_again_after_each_fault(Engine::Postgres)).await;
}

async fn redeem_again_after_each_fault(engine: Engine) {
    let server = Server::start_on(engine).await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let settings = ["--consent", "skip", "--expects-refresh", "true"];
    let client = Client::add(&server, "wiki", "staff", &settings).await;
    let mut browser = client.browser();
    for fault in faults(engine) {
        let code = client.code(&mut browser, &alice).await;
        server.sql(&fault.put).await;
        let failed = client.redeem(&code).await;
        assert_eq!(failed.status.as_u16(), 500, "{}: {}", fault.name, failed.body);
        assert_eq!(failed.text("error"), "server_error");
        // The cause is in the log, not in the answer.
        assert!(!failed.body.to_string().contains("fault"), "{}", failed.body);
        server.sql(&fault.mend).await;

        let again = client.redeem(&code).await;
        assert_eq!(again.status.as_u16(), 200, "{}: {}", fault.name, again.body);
        let access = again.text("access_token").to_owned();
        assert!(client.is_active(&access).await, "{}", fault.name);
        let rotated = client.refresh(again.text("refresh_token")).await.granted();

        // Now it has been used: who brings it again has stolen it, or the first did.
        client.redeem(&code).await.refused("invalid_grant");
        assert!(!client.is_active(&access).await, "{}", fault.name);
        client
            .refresh(rotated.text("refresh_token"))
            .await
            .refused("invalid_grant");
    }
}
