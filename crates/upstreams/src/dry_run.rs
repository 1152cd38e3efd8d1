//! Who would become whom: what linking by e-mail would do, before anybody logs in.

use doorward_directory::{Actor, Right, User, within};
use doorward_store::Tx;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::decide::{Who, judge, obstacle};
use crate::{Arrival, LinkRule, Upstream, Upstreams, UpstreamsError, apply, identities, rows};

/// Most people that one dry run lists.
pub(crate) const MOST: u32 = 10_000;

/// A person here who could become somebody's at the upstream.
#[derive(Debug, Clone)]
pub struct Prospect {
    /// The user's id.
    pub user: Uuid,
    /// The user's name.
    pub name: String,
    /// Their address here.
    pub email: String,
    /// The subject that they are already, if they came before.
    pub linked: Option<String>,
    /// Why a login with this address, verified by the upstream, would not become this user; none when it would.
    pub obstacle: Option<String>,
}

/// Somebody of the upstream, as its own export says it, and who that would be here.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The subject, if it could be read.
    pub subject: Option<String>,
    /// The address, as it came.
    pub email: Option<String>,
    /// What would come of a login.
    pub outcome: WouldBe,
}

/// What would come of a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WouldBe {
    /// This user, who came before.
    Known(String),
    /// This user, whose account was here before.
    Linked(String),
    /// A new user, with a name made from this.
    Created(String),
    /// Nobody: why.
    Refused(String),
}

impl Upstreams {
    /// Everybody here with an e-mail address, and whether a login with that address would become them under `rule` (as it
    /// is stored without one). Nothing is written. Right: read-people.
    pub async fn link_dry_run(
        &self,
        actor: &Actor,
        name: &str,
        rule: Option<LinkRule>,
    ) -> Result<Vec<Prospect>, UpstreamsError> {
        let (actor, name) = (actor.clone(), name.to_owned());
        self.store()
            .scan(move |tx| {
                within::current(tx, &actor)?.require(Right::ReadPeople)?;
                let upstream = under(rows::find(tx, &name)?, rule);
                let people = within::persons_with_email(tx, MOST)?;
                people.iter().map(|user| prospect(tx, &upstream, user)).collect()
            })
            .await
    }

    /// People of the upstream as an export of it lists them (claims as a login would carry them), and who each would become.
    /// Nothing is written. Right: read-people.
    pub async fn link_dry_run_of(
        &self,
        actor: &Actor,
        name: &str,
        rule: Option<LinkRule>,
        people: Vec<Map<String, Value>>,
    ) -> Result<Vec<Candidate>, UpstreamsError> {
        let (actor, name) = (actor.clone(), name.to_owned());
        self.store()
            .scan(move |tx| {
                within::current(tx, &actor)?.require(Right::ReadPeople)?;
                let upstream = under(rows::find(tx, &name)?, rule);
                people
                    .into_iter()
                    .map(|claims| candidate(tx, &upstream, claims))
                    .collect()
            })
            .await
    }
}

fn under(mut upstream: Upstream, rule: Option<LinkRule>) -> Upstream {
    if let Some(rule) = rule {
        upstream.link = rule;
        // The rule is tried as it would have to be set.
        upstream.trusted_email |= rule == LinkRule::VerifiedEmail;
    }
    upstream
}

fn prospect(tx: &mut Tx<'_>, upstream: &Upstream, user: &User) -> Result<Prospect, UpstreamsError> {
    let email = user.email.clone().unwrap_or_default();
    let linked = identities::of_user(tx, user.id)?
        .into_iter()
        .find(|identity| identity.upstream == upstream.id);
    let holds_role = within::holds_role(tx, user.id)?;
    let obstacle = match &linked {
        Some(_) => None,
        None if user.closed(tx.now()).is_some() => Some("the account is closed".to_owned()),
        None => obstacle(upstream, &email, true, user, holds_role),
    };
    Ok(Prospect {
        user: user.id,
        name: user.name.to_string(),
        email,
        linked: linked.map(|identity| identity.subject),
        obstacle,
    })
}

fn candidate(tx: &mut Tx<'_>, upstream: &Upstream, claims: Map<String, Value>) -> Result<Candidate, UpstreamsError> {
    let email = claims.get("email").and_then(Value::as_str).map(str::to_owned);
    let arrival = Arrival {
        upstream: upstream.id,
        issuer: claims
            .get("iss")
            .and_then(Value::as_str)
            .unwrap_or(&upstream.issuer)
            .to_owned(),
        sub: String::new(),
        sid: None,
        claims,
        groups_unknown: None,
        id_token: None,
        expires: None,
        auth_time: None,
        amr: Vec::new(),
        acr: None,
    };
    let judged = judge(tx, upstream, &arrival, None)?;
    Ok(Candidate {
        subject: (!judged.subject.is_empty()).then_some(judged.subject),
        email,
        outcome: match judged.who {
            Ok(Who::Known(user, _)) => WouldBe::Known(user.name.to_string()),
            Ok(Who::Linked(user, ..)) => WouldBe::Linked(user.name.to_string()),
            Ok(Who::New(changes)) => WouldBe::Created(apply::wanted_name(&changes, &judged.claims)),
            Err(refusal) => WouldBe::Refused(refusal.to_string()),
        },
    })
}
