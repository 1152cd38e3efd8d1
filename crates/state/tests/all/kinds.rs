//! Every setting of every kind of file goes into the file and comes back, applications excepted, which have tests of their own.

use doorward_state::Files;
use serde_json::{Map, Value, json};

use crate::fixture::{Fixture, root, runtime};

/// What a file says that says these, after what it says anyway.
pub(crate) fn said(first: &str, chosen: &[Vec<(&str, Value)>]) -> String {
    let mut form = Map::new();
    for (name, value) in chosen.iter().flatten() {
        let mut here = &mut form;
        let mut step = *name;
        while let Some((folder, rest)) = step.split_once('.') {
            let inner = here.entry(folder).or_insert_with(|| json!({}));
            here = inner.as_object_mut().unwrap();
            step = rest;
        }
        here.insert(step.to_owned(), value.clone());
    }
    let lines: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name} = {}\n", inline(value)))
        .collect();
    format!("{first}{}", lines.concat())
}

/// JSON written as TOML, by another hand than the one that is tried.
fn inline(value: &Value) -> String {
    match value {
        Value::Null => "{ \"json:null\" = true }".to_owned(),
        Value::Array(list) => format!("[{}]", list.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(form) => {
            let members: Vec<String> = form
                .iter()
                .map(|(name, value)| format!("{} = {}", json!(name), inline(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}

type Settings = Vec<Vec<(&'static str, Value)>>;

/// One kind of file.
struct Kind {
    /// As schemas are named.
    place: &'static str,
    file: &'static str,
    /// What the file says anyway.
    first: &'static str,
    /// Each setting with a value that is not the usual one. Those of one line need each other.
    settings: Settings,
    /// What a file cannot change, and why it is in the schema.
    fixed: &'static [&'static str],
}

fn policy(under: &'static str) -> Settings {
    let names = |name: &'static str| -> &'static str { Box::leak(format!("{under}{name}").into_boxed_str()) };
    vec![
        vec![
            (names("factors"), json!("second")),
            (names("postpone_until"), json!("2030-01-01T00:00:00Z")),
        ],
        vec![(names("fresh_seconds"), json!(600))],
        vec![(names("remember_days"), json!(7))],
        vec![(names("password_min"), json!(20))],
        vec![(names("password_strength"), json!(3))],
    ]
}

fn rules() -> Value {
    json!({
        "user": "oid",
        "max_age": 3600,
        "username": {"claim": "login", "form": "before-at", "letters": "lower"},
        "email": {"claim": "mail", "verified": "xms_edov"},
        "name": {"claim": "display"},
        "leeway": {"exp": 10, "nbf": 11, "iat": 12},
        "admission": {"audiences": ["x"], "subject": "s", "claims": [{"claim": "/a/b", "any": ["x", 7, true], "match": "text"}]},
        "attributes": [{"claim": "dept", "attribute": "department", "as": "text", "on_login": "add", "on_missing": "keep"}],
        "groups": {
            "claim": "roles", "format": "comma", "case": "ignore", "path": "last-segment", "numbers": true, "on_missing": "deny",
            "on_elsewhere": "keep", "required": ["staff"], "pick": "first",
            "owns": {"groups": true, "roles": true, "flags": true, "attributes": ["list"]},
            "map": [
                {"group": "a*", "match": "glob", "groups": ["ops"], "roles": ["read-only"], "flags": ["f"],
                 "attributes": {"list": ["x"]}},
                {"everybody": true, "groups": ["staff"]},
            ],
        },
    })
}

fn upstream() -> Settings {
    let mut list: Settings = rules()
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| {
            let name: &'static str = Box::leak(format!("rules.{name}").into_boxed_str());
            vec![(name, value.clone())]
        })
        .collect();
    list.extend([
        vec![("title", json!("Corp \"the\" one\\"))],
        vec![("button", json!(false))],
        vec![("scopes", json!("openid groups"))],
        vec![("algorithms", json!(["ES256"]))],
        vec![("parameters", json!({"hd": "example.org"}))],
        vec![("response_mode", json!("form_post"))],
        vec![("leeway", json!(121))],
        vec![("userinfo", json!(false))],
        vec![
            ("lookup", json!("graph_groups")),
            ("lookup_url", json!("https://graph.microsoft.us")),
            ("scopes", json!("openid https://graph.microsoft.us/User.Read")),
        ],
        vec![("lookup_failure", json!("keep"))],
        vec![("create_users", json!(false))],
        vec![("link", json!("verified_email")), ("trusted_email", json!(true))],
        vec![("trusted_amr", json!(true))],
        vec![("domains", json!(["example.org"]))],
        vec![("session_bound", json!(true))],
        vec![("ca_pem", json!(CERTIFICATE))],
        vec![("allow_private", json!(true))],
        vec![("timeout", json!(7))],
        vec![("enabled", json!(false))],
        vec![("groups", json!(["staff"]))],
        vec![("authentication", json!("none"))],
    ]);
    list
}

const CERTIFICATE: &str = include_str!("../../../login/tests/all/private_ca/ca.pem");

fn kinds() -> Vec<Kind> {
    let member = || {
        vec![
            vec![("display_name", json!("Somebody \"else\""))],
            vec![("disabled", json!(true))],
            vec![("expires", json!("2030-01-01T00:00:00Z"))],
            vec![("groups", json!(["ops", "staff"]))],
            vec![("roles", json!(["apps", "group-manager:staff"]))],
        ]
    };
    let key = json!({
        "kty": "EC", "crv": "P-256", "kid": "k", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    });
    let kind = |place, file, first, settings| Kind {
        place,
        file,
        first,
        settings,
        fixed: &[],
    };
    vec![
        kind("groups", "groups/a.toml", "", {
            let mut list = policy("policy.");
            list.push(vec![("description", json!("what it is \"for\""))]);
            list.push(vec![("groups", json!(["ops", "staff"]))]);
            list.push(vec![("roles", json!(["people", "group-manager:staff"]))]);
            list
        }),
        kind("services", "services/a.toml", "", {
            let mut list = member();
            let dated = json!({"label": "night", "jwk": key, "expires": "2030-01-01T00:00:00Z"});
            list.push(vec![("keys", json!([dated]))]);
            list
        }),
        Kind {
            fixed: &[
                "issuer_aliases",
                "endpoints",
                "tenants",
                "preset",
                "issuer",
                "client_id",
            ],
            ..kind(
                "upstreams",
                "upstreams/a.toml",
                "client_id = \"x\"\nissuer = \"https://id.example.org\"\n",
                upstream(),
            )
        },
        kind("settings", "settings.toml", "", vec![vec![("days", json!("7"))]]),
        kind("policies", "policies.toml", "", policy("")),
        kind(
            "registration",
            "registration.toml",
            "",
            vec![
                vec![("open", json!(true)), ("domains", json!(["example.com"]))],
                vec![("approval", json!(false)), ("domains", json!(["example.com"]))],
                vec![("groups", json!(["ops", "staff"]))],
            ],
        ),
        kind(
            "client-registration",
            "client-registration.toml",
            "",
            vec![
                vec![("mode", json!("token"))],
                vec![("groups", json!(["ops", "staff"]))],
                vec![("unused_days", json!(3))],
                vec![("most_unused", json!(5))],
            ],
        ),
        kind(
            "terms",
            "terms.toml",
            "",
            vec![vec![(
                "texts",
                json!([
                    {"language": "en", "text": "Be \"kind\".\n\nAlways."},
                    {"language": "de", "url": "https://example.com/de"},
                ]),
            )]],
        ),
        kind("people", "people.toml", "", {
            let mut list = member();
            list.push(vec![("id", json!("0198c0de-0000-7000-8000-000000000001"))]);
            list.push(vec![
                ("email", json!("anna@example.com")),
                ("email_verified", json!(true)),
            ]);
            list.push(vec![(
                "attributes",
                json!({"department": "IT", "list": ["a", "b"], "phone_number_verified": true}),
            )]);
            list
        }),
    ]
}

/// Dotted names of what can be said, down to what is no table of settings.
fn leaves(schema: &Value, under: &str, list: &mut Vec<String>) {
    match schema.get("properties").and_then(Value::as_object) {
        Some(properties) => {
            for (name, inner) in properties {
                let dot = if under.is_empty() { "" } else { "." };
                leaves(inner, &format!("{under}{dot}{name}"), list);
            }
        }
        None => list.push(under.to_owned()),
    }
}

fn names(value: &Value, under: &str, list: &mut Vec<String>) {
    list.push(under.to_owned());
    for (name, inner) in value.as_object().into_iter().flatten() {
        names(inner, &format!("{under}.{name}"), list);
    }
}

#[test]
fn a_setting_that_a_file_may_say_is_tried_here_too() {
    runtime().block_on(async {
        let here = Fixture::fresh().await;
        let schemas = here.state.schemas();
        let mut tried: Vec<&str> = kinds().iter().map(|kind| kind.place).collect();
        tried.push("applications");
        tried.sort_unstable();
        assert_eq!(tried, schemas.keys().copied().collect::<Vec<_>>(), "every kind of file");
        for kind in kinds() {
            let schema = schemas[kind.place].json();
            let schema = schema.pointer("/properties/person/items").unwrap_or(schema);
            let mut all = Vec::new();
            leaves(schema, "", &mut all);
            let mut tried = Vec::new();
            for (name, value) in kind.settings.iter().flatten() {
                names(value, name, &mut tried);
            }
            let is_tried = |leaf: &String| {
                tried.contains(leaf)
                    || ["unset", "name"].contains(&leaf.as_str())
                    || leaf.starts_with("secret.")
                    || kind
                        .fixed
                        .iter()
                        .any(|fixed| leaf == fixed || leaf.starts_with(&format!("{fixed}.")))
            };
            all.retain(|leaf| !is_tried(leaf));
            assert!(all.is_empty(), "{}: no value for {all:?}", kind.place);
        }
    });
}

async fn everything(here: &Fixture) -> Files {
    let mut all = here.export().await;
    let (people, next) = here.state.people(&root(), None).await.unwrap();
    assert_eq!(next, None);
    all.insert("people.toml".to_owned(), people);
    all
}

#[test]
fn each_setting_alone_and_all_together_are_made_so_written_and_read_again() {
    runtime().block_on(async {
        for kind in kinds() {
            let shared = Fixture::fresh().await;
            let mut sets: Vec<Settings> = kind.settings.iter().map(|one| vec![one.clone()]).collect();
            sets.push(kind.settings.clone());
            for one in sets {
                let fresh = Fixture::fresh().await;
                // An id is given to somebody new alone.
                let is_new = one.iter().flatten().any(|(name, _)| *name == "id");
                let here = if is_new { &fresh } else { &shared };
                made_written_and_read(here, &kind, &one, is_new).await;
            }
        }
    });
}

async fn made_written_and_read(here: &Fixture, kind: &Kind, one: &Settings, is_new: bool) {
    let mut files: Files = [("groups/staff.toml", ""), ("groups/ops.toml", "")]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
    let mut first = kind.first.to_owned();
    let mut chosen = one.clone();
    if kind.place == "people" {
        first.push_str("[[person]]\nname = \"anna\"\n");
    }
    let mut before = first.clone();
    if kind.place == "upstreams" {
        // One that has a secret is a test of its own.
        let needs = vec![("authentication", json!("none"))];
        before = said(&first, std::slice::from_ref(&needs));
        chosen.push(needs);
    }
    if !is_new {
        // Something new each time: what was said before is as usual again.
        files.insert(kind.file.to_owned(), before);
        here.apply(&files).await.unwrap();
    }
    let text = said(&first, &chosen);
    files.insert(kind.file.to_owned(), text.clone());
    let done = here
        .apply(&files)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    let name = one[0][0].0;
    if one.len() == 1 && name != "authentication" {
        let settings = done.changes.iter().flat_map(|change| &change.settings);
        let changed: Vec<&str> = settings.map(|setting| setting.name.as_str()).collect();
        assert!(
            changed.iter().any(|other| other.starts_with(name)),
            "{name} did nothing: {done:#?}"
        );
    }
    round_trips(here, &text).await;
}

async fn round_trips(here: &Fixture, text: &str) {
    let written = everything(here).await;
    assert_eq!(here.plan(&written).await.unwrap().changes, [], "{text}\n{written:#?}");
    let another = Fixture::fresh().await;
    another
        .apply(&written)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{text}\n{written:#?}"));
    assert_eq!(everything(&another).await, written, "{text}");
}

#[test]
fn what_a_preset_says_and_nobody_wants_is_unset() {
    runtime().block_on(async {
        let here = Fixture::fresh().await;
        let entra = "preset = \"entra\"\nissuer = \"https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0\"\n\
                     client_id = \"x\"\nauthentication = \"none\"\n";
        for more in [
            "rules = { user = \"sub\" }\n",
            "unset = [\"rules.groups\", \"rules.email\"]\n",
            "rules = { user = \"sub\", groups = { claim = \"roles\", required = [\"a\"] } }\nunset = [\"rules.username\"]\n",
        ] {
            let text = format!("{entra}{more}");
            here.apply(&[("upstreams/corp.toml".to_owned(), text.clone())].into())
                .await
                .unwrap_or_else(|error| panic!("{error}\n{text}"));
            round_trips(&here, &text).await;
        }
        let written = here.export().await["upstreams/corp.toml"].clone();
        assert!(written.contains("unset = [") && written.contains("rules.username"), "{written}");
    });
}
