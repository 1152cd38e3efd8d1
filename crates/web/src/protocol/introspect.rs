//! Introspection (RFC 7662).

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use doorward_apps::App;
use doorward_oidc::{IntrospectionResponse, Parameters, PresentedToken};
use doorward_provider::{Confirmation, Mint, Steps, introspection};
use doorward_store::{StoreError, Ticket, grants, refresh};
use http::{HeaderValue, StatusCode, header};

use super::{
    bearer::look,
    client,
    error::{Trouble, refused},
    grant,
};
use crate::{Door, answer, failure::Answer, visit::Visit};

/// POST.
pub(crate) async fn post(State(door): State<Arc<Door>>, visit: Visit, body: Bytes) -> Answer {
    match introspect(&door, &visit, &body).await {
        Ok(response) => Ok(response),
        Err(Trouble::Refused(refusal)) => Ok(refused(&refusal, client::used_header(&visit))),
        Err(Trouble::Failed(failure)) => Err(failure),
    }
}

async fn introspect(door: &Door, visit: &Visit, body: &[u8]) -> Result<Response, Trouble> {
    let form = Parameters::parse(body)?;
    let snapshot = door.snapshots.current().await?;
    let asker = client::authenticated(door, visit, &snapshot, &form, &mut Steps::off()).await?;
    introspection::may_ask(&asker)?;
    let presented = PresentedToken::parse(&form)?;
    let token = presented.token.expose();
    let told = if token.contains('.') {
        of_access_token(door, visit, &asker, token).await?
    } else {
        of_refresh_token(door, visit, &asker, token).await?
    };
    if !wants_signed(visit) {
        return Ok(answer::json(StatusCode::OK, &told));
    }
    let keys = door.keys.current().await?;
    let mint = Mint {
        server: &door.server,
        keys: &keys,
        now: visit.seconds(),
        random: &*door.random,
        confirmation: Confirmation::NONE,
    };
    let mut response = Body::from(introspection::signed(mint, &asker, &told)?).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(introspection::SIGNED_ANSWER),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// RFC 9701 §4.
fn wants_signed(visit: &Visit) -> bool {
    let accepted = visit.headers.get_all(header::ACCEPT).iter();
    let mut types = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    types.any(|one| {
        let name = one.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case(introspection::SIGNED_ANSWER)
    })
}

async fn of_access_token(
    door: &Door,
    visit: &Visit,
    asker: &App,
    token: &str,
) -> Result<IntrospectionResponse, Trouble> {
    let keys = door.keys.current().await?;
    let looked = match look(door, visit, &keys, token).await {
        Ok(looked) => looked,
        Err(Trouble::Refused(_)) => return Ok(IntrospectionResponse::inactive()),
        Err(failed) => return Err(failed),
    };
    let facts = match looked.seen.grant.as_ref().and_then(|(_, user_id, _)| *user_id) {
        Some(user_id) => door.directory.facts(user_id).await?,
        None => None,
    };
    let snapshot = door.snapshots.current().await?;
    let app_lives = snapshot
        .find(&looked.seen.token.client_id)
        .is_some_and(|app| !app.disabled);
    let person_lives = looked.seen.grant.is_none()
        || facts
            .as_ref()
            .is_some_and(|facts| facts.user.closed(visit.now).is_none());
    let username = facts.as_ref().map(|facts| facts.user.name.as_str());
    let live = looked.live && app_lives && person_lives;
    Ok(introspection::of_access_token(
        asker,
        &looked.seen.token,
        live,
        username,
        visit.seconds(),
    ))
}

async fn of_refresh_token(
    door: &Door,
    visit: &Visit,
    asker: &App,
    token: &str,
) -> Result<IntrospectionResponse, Trouble> {
    let Some(ticket) = Ticket::parse(token) else {
        return Ok(IntrospectionResponse::inactive());
    };
    let now = visit.now;
    let found = door
        .store
        .read::<_, StoreError>(move |tx| {
            let Some(family) = refresh::current(tx, &ticket, now)? else {
                return Ok(None);
            };
            Ok(grants::find(tx, family.grant_id)?.map(|grant| (grant, family.bound_to)))
        })
        .await?;
    let Some((stored, bound_to)) = found else {
        return Ok(IntrospectionResponse::inactive());
    };
    let facts = match stored.user_id {
        Some(user_id) => door.directory.facts(user_id).await?,
        None => None,
    };
    let Some(facts) = facts.filter(|facts| facts.user.closed(now).is_none()) else {
        return Ok(IntrospectionResponse::inactive());
    };
    let grant = grant::facts(&stored, false)?;
    let confirmation = Confirmation::from_stored(bound_to.as_deref());
    let subject = doorward_provider::subject(&door.server, asker, &facts);
    let token = introspection::RefreshFacts {
        app_id: stored.app_id,
        subject: &subject,
        scope: &grant.scope,
        expires_at: stored.expires.as_second(),
        live: stored.is_live(visit.now),
        confirmation: &confirmation,
    };
    let username = Some(facts.user.name.as_str());
    Ok(introspection::of_refresh_token(
        asker,
        token,
        &door.server,
        username,
        visit.seconds(),
    ))
}
