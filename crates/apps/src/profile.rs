//! Profiles: one word that switches on everything that a specification requires of an application, and that keeps it on.

use doorward_jose::Algorithm;
use doorward_oidc::Refusal;
use serde::{Deserialize, Serialize};

use crate::{App, AppKind, ClientAuthentication, Dpop, Pkce, RefreshTokens, values};

/// Longest lifetime of a code under FAPI 2.0, in seconds (Security Profile §5.3.2.1).
const FAPI_CODE: i64 = 60;

/// What clients sign with under FAPI 2.0 (Security Profile §5.4.1).
const FAPI_ALGORITHMS: &[Algorithm] = &[Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// A profile of OAuth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// OAuth 2.1: what RFC 9700 asks of everybody, without exemptions.
    Oauth21,
    /// FAPI 2.0 Security Profile.
    Fapi2,
    /// The same with FAPI 2.0 Message Signing: signed requests and signed answers.
    Fapi2Signing,
}

impl Profile {
    /// The word for it: `fapi2`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oauth21 => "oauth21",
            Self::Fapi2 => "fapi2",
            Self::Fapi2Signing => "fapi2-signing",
        }
    }

    /// Whether the rules of FAPI 2.0 hold.
    pub fn is_fapi(self) -> bool {
        matches!(self, Self::Fapi2 | Self::Fapi2Signing)
    }
}

/// One thing that a profile requires of an application's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// What it is, and where it is written.
    pub what: &'static str,
    /// Whether the application keeps it.
    pub holds: bool,
    /// What to type where it does not.
    pub remedy: String,
}

/// What a profile requires, each with whether the application keeps it.
pub fn requirements(profile: Profile, app: &App) -> Vec<Requirement> {
    let mut list = of_everybody(app);
    if profile.is_fapi() {
        list.extend(of_fapi(app));
    }
    if profile == Profile::Fapi2Signing {
        list.extend(of_signing(app));
    }
    list
}

/// Switches on what is a switch; what only the application can bring (its keys, an https address) is asked for by
/// [`check`].
pub(crate) fn switch_on(profile: Profile, app: &mut App) {
    app.pkce = Pkce::Required;
    if profile.is_fapi() {
        app.requests.require_pushed = true;
        if app.sender.dpop == Dpop::Optional && !app.sender.certificate_bound {
            app.sender.dpop = Dpop::Required;
        }
        app.keys.refresh_tokens = RefreshTokens::Stay;
        app.lifetimes.code = app.lifetimes.code.min(FAPI_CODE);
        for algorithm in [&mut app.id_token_alg, &mut app.access_token_alg] {
            if *algorithm == Algorithm::RS256 {
                *algorithm = Algorithm::PS256;
            }
        }
        if app.userinfo_signed_alg == Some(Algorithm::RS256) {
            app.userinfo_signed_alg = Some(Algorithm::PS256);
        }
    }
    if profile == Profile::Fapi2Signing {
        app.requests.require_signed = true;
        app.requests.require_signed_response = true;
    }
}

/// An application that has a profile keeps all of it.
pub(crate) fn check(app: &App) -> Result<(), Refusal> {
    let Some(profile) = app.requests.profile else {
        return Ok(());
    };
    let broken = requirements(profile, app).into_iter().find(|one| !one.holds);
    match broken {
        None => Ok(()),
        Some(one) => Err(
            values::invalid(format!("the profile {} requires: {}", profile.as_str(), one.what)).with_remedy(format!(
                "{}; or without the profile: doorward app edit {} --profile none",
                one.remedy, app.client_id
            )),
        ),
    }
}

impl App {
    /// What its assertions, request objects and proofs may be signed with.
    pub fn client_algorithms(&self) -> &'static [Algorithm] {
        if self.requests.profile.is_some_and(Profile::is_fapi) {
            FAPI_ALGORITHMS
        } else {
            Algorithm::ALL
        }
    }
}

fn of_everybody(app: &App) -> Vec<Requirement> {
    let edit = |flags: &str| format!("doorward app edit {} {flags}", app.client_id);
    let plain = app.redirect_uris.iter().map(doorward_oidc::RedirectUri::as_str);
    let plain = plain.into_iter().find(|uri| crate::weakened::is_plain_http(uri));
    vec![
        Requirement {
            what: "PKCE with every request (OAuth 2.1 §4.1.1, RFC 9700 §2.1.1)",
            holds: app.pkce == Pkce::Required,
            remedy: edit("--pkce required"),
        },
        Requirement {
            what: "redirect URIs over https, but for this machine itself (OAuth 2.1 §2.3, RFC 9700 §2.6)",
            holds: plain.is_none(),
            remedy: edit(&format!("--remove-redirect-uri {}", plain.unwrap_or_default())),
        },
    ]
}

fn of_fapi(app: &App) -> Vec<Requirement> {
    let edit = |flags: &str| format!("doorward app edit {} {flags}", app.client_id);
    let is_strong = |algorithm: Algorithm| algorithm != Algorithm::RS256;
    vec![
        Requirement {
            what: "a confidential client (FAPI 2.0 Security Profile §5.3.2.1)",
            holds: app.kind == AppKind::Confidential,
            remedy: edit("--kind confidential"),
        },
        Requirement {
            what: "authentication with private_key_jwt or mutual TLS (§5.3.2.1)",
            holds: !matches!(
                app.authentication,
                ClientAuthentication::ClientSecret | ClientAuthentication::None
            ),
            remedy: edit("--jwks FILE"),
        },
        Requirement {
            what: "tokens bound to a key, by DPoP or a client certificate (§5.3.2.1)",
            holds: app.sender.dpop != Dpop::Optional || app.sender.certificate_bound,
            remedy: edit("--dpop required"),
        },
        Requirement {
            what: "pushed authorization requests only (§5.3.2.2)",
            holds: app.requests.require_pushed,
            remedy: edit("--require-pushed true"),
        },
        Requirement {
            what: "refresh tokens that stay the same (§5.3.2.1)",
            holds: app.keys.refresh_tokens == RefreshTokens::Stay,
            remedy: edit("--refresh-tokens stay"),
        },
        Requirement {
            what: "codes that live for 60 seconds at most (§5.3.2.1)",
            holds: app.lifetimes.code <= FAPI_CODE,
            remedy: edit("--lifetime code=60s"),
        },
        Requirement {
            what: "PS256, ES256 or EdDSA for ID tokens and access tokens (§5.4.1)",
            holds: is_strong(app.id_token_alg)
                && is_strong(app.access_token_alg)
                && app.userinfo_signed_alg.is_none_or(is_strong),
            remedy: edit("--id-token-alg PS256 --access-token-alg PS256"),
        },
    ]
}

fn of_signing(app: &App) -> Vec<Requirement> {
    let edit = |flags: &str| format!("doorward app edit {} {flags}", app.client_id);
    vec![
        Requirement {
            what: "signed authorization requests only (FAPI 2.0 Message Signing §5.3.1)",
            holds: app.requests.require_signed,
            remedy: edit("--require-signed-requests true"),
        },
        Requirement {
            what: "signed authorization responses only (FAPI 2.0 Message Signing §5.4.1)",
            holds: app.requests.require_signed_response,
            remedy: edit("--require-signed-response true"),
        },
    ]
}
