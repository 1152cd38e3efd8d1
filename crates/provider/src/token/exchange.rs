//! Token exchange (RFC 8693): an application presents somebody's token and gets another for somebody else. Nothing of it is
//! allowed that no rule of the application names: whose tokens, for whom, and whether the new one says who acts.

use doorward_apps::{App, AppKind, ExchangeKind, Snapshot};
use doorward_directory::Facts;
use doorward_oidc::{
    ACCESS_TOKEN_TYPE, ExchangeRequest, JWT_TYPE, Refusal, RefusalKind, Scope, ScopeSet, TokenAndType, Turn,
};
use serde_json::{Value, json};

use super::{SCOPE_NOT_GRANTED, current_scope};
use crate::issue::Exchange;
use crate::text::shown;
use crate::{AccessToken, Confirmation, Server, Steps};

/// Actors that a token names at the most, one within the other.
const LONGEST_CHAIN: usize = 5;

/// The application has no rule at all.
pub static EXCHANGE_NOT_ALLOWED: RefusalKind = RefusalKind {
    code: "exchange_not_allowed",
    oauth: "unauthorized_client",
    public: "This application may not exchange tokens.",
    meaning: "Token exchange is for confidential applications to which an administrator gave rules (RFC 8693 §5).",
    turn: Turn::Administrator,
};

/// A kind of token that is not exchanged here.
pub static EXCHANGE_TYPE_UNSUPPORTED: RefusalKind = RefusalKind {
    code: "exchange_type_unsupported",
    oauth: "invalid_request",
    public: "Only access tokens of this server are exchanged, for access tokens.",
    meaning: "subject_token_type and actor_token_type are access tokens of this server, requested_token_type is an access token \
              or is absent (RFC 8693 §2.1, §3).",
    turn: Turn::Application,
};

/// A token that does not hold.
pub static EXCHANGE_TOKEN_INVALID: RefusalKind = RefusalKind {
    code: "exchange_token_invalid",
    oauth: "invalid_request",
    public: "A token that was presented is not valid.",
    meaning: "What is exchanged is a live access token of a person; an actor token is one of the asking application's own \
              (RFC 8693 §2.2.2).",
    turn: Turn::Application,
};

/// No rule covers this exchange.
pub static EXCHANGE_NOT_COVERED: RefusalKind = RefusalKind {
    code: "exchange_not_covered",
    oauth: "invalid_target",
    public: "This exchange is not allowed.",
    meaning: "A rule of the application names whose tokens become tokens for whom; the request names one audience \
              (RFC 8693 §2.2.2, §5).",
    turn: Turn::Administrator,
};

/// Everything that [`plan`] looks at.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The application that asks.
    pub app: &'a App,
    /// All applications.
    pub apps: &'a Snapshot,
    /// Who we are.
    pub server: &'a Server,
    /// What the directory says of the person behind the token.
    pub facts: &'a Facts,
    /// The token that was presented, verified and live.
    pub presented: &'a AccessToken,
    /// The actor token, verified and live.
    pub actor: Option<&'a AccessToken>,
    /// The keys that the request has shown.
    pub shown: &'a Confirmation,
    /// Seconds since the epoch.
    pub now: i64,
}

/// Whether the application may exchange anything, and the request names tokens that are exchanged here.
///
/// # Errors
/// [`EXCHANGE_NOT_ALLOWED`], [`EXCHANGE_TYPE_UNSUPPORTED`].
pub fn may_ask(app: &App, request: &ExchangeRequest, steps: &mut Steps) -> Result<(), Refusal> {
    let may = app.kind == AppKind::Confidential && !app.grants.exchange.is_empty();
    let allowed = if may {
        Ok(())
    } else {
        let detail = format!("{} has no rule of exchange", app.client_id);
        Err(Refusal::response(&EXCHANGE_NOT_ALLOWED, detail).with_remedy(format!(
            "doorward app edit {} --add-exchange delegate:FROM:AUDIENCE",
            app.client_id
        )))
    };
    steps.record("exchange.allowed", allowed)?;
    steps.record("exchange.types", types_are_ours(request))
}

fn types_are_ours(request: &ExchangeRequest) -> Result<(), Refusal> {
    let refuse = |name: &str, received: &str| {
        let detail = format!("{name}: expected {ACCESS_TOKEN_TYPE}, received {}", shown(received));
        Err(Refusal::response(&EXCHANGE_TYPE_UNSUPPORTED, detail))
    };
    let is_ours = |token: &TokenAndType| matches!(token.kind.as_str(), ACCESS_TOKEN_TYPE | JWT_TYPE);
    if !is_ours(&request.subject) {
        return refuse("subject_token_type", &request.subject.kind);
    }
    if let Some(actor) = request.actor.as_ref().filter(|actor| !is_ours(actor)) {
        return refuse("actor_token_type", &actor.kind);
    }
    match request.requested.as_deref() {
        None | Some(ACCESS_TOKEN_TYPE | JWT_TYPE) => Ok(()),
        Some(other) => refuse("requested_token_type", other),
    }
}

/// The refusal for a token that does not hold, or holds no person.
pub fn invalid(which: &str, why: impl std::fmt::Display) -> Refusal {
    Refusal::response(&EXCHANGE_TOKEN_INVALID, format!("{which}: {why}"))
}

/// What the exchange gives.
///
/// # Errors
/// [`EXCHANGE_NOT_COVERED`], [`EXCHANGE_TOKEN_INVALID`], [`super::ACCESS_WITHDRAWN`], [`SCOPE_NOT_GRANTED`].
pub fn plan<'a>(
    request: &ExchangeRequest,
    situation: Situation<'a>,
    steps: &mut Steps,
) -> Result<Exchange<'a>, Refusal> {
    let (audience, kind) = steps.record("exchange.rule", rule(request, situation))?;
    steps.record("exchange.key", keys_are_shown(situation))?;
    let act = steps.record("exchange.actor", act(kind, situation))?;
    // Whoever has left the application in which the token began has left what comes of it.
    let Some(from) = situation
        .apps
        .find(&situation.presented.client_id)
        .filter(|from| !from.disabled)
    else {
        let refusal = invalid("subject_token", "its application is gone or disabled");
        steps.refused("exchange.subject", &refusal);
        return Err(refusal);
    };
    steps.record("exchange.narrowed", is_not_narrowed(from, situation))?;
    let presented = &situation.presented.scope;
    let current = current_scope(from, situation.facts, presented, situation.now, steps)?;
    let target = situation.apps.find(&audience).map(|target| &**target);
    let current = match target {
        // Nobody is taken into an application by another that they may not use themselves, nor to more than they may
        // there: a scope is a right of the application that maps it, and the same word is another right elsewhere.
        Some(target) => {
            let there = current_scope(target, situation.facts, presented, situation.now, steps)?;
            current.intersection(&there)
        }
        None => current,
    };
    let scope = steps.record("exchange.scope", scope(request, &current))?;
    Ok(Exchange {
        app: situation.app,
        target: target.unwrap_or(situation.app),
        presented: situation.presented,
        facts: situation.facts,
        audience,
        scope,
        act,
    })
}

/// The one audience, and what the rule for it says.
fn rule(request: &ExchangeRequest, situation: Situation<'_>) -> Result<(String, ExchangeKind), Refusal> {
    let app = situation.app;
    let from = &situation.presented.client_id;
    let [audience] = request.audiences.as_slice() else {
        let detail = format!(
            "expected one audience or resource, received {}",
            request.audiences.len()
        );
        return Err(Refusal::response(&EXCHANGE_NOT_COVERED, detail));
    };
    match app.grants.exchange_rule(from, audience) {
        Some(rule) => Ok((audience.clone(), rule.kind)),
        None => Err(Refusal::response(
            &EXCHANGE_NOT_COVERED,
            format!(
                "{} has no rule for tokens of {} to become tokens for {}",
                app.client_id,
                shown(from),
                shown(audience)
            ),
        )
        .with_remedy(format!(
            "doorward app edit {} --add-exchange delegate:{from}:AUDIENCE",
            app.client_id
        ))),
    }
}

/// A token that is bound to a key is exchanged by whoever proves that key and nobody else. Another key would not do: whoever
/// stole the token would have it exchanged by an application that passes on what it receives, and the binding would be gone
/// (RFC 9449 §7.1, RFC 8705 §3).
fn keys_are_shown(situation: Situation<'_>) -> Result<(), Refusal> {
    let actor = situation.actor.map(|actor| ("actor_token", actor));
    let all = [("subject_token", situation.presented)].into_iter().chain(actor);
    for (which, token) in all {
        if !token.cnf.is_met_by(situation.shown) {
            let why = "it is bound to a key, and the request does not prove possession of that key";
            return Err(invalid(which, why).with_remedy(
                "exchange it where the key is, with a DPoP proof or the certificate of the token; a token that others are to \
                 exchange must not be bound",
            ));
        }
    }
    Ok(())
}

/// A token that was narrowed to a resource server is exchanged by that one alone: whoever it leaked to would have another made
/// of it for somebody whom it never opened (RFC 8707 §3, RFC 9700 §4.9.1). One that was narrowed to single things (RFC 9396) is
/// not exchanged at all: the new one would be read as good for the whole scope.
fn is_not_narrowed(from: &App, situation: Situation<'_>) -> Result<(), Refusal> {
    let (app, token) = (situation.app, situation.presented);
    if !token.authorization_details.is_empty() {
        let why = "it is good for its authorization details alone, which an exchange cannot carry over";
        return Err(invalid("subject_token", why));
    }
    let is_ours = token.aud.contains(&from.client_id) || token.aud.contains(&situation.server.issuer(from));
    // An address is the same with a slash at its end or without.
    let is_at_home = |one: &str| !app.url.is_empty() && one.strip_suffix('/').unwrap_or(one) == app.url;
    if is_ours || token.aud.contains(&app.client_id) || token.aud.iter().any(is_at_home) {
        return Ok(());
    }
    let audiences: Vec<&str> = token.aud.iter().collect();
    let why = format!(
        "it is for {} and nobody else, and {} is none of them",
        shown(&audiences.join(", ")),
        app.client_id
    );
    Err(invalid("subject_token", why)
        .with_remedy("in the application it was issued to, name the one that exchanges among the resources, or none"))
}

/// Who acts: the actor of the actor token or the application itself, before those who acted until now.
fn act(kind: ExchangeKind, situation: Situation<'_>) -> Result<Option<Value>, Refusal> {
    let before = situation.presented.act.as_ref();
    let own = &situation.app.client_id;
    if kind == ExchangeKind::Impersonate {
        // Who acted before stays named: impersonation hides this application, never others.
        return match situation.actor {
            Some(_) => Err(invalid(
                "actor_token",
                "the rule is one of impersonation: nobody is named as actor",
            )),
            None => Ok(before.cloned()),
        };
    }
    let actor = match situation.actor {
        Some(actor) if actor.client_id == *own => &actor.sub,
        Some(actor) => {
            let why = format!("it was issued to {}, expected {own}", shown(&actor.client_id));
            return Err(invalid("actor_token", why));
        }
        None => own,
    };
    if chain(before) >= LONGEST_CHAIN {
        return Err(invalid(
            "subject_token",
            format!("it names {LONGEST_CHAIN} actors already; more would be no chain but a loop"),
        ));
    }
    let mut act = json!({ "sub": actor });
    if let (Some(before), Some(act)) = (before, act.as_object_mut()) {
        act.insert("act".to_owned(), before.clone());
    }
    Ok(Some(act))
}

fn chain(act: Option<&Value>) -> usize {
    std::iter::successors(act, |act| act.get("act"))
        .take(LONGEST_CHAIN + 1)
        .count()
}

/// No more than `current`, without what speaks of a login unless it is asked for by name.
fn scope(request: &ExchangeRequest, current: &ScopeSet) -> Result<ScopeSet, Refusal> {
    let (may, _) = current.partition(|scope| scope != Scope::OFFLINE_ACCESS);
    let Some(requested) = request.scope.as_ref().filter(|requested| !requested.is_empty()) else {
        return Ok(may.partition(|scope| scope != Scope::OPENID).0);
    };
    let (granted, beyond) = requested.partition(|scope| may.contains(scope));
    if beyond.is_empty() {
        return Ok(granted);
    }
    Err(Refusal::response(
        &SCOPE_NOT_GRANTED,
        format!("requested: {requested}; the token that was presented has, and the person may there: {current}"),
    ))
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
