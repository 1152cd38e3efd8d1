//! What is known of each provider.

use doorward_store::testing::START;
use doorward_upstreams::{Edit, NewUpstream, Probing, Public, presets};

use crate::fixture::{generic, on_both_engines, refusal, root};

#[test]
fn the_ten_providers_are_there_with_evidence_and_steps() {
    let ids: Vec<&str> = presets().iter().map(|preset| preset.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "auth0",
            "authentik",
            "entra",
            "generic",
            "github",
            "gitlab",
            "google",
            "kanidm",
            "keycloak",
            "okta"
        ]
    );
    let public = Public::new("https://sso.example.com");
    for preset in presets().iter() {
        assert!(
            !preset.evidence.is_empty() && !preset.summary.is_empty(),
            "{}",
            preset.id
        );
        let steps = preset.steps_for(&public, "corp").join("\n");
        assert!(
            steps.contains("https://sso.example.com/upstream/corp/callback"),
            "{}",
            preset.id
        );
        let placeholders = ["{redirect", "{back", "{front", "{post"];
        assert!(
            !placeholders.iter().any(|left| steps.contains(left)),
            "{}: {steps}",
            preset.id
        );
    }
}

#[test]
fn each_preset_becomes_an_upstream_with_its_own_quirks() {
    on_both_engines(|f| async move {
        for (preset, issuer) in [
            ("auth0", Some("https://acme.eu.auth0.com/")),
            ("authentik", Some("https://auth.example.org/application/o/doorward/")),
            (
                "entra",
                Some("https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0"),
            ),
            ("generic", Some("https://id.example.org")),
            ("github", None),
            ("gitlab", None),
            ("google", None),
            ("kanidm", Some("https://idm.example.org/oauth2/openid/doorward")),
            ("keycloak", Some("https://sso.example.org/realms/corp")),
            ("okta", Some("https://acme.okta.com")),
        ] {
            let new = NewUpstream {
                preset: preset.to_owned(),
                issuer: issuer.map(str::to_owned),
                ..generic(preset)
            };
            let added = f.upstreams.add(&root(), new, Probing::Skipped, START).await;
            let upstream = added.unwrap_or_else(|error| panic!("{preset}: {error}")).0;
            f.upstreams
                .login(&upstream)
                .unwrap_or_else(|error| panic!("{preset}: {error}"));
            assert_eq!(upstream.is_oauth_only(), preset == "github");
        }
    });
}

#[test]
fn known_mistakes_are_refused_with_the_right_value() {
    on_both_engines(|f| async move {
        for (preset, wrong, right) in [
            (
                "keycloak",
                "https://sso.example.org/realms/corp/protocol/openid-connect/auth",
                "--issuer https://sso.example.org/realms/corp",
            ),
            (
                "google",
                "https://accounts.google.com/",
                "--issuer https://accounts.google.com",
            ),
            ("auth0", "https://acme.auth0.com", "--issuer https://acme.auth0.com/"),
            ("okta", "https://acme-admin.okta.com", "--issuer https://acme.okta.com"),
            ("gitlab", "https://gitlab.com/", "--issuer https://gitlab.com"),
            (
                "entra",
                "https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0/",
                "--issuer https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0",
            ),
            (
                "kanidm",
                "https://idm.example.org/oauth2/openid/doorward/",
                "--issuer https://<host>/oauth2/openid/<client>",
            ),
        ] {
            let new = NewUpstream {
                preset: preset.to_owned(),
                issuer: Some(wrong.to_owned()),
                ..generic("corp")
            };
            let refused = refusal(
                f.upstreams
                    .add(&root(), new, Probing::Skipped, START)
                    .await
                    .unwrap_err(),
            );
            assert_eq!(refused.remedy.as_deref(), Some(right), "{refused}");
        }
    });
}

#[test]
fn entra_for_every_tenant_there_is_needs_the_tenants_named() {
    on_both_engines(|f| async move {
        let many = NewUpstream {
            preset: "entra".to_owned(),
            issuer: Some("https://login.microsoftonline.com/organizations/v2.0".to_owned()),
            ..generic("entra")
        };
        let refused = refusal(
            f.upstreams
                .add(&root(), many.clone(), Probing::Skipped, START)
                .await
                .unwrap_err(),
        );
        assert!(refused.remedy.unwrap().contains("--tenants"));
        let tenant = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490".to_owned();
        let new = NewUpstream {
            edits: vec![Edit::Tenants(vec![tenant.clone()])],
            ..many
        };
        let added = f.upstreams.add(&root(), new, Probing::Skipped, START).await.unwrap().0;
        assert_eq!(added.tenants, [tenant]);
    });
}
