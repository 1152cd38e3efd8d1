//! Backchannel authentication (OpenID Connect CIBA Core 1.0, poll mode): who may ask, whom a hint means, and what a signed
//! request has to be.

use doorward_apps::{App, AppKind, Ciba};
use doorward_directory::{Facts, UserKind};
use doorward_jose::{Algorithm, TimeRules, Typ, UnknownMembers, VerificationPolicy, verify};
use doorward_oidc::{BackchannelRequest, Hint, Parameters, Refusal, RefusalKind, Scope, Turn};
use serde_json::{Map, Value};

use crate::text::shown;
use crate::{KeyRing, Keyed, Server, Steps, issued_id_token};

/// Algorithms of signed requests. RS256 is left out, as FAPI-CIBA §5.2.2 demands.
pub const ALGORITHMS: &[Algorithm] = &[Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// How long a request lives unless it says otherwise, in seconds.
const LIFETIME: i64 = 300;
/// The longest that may be asked for, in seconds.
const LONGEST_LIFETIME: i64 = 900;
/// Nobody can answer a question that is gone before they have seen it, in seconds.
const SHORTEST_LIFETIME: i64 = 30;
/// Characters of a binding message at most: what fits on two lines of a telephone.
const LONGEST_MESSAGE: usize = 64;
/// How far ahead `exp` and how far back `nbf` of a signed request may be, in seconds (FAPI-CIBA §5.2.2).
const LONGEST_REQUEST: i64 = 3600;
/// How far the client's clock may differ, in seconds.
const LEEWAY: i64 = 30;
/// Longest `jti` in bytes.
const LONGEST_JTI: usize = 256;

const POLICY: VerificationPolicy<'static> =
    VerificationPolicy::new(Typ::Optional(&["JWT", "oauth-authz-req+jwt"]), ALGORITHMS)
        .with_unknown_members(UnknownMembers::Ignored);

/// The application may not have people asked.
pub static CIBA_NOT_ALLOWED: RefusalKind = RefusalKind {
    code: "ciba_not_allowed",
    oauth: "unauthorized_client",
    public: "This application may not have people asked by backchannel.",
    meaning: "Backchannel authentication is for confidential applications that an administrator allowed it (CIBA §13): they \
              can make a question appear on anybody's start page.",
    turn: Turn::Administrator,
};

/// The signed request does not hold, or an unsigned one came where a signed one is demanded.
pub static CIBA_REQUEST_INVALID: RefusalKind = RefusalKind {
    code: "ciba_request_invalid",
    oauth: "invalid_request",
    public: "The signed backchannel request is not valid.",
    meaning: "A signed request is signed with a registered key of the client, names it as iss and us as aud, has exp, nbf, iat \
              and jti, lives for an hour at most, counts once, and no parameter stands beside it (CIBA §7.1.1).",
    turn: Turn::Application,
};

/// Not exactly one usable hint.
pub static CIBA_HINT_UNUSABLE: RefusalKind = RefusalKind {
    code: "ciba_hint_unusable",
    oauth: "invalid_request",
    public: "The request must name the person by exactly one of login_hint and id_token_hint.",
    meaning: "One hint, no more and no less, says whom the client means (CIBA §7.1). login_hint_token needs a profile that says \
              what is in it; there is none here.",
    turn: Turn::Application,
};

/// Nobody is meant by the hint, or somebody who cannot be asked.
pub static CIBA_PERSON_UNKNOWN: RefusalKind = RefusalKind {
    code: "ciba_person_unknown",
    oauth: "unknown_user_id",
    public: "Nobody who may use this application is meant by the hint.",
    meaning: "The hint names a person by user name, e-mail address or ID token (CIBA §13). Somebody who may not use the \
              application is not told apart from nobody.",
    turn: Turn::Application,
};

/// The binding message cannot be shown.
pub static CIBA_MESSAGE_INVALID: RefusalKind = RefusalKind {
    code: "ciba_message_invalid",
    oauth: "invalid_binding_message",
    public: "The binding message must be 1 to 64 printable characters.",
    meaning: "Both screens show the binding message, so that the person can see that they belong together (CIBA §7.1); it has to \
              be short and plain.",
    turn: Turn::Application,
};

/// The person is asked enough already.
pub static CIBA_TOO_MANY: RefusalKind = RefusalKind {
    code: "ciba_too_many",
    oauth: "access_denied",
    public: "This person was asked by this application often enough for now.",
    meaning: "An application asks one person three times in ten minutes unless they say yes: somebody who is asked again and \
              again says yes at last.",
    turn: Turn::Application,
};

/// `openid` is missing from the scope.
pub static CIBA_SCOPE: RefusalKind = RefusalKind {
    code: "ciba_scope",
    oauth: "invalid_scope",
    public: "A backchannel authentication request needs the scope openid.",
    meaning: "It is a request of OpenID Connect and gives an ID token (CIBA §7.1).",
    turn: Turn::Application,
};

/// The refusal for an application that may not.
pub(super) fn not_allowed(app: &App) -> Refusal {
    let detail = format!("{} is not set up to have people asked", app.client_id);
    Refusal::response(&CIBA_NOT_ALLOWED, detail).with_remedy(format!("doorward app edit {} --ciba on", app.client_id))
}

/// Whether this application may have people asked.
///
/// # Errors
/// [`CIBA_NOT_ALLOWED`].
pub fn may_ask(app: &App, steps: &mut Steps) -> Result<(), Refusal> {
    let may = app.grants.ciba != Ciba::Off && app.kind == AppKind::Confidential;
    steps.record("ciba.allowed", if may { Ok(()) } else { Err(not_allowed(app)) })
}

/// A signed request that still has to be claimed as used for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUse {
    /// What to claim: client id and `jti`.
    pub key: String,
    /// Until when to remember it, in seconds since the epoch.
    pub expires_at: i64,
}

impl SignedUse {
    /// The refusal when it has been claimed before.
    pub fn replayed(&self) -> Refusal {
        invalid(format!("the request {} was used before", shown(&self.key)))
            .with_remedy("in the application, make a new request with a new jti each time")
    }
}

/// The parameters that count: those of the form, or those in the signed request object in it.
///
/// # Errors
/// [`CIBA_REQUEST_INVALID`].
pub fn parameters(
    keyed: Keyed<'_>,
    form: &Parameters,
    server: &Server,
    now: i64,
    steps: &mut Steps,
) -> Result<(Parameters, Option<SignedUse>), Refusal> {
    let read = match form.find("request") {
        None if keyed.app.grants.ciba == Ciba::Signed => {
            Err(invalid(format!("{} has to sign its requests", keyed.app.client_id)))
        }
        None => Ok((form.clone(), None)),
        Some(request) => signed(keyed, form, request, server, now),
    };
    steps.record("ciba.request", read)
}

fn signed(
    Keyed { app, keys }: Keyed<'_>,
    form: &Parameters,
    request: &str,
    server: &Server,
    now: i64,
) -> Result<(Parameters, Option<SignedUse>), Refusal> {
    const BESIDE: &[&str] = &[
        "request",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
    ];
    if let Some((name, _)) = form.iter().find(|(name, _)| !BESIDE.contains(name)) {
        return Err(invalid(format!(
            "the parameter {} stands beside the signed request",
            shown(name)
        )));
    }
    let keys = keys.ok_or_else(|| {
        invalid(format!("{} has no registered keys", app.client_id))
            .with_remedy(format!("doorward app edit {} --jwks FILE", app.client_id))
    })?;
    let verified = verify(request, keys, &POLICY).map_err(|error| invalid(error.to_string()))?;
    let claims = verified.claims();
    let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
    if issuer != app.client_id {
        return Err(invalid(format!(
            "iss: expected {}, received {}",
            app.client_id,
            shown(issuer)
        )));
    }
    let ours = server.issuer(app);
    let is_for_us = match claims.get("aud") {
        Some(Value::String(one)) => *one == ours,
        Some(Value::Array(many)) => many.iter().any(|one| one.as_str() == Some(&ours)),
        _ => false,
    };
    if !is_for_us {
        let received = claims.get("aud").map_or_else(|| "none".to_owned(), Value::to_string);
        return Err(invalid(format!("aud: expected {ours}, received {}", shown(&received))));
    }
    is_timely(claims, now)?;
    let jti = claims.get("jti").and_then(Value::as_str).unwrap_or_default();
    if jti.is_empty() || jti.len() > LONGEST_JTI {
        return Err(invalid(format!(
            "jti: expected a unique string of at most {LONGEST_JTI} bytes"
        )));
    }
    let used = SignedUse {
        key: format!("{}:{jti}", app.client_id),
        expires_at: now.saturating_add(LONGEST_REQUEST + 2 * LEEWAY),
    };
    Ok((of_claims(claims)?, Some(used)))
}

fn is_timely(claims: &Map<String, Value>, now: i64) -> Result<(), Refusal> {
    let rules = TimeRules {
        require_iat: true,
        max_lifetime: Some(LONGEST_REQUEST),
        ..TimeRules::new(now, LEEWAY)
    };
    rules.check(claims).map_err(|error| invalid(error.to_string()))?;
    let begins = claims.get("nbf").and_then(Value::as_i64);
    let begins = begins.ok_or_else(|| invalid("nbf: expected a time in seconds, received none".to_owned()))?;
    if now.saturating_sub(begins) > LONGEST_REQUEST + LEEWAY {
        return Err(invalid(format!(
            "nbf is {begins}, more than an hour ago; the clock here says {now}"
        )));
    }
    Ok(())
}

/// The claims as parameters; what a signed request may carry as a number is written out.
fn of_claims(claims: &Map<String, Value>) -> Result<Parameters, Refusal> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let pairs = claims
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "iss" | "aud" | "exp" | "nbf" | "iat" | "jti"))
        .filter_map(|(name, value)| Some((name.clone(), text(value)?)));
    Parameters::from_pairs(pairs)
}

/// The refusal for a signed request that does not hold, or whose keys cannot be had.
pub fn invalid(detail: String) -> Refusal {
    Refusal::response(&CIBA_REQUEST_INVALID, detail)
}

/// What is asked, once it is known to be good: everything but whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Whom the client means.
    pub hint: Meant,
    /// What both screens show.
    pub message: Option<String>,
    /// Lifetime in seconds.
    pub lifetime: i64,
}

/// Whom a hint means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// By user name or address.
    Login(String),
    /// By the subject in an ID token of ours.
    Subject(String),
}

/// Checks what the request says.
///
/// # Errors
/// [`CIBA_SCOPE`], [`CIBA_HINT_UNUSABLE`], [`CIBA_MESSAGE_INVALID`].
pub fn question(
    app: &App,
    request: &BackchannelRequest,
    server: &Server,
    keys: &KeyRing,
    steps: &mut Steps,
) -> Result<Question, Refusal> {
    let scope = if request.scope.contains(Scope::OPENID) {
        Ok(())
    } else {
        Err(Refusal::response(&CIBA_SCOPE, format!("requested: {}", request.scope)))
    };
    steps.record("ciba.scope", scope)?;
    let hint = steps.record("ciba.hint", hint(app, &request.hints, server, keys))?;
    let message = steps.record("ciba.binding_message", message(request.binding_message.as_deref()))?;
    Ok(Question {
        hint,
        message,
        lifetime: request
            .requested_expiry
            .unwrap_or(LIFETIME)
            .clamp(SHORTEST_LIFETIME, LONGEST_LIFETIME),
    })
}

fn hint(app: &App, hints: &[Hint], server: &Server, keys: &KeyRing) -> Result<Meant, Refusal> {
    let refuse = |detail: String| Err(Refusal::response(&CIBA_HINT_UNUSABLE, detail));
    match hints {
        [Hint::Login(name)] => Ok(Meant::Login(name.clone())),
        [Hint::IdToken(token)] => match issued_id_token::verify(token, server, keys, |_| Some(app)) {
            Ok(token) if token.client_id == app.client_id => Ok(Meant::Subject(token.subject)),
            Ok(token) => refuse(format!("the ID token was issued to {}", shown(&token.client_id))),
            Err(no_hint) => refuse(no_hint.detail()),
        },
        [Hint::Token] => refuse("login_hint_token: no profile says what is in it".to_owned()),
        [] => refuse("expected a hint, received none".to_owned()),
        several => refuse(format!("expected one hint, received {}", several.len())),
    }
}

fn message(text: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let fits = (1..=LONGEST_MESSAGE).contains(&text.chars().count())
        && !text.trim().is_empty()
        // Marks that turn the direction of writing could make it read as something else.
        && !text.chars().any(|c| c.is_control() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'));
    if fits {
        return Ok(Some(text.to_owned()));
    }
    let detail = format!("received {} characters: {}", text.chars().count(), shown(text));
    Err(Refusal::response(&CIBA_MESSAGE_INVALID, detail))
}

/// Whether this person can be asked for this application: whoever may not use it is as good as unknown.
///
/// # Errors
/// [`CIBA_PERSON_UNKNOWN`].
pub fn can_be_asked(app: &App, facts: Option<&Facts>, now: i64, steps: &mut Steps) -> Result<(), Refusal> {
    let found = match facts {
        None => Err(Refusal::response(&CIBA_PERSON_UNKNOWN, "nobody is meant by the hint")),
        Some(facts) if facts.user.kind != UserKind::Person => {
            let detail = format!("{} is a service account", facts.user.name);
            Err(Refusal::response(&CIBA_PERSON_UNKNOWN, detail))
        }
        Some(facts) => crate::access::of_person(app, facts, now)
            .map(|_| ())
            .map_err(|refusal| Refusal {
                remedy: refusal.remedy,
                ..Refusal::response(&CIBA_PERSON_UNKNOWN, refusal.detail)
            }),
    };
    steps.record("ciba.person", found)
}

/// The refusal for a person who is asked enough already.
pub fn too_many(app: &App, facts: &Facts) -> Refusal {
    Refusal::response(
        &CIBA_TOO_MANY,
        format!(
            "{} has not said yes to {} questions of {} in the last ten minutes",
            facts.user.name,
            super::MOST_IN_VAIN,
            app.client_id
        ),
    )
    .with_remedy("wait until the person has said yes to one, or ten minutes have passed")
}
