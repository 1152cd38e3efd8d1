//! Who somebody at the door is here, and what their claims change: the one judgement that a login, its preview and the dry
//! run share. Reads and writes nothing but what is asked for in its unit of work.

use std::collections::BTreeSet;

use doorward_claims::{Changes, Code, Evaluation, Local, LoginRules};
use doorward_directory::{Closed, Facts, User, UserKind, within};
use doorward_oidc::{Refusal, RefusalKind, shown};
use doorward_store::{StoreError, Tx};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::{Arrival, Identity, IdentityOrigin, LinkRule, Upstream, identities, presets, refusals, rows};

/// How long groups stay that cannot be asked: whoever makes the question fail does not keep for ever what was taken away.
const LONGEST_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What a person at the door is judged to be.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The value of the user claim.
    pub(crate) subject: String,
    /// Who that is here, or why nobody.
    pub(crate) who: Result<Who, Refusal>,
    /// What every rule said; none when it did not come to that.
    pub(crate) evaluation: Option<Evaluation>,
    /// The claims as they were judged: with the groups of the last login where those of this one are unknown.
    pub(crate) claims: Map<String, Value>,
}

/// Who a person is.
#[derive(Debug)]
pub(crate) enum Who {
    /// Somebody who came before.
    Known(Box<User>, Changes),
    /// Somebody whose account was here before.
    Linked(Box<User>, IdentityOrigin, Changes),
    /// Nobody yet.
    New(Changes),
}

/// Judges an arrival. `confirmed_by` is the user who is logged in and says that this is them.
pub(crate) fn judge(
    tx: &mut Tx<'_>,
    upstream: &Upstream,
    arrival: &Arrival,
    confirmed_by: Option<&User>,
) -> Result<Judged, StoreError> {
    let rules = &upstream.rules;
    let mut judged = Judged {
        subject: String::new(),
        who: Err(Refusal::page(
            &refusals::SUBJECT_INVALID,
            format!(
                "expected a text of 1 to 255 characters, or a number, as `{}`, received {}",
                rules.user,
                match rules.user.find(&arrival.claims) {
                    None => "none".to_owned(),
                    Some(value) => format!("`{}`", shown(&value.to_string())),
                }
            ),
        )),
        evaluation: None,
        claims: arrival.claims.clone(),
    };
    let Some(subject) = rules.user.find(&arrival.claims).and_then(identities::subject) else {
        return Ok(judged);
    };
    judged.subject.clone_from(&subject);
    if !upstream.enabled {
        judged.who = Err(disabled_upstream(upstream));
        return Ok(judged);
    }
    let identity = identities::find(tx, upstream.id, &arrival.issuer, &subject)?;
    if let Some(why) = &arrival.groups_unknown
        && let Err(refusal) = keep_groups(rules, identity.as_ref(), why, tx.now(), &mut judged.claims)
    {
        judged.who = Err(refusal);
        return Ok(judged);
    }
    match identity {
        Some(identity) => known(tx, upstream, &identity, confirmed_by, &mut judged)?,
        None => unknown(tx, upstream, confirmed_by, &mut judged)?,
    }
    Ok(judged)
}

fn known(
    tx: &mut Tx<'_>,
    upstream: &Upstream,
    identity: &Identity,
    confirmed_by: Option<&User>,
    judged: &mut Judged,
) -> Result<(), StoreError> {
    let Some(facts) = within::facts(tx, identity.user)? else {
        return Err(StoreError::Damaged("an identity of a user who is not there".to_owned()));
    };
    if let Some(other) = confirmed_by.filter(|user| user.id != identity.user) {
        judged.who = Err(Refusal::page(
            &refusals::LINK_REFUSED,
            format!(
                "{} confirmed a login that belongs to {} already",
                other.name, facts.user.name
            ),
        )
        .with_remedy(format!(
            "doorward upstream unlink {} --subject {}",
            upstream.name,
            quoted(&judged.subject)
        )));
        return Ok(());
    }
    let is_first_login = identity.last_login.is_none();
    let evaluation = evaluate(tx, &upstream.rules, &judged.claims, &facts, is_first_login)?;
    let routed = elsewhere(tx, upstream, &facts)?;
    judged.who = may_come_in(&facts.user, tx.now())
        .and(routed)
        .and_then(|()| admitted(upstream, &evaluation))
        .map(|changes| Who::Known(Box::new(facts.user), changes));
    judged.evaluation = Some(evaluation);
    Ok(())
}

fn unknown(
    tx: &mut Tx<'_>,
    upstream: &Upstream,
    confirmed_by: Option<&User>,
    judged: &mut Judged,
) -> Result<(), StoreError> {
    let evaluation = upstream.rules.evaluate(&judged.claims, &Local::nobody());
    let admitted = admitted(upstream, &evaluation);
    judged.evaluation = Some(evaluation);
    let changes = match admitted {
        Ok(changes) => changes,
        Err(refusal) => {
            judged.who = Err(refusal);
            return Ok(());
        }
    };
    let candidate = match confirmed_by {
        Some(user) => by_confirmation(upstream, user).map(|()| Some((user.clone(), IdentityOrigin::Confirmed))),
        None => by_email(tx, upstream, &changes)?.map(|user| user.map(|user| (user, IdentityOrigin::Email))),
    };
    judged.who = match candidate {
        Err(refusal) => Err(refusal),
        Ok(None) if upstream.create_users => Ok(Who::New(changes)),
        Ok(None) => Err(no_local_user(upstream, judged)),
        Ok(Some((user, origin))) => {
            let facts = within::facts(tx, user.id)?
                .ok_or_else(|| StoreError::Damaged("a user who is not there any more".to_owned()))?;
            // What is here decides what changes: a second look, now that it is known whose account it is.
            let evaluation = evaluate(tx, &upstream.rules, &judged.claims, &facts, true)?;
            let routed = elsewhere(tx, upstream, &facts)?;
            let outcome = may_come_in(&facts.user, tx.now())
                .and(routed)
                .and_then(|()| self::admitted(upstream, &evaluation))
                .map(|changes| Who::Linked(Box::new(facts.user), origin, changes));
            judged.evaluation = Some(evaluation);
            outcome
        }
    };
    Ok(())
}

/// Whether an upstream's word makes an address that of the person at the door. One that does not count leads nowhere: it
/// tells nobody whether somebody here has it, and stands in nobody's way.
pub(crate) fn counts(upstream: &Upstream, verified_there: bool) -> bool {
    let proves_nothing = presets()
        .find(&upstream.preset)
        .is_some_and(|preset| preset.email_proves_nothing.is_some());
    verified_there && upstream.trusted_email && !proves_nothing
}

/// Whose account the person's address leads to. Only a rule that says so, an upstream whose word counts, an address that
/// both sides call verified; and never to an account whose taking over would hurt most.
fn by_email(
    tx: &mut Tx<'_>,
    upstream: &Upstream,
    changes: &Changes,
) -> Result<Result<Option<User>, Refusal>, StoreError> {
    let Some(email) = changes.email.value() else {
        return Ok(Ok(None));
    };
    if !counts(upstream, email.verified) || upstream.link == LinkRule::Never {
        return Ok(Ok(None));
    }
    let Some(user) = within::user_by_email(tx, &email.address)? else {
        return Ok(Ok(None));
    };
    if within::is_only_said(tx, &user)? {
        return Ok(Ok(None));
    }
    let holds_role = within::holds_role(tx, user.id)?;
    Ok(
        match obstacle(upstream, &email.address, email.verified, &user, holds_role) {
            None => Ok(Some(user)),
            Some(why) => Err(not_by_email(upstream, &user, &why)),
        },
    )
}

/// Why an address does not make an account somebody's; `None` when it does.
pub(crate) fn obstacle(
    upstream: &Upstream,
    address: &str,
    verified_there: bool,
    user: &User,
    holds_role: bool,
) -> Option<String> {
    let preset = presets().find(&upstream.preset);
    if let Some(reason) = preset.and_then(|preset| preset.email_proves_nothing.as_deref()) {
        return Some(format!("addresses of {} prove nothing: {reason}", upstream.preset));
    }
    if upstream.link != LinkRule::VerifiedEmail {
        return Some(format!("the rule for linking is `{}`", upstream.link.as_str()));
    }
    if !upstream.trusted_email {
        return Some("the upstream's word on e-mail addresses is not trusted".to_owned());
    }
    if !verified_there {
        return Some("the upstream does not call the address verified".to_owned());
    }
    if !user.email_verified {
        return Some("the address is not verified here".to_owned());
    }
    // Letters that only look alike once their case is folded must not make two people one.
    let is_plain = address.is_ascii() && user.email.as_deref().is_none_or(str::is_ascii);
    if !is_plain {
        return Some("the address has letters beyond ASCII".to_owned());
    }
    if user.kind == UserKind::Service {
        return Some("it is a service account".to_owned());
    }
    holds_role.then(|| "the account holds a role".to_owned())
}

fn not_by_email(upstream: &Upstream, user: &User, why: &str) -> Refusal {
    let detail = format!(
        "{} has the e-mail address that the upstream names, and is not linked by it: {why}",
        user.name
    );
    let link = format!(
        "doorward upstream link {} --subject … --user {}",
        upstream.name, user.name
    );
    if user.kind == UserKind::Person && upstream.link != LinkRule::Never {
        return Refusal::page(&refusals::LINK_CONFIRMATION_NEEDED, detail).with_remedy(format!(
            "The person logs in to {} and connects this login under “Logins”, or an administrator links them: {link}",
            user.name
        ));
    }
    Refusal::page(&refusals::LINK_REFUSED, detail).with_remedy(if user.kind == UserKind::Person {
        format!("If they are one person: {link}")
    } else {
        "Give the service account another e-mail address.".to_owned()
    })
}

fn by_confirmation(upstream: &Upstream, user: &User) -> Result<(), Refusal> {
    if upstream.link == LinkRule::Never {
        return Err(Refusal::page(
            &refusals::LINK_REFUSED,
            format!(
                "the upstream {} links no accounts, not even on confirmation",
                upstream.name
            ),
        )
        .with_remedy(format!("doorward upstream edit {} --link confirmed", upstream.name)));
    }
    if user.kind == UserKind::Service {
        return Err(Refusal::page(
            &refusals::LINK_REFUSED,
            format!("{} is a service account", user.name),
        ));
    }
    Ok(())
}

fn no_local_user(upstream: &Upstream, judged: &Judged) -> Refusal {
    Refusal::page(
        &refusals::NO_LOCAL_USER,
        format!(
            "expected somebody who is linked to the subject `{}` of {}, found nobody; the upstream does not create users",
            shown(&judged.subject),
            upstream.name
        ),
    )
    .with_remedy(format!(
        "doorward upstream link {name} --subject {subject} --user …, or let it create users: doorward upstream edit {name} \
         --create-users on",
        name = upstream.name,
        subject = quoted(&judged.subject)
    ))
}

fn may_come_in(user: &User, now: Timestamp) -> Result<(), Refusal> {
    let closed = user.closed(now);
    if closed == Some(Closed::Disabled) {
        return Err(
            Refusal::page(&refusals::ACCOUNT_DISABLED, format!("{} is disabled here", user.name)).with_remedy(format!(
                "doorward {} enable {}",
                user.kind.command(),
                user.name
            )),
        );
    }
    if let Some(closed) = closed {
        return Err(closed.refusal(user));
    }
    if user.kind == UserKind::Service {
        return Err(Refusal::page(
            &refusals::LINK_REFUSED,
            format!("{} is a service account: it has API tokens, and no login", user.name),
        ));
    }
    Ok(())
}

/// Refuses a person whose groups always log in through other upstreams: one that was connected beside them is no way around
/// those who can lock the person there.
fn elsewhere(tx: &mut Tx<'_>, upstream: &Upstream, facts: &Facts) -> Result<Result<(), Refusal>, StoreError> {
    let routes = rows::routes_of(tx, facts)?;
    let Some(route) = routes.first() else { return Ok(Ok(())) };
    if routes.iter().any(|one| one.id == upstream.id) {
        return Ok(Ok(()));
    }
    Ok(Err(Refusal::page(
        &refusals::PASSWORD_LOGIN_OFF,
        format!(
            "{} is in a group whose members log in through the upstream {}, and came through {}",
            facts.user.name, route.name, upstream.name
        ),
    )
    .with_remedy(format!(
        "Use the button “{}”; to allow other ways again: doorward upstream edit {} --groups \"\"",
        route.title, route.name
    ))))
}

pub(crate) fn disabled_upstream(upstream: &Upstream) -> Refusal {
    Refusal::page(
        &refusals::UPSTREAM_DISABLED,
        format!("the upstream {} is switched off", upstream.name),
    )
    .with_remedy(format!("doorward upstream edit {} --enabled on", upstream.name))
}

fn admitted(upstream: &Upstream, evaluation: &Evaluation) -> Result<Changes, Refusal> {
    evaluation.outcome.clone().map_err(|denied| {
        let name = &upstream.name;
        Refusal::page(kind_of(denied.code()), format!("upstream {name}: {denied}")).with_remedy(format!(
            "See what every rule said to the claims: doorward upstream preview {name}; change the rules: doorward upstream \
             edit {name} --rules-file …"
        ))
    })
}

/// The catalogue's word for what a rule found.
fn kind_of(code: Code) -> &'static RefusalKind {
    match code {
        Code::AudienceMismatch => &refusals::AUDIENCE_MISMATCH,
        Code::RequiredGroupMissing => &refusals::REQUIRED_GROUP_MISSING,
        Code::EmailMissing => &refusals::NO_EMAIL_CLAIM,
        Code::UserMissing | Code::UserWrong => &refusals::SUBJECT_INVALID,
        Code::GroupsElsewhere => &refusals::LOOKUP_FAILED,
        Code::Expired | Code::ExpiryMissing => &refusals::TOKEN_EXPIRED,
        Code::NotYetValid | Code::IssuedInFuture => &refusals::CLOCK_SKEW,
        Code::AuthTooOld | Code::AuthTimeMissing => &refusals::AUTHENTICATION_TOO_OLD,
        _ => &refusals::BOUND_CLAIMS_MISMATCH,
    }
}

fn evaluate(
    tx: &mut Tx<'_>,
    rules: &LoginRules,
    claims: &Map<String, Value>,
    facts: &Facts,
    is_first_login: bool,
) -> Result<Evaluation, StoreError> {
    let attributes: Map<String, Value> = facts
        .user
        .attributes
        .iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    let flags: BTreeSet<String> = attributes
        .iter()
        .filter(|(_, value)| **value == Value::Bool(true))
        .map(|(name, _)| name.clone())
        .collect();
    let groups: BTreeSet<String> = within::direct_groups(tx, facts.user.id)?.into_iter().collect();
    let roles: BTreeSet<String> = within::own_roles(tx, facts.user.id)?
        .into_iter()
        .filter(|role| role.group().is_none())
        .map(|role| role.as_str().to_owned())
        .collect();
    Ok(rules.evaluate(
        claims,
        &Local {
            attributes: &attributes,
            groups: &groups,
            roles: &roles,
            flags: &flags,
            is_first_login,
        },
    ))
}

/// Puts the groups of the last login where those of this one could not be had.
fn keep_groups(
    rules: &LoginRules,
    identity: Option<&Identity>,
    why: &str,
    now: Timestamp,
    claims: &mut Map<String, Value>,
) -> Result<(), Refusal> {
    let Some(groups) = &rules.groups else { return Ok(()) };
    let refuse = |what: &str| {
        Refusal::page(&refusals::LOOKUP_FAILED, format!("{why}; {what}"))
            .with_remedy("Log in again; whoever runs the upstream can say why the groups are not to be had.")
    };
    let Some(kept) = identity.and_then(|identity| identity.kept_groups.clone()) else {
        return Err(refuse("no earlier login left groups to keep"));
    };
    let known = identity.and_then(|identity| identity.groups_known);
    if known.is_none_or(|known| now.duration_since(known) > LONGEST_KEPT) {
        return Err(refuse("the groups of the last login are older than a day"));
    }
    groups
        .claim
        .insert(claims, kept)
        .map_err(|error| refuse(&error.to_string()))?;
    claims.remove("_claim_names");
    claims.remove("_claim_sources");
    claims.remove("hasgroups");
    Ok(())
}

/// A subject as an argument of a command.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:@/+=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
