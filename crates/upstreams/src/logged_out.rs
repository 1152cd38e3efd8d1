//! What an upstream says itself about sessions that ended there (OpenID Connect Back-Channel Logout 1.0).

use std::sync::Arc;

use doorward_login::LogoutToken;
use doorward_store::replay;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Context, Upstream, Upstreams, UpstreamsError, Which, service, sessions};

impl Upstreams {
    /// Ends the sessions that a verified logout token means, with their grants; which ones. A token says so once: `None`
    /// when it was used before. Both in one unit of work, so that a token whose sessions could not be ended can come again.
    pub async fn logged_out(
        &self,
        upstream: &Arc<Upstream>,
        token: &LogoutToken,
        context: &Context,
        now: Timestamp,
    ) -> Result<Option<Vec<Uuid>>, UpstreamsError> {
        let (upstream, context) = (Arc::clone(upstream), context.clone());
        let once = format!("{} {}", upstream.id, token.jti);
        let expires = Timestamp::from_second(token.expires).unwrap_or(Timestamp::MAX);
        let issued = token.issued;
        let which = Which {
            issuer: token.issuer.clone(),
            sid: token.sid.clone(),
            sub: token.sub.clone(),
        };
        self.store()
            .write::<_, UpstreamsError>(now, move |tx| {
                if !replay::claim(tx, "upstream logout token", &once, expires)? {
                    return Ok(None);
                }
                sessions::remember(tx, upstream.id, &which, issued)?;
                let ended = sessions::end(tx, upstream.id, &which)?;
                service::record_ended(tx, &upstream, &ended, &context)?;
                Ok(Some(ended))
            })
            .await
    }
}
