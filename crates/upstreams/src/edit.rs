//! What an administrator can change about an upstream, one step at a time. Pure: a list of edits either gives a consistent
//! upstream or a refusal, never half of it. The secret and the groups are rows of their own.

use doorward_claims::{GroupRow, LoginRules};
use doorward_jose::Algorithm;
use doorward_login::RESERVED_PARAMETERS;
use doorward_oidc::{Refusal, ResponseMode, ScopeSet, shown};

use crate::connections::template;
use crate::{Authentication, Endpoints, LinkRule, Lookup, LookupFailure, Upstream, presets, values};

/// Longest PEM of a private CA.
const LONGEST_CA: usize = 256 * 1024;
/// Most entries of each list.
const MOST: usize = 100;

/// Microsoft Graph of everybody.
const GRAPH: &str = "https://graph.microsoft.com";

/// One change of an upstream.
#[derive(Debug, Clone)]
pub enum Edit {
    /// The name on the button.
    Title(String),
    /// Whether there is a button.
    Button(bool),
    /// The issuer.
    Issuer(String),
    /// All tenants whose tokens are accepted.
    Tenants(Vec<String>),
    /// The client id.
    ClientId(String),
    /// How this server authenticates there.
    Authentication(Authentication),
    /// What is asked for.
    Scopes(ScopeSet),
    /// What ID tokens may be signed with; empty for all.
    Algorithms(Vec<Algorithm>),
    /// A further parameter of the authorization request; `None` takes it away.
    Parameter(String, Option<String>),
    /// How the answer comes back.
    ResponseMode(ResponseMode),
    /// Tolerance for times, in seconds.
    Leeway(i64),
    /// Whether userinfo is asked.
    Userinfo(bool),
    /// Where else something is asked.
    Lookup(Lookup),
    /// Where Microsoft Graph is asked.
    LookupUrl(String),
    /// What is done when that fails.
    LookupFailure(LookupFailure),
    /// Who may come in, and what the claims do.
    Rules(Box<LoginRules>),
    /// A group there gives a group here, in addition to what the rules say; `None` takes the rows of the group there away.
    MapGroup(String, Option<String>),
    /// Whether new people get an account.
    CreateUsers(bool),
    /// Whether accounts that exist may be linked.
    Link(LinkRule),
    /// Whether the upstream's word on e-mail addresses counts.
    TrustedEmail(bool),
    /// Whether its word on how somebody authenticated goes into tokens.
    TrustedAmr(bool),
    /// All e-mail domains whose people are sent there.
    Domains(Vec<String>),
    /// All groups whose members always log in there; written by the service, which knows the groups.
    Groups(Vec<String>),
    /// Whether sessions end with the upstream's token.
    SessionBound(bool),
    /// A private CA in PEM; `None` for the machine's own alone.
    Ca(Option<String>),
    /// Whether its addresses may be private.
    AllowPrivate(bool),
    /// How long it may take for one answer, in seconds.
    Timeout(u64),
    /// Whether anybody logs in through it.
    Enabled(bool),
}

impl Edit {
    /// Whether the upstream must be asked over the network whether it still works with this.
    pub(crate) fn wants_probe(&self) -> bool {
        matches!(
            self,
            Self::Issuer(_)
                | Self::ClientId(_)
                | Self::Authentication(_)
                | Self::Algorithms(_)
                | Self::Tenants(_)
                | Self::Ca(_)
                | Self::AllowPrivate(_)
        )
    }
}

/// Applies the edits in their order and checks that the result is consistent.
pub fn apply(upstream: &Upstream, edits: &[Edit]) -> Result<Upstream, Refusal> {
    let mut changed = upstream.clone();
    for edit in edits {
        step(&mut changed, edit)?;
    }
    check(&changed)?;
    Ok(changed)
}

pub(crate) fn step(upstream: &mut Upstream, edit: &Edit) -> Result<(), Refusal> {
    match edit {
        Edit::Title(title) => upstream.title = values::title(title)?,
        Edit::Button(button) => upstream.button = *button,
        Edit::Issuer(issuer) => {
            let preset = presets().require(&upstream.preset)?;
            preset.refuse_mistake("issuer", issuer.trim())?;
            upstream.issuer = values::issuer(issuer)?;
            let is_known = |url: &String| preset.knows_lookup_url(url);
            if let Some(url) = preset.lookup_url_for(&upstream.issuer)
                && upstream.lookup_url.as_ref().is_none_or(is_known)
            {
                move_lookup(upstream, url)?;
            }
            if upstream.preset == "github" {
                upstream.endpoints = Some(github(&upstream.issuer));
            }
        }
        Edit::Tenants(tenants) => {
            upstream.tenants = list("tenants", tenants, values::tenant)?;
        }
        Edit::ClientId(id) => upstream.client_id = values::client_id(id)?,
        Edit::Authentication(method) => upstream.authentication = *method,
        Edit::Scopes(scopes) => upstream.scopes = scopes.clone(),
        Edit::Algorithms(algorithms) => upstream.algorithms.clone_from(algorithms),
        Edit::Parameter(name, value) => parameter(upstream, name, value.as_deref())?,
        Edit::ResponseMode(mode) => upstream.response_mode = *mode,
        Edit::Leeway(seconds) => {
            if !(0..=600).contains(seconds) {
                return Err(values::invalid(format!(
                    "expected a leeway of 0 to 600 seconds, received {seconds}"
                )));
            }
            upstream.leeway = *seconds;
        }
        Edit::Userinfo(asked) => upstream.userinfo = *asked,
        Edit::Lookup(lookup) => {
            upstream.lookup = *lookup;
            if *lookup != Lookup::GraphGroups {
                upstream.lookup_url = None;
            } else if upstream.lookup_url.is_none() {
                upstream.lookup_url = Some(GRAPH.to_owned());
            }
        }
        Edit::LookupUrl(url) => {
            let url = values::web_address("the address of Microsoft Graph", url.trim())?;
            if url.contains('?') {
                return Err(values::invalid(format!(
                    "expected the address of Microsoft Graph without a query, received `{}`",
                    shown(&url)
                )));
            }
            move_lookup(upstream, url.trim_end_matches('/'))?;
        }
        Edit::LookupFailure(outcome) => upstream.lookup_failure = *outcome,
        Edit::Rules(rules) => {
            rules
                .check()
                .map_err(|error| values::invalid(format!("the rules: {error}")))?;
            upstream.rules = LoginRules::clone(rules);
        }
        Edit::MapGroup(there, here) => map_group(&mut upstream.rules, there, here.as_deref())?,
        Edit::CreateUsers(create) => upstream.create_users = *create,
        Edit::Link(rule) => upstream.link = *rule,
        Edit::TrustedEmail(trusted) => upstream.trusted_email = *trusted,
        Edit::TrustedAmr(trusted) => upstream.trusted_amr = *trusted,
        Edit::Domains(domains) => upstream.domains = list("domains", domains, values::domain)?,
        // The rows are the service's to write; here it is only checked that there are not too many.
        Edit::Groups(groups) => {
            list("groups", groups, |group| Ok(group.to_owned()))?;
        }
        Edit::SessionBound(bound) => upstream.session_bound = *bound,
        Edit::Ca(pem) => upstream.ca_pem = pem.as_deref().map(ca).transpose()?,
        Edit::AllowPrivate(allowed) => upstream.allow_private = *allowed,
        Edit::Timeout(seconds) => {
            if !(1..=60).contains(seconds) {
                return Err(values::invalid(format!(
                    "expected a timeout of 1 to 60 seconds, received {seconds}"
                )));
            }
            upstream.timeout = *seconds;
        }
        Edit::Enabled(enabled) => upstream.enabled = *enabled,
    }
    Ok(())
}

/// What must hold of all settings together.
fn check(upstream: &Upstream) -> Result<(), Refusal> {
    let preset = presets().require(&upstream.preset)?;
    if let Some(reason) = &preset.email_proves_nothing
        && (upstream.link == LinkRule::VerifiedEmail || upstream.trusted_email)
    {
        return Err(values::invalid(format!(
            "addresses of {} prove nothing, so no account can be linked by them: {reason}",
            preset.title
        ))
        .with_remedy("--link confirmed, without --trusted-email"));
    }
    if upstream.link == LinkRule::VerifiedEmail && !upstream.trusted_email {
        return Err(values::invalid(
            "linking by verified e-mail needs an upstream whose word on addresses is trusted",
        )
        .with_remedy(
            "--trusted-email on, if the upstream verifies every address before it says so; else --link confirmed",
        ));
    }
    if upstream.link == LinkRule::VerifiedEmail && upstream.rules.email.is_none() {
        return Err(values::invalid(
            "linking by verified e-mail needs a rule that reads the address: [email] in the rules",
        ));
    }
    let is_openid = upstream.scopes.contains("openid");
    if upstream.is_oauth_only() == is_openid {
        return Err(values::invalid(if is_openid {
            "an OAuth 2 provider without discovery knows no scope `openid`"
        } else {
            "expected `openid` among the scopes: without it there is no ID token"
        }));
    }
    if upstream.lookup != Lookup::GraphGroups && upstream.lookup_url.is_some() {
        return Err(
            values::invalid("only Microsoft Graph is asked at an address of its own")
                .with_remedy("--lookup graph_groups"),
        );
    }
    let is_template = template(&upstream.issuer).is_some();
    if is_template && preset.tenants && upstream.tenants.is_empty() {
        return Err(values::invalid(format!(
            "the issuer {} is for every tenant there is; expected the tenants that are let in",
            shown(&upstream.issuer)
        ))
        .with_remedy("--tenants <tenant id>,…, or the issuer of one tenant"));
    }
    if !upstream.tenants.is_empty() && !preset.tenants {
        return Err(values::invalid(format!("{} has no tenants", preset.title)));
    }
    Ok(())
}

/// Asks elsewhere from now on. Scopes that belong to the old address move along: those of Microsoft Graph begin with it.
fn move_lookup(upstream: &mut Upstream, url: &str) -> Result<(), Refusal> {
    let Some(before) = upstream.lookup_url.replace(url.to_owned()) else {
        return Ok(());
    };
    let moved = |scope: &str| match scope.strip_prefix(before.as_str()) {
        Some(rest) if rest.starts_with('/') => format!("{url}{rest}"),
        _ => scope.to_owned(),
    };
    let scopes: Vec<String> = upstream.scopes.iter().map(moved).collect();
    upstream.scopes = ScopeSet::parse(&scopes.join(" "))?;
    Ok(())
}

/// Endpoints of GitHub, of GitHub Enterprise Cloud with data residency (`https://NAME.ghe.com`), or of a GitHub Enterprise
/// Server ("REST API: getting started", each edition).
fn github(issuer: &str) -> Endpoints {
    let host = issuer.trim_end_matches('/');
    let name = host.strip_prefix("https://").unwrap_or_default();
    Endpoints {
        authorization: format!("{host}/login/oauth/authorize"),
        token: format!("{host}/login/oauth/access_token"),
        user: if name == "github.com" || name.ends_with(".ghe.com") {
            format!("https://api.{name}/user")
        } else {
            format!("{host}/api/v3/user")
        },
    }
}

/// One more row of the group mapping, or one less.
fn map_group(rules: &mut LoginRules, there: &str, here: Option<&str>) -> Result<(), Refusal> {
    let groups = rules.groups.get_or_insert_default();
    let is_row = |row: &GroupRow| row.group.as_deref() == Some(there);
    let Some(here) = here else {
        let before = groups.map.len();
        groups.map.retain(|row| !is_row(row));
        if groups.map.len() == before {
            return Err(values::invalid(format!(
                "no row of the mapping is for the group `{}`",
                shown(there)
            )));
        }
        return Ok(());
    };
    if let Some(row) = groups.map.iter_mut().find(|row| is_row(row)) {
        row.groups.insert(here.to_owned());
    } else {
        groups.map.push(GroupRow {
            group: Some(there.to_owned()),
            groups: [here.to_owned()].into(),
            ..GroupRow::default()
        });
    }
    rules
        .check()
        .map_err(|error| values::invalid(format!("the rules: {error}")))
}

fn list(
    what: &str,
    values: &[String],
    check: impl Fn(&str) -> Result<String, Refusal>,
) -> Result<Vec<String>, Refusal> {
    if values.len() > MOST {
        return Err(values::invalid(format!(
            "expected at most {MOST} {what}, received {}",
            values.len()
        )));
    }
    let mut list = Vec::new();
    for value in values {
        let value = check(value)?;
        if !list.contains(&value) {
            list.push(value);
        }
    }
    Ok(list)
}

fn parameter(upstream: &mut Upstream, name: &str, value: Option<&str>) -> Result<(), Refusal> {
    if RESERVED_PARAMETERS.contains(&name) {
        return Err(values::invalid(format!(
            "`{name}` belongs to the protocol or to each login, and cannot be a further parameter"
        )));
    }
    let fits = (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits || value.is_some_and(|value| value.len() > 500) {
        return Err(values::invalid(format!(
            "expected a parameter name=value of at most 64 and 500 characters, received `{}`",
            shown(name)
        )));
    }
    match value {
        Some(value) => {
            upstream.parameters.insert(name.to_owned(), value.to_owned());
            if upstream.parameters.len() > 20 {
                return Err(values::invalid("expected at most 20 further parameters"));
            }
        }
        None => {
            upstream.parameters.remove(name);
        }
    }
    Ok(())
}

fn ca(pem: &str) -> Result<String, Refusal> {
    if pem.len() <= LONGEST_CA && pem.contains("-----BEGIN CERTIFICATE-----") {
        return Ok(pem.to_owned());
    }
    Err(values::invalid(format!(
        "expected certificates in PEM of at most {LONGEST_CA} bytes, received {} bytes{}",
        pem.len(),
        if pem.contains("PRIVATE KEY") {
            " with a private key"
        } else {
            ""
        }
    )))
}
