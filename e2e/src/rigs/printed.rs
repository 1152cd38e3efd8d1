//! What `doorward app add` printed for an application, and an administrator who does with it what it says.

use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

use crate::server::Server;

/// An application that was added by its preset.
#[derive(Debug, Clone)]
pub struct Printed {
    /// Its client id here.
    pub client_id: String,
    /// Where people open it.
    pub url: String,
    parts: Vec<Part>,
}

/// One thing to paste or to type.
#[derive(Debug, Clone)]
struct Part {
    title: String,
    way: String,
    text: String,
}

impl Printed {
    /// Adds the application at `url` by its preset, for members of `group`.
    pub async fn add(server: &Server, preset: &str, url: &str, group: &str) -> Self {
        Self::add_with(server, preset, url, group, &[]).await
    }

    /// The same with these options beside.
    pub async fn add_with(server: &Server, preset: &str, url: &str, group: &str, options: &[&str]) -> Self {
        let mut command = vec!["app", "add", preset, url, "--group", group];
        command.extend(options);
        let added = server.json(&command).await;
        let parts = added["snippet"]["parts"].as_array().expect("parts of a snippet");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            client_id: text(&added["app"]["client_id"]),
            url: url.to_owned(),
            parts: parts
                .iter()
                .map(|part| Part {
                    title: text(&part["title"]),
                    way: text(&part["way"]),
                    text: text(&part["text"]),
                })
                .collect(),
        }
    }

    /// What was printed for one way of configuring it, under a title that begins with `title`.
    #[track_caller]
    pub fn part(&self, way: &str, title: &str) -> &str {
        let found = self
            .parts
            .iter()
            .find(|part| part.way == way && part.title.starts_with(title));
        match found {
            Some(part) => &part.text,
            None => panic!("nothing printed for {way}, {title:?}: {:#?}", self.parts),
        }
    }

    /// The only thing that was printed for one way of configuring it.
    #[track_caller]
    pub fn only(&self, way: &str) -> &str {
        let mut found = self.parts.iter().filter(|part| part.way == way);
        match (found.next(), found.next()) {
            (Some(part), None) => &part.text,
            _ => panic!("not one thing printed for {way}: {:#?}", self.parts),
        }
    }

    /// The lines `NAME=value` that were printed for its environment.
    #[track_caller]
    pub fn environment(&self) -> Vec<(String, String)> {
        let lines = self.part("env", "").lines();
        let pairs = lines.filter_map(|line| line.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The value of a setting, wherever it was printed: `name=value`, `name = "value"`, `name: value` and what is like them. The first
    /// counts.
    #[track_caller]
    pub fn setting(&self, name: &str) -> String {
        let texts = self.parts.iter().map(|part| part.text.as_str());
        let mut found = texts.filter_map(|text| setting(text, name));
        found
            .next()
            .unwrap_or_else(|| panic!("{name} is not printed: {:#?}", self.parts))
    }

    /// What stands behind `label` in a form that was printed as two columns.
    #[track_caller]
    pub fn field(&self, label: &str) -> &str {
        let lines = self.part("ui", "").lines();
        let mut values = lines.filter_map(|line| line.strip_prefix(label)?.strip_prefix("  "));
        match values.next() {
            Some(value) => value.trim(),
            None => panic!("no field {label:?}: {}", self.part("ui", "")),
        }
    }
}

/// Types text into a shell that stops at the first failure, in that folder; gives what it said, or what it said when it failed.
pub(crate) async fn type_in(text: &str, folder: &Path, environment: &[(&str, &str)]) -> Result<String, String> {
    let mut shell = Command::new("bash");
    shell
        .args(["-euo", "pipefail", "-c", text])
        .current_dir(folder)
        .envs(environment.iter().copied())
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    let output = shell.output().await.expect("a shell can be started");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    Err(format!("{said}{}", String::from_utf8_lossy(&output.stderr)))
}

fn setting(text: &str, name: &str) -> Option<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name).find_map(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let after = after.trim_start_matches(['"', '\'']).trim_start_matches(' ');
        let value = after.strip_prefix(['=', ':'])?.trim_start_matches(' ');
        if before.ends_with(is_word) {
            return None;
        }
        let end = match value.chars().next() {
            Some('[') => value.find(']')?,
            Some(quote @ ('"' | '\'')) => value[1..].find(quote)? + 1,
            _ => value.find('\n').unwrap_or(value.len()),
        };
        let value = value[..end].trim_start_matches(['[', '"', '\'']);
        Some(value.trim_end_matches([' ', ',', '\\']).to_owned())
    })
}
