//! What follows when a code or a refresh token comes from somebody who should not have it (RFC 9700 §2.2.2, RFC 6749 §10.5).

use doorward_audit::{Actor, Event, events};
use doorward_oidc::Refusal;
use doorward_store::{
    StoreError, Tx,
    grants::{self, Grant},
};
use serde_json::json;
use uuid::Uuid;

/// Ends the grant and the session that its application has of it, and writes the event, once however often the token comes. The
/// grant, ended now or before, for the trace.
pub(super) fn end(tx: &mut Tx<'_>, grant_id: Uuid, because: &Refusal) -> Result<Option<Grant>, StoreError> {
    let Some(grant) = grants::revoke_stolen(tx, grant_id)? else {
        return grants::find(tx, grant_id);
    };
    if let Some(user) = grant.user_id {
        let event = Event::new("grant.stolen", Actor::system())
            .about("user", Some(user), user.to_string())
            .in_trace(grant.trace.as_deref().and_then(|trace| trace.parse().ok()))
            .with_data(json!({
                "app": grant.app_id, "session": grant.session_id, "because": because.kind.code,
            }));
        events::record(tx, &event)?;
    }
    Ok(Some(grant))
}
