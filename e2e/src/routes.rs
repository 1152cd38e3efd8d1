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

/// Where programs come with a token of their own: no browser sends it by itself, so that no form of another site can use the other methods.
const BY_TOKEN: &[&str] = &["/connect/register/{client_id}"];

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
        let text = read(file);
        for declaration in text.split(".route(").skip(1) {
            let (address, handlers) = parts(declaration);
            let path = resolve(&address, &module(inside), &known);
            for method in methods(&handlers, &text, BY_TOKEN.contains(&path.as_str())) {
                found.push(Route {
                    method,
                    path: path.clone(),
                });
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

/// The methods that `get(show).post(save)` answers, or a variable of that file that holds something like it.
fn methods(handlers: &str, file: &str, is_by_token: bool) -> Vec<&'static str> {
    let handlers = handlers.trim_end_matches(',');
    let name = handlers.strip_suffix(".clone()").unwrap_or(handlers);
    let is_variable = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let declared = if is_variable {
        let (_, rest) = file
            .split_once(&format!("let {name} = "))
            .unwrap_or_else(|| panic!("what is {name}?"));
        rest.split(';').next().unwrap_or_default()
    } else {
        handlers
    };
    let calls: Vec<&str> = declared
        .split('(')
        .map(|before| {
            let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            before[start.map_or(0, |at| at + 1)..].trim()
        })
        .collect();
    // A page with another method would be attacked by nobody.
    for unknown in ["put", "patch", "delete", "any"] {
        assert!(
            is_by_token || !calls.contains(&unknown),
            "`{declared}` answers a method that no attack sends"
        );
    }
    let found: Vec<&str> = [("get", "GET"), ("post", "POST")]
        .into_iter()
        .filter(|(call, _)| calls.contains(call))
        .map(|(_, method)| method)
        .collect();
    assert!(
        !found.is_empty(),
        "`{handlers}` was not understood: neither get(…) nor post(…)"
    );
    found
}

fn resolve(address: &str, module: &str, known: &BTreeMap<String, String>) -> String {
    if let Some(literal) = address.strip_prefix('"') {
        return literal.trim_end_matches('"').to_owned();
    }
    let own = format!("{module}::{address}");
    // By the name of the module alone, where it was imported.
    let imported = || {
        let ending = format!("::{address}");
        let mut all = known.iter().filter(|(name, _)| name.ends_with(&ending));
        all.next().map(|(_, path)| path).filter(|_| all.next().is_none())
    };
    let found = known.get(&own).or_else(|| known.get(address)).or_else(imported);
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
            ("GET", "/connect/register/{client_id}"),
            ("GET", "/link/{ticket}"),
            ("POST", "/admin/people/{user}/edit"),
            ("POST", "/admin/settings"),
            ("GET", "/admin"),
            ("GET", "/.well-known/openid-configuration"),
            ("GET", "/.well-known/openid-configuration/apps/{client_id}"),
        ] {
            let wanted = Route {
                method,
                path: path.to_owned(),
            };
            assert!(all.contains(&wanted), "{method} {path}: {all:#?}");
        }
    }

    #[test]
    fn methods_are_read_and_what_is_not_understood_fails() {
        let file = "let own = get(of_an_app);\nlet odd = service(show);";
        for (handlers, expected) in [
            ("get(show),", vec!["GET"]),
            ("get(login::show).post(login::submit)", vec!["GET", "POST"]),
            ("post(widget::target).options(cors::preflight)", vec!["POST"]),
            ("get(health).merge(options(||async{NO_CONTENT}))", vec!["GET"]),
            ("own.clone()", vec!["GET"]),
            ("own,", vec!["GET"]),
        ] {
            assert_eq!(methods(handlers, file, false), expected, "{handlers}");
        }
        for handlers in [
            "service(show)",
            "odd.clone()",
            "another",
            "put(save)",
            "get(show).delete(remove)",
            "target(show)",
            "",
        ] {
            let read = std::panic::catch_unwind(|| methods(handlers, file, false));
            assert!(read.is_err(), "{handlers}: {read:?}");
        }
        assert_eq!(methods("get(show).put(update).delete(remove)", file, true), ["GET"]);
    }
}
