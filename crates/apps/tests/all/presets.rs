//! Preset files: every one is complete, and a mistake in one is named.

use doorward_apps::{AppKind, Consent, NewApp, Pkce, Preset, presets, weakened};
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

const SMALL: &str = r#"
title = "X"
summary = "s"
evidence = "e"
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
        for uri in app.redirect_uris.iter().filter(|uri| !uri.is_loopback()) {
            assert!(uri.as_str().starts_with("https://apps.example.com/tools/x/"), "{uri}");
        }
        assert_eq!(app.redirect_uris.is_empty(), preset.id == "generic");
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
        // Programs on people's own machines keep no secret.
        let is_on_their_machines = preset.id == "doorward-cli";
        assert_eq!(preset.kind == AppKind::Public, is_on_their_machines, "{}", preset.id);
        let app = new(&preset.id, "https://a.example.com")
            .build(Uuid::nil(), jiff::Timestamp::UNIX_EPOCH)
            .unwrap();
        for weak in weakened(&app) {
            let expected = weak.name == "weaken-pkce-if-sent"
                || (preset.id == "audiobookrequest" && weak.name == "weaken-long-lifetime");
            assert!(expected, "{}: {weak:?}", preset.id);
        }
    }
}

#[test]
fn consent_is_asked_for_what_nobody_has_looked_at_and_for_what_anybody_can_say_they_are() {
    for preset in presets().iter() {
        let asks = ["generic", "doorward-cli"].contains(&preset.id.as_str());
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
    assert!(refusal("kubernetes").detail.contains("vault"));
    assert!(refusal("kubernetes").remedy.unwrap().contains("generic"));
}

#[test]
fn the_documentation_lists_every_preset_with_its_aliases_and_policy() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/presets.md")).unwrap();
    for preset in presets().iter() {
        let aliases: Vec<String> = preset.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        let policy = match preset.pkce.policy {
            Pkce::Required => "required",
            Pkce::IfSent => "if sent",
        };
        let row = format!("| `{}` | {} | {policy} |", preset.id, aliases.join(", "));
        assert!(page.contains(&row), "docs/presets.md has no row that begins {row}");
    }
}
