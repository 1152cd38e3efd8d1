//! Which broken settings of which applications the doctor names first: the table in docs/doctor.md, kept true by what was tried.

use std::collections::BTreeSet;

use doorward_e2e::{Server, free_port};
use serde_json::{Value, json};

use crate::doctor_app::{looked, may_be_here};

/// One application of the table, and what was broken of it so far.
pub(crate) struct Tried {
    /// As a row is called: the preset's name.
    row: &'static str,
    /// Its client id.
    app: String,
    done: BTreeSet<String>,
}

impl Tried {
    /// Begins a row.
    pub(crate) fn row(row: &'static str, app: &str) -> Self {
        Self {
            row,
            app: app.to_owned(),
            done: BTreeSet::new(),
        }
    }

    /// What the doctor says now must begin with one of these codes: the cell of that column. `words` stand in what it says first.
    pub(crate) async fn names(&mut self, server: &Server, column: &str, code: &str, words: &[&str]) {
        let body = looked(server, &self.app).await;
        self.is_named(&body, column, code, words);
    }

    /// The same, where the doctor has looked already.
    pub(crate) fn is_named(&mut self, body: &Value, column: &str, code: &str, words: &[&str]) {
        let finding = &body["findings"][0];
        assert_eq!(finding["code"], json!(code), "{} {column}: {body:#}", self.row);
        assert_ne!(finding["weight"], json!("good"), "{} {column}: {body:#}", self.row);
        let said = finding.to_string();
        for word in words {
            assert!(said.contains(word), "{} {column}, {word}: {said}", self.row);
        }
        self.done.insert(column.to_owned());
    }

    /// What can be broken in the registration alone, whatever the application at `url` is: one thing after the other, each put right
    /// again.
    pub(crate) async fn registration(&mut self, server: &Server, url: &str) {
        self.request(server, url).await;
        self.logouts(server).await;
    }

    /// What of its registration does not fit what it asks for.
    pub(crate) async fn request(&mut self, server: &Server, url: &str) {
        let app = self.app.clone();
        server.json(&["app", "disable", &app]).await;
        self.names(server, "disabled", "disabled", &["doorward app enable"])
            .await;
        server.json(&["app", "enable", &app]).await;

        // The same application under another name here: it says who it is.
        let known = server.json(&["app", "show", &app]).await;
        let twin = format!("{app}-twin");
        let preset = known["preset"].as_str().expect("a preset");
        server
            .json(&["app", "add", preset, url, "--name", &twin, "--group", "users"])
            .await;
        may_be_here(server, &twin).await;
        let body = looked(server, &twin).await;
        self.is_named(&body, "client id", "client_id", &[&app, &twin]);
        let removed = server.cli(&["app", "remove", &twin, "--yes"]).await;
        assert_eq!(removed.code, 0, "{removed:?}");

        // A slash more or less than what it sends.
        let right = body["sent"]["redirect_uri"].as_str().expect("a redirect URI");
        let wrong = right
            .strip_suffix('/')
            .map_or_else(|| format!("{right}/"), str::to_owned);
        self.edit(server, &["--add-redirect-uri", &wrong, "--remove-redirect-uri", right])
            .await;
        self.names(
            server,
            "slash",
            "redirect_uri",
            &["`/` at character", "--add-redirect-uri"],
        )
        .await;
        self.edit(server, &["--add-redirect-uri", right, "--remove-redirect-uri", &wrong])
            .await;
    }

    /// It is told of logouts where nobody listens.
    pub(crate) async fn logouts(&mut self, server: &Server) {
        let known = server.json(&["app", "show", &self.app]).await;
        let uri = known["logout"]["backchannel_uri"].as_str().unwrap_or_default();
        let nowhere = format!("http://localhost:{}/logout", free_port());
        self.edit(server, &["--backchannel-logout-uri", &nowhere]).await;
        self.names(server, "logout", "logout", &["nothing listens there"]).await;
        self.edit(server, &["--backchannel-logout-uri", uri]).await;
    }

    async fn edit(&self, server: &Server, change: &[&str]) {
        let begin = ["app", "edit", &self.app];
        let words: Vec<&str> = begin.into_iter().chain(change.iter().copied()).collect();
        server.json(&words).await;
    }

    /// ID tokens are signed in a way that it does not accept.
    pub(crate) async fn algorithm(&mut self, server: &Server) {
        self.edit(server, &["--id-token-alg", "EdDSA"]).await;
        self.names(server, "algorithm", "algorithm", &["EdDSA", "RS256"]).await;
        self.edit(server, &["--id-token-alg", "RS256"]).await;
    }

    /// Userinfo comes as a signed token, which few read.
    pub(crate) async fn userinfo(&mut self, server: &Server) {
        self.edit(server, &["--userinfo-alg", "RS256"]).await;
        self.names(server, "userinfo", "userinfo_form", &["--userinfo-alg none"])
            .await;
        self.edit(server, &["--userinfo-alg", "none"]).await;
    }

    /// Ends the row: what was tried is what the table says, no more and no less.
    pub(crate) fn ends(self) {
        let told = told(self.row);
        assert_eq!(
            told, self.done,
            "docs/doctor.md, the row {}: left is what the table says, right what was tried",
            self.row
        );
    }
}

/// The columns in which the table in docs/doctor.md has a word for this row.
fn told(row: &str) -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/doctor.md");
    let text = std::fs::read_to_string(path).expect("the documentation is there");
    let mut lines = text.lines().skip_while(|line| !line.starts_with("| application |"));
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        inner.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let heads = cells(lines.next().expect("the table is there"));
    let found = lines
        .take_while(|line| line.starts_with('|'))
        .map(cells)
        .find(|cells| cells[0].starts_with(&format!("`{row}`")));
    let found = found.unwrap_or_else(|| panic!("no row {row} in docs/doctor.md"));
    assert_eq!(found.len(), heads.len(), "{row}: a cell for each column");
    let named = heads.into_iter().zip(found).skip(1);
    named.filter(|(_, cell)| cell != "–").map(|(head, _)| head).collect()
}
