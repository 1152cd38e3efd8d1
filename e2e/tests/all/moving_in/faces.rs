//! The command line, the API and the page in the console say the same of the same file.

use std::path::Path;

use doorward_e2e::{Browser, Server};
use serde_json::{Value, json};

/// What the command line says of an export in several files.
pub(super) async fn command_line(server: &Server, folder: &Path, how: &[&str]) -> Value {
    let file = folder.join("corp-realm.json").display().to_string();
    let folder = folder.display().to_string();
    let command = ["import", "keycloak", &file, "--users-dir", &folder];
    server.json(&[&command, how].concat()).await
}

/// Tries the export in all three ways, gives the report.
pub(super) async fn all_three(server: &Server, folder: &Path, export: &Value) -> Value {
    let typed = command_line(server, folder, &["--dry-run"]).await;
    assert_eq!(typed["written"], false);
    let document = export.to_string();
    let body = json!({ "format": "keycloak", "document": document, "dry_run": true });
    let (status, asked) = server.api("/imports", Some(&body)).await;
    assert_eq!((status, &asked), (200, &typed));
    page_says(server, ("keycloak", &document), &typed).await;
    typed
}

/// The page shows that report for that document to ada, whom it makes an administrator.
pub(crate) async fn page_says(server: &Server, (format, document): (&str, &str), report: &Value) {
    let ada = server.add_person("ada", "Ada Admin", &[]).await;
    server.json(&["admin", "grant", "full", "ada"]).await;
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}/admin/import", server.url)).await;
    let page = browser.log_in(&page, &ada).await;
    assert_eq!(page.url.path(), "/admin/import", "{}", page.text());
    let chosen = [("format", format), ("how", "try")];
    let page = browser
        .upload(&page, "/admin/import", &chosen, ("document", document))
        .await;
    assert_eq!(page.status, 200, "{}", page.text());
    let shown = words(&page.text());
    for remark in report["remarks"].as_array().expect("remarks") {
        for part in [&remark["what"], &remark["remedy"]] {
            let part = words(part.as_str().unwrap_or_default());
            assert!(shown.contains(&part), "{part}\nis not on the page:\n{shown}");
        }
    }
    for count in report["counts"].as_array().expect("counts") {
        let row = format!("{} {} {}", count["added"], count["already"], count["conflicts"]);
        assert!(shown.contains(&row), "{row}\nis not on the page:\n{shown}");
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
