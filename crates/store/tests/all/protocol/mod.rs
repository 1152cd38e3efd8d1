//! The operations on the protocol's state.

use doorward_jose::SystemRandom;
use doorward_store::codes::Code;
use doorward_store::grants::Grant;
use doorward_store::sessions::NewSession;
use doorward_store::testing::START;
use doorward_store::{StoreError, Ticket, Tx, new_id, sessions};
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

pub(crate) fn id() -> Uuid {
    new_id(START, &SystemRandom)
}

pub(crate) fn ticket() -> Ticket {
    Ticket::new(START, &SystemRandom)
}

pub(crate) fn after(seconds: i64) -> Timestamp {
    START + seconds.seconds()
}

pub(crate) fn grant(user_id: Option<Uuid>, app_id: Uuid, session_id: Option<Uuid>) -> Grant {
    Grant {
        id: id(),
        user_id,
        app_id,
        session_id,
        scope: "openid profile".to_owned(),
        claims: Some(r#"{"userinfo":{"email":null}}"#.to_owned()),
        extent: Some(r#"{"resources":["https://api.example.com"]}"#.to_owned()),
        auth_time: Some(START),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        acr: Some("1".to_owned()),
        nonce: Some("n".to_owned()),
        offline: false,
        trace: Some("7K3Q-9FZM".to_owned()),
        created: START,
        expires: after(86_400),
        revoked_at: None,
    }
}

pub(crate) fn code(grant_id: Uuid) -> Code {
    Code {
        grant_id,
        app_id: Uuid::from_u128(5),
        redirect_uri: "https://netbox.example/oauth/complete/oidc/".to_owned(),
        code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
        dpop_jkt: None,
        nonce: Some("n".to_owned()),
        expires: after(60),
    }
}

pub(crate) fn log_in(tx: &mut Tx<'_>, ticket: &Ticket, user_id: Uuid) -> Result<(), StoreError> {
    let new = NewSession {
        user_id,
        expires: after(36_000),
        idle_seconds: 3600,
        auth_time: tx.now(),
        amr: &["pwd".to_owned()],
        acr: Some("1"),
        address: "192.0.2.7",
        user_agent: "Browser/1.0",
    };
    sessions::create(tx, ticket, &new)
}

/// A unit that must go well, at `START` or later.
macro_rules! unit {
    ($store:expr, $now:expr, $work:expr) => {
        $store
            .write($now, $work)
            .await
            .unwrap_or_else(|failure: StoreError| panic!("{}: {failure}", $store.engine))
    };
}

/// A read that must go well.
macro_rules! read {
    ($store:expr, $work:expr) => {
        $store
            .read($work)
            .await
            .unwrap_or_else(|failure: StoreError| panic!("{}: {failure}", $store.engine))
    };
}

// After the macros, which are known from here on only.
mod app_sessions;
mod decoupled;
mod grants;
mod keys_and_settings;
mod pushed_requests;
mod refreshing;
mod sessions_and_attempts;
