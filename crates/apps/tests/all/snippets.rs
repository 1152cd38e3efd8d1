//! The configuration that presets print, compared with texts that were read by people.
//!
//! After a deliberate change: `DOORWARD_BLESS=1 cargo test -p doorward-apps snippets`, then read the difference.

use std::fmt::Write as _;

use doorward_apps::{AppKind, Edit, Endpoints, Preset, RenderedPreset, Rendering, SnippetWay, apply, presets};
use doorward_jose::Algorithm;

use crate::fixture::built;

const SECRET: &str = "S3cretS3cretS3cretS3cretS3cretS3cretS3cret0";

fn endpoints() -> Endpoints {
    let at = |path: &str| format!("https://sso.example.com{path}");
    Endpoints {
        issuer: at(""),
        discovery: at("/.well-known/openid-configuration"),
        authorization_endpoint: at("/authorize"),
        token_endpoint: at("/token"),
        userinfo_endpoint: at("/userinfo"),
        jwks_uri: at("/jwks"),
        end_session_endpoint: at("/logout"),
        public_url: at(""),
    }
}

fn rendered(preset: &Preset, secret: Option<&str>, ca_file: Option<&str>) -> RenderedPreset {
    let app = built(&preset.id);
    let with = Rendering {
        endpoints: &endpoints(),
        app: &app,
        secret,
        ca_file,
    };
    preset.render(&with).unwrap()
}

fn as_text(rendered: &RenderedPreset) -> String {
    let mut text = String::new();
    for snippet in &rendered.snippets {
        let or = if snippet.alternative { "or: " } else { "" };
        let place = snippet.place.as_deref().unwrap_or("-");
        writeln!(
            text,
            "=== {or}{} [{:?}, {}] {place}\n{}",
            snippet.title, snippet.way, snippet.language, snippet.text
        )
        .unwrap();
    }
    writeln!(
        text,
        "=== private CA\n{}\n=== logout\n{}",
        rendered.private_ca, rendered.logout
    )
    .unwrap();
    for note in &rendered.notes {
        writeln!(
            text,
            "=== note: {}\n{}",
            note.versions.as_deref().unwrap_or("all versions"),
            note.text
        )
        .unwrap();
    }
    text
}

#[test]
fn every_preset_prints_what_was_read_and_approved() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all/golden");
    let bless = std::env::var_os("DOORWARD_BLESS").is_some();
    for preset in presets().iter() {
        let text = as_text(&rendered(preset, Some(SECRET), Some("/etc/ssl/certs/company-ca.pem")));
        let path = format!("{directory}/{}.txt", preset.id);
        if bless {
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = golden.lines().zip(text.lines()).find(|(was, is)| was != is);
        assert!(
            golden == text,
            "{}: the printed configuration changed, first at {differs:?}",
            preset.id
        );
    }
}

#[test]
fn nothing_is_left_to_fill_in() {
    for preset in presets().iter() {
        for ca_file in [None, Some("/etc/ssl/ca.pem")] {
            let text = as_text(&rendered(preset, Some(SECRET), ca_file));
            for placeholder in [
                "{issuer}",
                "{discovery}",
                "{client_id}",
                "{secret}",
                "{app_url}",
                "{ca_file}",
                "{?",
            ] {
                assert!(
                    !text.contains(placeholder),
                    "{}: {placeholder} is left in\n{text}",
                    preset.id
                );
            }
        }
    }
}

#[test]
fn every_preset_prints_issuer_or_endpoints_client_id_and_secret() {
    for preset in presets().iter() {
        let text: String = rendered(preset, Some(SECRET), None)
            .snippets
            .iter()
            .map(|snippet| snippet.text.as_str())
            .collect();
        assert!(text.contains("https://sso.example.com"), "{}", preset.id);
        assert_eq!(
            text.contains(SECRET),
            preset.kind == AppKind::Confidential,
            "{}",
            preset.id
        );
        assert!(text.contains(&preset.id), "{}", preset.id);
    }
}

#[test]
fn without_the_secret_the_text_says_how_to_see_it() {
    let text = as_text(&rendered(presets().find("netbox").unwrap(), None, None));
    assert!(
        text.contains("SOCIAL_AUTH_OIDC_SECRET = '<doorward app secret show netbox>'"),
        "{text}"
    );
}

#[test]
fn the_text_follows_the_settings_of_the_application() {
    let print = |preset: &str, edits: &[Edit]| {
        let app = apply(&built(preset), edits).unwrap();
        let with = Rendering {
            endpoints: &endpoints(),
            app: &app,
            secret: Some(SECRET),
            ca_file: None,
        };
        as_text(&presets().find(preset).unwrap().render(&with).unwrap())
    };
    let es256 = [Edit::IdTokenAlgorithm(Algorithm::ES256)];
    assert!(print("netbox", &es256).contains("SOCIAL_AUTH_OIDC_JWT_ALGORITHMS = ['ES256']"));
    assert!(print("mozilla-django-oidc", &es256).contains("OIDC_RP_SIGN_ALGO = 'ES256'"));
    assert!(print("vault", &es256).contains("jwt_supported_algs=\"ES256\""));
    let public = print("generic", &[Edit::Kind(AppKind::Public)]);
    assert!(
        public.contains("<none: it is a public client>") && !public.contains(SECRET),
        "{public}"
    );
    assert!(public.contains("Authentication           none"), "{public}");
}

#[test]
fn plain_http_on_a_developers_machine_is_not_told_to_be_https() {
    let app = crate::fixture::new("netbox", "http://localhost:8000")
        .build(uuid::Uuid::nil(), doorward_store::testing::START)
        .unwrap();
    let with = Rendering {
        endpoints: &endpoints(),
        app: &app,
        secret: None,
        ca_file: None,
    };
    let text = as_text(&presets().find("netbox").unwrap().render(&with).unwrap());
    assert!(!text.contains("REDIRECT_IS_HTTPS"), "{text}");
}

#[test]
fn a_private_ca_adds_the_applications_own_setting_where_it_has_one() {
    let netbox = presets().find("netbox").unwrap();
    assert!(!as_text(&rendered(netbox, None, None)).contains("\nSOCIAL_AUTH_VERIFY_SSL"));
    let with = as_text(&rendered(netbox, None, Some("/etc/ssl/ca.pem")));
    assert!(with.contains("\nSOCIAL_AUTH_VERIFY_SSL = '/etc/ssl/ca.pem'\n"));
    let vault = as_text(&rendered(presets().find("vault").unwrap(), None, Some("ca.pem")));
    assert!(vault.contains("    oidc_discovery_ca_pem=@\"ca.pem\" \\\n    jwt_supported_algs"));
}

#[test]
fn a_ca_path_that_would_break_out_of_its_quotes_is_refused() {
    let preset = presets().find("netbox").unwrap();
    let app = built("netbox");
    for path in ["'; import os #", "a\nb", "", "$(reboot)", "a\"b", "a\\"] {
        let with = Rendering {
            endpoints: &endpoints(),
            app: &app,
            secret: None,
            ca_file: Some(path),
        };
        let refusal = preset.render(&with).unwrap_err();
        assert_eq!(refusal.kind.code, "setting_invalid", "{path}");
    }
}

#[test]
fn known_wrong_settings_are_never_printed_as_configuration() {
    for preset in presets().iter() {
        for snippet in rendered(preset, Some(SECRET), None).snippets {
            for wrong in [
                "REQUESTS_EXTRA_ARGUMENTS",
                "TENANT_ID",
                "verify_iat",
                "open-id-connect",
                "VERIFY_SSL = False",
            ] {
                assert!(!snippet.text.contains(wrong), "{}: {wrong}", preset.id);
            }
            // The generic backend of social-auth adds the well-known path itself, and so does Vault.
            if ["netbox", "social-auth", "vault", "cmdbsyncer"].contains(&preset.id.as_str())
                && snippet.way != SnippetWay::Ui
            {
                assert!(
                    !snippet.text.contains("https://sso.example.com/.well-known"),
                    "{}",
                    preset.id
                );
            }
        }
    }
}
