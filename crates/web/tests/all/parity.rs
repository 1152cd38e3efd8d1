//! API, command line and console can do the same: the API's own document is the list, and whatever one of the others lacks has
//! its reason here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use doorward_web::pages::{Brand, Lang};

use crate::{
    api_server::{Api, run},
    page_samples::every_page,
};

/// What the command line need not have.
const NOT_IN_THE_COMMAND_LINE: &[(&str, &str)] = &[];

/// What the console need not have.
const NOT_IN_THE_CONSOLE: &[(&str, &str)] = &[
    (
        "GET /state/people",
        "all people as one text is for a file, which the command line writes",
    ),
    (
        "GET /state/schema",
        "schemas are for editors of files, beside which the command line writes them",
    ),
    (
        "GET /events/follow",
        "the page of events fills itself again while somebody looks",
    ),
    (
        "GET /traces/follow",
        "the page of logins fills itself again while somebody looks",
    ),
];

/// `GET /users/{}/links`: method and path, names left out.
fn operation(method: &str, path: &str) -> String {
    let path: Vec<&str> = path
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part })
        .collect();
    format!("{method} {}", path.join("/"))
}

async fn documented() -> BTreeSet<String> {
    let api = Api::start().await;
    let document = api
        .call("get", "/api/v1/openapi.json", serde_json::Value::Null)
        .await
        .body;
    let mut all = BTreeSet::new();
    for (path, item) in document.pointer("/paths").unwrap().as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        for method in ["get", "post", "put", "patch", "delete"] {
            if item.get(method).is_some() {
                all.insert(operation(&method.to_uppercase(), path));
            }
        }
    }
    assert!(all.len() > 50, "{all:?}");
    all
}

/// The text of every source below a folder, without white space.
fn sources(folder: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut text = String::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text.replace(char::is_whitespace, "")
}

/// The function that is called right before `end`, its type arguments left out: `post` of `desk.post::<List<T>>`.
fn called(text: &str, end: usize) -> &str {
    let before = &text[..end];
    let before = match before.strip_suffix('>') {
        Some(_) => &before[..before.rfind("::<").unwrap_or(end)],
        None => before,
    };
    let start = before
        .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .map_or(0, |at| at + 1);
    &before[start..]
}

fn method(function: &str) -> Option<&'static str> {
    Some(match function {
        "get" | "query" | "follow" => "GET",
        "post" | "post_for_nothing" => "POST",
        "put" | "put_for_nothing" => "PUT",
        "patch" => "PATCH",
        // The one path with a query that is not read is one to remove something.
        "delete" | "delete_for" | "delete_with" | "path_with" => "DELETE",
        _ => return None,
    })
}

/// `caller.get::<Link>(&["users", &name, "links"])`
fn of_the_command_line() -> BTreeSet<String> {
    let text = sources("../cli/src/commands");
    let mut all = BTreeSet::new();
    for (at, _) in text.match_indices("(&[\"") {
        let Some(method) = method(called(&text, at)) else {
            continue;
        };
        let list = text[at + 3..].split_once(']').unwrap().0;
        let path: String = list
            .split(',')
            .filter(|segment| !segment.is_empty())
            .map(|segment| match segment.strip_prefix('"') {
                Some(word) => format!("/{}", word.trim_end_matches('"')),
                None => "/{}".to_owned(),
            })
            .collect();
        all.insert(operation(method, &path));
    }
    all
}

/// `desk.get("/users/{user}/links", &[&name])`
fn of_the_console() -> BTreeSet<String> {
    let text = sources("src/admin");
    let mut all = BTreeSet::new();
    for (at, _) in text.match_indices("(\"/") {
        if let Some(method) = method(called(&text, at)) {
            let path = text[at + 2..].split_once('"').unwrap().0;
            all.insert(operation(method, path));
        }
    }
    all
}

fn compare(face: &str, documented: &BTreeSet<String>, has: &BTreeSet<String>, excused: &[(&str, &str)]) {
    let excused: BTreeMap<String, &str> = excused
        .iter()
        .map(|(name, reason)| {
            let (method, path) = name.split_once(' ').unwrap();
            (operation(method, path), *reason)
        })
        .collect();
    let missing: Vec<&String> = documented
        .iter()
        .filter(|name| !has.contains(*name) && !excused.contains_key(*name))
        .collect();
    assert!(missing.is_empty(), "{face} lacks {missing:#?}");
    for (name, reason) in &excused {
        assert!(documented.contains(name), "{face}: {name} is excused and gone");
        assert!(!has.contains(name), "{face} has {name}, which is excused: {reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_has_every_operation_of_the_api() {
    compare(
        "the command line",
        &documented().await,
        &of_the_command_line(),
        NOT_IN_THE_COMMAND_LINE,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_has_every_operation_of_the_api() {
    compare(
        "the console",
        &documented().await,
        &of_the_console(),
        NOT_IN_THE_CONSOLE,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_that_the_console_shows_is_one_of_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "a secret").unwrap();
    let mut tried = BTreeSet::new();
    for (name, document) in every_page(Lang::En, &Brand::default(), &|text| text) {
        for rest in document.split("<p class=\"same\">").skip(1) {
            let command = rest.split_once("<code>").unwrap().1.split_once("</code>").unwrap().0;
            let command = command
                .replace("<span>", "")
                .replace("</span>", "")
                .replace("&#39;", "'")
                .replace("&#34;", "\"")
                .replace("&#60;", "<")
                .replace("&#62;", ">")
                .replace("&#38;", "&")
                .replace("FILE", file.to_str().unwrap())
                .replace("DIR", folder.path().to_str().unwrap());
            if !tried.insert(command.clone()) {
                continue;
            }
            let mut words = words(&command);
            words.extend(["--data".to_owned(), folder.path().display().to_string()]);
            let ran = run(words).await;
            let is_a_question = ran.err.contains("the same command with --yes");
            assert!(ran.code == "3" || is_a_question, "{name}: {command}: {ran:?}");
        }
    }
    assert!(tried.len() > 40, "{tried:#?}");
}

/// The words of a command as a shell reads them, where quotes are the only thing that is special.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted, mut has_word) = (Vec::new(), String::new(), false, false);
    for c in command.chars() {
        match c {
            '\'' => {
                is_quoted = !is_quoted;
                has_word = true;
            }
            ' ' if !is_quoted => {
                if has_word {
                    words.push(std::mem::take(&mut word));
                }
                has_word = false;
            }
            c => {
                word.push(c);
                has_word = true;
            }
        }
    }
    if has_word {
        words.push(word);
    }
    words
}
