//! People say yes.

use doorward_audit::{Event, Reference, events};
use doorward_store::{Change, StoreError, Topic, Tx, sessions};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{TermsAcceptance, rows};
use crate::{Directory, Facts, directory::Result};

impl Directory {
    /// Somebody accepts the version that is asked for, in their session. `false` when another one is asked for by now, nothing
    /// is, or the session has ended: nothing was written, and the page is to be shown anew.
    pub async fn accept_terms(
        &self,
        (who, session): (&Facts, Uuid),
        version: u32,
        (language, address): (&str, String),
        trace: Option<Reference>,
        now: Timestamp,
    ) -> Result<bool> {
        let user = &who.user;
        let word = TermsAcceptance {
            id: self.new_id(now),
            version,
            user_id: user.id,
            user: user.name.to_string(),
            accepted: now,
            language: language.to_owned(),
            address,
        };
        self.write(now, move |tx| Ok(accept(tx, session, &word, trace)?)).await
    }
}

fn accept(
    tx: &mut Tx<'_>,
    session: Uuid,
    word: &TermsAcceptance,
    trace: Option<Reference>,
) -> Result<bool, StoreError> {
    if sessions::hold(tx, session)?.is_none_or(|session| session.user_id != word.user_id) {
        return Ok(false);
    }
    if rows::in_force(tx)?.is_none_or(|terms| terms.version != word.version) {
        return Ok(false);
    }
    // Sent twice: said once.
    if rows::accept(tx, word)? {
        let by = doorward_audit::Actor::new(word.user_id, word.user.as_str(), "session");
        let event = Event::new("terms.accept", by)
            .about("terms", None, word.version.to_string())
            .from_address(word.address.clone())
            .in_trace(trace)
            .with_data(json!({ "language": word.language }));
        events::record(tx, &event)?;
        tx.announce(Change::of(Topic::People, word.user_id));
    }
    Ok(true)
}
