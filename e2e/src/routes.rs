//! Every address that the server answers, read from where it is declared: a route that somebody adds is attacked from then on.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// One address and a method that it answers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// `GET` or `POST`: pages have no other.
    pub method: &'static str,
    /// As it is declared: `/admin/people/{user}/edit`.
    pub path: String,
}

/// Where routes are declared: a `.route(` there is one of these.
const DECLARED_IN: &[&str] = &["router.rs", "admin"];

/// Every route of pages and of protocols; the API's are in its own document.
///
/// # Panics
/// When a declaration is not understood.
pub fn routes() -> Vec<Route> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/web/src");
    let files = sources(&root);
    let mut known = constants(&root, &files);
    let provider = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/provider/src/server.rs");
    known.extend(within("protocol_path", &read(&provider)));
    let mut found = Vec::new();
    for file in &files {
        let inside = file.strip_prefix(&root).expect("below the root");
        if !DECLARED_IN.iter().any(|declared| inside.starts_with(declared)) {
            continue;
        }
        for declaration in read(file).split(".route(").skip(1) {
            let (address, methods) = parts(declaration);
            let path = resolve(&address, &module(inside), &known);
            let methods = if methods.contains('(') {
                methods
            } else {
                // A variable: what of_the_server and of_an_app answer.
                "get(".to_owned()
            };
            for (call, method) in [("get(", "GET"), ("post(", "POST")] {
                if methods.contains(call) {
                    found.push(Route {
                        method,
                        path: path.clone(),
                    });
                }
            }
        }
    }
    found.sort();
    found.dedup();
    assert!(found.len() > 150, "only {} routes were found", found.len());
    found
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// `login/second/mod.rs` is `login::second`.
fn module(file: &Path) -> String {
    let text = file.with_extension("").display().to_string().replace('/', "::");
    text.strip_suffix("::mod").map_or_else(|| text.clone(), str::to_owned)
}

/// Texts with a name, by module and name; those of `pages::path` by `path` alone, as they are imported.
fn constants(root: &Path, files: &[PathBuf]) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    for file in files {
        let text = read(file);
        let module = module(file.strip_prefix(root).expect("below the root"));
        if let Some((_, inner)) = text.split_once("pub mod path {") {
            known.extend(within("path", inner));
        }
        known.extend(within(&module, &text));
    }
    known
}

fn within(module: &str, text: &str) -> BTreeMap<String, String> {
    text.split("const ")
        .skip(1)
        .filter_map(|rest| {
            let (name, rest) = rest.split_once(": &str = \"")?;
            let (value, _) = rest.split_once('"')?;
            let is_name = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            (is_name && value.starts_with('/')).then(|| (format!("{module}::{name}"), value.to_owned()))
        })
        .collect()
}

/// The address and what answers it, of a declaration that begins behind its parenthesis.
fn parts(declaration: &str) -> (String, String) {
    let mut depth = 0;
    let mut end = declaration.len();
    for (at, c) in declaration.char_indices() {
        match c {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' if depth == 0 => {
                end = at;
                break;
            }
            ')' | '}' | ']' => depth -= 1,
            _ => {}
        }
    }
    let whole: String = declaration[..end].chars().filter(|c| !c.is_whitespace()).collect();
    let (address, methods) = whole.split_once(',').unwrap_or_else(|| panic!("no route: {whole:?}"));
    (address.to_owned(), methods.to_owned())
}

fn resolve(address: &str, module: &str, known: &BTreeMap<String, String>) -> String {
    if let Some(literal) = address.strip_prefix('"') {
        return literal.trim_end_matches('"').to_owned();
    }
    let own = format!("{module}::{address}");
    let found = known.get(&own).or_else(|| known.get(address));
    found
        .unwrap_or_else(|| panic!("what is {address} in {module}?"))
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_however_they_are_written() {
        let all = routes();
        for (method, path) in [
            ("GET", "/login"),
            ("POST", "/login/second/passkey"),
            ("POST", "/token"),
            ("GET", "/link/{ticket}"),
            ("POST", "/admin/people/{user}/edit"),
            ("POST", "/admin/settings"),
            ("GET", "/admin"),
        ] {
            let wanted = Route {
                method,
                path: path.to_owned(),
            };
            assert!(all.contains(&wanted), "{method} {path}: {all:#?}");
        }
    }
}
