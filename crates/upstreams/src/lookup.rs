//! What an upstream keeps elsewhere: groups that did not fit into the token, addresses and teams of GitHub. What cannot be had
//! is said and never taken for nothing.

use doorward_claims::ClaimPath;
use doorward_jose::Secret;
use doorward_login::{Login, LoginError, Verified};
use doorward_oidc::Refusal;
use serde_json::{Map, Value, json};

use crate::{Arrival, Lookup, LookupFailure, Upstream, UpstreamsError, refusals};

/// At Microsoft Graph: the groups of whoever the token is for, through nesting too (List transitiveMemberOf). Entra's own note in
/// the token points to a service that is switched off, so it is not followed.
const GROUPS: &str = "/v1.0/me/transitiveMemberOf/microsoft.graph.group?$select=id&$top=999";
/// Pages of a list that are asked for; a person in more groups is refused, since part of a list is a wrong list.
const MOST_PAGES: usize = 20;

/// The arrival, complete.
pub(crate) async fn complete(
    login: &Login,
    upstream: &Upstream,
    verified: &Verified,
) -> Result<Arrival, UpstreamsError> {
    let mut arrival = Arrival::new(upstream.id, verified);
    let token = &verified.tokens.access_token;
    let outcome = match upstream.lookup {
        Lookup::GraphGroups if is_elsewhere(&arrival.claims) => {
            graph(login, upstream, token, &mut arrival.claims).await
        }
        Lookup::None | Lookup::GraphGroups => Ok(()),
        Lookup::Github => github(login, upstream, token, &mut arrival.claims).await,
    };
    if let Err(error) = outcome {
        match upstream.lookup_failure {
            LookupFailure::Deny => return Err(refused(upstream, &error).into()),
            LookupFailure::Keep => {
                tracing::warn!(upstream = upstream.name, %error, "groups could not be looked up; the last ones stay");
                arrival.groups_unknown = Some(error.to_string());
            }
        }
    }
    Ok(arrival)
}

/// Whether the token says that the groups are elsewhere (Microsoft identity platform, group overage claim; OpenID Connect
/// Core §5.6.2).
fn is_elsewhere(claims: &Map<String, Value>) -> bool {
    let names = claims.get("_claim_names").and_then(Value::as_object);
    names.is_some_and(|names| names.contains_key("groups"))
        || matches!(claims.get("hasgroups"), Some(Value::Bool(true)))
        || claims.get("hasgroups").and_then(Value::as_str) == Some("true")
}

async fn graph(
    login: &Login,
    upstream: &Upstream,
    token: &Secret<String>,
    claims: &mut Map<String, Value>,
) -> Result<(), LoginError> {
    let url = format!("{}{GROUPS}", upstream.lookup_url.as_deref().unwrap_or_default());
    let list = login
        .pages(&url, token, &[("consistencylevel", "eventual")], MOST_PAGES)
        .await?;
    let ids: Vec<Value> = list
        .iter()
        .filter_map(|group| group.get("id").cloned())
        .filter(Value::is_string)
        .collect();
    put_groups(upstream, claims, &ids);
    for note in ["_claim_names", "_claim_sources", "hasgroups"] {
        claims.remove(note);
    }
    Ok(())
}

/// REST API of GitHub: "List email addresses", "List organizations", "List teams for the authenticated user".
async fn github(
    login: &Login,
    upstream: &Upstream,
    token: &Secret<String>,
    claims: &mut Map<String, Value>,
) -> Result<(), LoginError> {
    let api = upstream
        .endpoints
        .as_ref()
        .map(|endpoints| endpoints.user.trim_end_matches("/user").to_owned())
        .unwrap_or_default();
    let headers = [("accept", "application/vnd.github+json"), ("user-agent", "doorward")];
    if upstream.scopes.contains("user:email") {
        let emails = login
            .pages(&format!("{api}/user/emails?per_page=100"), token, &headers, MOST_PAGES)
            .await?;
        let flag = |email: &Value, name: &str| email.get(name).and_then(Value::as_bool) == Some(true);
        // The address on the profile is whatever its owner shows; the primary one is what GitHub has verified.
        claims.remove("email");
        claims.remove("email_verified");
        if let Some(primary) = emails.iter().find(|email| flag(email, "primary")) {
            claims.insert("email".to_owned(), primary.get("email").cloned().unwrap_or_default());
            claims.insert("email_verified".to_owned(), Value::Bool(flag(primary, "verified")));
        }
    }
    if upstream.scopes.contains("read:org") {
        let orgs = login
            .pages(&format!("{api}/user/orgs?per_page=100"), token, &headers, MOST_PAGES)
            .await?;
        let teams = login
            .pages(&format!("{api}/user/teams?per_page=100"), token, &headers, MOST_PAGES)
            .await?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let orgs = orgs.iter().filter_map(|org| text(org.get("login")));
        let teams = teams.iter().filter_map(|team| {
            let org = text(team.get("organization")?.get("login"))?;
            Some(format!("{org}:{}", text(team.get("slug"))?))
        });
        let groups: Vec<Value> = orgs.chain(teams).map(Value::String).collect();
        put_groups(upstream, claims, &groups);
    }
    Ok(())
}

fn put_groups(upstream: &Upstream, claims: &mut Map<String, Value>, groups: &[Value]) {
    let path = upstream.rules.groups.as_ref().map(|groups| &groups.claim);
    let at = path.map_or("groups", ClaimPath::claim).to_owned();
    claims.insert(at, json!(groups));
}

fn refused(upstream: &Upstream, error: &LoginError) -> Refusal {
    Refusal::page(
        &refusals::LOOKUP_FAILED,
        format!("upstream {}: {error}", upstream.name),
    )
    .with_remedy(match upstream.lookup {
        Lookup::GraphGroups => format!(
            "Grant the application GroupMember.Read.All at Microsoft Graph (delegated, with admin consent), or emit only \
             groups assigned to the application; to keep the groups of the last login meanwhile: doorward upstream edit {} \
             --lookup-failure keep",
            upstream.name
        ),
        _ => format!(
            "Let the organisation approve the application, or ask for less: doorward upstream edit {} --scopes \"read:user \
             user:email\"",
            upstream.name
        ),
    })
}
