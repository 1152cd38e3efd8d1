//! Preset files: every one is complete, and a mistake in one is named.

use doorward_apps::{AppKind, Consent, NewApp, Pkce, Preset, Presets, presets, weakened};
use uuid::Uuid;

use crate::fixture::new;

const NEEDED: [&str; 10] = [
    "audiobookrequest",
    "cmdbsyncer",
    "django-allauth",
    "generic",
    "gitea",
    "grafana",
    "mozilla-django-oidc",
    "netbox",
    "social-auth",
    "vault",
];

/// Clients without a secret.
const PUBLIC: &[&str] = &["doorward-cli", "home-assistant", "kubernetes", "zammad"];

/// Applications that take a token for their session.
const LONG_LIVED: &[&str] = &["argocd", "audiobookrequest"];

const SMALL: &str = r#"
title = "X"
summary = "s"
evidence = "e"
proof = "application"
scopes = "openid"
consent = "skip"
private_ca = "p"
[pkce]
policy = "required"
[logout]
rp_initiated = false
text = "t"
"#;

fn problem(text: &str) -> String {
    Preset::parse("x", text).unwrap_err().problem
}

#[test]
fn every_file_in_the_directory_is_a_preset_and_is_built_in() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../presets");
    let mut files: Vec<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    for id in &files {
        let text = std::fs::read_to_string(format!("{directory}/{id}.toml")).unwrap();
        Preset::parse(id, &text).unwrap_or_else(|error| panic!("{error}"));
    }
    let built_in: Vec<&str> = presets().iter().map(|preset| preset.id.as_str()).collect();
    assert_eq!(files, built_in);
    for id in NEEDED {
        assert!(built_in.contains(&id), "{id} is missing");
    }
}

#[test]
fn no_two_presets_answer_to_the_same_name() {
    let mut names: Vec<&str> = presets().iter().flat_map(Preset::names).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn every_preset_builds_an_application_at_a_url_with_a_path() {
    for preset in presets().iter() {
        let app = new(&preset.id, "https://Apps.Example.com:443/tools/x/")
            .build(Uuid::nil(), jiff::Timestamp::UNIX_EPOCH)
            .unwrap();
        assert_eq!(app.url, "https://apps.example.com/tools/x");
        assert_eq!(app.redirect_uris.is_empty(), preset.redirect_uris.is_empty());
        // What has none says how they become known.
        assert!(
            !app.redirect_uris.is_empty() || preset.pairing.is_some(),
            "{}",
            preset.id
        );
    }
}

#[test]
fn the_redirect_uris_are_the_ones_that_the_applications_send() {
    let uris = |preset: &str| -> Vec<String> {
        let app = new(preset, "https://app.example.com").build(Uuid::nil(), jiff::Timestamp::UNIX_EPOCH);
        app.unwrap().redirect_uris.iter().map(ToString::to_string).collect()
    };
    assert_eq!(uris("netbox"), ["https://app.example.com/oauth/complete/oidc/"]);
    assert_eq!(uris("social-auth"), ["https://app.example.com/complete/oidc/"]);
    assert_eq!(uris("mozilla-django-oidc"), ["https://app.example.com/oidc/callback/"]);
    assert_eq!(
        uris("django-allauth"),
        ["https://app.example.com/accounts/oidc/doorward/login/callback/"]
    );
    assert_eq!(uris("grafana"), ["https://app.example.com/login/generic_oauth"]);
    assert_eq!(uris("gitea"), ["https://app.example.com/user/oauth2/doorward/callback"]);
    assert_eq!(uris("cmdbsyncer"), ["https://app.example.com/oidc/callback"]);
    assert_eq!(uris("audiobookrequest"), ["https://app.example.com/auth/oidc"]);
    assert_eq!(
        uris("vault"),
        [
            "https://app.example.com/ui/vault/auth/oidc/oidc/callback",
            "http://localhost:8250/oidc/callback"
        ]
    );
}

#[test]
fn a_preset_weakens_pkce_only_with_a_reason_and_nothing_else() {
    for preset in presets().iter() {
        assert_eq!(
            preset.pkce.policy == Pkce::IfSent,
            preset.pkce.reason.is_some(),
            "{}",
            preset.id
        );
        // Programs on people's own machines keep no secret, and a few servers can be given none.
        let has_no_secret = PUBLIC.contains(&preset.id.as_str());
        assert_eq!(preset.kind == AppKind::Public, has_no_secret, "{}", preset.id);
        let app = new(&preset.id, "https://a.example.com")
            .build(Uuid::nil(), jiff::Timestamp::UNIX_EPOCH)
            .unwrap();
        for weak in weakened(&app) {
            let expected = weak.name == "weaken-pkce-if-sent"
                || (LONG_LIVED.contains(&preset.id.as_str()) && weak.name == "weaken-long-lifetime");
            assert!(expected, "{}: {weak:?}", preset.id);
        }
    }
}

#[test]
fn consent_is_asked_for_what_nobody_has_looked_at_and_for_what_anybody_can_say_they_are() {
    for preset in presets().iter() {
        let asks = preset.id == "generic" || preset.kind == AppKind::Public;
        assert_eq!(preset.consent == Consent::Ask, asks, "{}", preset.id);
    }
}

#[test]
fn the_smallest_preset_is_one() {
    let preset = Preset::parse("x", SMALL).unwrap();
    assert_eq!(preset.id, "x");
    assert_eq!(preset.id_token_alg.name(), "RS256");
}

#[test]
fn an_unknown_key_is_an_error_that_names_the_one_that_was_meant() {
    assert_eq!(
        problem(&SMALL.replace("evidence", "evidense")),
        "unknown key `evidense`: did you mean `evidence`?"
    );
    assert_eq!(
        problem(&SMALL.replace("policy", "polisy")),
        "unknown key `polisy` in [pkce]: did you mean `policy`?"
    );
    assert!(problem(&format!("zzzzzz = 1\n{SMALL}")).starts_with("unknown key `zzzzzz`: expected one of title, "));
    assert!(problem(&format!("{SMALL}\n[[snippet]]\nlanguge = 'x'")).contains("did you mean `language`?"));
    // The id is the file's name.
    assert!(problem(&format!("id = 'y'\n{SMALL}")).starts_with("unknown key `id`"));
}

#[test]
fn an_unknown_placeholder_is_an_error_wherever_it_stands() {
    assert!(problem(&SMALL.replace("\"p\"", "\"{isuer}\"")).contains("did you mean {issuer}?"));
    assert!(problem(&SMALL.replace("\"t\"", "\"{endsession}\"")).contains("unknown placeholder {endsession}"));
    let uris = format!("redirect_uris = ['{{issuer}}/x']\n{SMALL}");
    assert!(problem(&uris).contains("unknown placeholder {issuer}: expected one of app_url"));
    let note = format!("{SMALL}\n[[note]]\ntext = '{{client}}'");
    assert!(problem(&note).contains("unknown placeholder {client}"));
}

#[test]
fn a_weak_pkce_policy_needs_its_reason_and_a_strict_one_has_none() {
    assert!(problem(&SMALL.replace("required", "if-sent")).contains("pkce.reason must say why"));
    let both = SMALL.replace("policy = \"required\"", "policy = \"required\"\nreason = 'r'");
    assert!(problem(&both).contains("explains if-sent"));
}

#[test]
fn values_out_of_their_bounds_are_errors() {
    assert!(problem(&format!("{SMALL}\n[lifetimes]\naccess_token = 864000")).contains("60 to 86400 seconds"));
    assert!(problem(&SMALL.replace("\"skip\"", "\"never\"")).contains("never"));
    assert!(problem(&format!("id_token_alg = 'HS256'\n{SMALL}")).contains("HS256"));
    assert!(problem(&format!("kind = 'public'\n{SMALL}")).contains("authentication"));
    assert!(problem("title = ").contains("TOML parse error"));
}

#[test]
fn presets_are_found_by_alias_and_without_regard_to_case() {
    assert_eq!(presets().find("OpenBao").unwrap().id, "vault");
    assert_eq!(presets().find("forgejo").unwrap().id, "gitea");
    assert!(presets().find("").is_none());
}

#[test]
fn an_unknown_preset_is_refused_with_the_one_that_was_meant() {
    let refusal = |preset: &str| {
        NewApp {
            preset: preset.to_owned(),
            url: "https://a.example.com".to_owned(),
            ..NewApp::default()
        }
        .build(Uuid::nil(), jiff::Timestamp::UNIX_EPOCH)
        .unwrap_err()
    };
    assert_eq!(refusal("netbx").remedy.unwrap(), "did you mean netbox?");
    assert_eq!(refusal("netbx").kind.code, "preset_unknown");
    assert!(
        refusal("spreadsheet")
            .detail
            .starts_with("there is no preset `spreadsheet` among the ")
    );
    assert!(refusal("spreadsheet").remedy.unwrap().contains("generic"));
}

#[test]
fn every_preset_prints_what_it_should_at_an_examples_address() {
    let found: Vec<(&str, Vec<String>)> = presets()
        .iter()
        .map(|preset| (preset.id.as_str(), preset.lint()))
        .filter(|(_, found)| !found.is_empty())
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_a_preset_prints_wrongly_is_said() {
    let lint = |text: &str| Preset::parse("x", text).unwrap().lint().join("; ");
    assert!(lint(SMALL).contains("add a [[snippet]]"), "{}", lint(SMALL));
    let snippet = "[[snippet]]\ntitle = 't'\nway = 'file'\nlanguage = 'text'\ntext = 'nothing'";
    let bare = format!("{SMALL}\n{snippet}");
    for said in [
        "{issuer}",
        "{client_id}",
        "{secret}",
        "does not say its place",
        "[pairing]",
    ] {
        assert!(lint(&bare).contains(said), "{said}: {}", lint(&bare));
    }
    let complete = format!("redirect_uris = ['{{app_url}}/cb']\n{SMALL}\n{snippet}\nplace = 'p'")
        .replace("nothing", "{issuer} {client_id} {secret}");
    assert_eq!(lint(&complete), "");
    let stray = complete.replace("{secret}'", "{secret} ?post_logout_redirect_uri={app_url}/bye'");
    assert!(
        lint(&stray).contains("/bye is printed as a post_logout_redirect_uri"),
        "{}",
        lint(&stray)
    );
    let elsewhere = complete.replace("['{app_url}/cb']", "['{app_url}/cb', 'https://other.example/cb']");
    assert!(lint(&elsewhere).contains("is not at {app_url}"), "{}", lint(&elsewhere));
    let wrong = format!("{complete}\n[[wrong]]\nsetting = 'S3cret'\nwhy = 'w'");
    assert!(
        lint(&wrong).contains("is called wrong and is printed"),
        "{}",
        lint(&wrong)
    );
    for (doctor, said) in [
        ("unchecked = ['iat']\nleeway = 5", "leeway is for its clock"),
        (
            "unchecked = ['signature']\nid_token_algs = ['RS256']",
            "id_token_algs and unchecked",
        ),
    ] {
        let disagreeing = format!("{complete}\n[doctor]\n{doctor}");
        assert!(lint(&disagreeing).contains(said), "{said}: {}", lint(&disagreeing));
    }
    assert!(problem(&format!("{complete}\n[doctor]\nunchecked = ['sig']")).contains("sig"));
}

#[test]
fn documentation_as_proof_says_where_it_is() {
    let read = SMALL.replace("\"application\"", "\"documentation\"");
    assert!(problem(&read).contains("sources must say where"));
    assert!(problem(&format!("sources = ['http://x.example']\n{SMALL}")).contains("begins with https://"));
    assert!(problem(&SMALL.replace("\"application\"", "\"guess\"")).contains("guess"));
}

#[test]
fn presets_of_a_directory_are_added_and_replace_those_that_are_built_in() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write("wekan.toml", SMALL);
    write("netbox.toml", &SMALL.replace("\"X\"", "\"Our NetBox\""));
    write("README.md", "no preset");
    let mut all = Presets::built_in();
    let count = all.iter().count();
    assert_eq!(all.read_directory(directory.path()).unwrap(), ["netbox", "wekan"]);
    assert_eq!(all.iter().count(), count + 1);
    assert_eq!(all.find("netbox").unwrap().title, "Our NetBox");
    let ids: Vec<&str> = all.iter().map(|preset| preset.id.as_str()).collect();
    assert!(ids.is_sorted());
}

#[test]
fn a_bad_file_in_the_directory_is_named_with_what_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("wekan.toml");
    let said = |text: &str| {
        std::fs::write(&file, text).unwrap();
        Presets::built_in()
            .read_directory(directory.path())
            .unwrap_err()
            .to_string()
    };
    let error = said(&SMALL.replace("evidence", "evidense"));
    assert!(
        error.contains("wekan.toml") && error.contains("did you mean `evidence`?"),
        "{error}"
    );
    let error = said(&format!("aliases = ['openbao']\n{SMALL}"));
    assert!(
        error.contains("`openbao` is a name of the preset `vault` already"),
        "{error}"
    );
    let error = said(&"#".repeat(200_000));
    assert!(error.contains("is larger than"), "{error}");
    std::fs::write(&file, [0xff, 0xfe]).unwrap();
    assert!(Presets::built_in().read_directory(directory.path()).is_err());
    std::fs::remove_file(&file).unwrap();
    std::fs::write(directory.path().join("two words.toml"), SMALL).unwrap();
    assert!(Presets::built_in().read_directory(directory.path()).is_err());
    let missing = Presets::built_in().read_directory(&directory.path().join("none"));
    assert!(missing.unwrap_err().to_string().contains("cannot be read"));
}

/// The page that lists all of them. After a change: `DOORWARD_BLESS=1 cargo test -p doorward-apps presets`.
#[test]
fn the_documentation_lists_every_preset() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/applications.md");
    let page = std::fs::read_to_string(path).unwrap();
    let marker = "<!-- The rest is written by a test from presets/*.toml. -->\n";
    let (before, rest) = page.split_once(marker).expect("the marker");
    let table = table();
    if std::env::var_os("DOORWARD_BLESS").is_some() {
        return std::fs::write(path, format!("{before}{marker}{table}")).unwrap();
    }
    assert_eq!(rest, table, "docs/applications.md is older than presets/*.toml");
}

fn table() -> String {
    use std::fmt::Write as _;

    let mut text = format!(
        "\n{} presets.\n\n| Preset | Application | Also called | PKCE | How it learns of a logout | Configured by | How sure |\n\
         |---|---|---|---|---|---|---|\n",
        presets().iter().count()
    );
    for preset in presets().iter() {
        let aliases: Vec<String> = preset.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        let pkce = match preset.pkce.policy {
            Pkce::Required => "required",
            Pkce::IfSent => "if sent",
        };
        let logout = match (preset.logout.rp_initiated, &preset.backchannel_logout_uri) {
            (true, Some(_)) => "it leads here, back channel",
            (true, None) => "it leads here",
            (false, Some(_)) => "back channel",
            (false, None) => "not at all",
        };
        let mut ways: Vec<String> = Vec::new();
        for snippet in &preset.snippets {
            let way = format!("{:?}", snippet.way).to_lowercase();
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        writeln!(
            text,
            "| `{}` | {} | {} | {pkce} | {logout} | {} | {} |",
            preset.id,
            preset.title,
            aliases.join(", "),
            ways.join(", "),
            preset.proof.words()
        )
        .unwrap();
    }
    text
}

/// What an editor checks a preset with says the same as what is read.
#[test]
fn the_schema_knows_every_key() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../presets/preset.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for preset in presets().iter() {
        let file = format!("{}/../../presets/{}.toml", env!("CARGO_MANIFEST_DIR"), preset.id);
        let table: toml::Table = std::fs::read_to_string(file).unwrap().parse().unwrap();
        fits(&schema, &toml::Value::Table(table), &preset.id);
    }
    // Every key that the schema names is one that is read, and nothing else is.
    let known = |section: &str| -> Vec<String> {
        let properties = match section {
            "" => &schema["properties"],
            name => {
                let part = &schema["properties"][name];
                if part["items"].is_object() {
                    &part["items"]["properties"]
                } else {
                    &part["properties"]
                }
            }
        };
        properties.as_object().unwrap().keys().cloned().collect()
    };
    for section in [
        "",
        "pkce",
        "logout",
        "lifetimes",
        "doctor",
        "pairing",
        "wrong",
        "error",
        "note",
        "snippet",
        "claim_rule",
    ] {
        let text = match section {
            "" => "qqqqqqqq = 1".to_owned(),
            "pkce" | "logout" | "lifetimes" | "doctor" | "pairing" => format!("[{section}]\nqqqqqqqq = 1"),
            _ => format!("[[{section}]]\nqqqqqqqq = 1"),
        };
        let said = problem(&text);
        let (_, list) = said
            .split_once("expected one of ")
            .unwrap_or_else(|| panic!("{section}: {said}"));
        let mut read: Vec<&str> = list.split(", ").collect();
        read.sort_unstable();
        let mut known = known(section);
        known.sort();
        assert_eq!(known, read, "[{section}]");
    }
}

/// The part of JSON Schema that the file uses: `type`, `enum`, `properties`, `additionalProperties`, `items`, `required`.
fn fits(schema: &serde_json::Value, value: &toml::Value, place: &str) {
    match value {
        toml::Value::Table(table) => {
            assert_eq!(schema["type"], "object", "{place}");
            for (key, inner) in table {
                let part = &schema["properties"][key];
                assert!(part.is_object(), "{place}: the schema does not know {key}");
                fits(part, inner, &format!("{place}.{key}"));
            }
            for key in schema["required"].as_array().into_iter().flatten() {
                assert!(table.contains_key(key.as_str().unwrap()), "{place}: {key} is required");
            }
        }
        toml::Value::Array(list) => {
            assert_eq!(schema["type"], "array", "{place}");
            for inner in list {
                fits(&schema["items"], inner, place);
            }
        }
        toml::Value::String(text) => {
            if let Some(words) = schema["enum"].as_array() {
                assert!(words.iter().any(|word| word == text), "{place}: {text}");
            } else if schema["type"].is_string() {
                assert_eq!(schema["type"], "string", "{place}");
            }
        }
        toml::Value::Integer(_) => assert_eq!(schema["type"], "integer", "{place}"),
        toml::Value::Boolean(_) => assert_eq!(schema["type"], "boolean", "{place}"),
        other => panic!("{place}: {other}"),
    }
}
