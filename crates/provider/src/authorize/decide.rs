//! What happens next with a checked request: a page for the person, a refusal, or a code
//! (OpenID Connect Core §3.1.2.1 `prompt` and `max_age`, §3.1.2.3, §3.1.2.4).

use doorward_apps::{App, Consent};
use doorward_directory::{Demand, Facts, Level, UserKind};
use doorward_oidc::{Delivery, Prompt, Refusal, Scope, ScopeSet, scope_of_claim};
use serde_json::Value;
use uuid::Uuid;

use super::outcome::{CONSENT_REQUIRED, CONTEXT_NOT_REACHED, LOGIN_REQUIRED, OTHER_PERSON, TERMS_REQUIRED};
use super::{Accepted, GrantPlan, Progress, wished};
use crate::access::moment;
use crate::issue::BACKDATED;
use crate::subject::subject;
use crate::{Server, Steps};

/// What the rules need of the browser's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    /// The session; travels as `sid`.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// When the person last authenticated, in seconds since the epoch.
    pub auth_time: i64,
    /// How (RFC 8176): `["pwd"]`.
    pub amr: Vec<String>,
    /// The authentication context that was reached.
    pub acr: Option<String>,
}

/// Why the person has to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginReason {
    /// Nobody is logged in in this browser, or the user is gone or disabled.
    NoSession,
    /// The application asked with `prompt=login`.
    PromptLogin,
    /// The last authentication is older than `max_age` allows.
    MaxAge,
    /// The last authentication is older than policy allows for this application.
    PolicyAge,
    /// The login was weaker than policy or the application demands.
    Stronger,
    /// Somebody other than the expected person is logged in.
    OtherPerson,
}

impl LoginReason {
    /// The word for traces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSession => "nobody is logged in",
            Self::PromptLogin => "the application asked for a new authentication (prompt=login)",
            Self::MaxAge => "the last authentication is older than max_age",
            Self::PolicyAge => "the last authentication is older than policy allows (fresh_seconds)",
            Self::Stronger => "policy or the application asks for a stronger login than this session began with",
            Self::OtherPerson => "the application expects another person",
        }
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Show the login page.
    Login {
        /// Why.
        reason: LoginReason,
        /// A name to put into the field.
        login_hint: Option<String>,
        /// The credential must be proven anew even though a session exists.
        force: bool,
    },
    /// Show whose session this is and let the person go on or choose another account.
    SelectAccount,
    /// Ask the person to accept this version of the terms.
    Terms(u32),
    /// Ask the person whether the application may have this.
    Consent {
        /// Everything that the application will learn; what to remember when the person says yes.
        scopes: ScopeSet,
        /// What the person has not granted before; equal to `scopes` the first time and with `prompt=consent`.
        new: ScopeSet,
    },
    /// End here. The delivery says whether by redirect or as a page.
    Refuse(Refusal),
    /// Store this and answer with the code.
    Issue(Box<GrantPlan>),
}

/// Everything [`decide`] looks at besides the request.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// Who we are.
    pub server: &'a Server,
    /// The application.
    pub app: &'a App,
    /// The browser's live session.
    pub session: Option<&'a SessionFacts>,
    /// What the directory says of the session's user.
    pub facts: Option<&'a Facts>,
    /// The version of the terms that this user has yet to accept.
    pub open_terms: Option<u32>,
    /// What this user has granted this application before.
    pub consented: Option<&'a ScopeSet>,
    /// What was done for this request so far.
    pub progress: &'a Progress,
    /// What policy asks of this person's logins into this application.
    pub strength: Strength,
    /// Seconds since the epoch.
    pub now: i64,
}

/// How strong a login has to be and can be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Strength {
    /// What policy asks.
    pub demand: Demand,
    /// The person need not prove a second factor in this browser, as far as policy is concerned.
    pub is_remembered: bool,
    /// How strong a login the person could prove with what they have.
    pub within_reach: Level,
}

/// Decides. Call it again after each page with what has changed.
pub fn decide(request: &Accepted, situation: Situation<'_>, steps: &mut Steps) -> Decision {
    match walk(request, &situation, steps) {
        Ok(plan) => Decision::Issue(Box::new(plan)),
        Err(decision) => *decision,
    }
}

type Stop = Box<Decision>;

fn walk(request: &Accepted, situation: &Situation<'_>, steps: &mut Steps) -> Result<GrantPlan, Stop> {
    let (session, facts) = session_is_live(request, situation, steps)?;
    account_is_chosen(request, situation, session, steps)?;
    authentication_is_fresh(request, situation, session, steps)?;
    person_is_expected(request, situation, session, facts, steps)?;
    login_is_strong_enough(request, situation, session, steps)?;
    context_is_reached(request, situation, session, steps)?;
    let (scope, allowed) = access_is_granted(request, situation, facts, steps)?;
    terms_are_accepted(request, situation, steps)?;
    let disclosed = disclosed(request, &scope, &allowed);
    consent_is_given(request, situation, session, &disclosed, steps)?;
    Ok(GrantPlan::new(
        request,
        (situation.server, situation.app),
        session,
        facts,
        scope,
        situation.now,
    ))
}

fn session_is_live<'a>(
    request: &Accepted,
    situation: &Situation<'a>,
    steps: &mut Steps,
) -> Result<(&'a SessionFacts, &'a Facts), Stop> {
    const CHECK: &str = "authorize.session";
    let usable =
        |facts: &&Facts| facts.user.closed(moment(situation.now)).is_none() && facts.user.kind == UserKind::Person;
    let session = situation.session;
    let facts = situation.facts.filter(usable);
    if let (Some(session), Some(facts)) = (session, facts)
        && session.user_id == facts.user.id
    {
        let age = situation.now.saturating_sub(session.auth_time);
        steps.ok_with(CHECK, || format!("{} authenticated {age} s ago", facts.user.name));
        return Ok((session, facts));
    }
    Err(login(request, LoginReason::NoSession, CHECK, steps).into())
}

fn account_is_chosen(
    request: &Accepted,
    situation: &Situation<'_>,
    session: &SessionFacts,
    steps: &mut Steps,
) -> Result<(), Stop> {
    const CHECK: &str = "authorize.select_account";
    let progress = situation.progress;
    let done = progress.account_chosen == Some(session.user_id) || progress.authenticated == Some(session.id);
    if request.prompt.contains(Prompt::SelectAccount) && !done {
        steps.info(CHECK, "the application asks the person to choose an account");
        return Err(Box::new(Decision::SelectAccount));
    }
    Ok(())
}

fn authentication_is_fresh(
    request: &Accepted,
    situation: &Situation<'_>,
    session: &SessionFacts,
    steps: &mut Steps,
) -> Result<(), Stop> {
    if situation.progress.authenticated == Some(session.id) {
        return Ok(());
    }
    if request.prompt.contains(Prompt::Login) {
        return Err(login(request, LoginReason::PromptLogin, "authorize.prompt_login", steps).into());
    }
    // As the relying party will count it, from the `auth_time` that it reads.
    let age = situation
        .now
        .saturating_sub(session.auth_time)
        .saturating_add(BACKDATED);
    match request.max_age {
        Some(max_age) if age > max_age => {
            return Err(login(request, LoginReason::MaxAge, "authorize.max_age", steps).into());
        }
        _ => {}
    }
    match situation.strength.demand.fresh_seconds {
        Some(fresh) if age > i64::from(fresh) => {
            Err(login(request, LoginReason::PolicyAge, "authorize.policy", steps).into())
        }
        _ => Ok(()),
    }
}

/// What policy asks of logins into this application.
fn login_is_strong_enough(
    request: &Accepted,
    situation: &Situation<'_>,
    session: &SessionFacts,
    steps: &mut Steps,
) -> Result<(), Stop> {
    const CHECK: &str = "authorize.policy";
    let (demanded, reached) = (situation.strength.demand.now, Level::of_amr(&session.amr));
    if demanded == Level::Any {
        return Ok(());
    }
    if reached >= demanded {
        steps.ok_with(CHECK, || {
            format!("demanded: {}; reached: {}", demanded.as_str(), reached.as_str())
        });
        return Ok(());
    }
    if situation.strength.is_remembered {
        steps.ok(CHECK, "this browser is remembered");
        return Ok(());
    }
    if situation.progress.authenticated == Some(session.id) {
        // The login knows the same policy, so it changed in between; another page would be a loop.
        let refusal = Refusal::redirect(
            &CONTEXT_NOT_REACHED,
            format!(
                "policy demands {}, this login reached {}",
                demanded.as_str(),
                reached.as_str()
            ),
        );
        return Err(refuse(CHECK, refusal, steps).into());
    }
    Err(login(request, LoginReason::Stronger, CHECK, steps).into())
}

fn person_is_expected(
    request: &Accepted,
    situation: &Situation<'_>,
    session: &SessionFacts,
    facts: &Facts,
    steps: &mut Steps,
) -> Result<(), Stop> {
    const CHECK: &str = "authorize.expected_subject";
    let Some(expected) = &request.expected_subject else {
        return Ok(());
    };
    let current = subject(situation.server, situation.app, facts);
    if *expected == current {
        steps.ok(CHECK, "");
        return Ok(());
    }
    if situation.progress.authenticated == Some(session.id) {
        // Asked once already: whoever is there now is not the one, and asking again would be a loop.
        let refusal = Refusal::redirect(
            &OTHER_PERSON,
            format!(
                "the application expects the subject {expected:?}, {} is logged in",
                facts.user.name
            ),
        );
        return Err(refuse(CHECK, refusal, steps).into());
    }
    Err(login(request, LoginReason::OtherPerson, CHECK, steps).into())
}

/// An `acr` that the client marked essential with values that we did not reach has to fail (Core §5.5.1.1), and what it
/// only wishes for (`acr_values`, §3.1.2.1) is asked for once, of people who can.
fn context_is_reached(
    request: &Accepted,
    situation: &Situation<'_>,
    session: &SessionFacts,
    steps: &mut Steps,
) -> Result<(), Stop> {
    const CHECK: &str = "authorize.acr";
    let wish = wished(request);
    let reached = Level::of_amr(&session.amr);
    let is_asked_already = situation.progress.authenticated == Some(session.id);
    let wanted = request.claims.id_token.find("acr");
    if let Some(wanted) = wanted.filter(|wanted| wanted.essential && !wanted.values.is_empty()) {
        if let Some(acr) = context(request, session)
            && wanted.accepts(&Value::from(acr.as_str()))
        {
            steps.ok(CHECK, acr);
            return Ok(());
        }
        if wish.essential > reached && !is_asked_already {
            return Err(login(request, LoginReason::Stronger, CHECK, steps).into());
        }
        let refusal = Refusal::redirect(
            &CONTEXT_NOT_REACHED,
            format!(
                "the application requires one of the authentication contexts {:?}, this session reached {:?}",
                wanted.values.iter().map(ToString::to_string).collect::<Vec<_>>(),
                session.acr.as_deref().unwrap_or("none"),
            ),
        );
        return Err(refuse(CHECK, refusal, steps).into());
    }
    // A wish is no reason to refuse, so it is none to interrupt where no page may be shown.
    let is_silent = request.prompt.contains(Prompt::None);
    let wished = wish.voluntary.min(situation.strength.within_reach);
    if wished > reached && !is_asked_already && !is_silent {
        return Err(login(request, LoginReason::Stronger, CHECK, steps).into());
    }
    Ok(())
}

/// The context class that the answer states: the first of those asked for that was reached, since a stronger login is also a
/// weaker one, or else the session's own.
pub(super) fn context(request: &Accepted, session: &SessionFacts) -> Option<String> {
    let reached = Level::of_amr(&session.amr);
    let claim = request.claims.id_token.find("acr");
    let of_claim = claim
        .into_iter()
        .flat_map(|claim| claim.values.iter())
        .filter_map(Value::as_str);
    let asked = of_claim.chain(request.acr_values.iter().map(String::as_str));
    let is_reached =
        |acr: &&str| session.acr.as_deref() == Some(*acr) || Level::from_acr(acr).is_some_and(|level| level <= reached);
    asked
        .filter(is_reached)
        .map(str::to_owned)
        .next()
        .or_else(|| session.acr.clone())
}

fn access_is_granted(
    request: &Accepted,
    situation: &Situation<'_>,
    facts: &Facts,
    steps: &mut Steps,
) -> Result<(ScopeSet, ScopeSet), Stop> {
    const CHECK: &str = "authorize.access";
    match doorward_apps::access(situation.app, &facts.groups) {
        Ok(allowed) => {
            let scope = crate::scope::grantable(&request.scope, &allowed);
            steps.ok_with(CHECK, || format!("requested: {}; granted: {scope}", request.scope));
            Ok((scope, allowed))
        }
        Err(refusal) => {
            let refusal = if request.prompt.contains(Prompt::None) {
                Refusal {
                    delivery: Delivery::Redirect,
                    ..refusal
                }
            } else {
                Refusal {
                    delivery: Delivery::Page,
                    ..refusal
                }
            };
            Err(refuse(CHECK, refusal, steps).into())
        }
    }
}

/// Nothing is given to an application for somebody who has not accepted the terms of the house.
fn terms_are_accepted(request: &Accepted, situation: &Situation<'_>, steps: &mut Steps) -> Result<(), Stop> {
    const CHECK: &str = "authorize.terms";
    let Some(version) = situation.open_terms else {
        return Ok(());
    };
    if request.prompt.contains(Prompt::None) {
        let detail = format!("the person has not accepted version {version} of the terms");
        return Err(refuse(CHECK, Refusal::redirect(&TERMS_REQUIRED, detail), steps).into());
    }
    steps.info_with(CHECK, || format!("asking the person to accept version {version}"));
    Err(Box::new(Decision::Terms(version)))
}

/// What the application will learn: the granted scopes, and those whose claims it asks for one by one (Core §5.5). The
/// person is asked about both, or the `claims` parameter would be a way around the question.
fn disclosed(request: &Accepted, granted: &ScopeSet, allowed: &ScopeSet) -> ScopeSet {
    let claims = &request.claims;
    let single = claims.id_token.iter().chain(claims.userinfo.iter());
    let scopes = single.filter_map(|(claim, _)| scope_of_claim(claim));
    let scopes = scopes.filter(|scope| allowed.contains(scope));
    granted.union(&scopes.filter_map(|scope| Scope::parse(scope).ok()).collect())
}

fn consent_is_given(
    request: &Accepted,
    situation: &Situation<'_>,
    session: &SessionFacts,
    scope: &ScopeSet,
    steps: &mut Steps,
) -> Result<(), Stop> {
    const CHECK: &str = "authorize.consent";
    details_are_approved(request, situation, session, scope, steps)?;
    if situation.app.consent == Consent::Skip {
        steps.ok(CHECK, "not asked: the application is set to skip consent");
        return Ok(());
    }
    if situation.progress.consented == Some(session.user_id) {
        steps.ok(CHECK, "given for this request");
        return Ok(());
    }
    let asked_for = request.prompt.contains(Prompt::Consent);
    let nothing = ScopeSet::default();
    let known = situation.consented.filter(|_| !asked_for);
    let (new, _) = scope.partition(|one| !known.unwrap_or(&nothing).contains(one));
    // A person who once consented to an application that asks for no scopes at all has a record, though an empty one.
    if known.is_some() && new.is_empty() {
        steps.ok(CHECK, "given before");
        return Ok(());
    }
    if request.prompt.contains(Prompt::None) {
        let refusal = Refusal::redirect(&CONSENT_REQUIRED, format!("the person has not granted: {new}"));
        return Err(refuse(CHECK, refusal, steps).into());
    }
    steps.info_with(CHECK, || format!("asking the person for: {new}"));
    Err(Box::new(Decision::Consent {
        scopes: scope.clone(),
        new,
    }))
}

/// Details are of this one request, so they are approved each time and by everybody: what an administrator decided, and
/// what the person said before, was about scopes (RFC 9396 §3).
fn details_are_approved(
    request: &Accepted,
    situation: &Situation<'_>,
    session: &SessionFacts,
    scope: &ScopeSet,
    steps: &mut Steps,
) -> Result<(), Stop> {
    const CHECK: &str = "authorize.details";
    if request.extent.details.is_empty() || situation.progress.consented == Some(session.user_id) {
        return Ok(());
    }
    let kinds: Vec<&str> = request
        .extent
        .details
        .iter()
        .map(doorward_oidc::AuthorizationDetail::kind)
        .collect();
    let kinds = kinds.join(", ");
    if request.prompt.contains(Prompt::None) {
        let detail = format!("the person has not approved: {kinds}");
        return Err(refuse(CHECK, Refusal::redirect(&CONSENT_REQUIRED, detail), steps).into());
    }
    steps.info_with(CHECK, || format!("asking the person to approve: {kinds}"));
    Err(Box::new(Decision::Consent {
        scopes: scope.clone(),
        new: scope.clone(),
    }))
}

/// A login page, or with `prompt=none` the refusal that stands for it (Core §3.1.2.6).
fn login(request: &Accepted, reason: LoginReason, check: &'static str, steps: &mut Steps) -> Decision {
    if request.prompt.contains(Prompt::None) {
        return refuse(check, Refusal::redirect(&LOGIN_REQUIRED, reason.as_str()), steps);
    }
    steps.info(check, reason.as_str());
    Decision::Login {
        reason,
        login_hint: request.login_hint.clone(),
        force: reason != LoginReason::NoSession,
    }
}

fn refuse(check: &'static str, refusal: Refusal, steps: &mut Steps) -> Decision {
    steps.refused(check, &refusal);
    Decision::Refuse(refusal)
}
