//! Revocation (RFC 7009).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use doorward_apps::App;
use doorward_oidc::{Parameters, PresentedToken, Refusal};
use doorward_provider::{
    Steps,
    revocation::{self, Revocation},
};
use doorward_store::{StoreError, Ticket, grants, refresh, revoked_tokens};
use http::StatusCode;
use jiff::Timestamp;

use super::{
    client, cors,
    error::{Trouble, refused},
};
use crate::{Door, failure::Answer, visit::Visit};

/// POST.
pub(crate) async fn post(State(door): State<Arc<Door>>, visit: Visit, body: Bytes) -> Answer {
    match revoke(&door, &visit, &body).await {
        Ok(response) => Ok(response),
        Err(Trouble::Refused(refusal)) => Ok(refused(&refusal, client::used_header(&visit))),
        Err(Trouble::Failed(failure)) => Err(failure),
    }
}

async fn revoke(door: &Door, visit: &Visit, body: &[u8]) -> Result<Response, Trouble> {
    let form = Parameters::parse(body)?;
    let snapshot = door.snapshots.current().await?;
    let app = client::authenticated(door, visit, &snapshot, &form, &mut Steps::off()).await?;
    let presented = PresentedToken::parse(&form)?;
    let token = presented.token.expose();
    let keys = door.keys.current().await?;
    match revocation::plan(&app, token, &door.server, &keys, visit.seconds())? {
        Revocation::AccessToken { jti, expires_at, .. } => {
            let expires = Timestamp::from_second(expires_at).unwrap_or(Timestamp::MAX);
            door.store
                .write::<_, StoreError>(visit.now, move |tx| revoked_tokens::revoke(tx, &jti, expires))
                .await?;
        }
        Revocation::PerhapsRefreshToken => refresh_token(door, visit, &app, token).await?,
        Revocation::Nothing => {}
    }
    Ok(cors::allow(StatusCode::OK.into_response(), visit, Some(&app)))
}

/// Ends the whole grant of a refresh token (RFC 7009 §2.1).
async fn refresh_token(door: &Door, visit: &Visit, app: &Arc<App>, token: &str) -> Result<(), Trouble> {
    let Some(ticket) = Ticket::parse(token) else {
        return Ok(());
    };
    let app = Arc::clone(app);
    let refusal: Option<Refusal> = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| {
            let Some(grant_id) = refresh::grant_of(tx, &ticket)? else {
                return Ok(None);
            };
            let Some(grant) = grants::find(tx, grant_id)? else {
                return Ok(None);
            };
            if let Err(refusal) = revocation::is_of_this_client(&app, grant.app_id) {
                return Ok(Some(refusal));
            }
            grants::revoke(tx, grant_id)?;
            Ok(None)
        })
        .await?;
    refusal.map_or(Ok(()), |refusal| Err(refusal.into()))
}
