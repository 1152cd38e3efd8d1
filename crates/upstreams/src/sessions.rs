//! Sessions here that began through an upstream, by the names that the upstream has for them: so that a logout there ends
//! them here, and a logout here can go there.

use doorward_jose::{Random, Secret, sha256};
use doorward_store::{MasterKey, StoreError, Tx, grants, sessions};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{Arrival, UpstreamsError};

/// Which sessions a logout at the upstream ends (OpenID Connect Back-Channel Logout §2.4): the one of this name or, without
/// one, all of the subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// The issuer that says so: of an upstream with several tenants, that of the tenant, whose names mean nothing in others.
    pub issuer: String,
    /// `sid`.
    pub sid: Option<String>,
    /// `sub`.
    pub sub: Option<String>,
}

/// What a logout needs that goes on to the upstream.
#[derive(Debug, Clone)]
pub struct LogoutHint {
    /// The upstream that the session began through.
    pub upstream: Uuid,
    /// The ID token of that login.
    pub id_token: Option<Secret<String>>,
}

fn digest(upstream: Uuid, kind: u8, issuer: &str, value: &str) -> [u8; 32] {
    let issuer = sha256(issuer.as_bytes());
    sha256(&[upstream.as_bytes().as_slice(), &[kind], &issuer, value.as_bytes()].concat())
}

fn sid_digest(upstream: Uuid, issuer: &str, sid: &str) -> [u8; 32] {
    digest(upstream, b's', issuer, sid)
}

fn sub_digest(upstream: Uuid, issuer: &str, sub: &str) -> [u8; 32] {
    digest(upstream, b'u', issuer, sub)
}

fn place(session: Uuid) -> Vec<u8> {
    [b"upstream_sessions.id_token:", session.as_bytes().as_slice()].concat()
}

/// Notes that a session began, or was proved anew, through an upstream. In the unit that writes the session.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    keys: (&MasterKey, &dyn Random),
    session: Uuid,
    arrival: &Arrival,
    expires: Timestamp,
) -> Result<(), StoreError> {
    let (master, random) = keys;
    let (upstream, issuer) = (arrival.upstream, arrival.issuer.as_str());
    let sid = arrival.sid.as_deref().map(|sid| sid_digest(upstream, issuer, sid));
    let id_token = arrival
        .id_token
        .as_ref()
        .map(|token| master.seal(random, &place(session), token.expose().as_bytes()));
    tx.execute(
        "INSERT INTO upstream_sessions (session_id, upstream_id, sid_digest, sub_digest, id_token, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (session_id) DO UPDATE SET \
         upstream_id = $2, sid_digest = $3, sub_digest = $4, id_token = $5, expires_at = $6",
        &[
            session.into(),
            upstream.into(),
            sid.as_ref().map(<[u8; 32]>::as_slice).into(),
            (&sub_digest(upstream, issuer, &arrival.sub)).into(),
            id_token.as_deref().into(),
            expires.into(),
        ],
    )?;
    Ok(())
}

/// What was noted for `reserved` before its session began belongs to `session` from now on. `false` when it ended meanwhile,
/// or the person's login there is no longer theirs: then nothing may begin.
pub(crate) fn adopt(
    tx: &mut Tx<'_>,
    keys: (&MasterKey, &dyn Random),
    reserved: Uuid,
    session: Uuid,
    user: Uuid,
) -> Result<bool, UpstreamsError> {
    let (master, random) = keys;
    let found = tx.one(
        "DELETE FROM upstream_sessions WHERE session_id = $1 RETURNING \
         upstream_id, sid_digest, sub_digest, id_token, expires_at",
        &[reserved.into()],
        |row| {
            Ok((
                row.get::<Uuid>(0)?,
                row.get::<Option<Vec<u8>>>(1)?,
                row.get::<Vec<u8>>(2)?,
                row.get::<Option<Vec<u8>>>(3)?,
                row.get::<Timestamp>(4)?,
            ))
        },
    )?;
    let Some((upstream, sid, sub, id_token, expires)) = found else {
        return Ok(false);
    };
    let is_theirs = tx.one(
        "SELECT 1 FROM identities WHERE upstream_id = $1 AND user_id = $2 LIMIT 1",
        &[upstream.into(), user.into()],
        |row| row.get::<i64>(0),
    )?;
    if is_theirs.is_none() {
        return Ok(false);
    }
    let id_token = match id_token {
        Some(sealed) => {
            let plain = master.open(&place(reserved), &sealed)?;
            Some(master.seal(random, &place(session), plain.expose()))
        }
        None => None,
    };
    tx.execute(
        "INSERT INTO upstream_sessions (session_id, upstream_id, sid_digest, sub_digest, id_token, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (session_id) DO UPDATE SET \
         upstream_id = $2, sid_digest = $3, sub_digest = $4, id_token = $5, expires_at = $6",
        &[
            session.into(),
            upstream.into(),
            sid.as_deref().into(),
            sub.as_slice().into(),
            id_token.as_deref().into(),
            expires.into(),
        ],
    )?;
    Ok(true)
}

/// How long an ending is remembered for logins that are still on their way here.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

/// Remembers that the upstream ended these sessions, told in a token of `issued` (NumericDate): a login through one of them
/// that has been verified and not written yet must not become a session afterwards.
pub(crate) fn remember(tx: &mut Tx<'_>, upstream: Uuid, which: &Which, issued: i64) -> Result<(), StoreError> {
    let digest = match (&which.sid, &which.sub) {
        (Some(sid), _) => sid_digest(upstream, &which.issuer, sid),
        (None, Some(sub)) => sub_digest(upstream, &which.issuer, sub),
        (None, None) => return Ok(()),
    };
    let expires = tx.now().checked_add(REMEMBERED).unwrap_or(Timestamp::MAX);
    tx.execute(
        "INSERT INTO upstream_endings (digest, issued, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT (digest) DO UPDATE SET issued = $2, expires_at = $3",
        &[(&digest).into(), issued.into(), expires.into()],
    )?;
    Ok(())
}

/// Whether the upstream has ended what this arrival comes from: its session, or all of the person's that were there when the
/// logout token was issued.
pub(crate) fn has_ended(tx: &mut Tx<'_>, arrival: &Arrival) -> Result<bool, StoreError> {
    let mut issued = |digest: [u8; 32]| {
        tx.one(
            "SELECT issued FROM upstream_endings WHERE digest = $1",
            &[(&digest).into()],
            |row| row.get::<i64>(0),
        )
    };
    if let Some(sid) = &arrival.sid
        && issued(sid_digest(arrival.upstream, &arrival.issuer, sid))?.is_some()
    {
        return Ok(true);
    }
    let began = arrival.claims.get("iat").and_then(serde_json::Value::as_i64);
    let sub = sub_digest(arrival.upstream, &arrival.issuer, &arrival.sub);
    Ok(match (issued(sub)?, began) {
        (Some(ended), Some(began)) => began <= ended,
        (ended, _) => ended.is_some(),
    })
}

/// Whether there is any session that [`end`] would end: asked first where strangers may say that one ended.
pub(crate) fn is_any(tx: &mut Tx<'_>, upstream: Uuid, which: &Which) -> Result<bool, StoreError> {
    let Some(sid) = &which.sid else { return Ok(true) };
    let found = tx.one(
        "SELECT 1 FROM upstream_sessions WHERE sid_digest = $1 LIMIT 1",
        &[(&sid_digest(upstream, &which.issuer, sid)).into()],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// Ends the sessions that an upstream says have ended there, with what was granted in them; offline grants stay, as the
/// specification has it (Back-Channel Logout §2.7). Which ones ended.
pub(crate) fn end(tx: &mut Tx<'_>, upstream: Uuid, which: &Which) -> Result<Vec<Uuid>, StoreError> {
    let found: Vec<Uuid> = match (&which.sid, &which.sub) {
        (Some(sid), _) => tx.all(
            "DELETE FROM upstream_sessions WHERE sid_digest = $1 RETURNING session_id",
            &[(&sid_digest(upstream, &which.issuer, sid)).into()],
            |row| row.get(0),
        )?,
        (None, Some(sub)) => tx.all(
            "DELETE FROM upstream_sessions WHERE sub_digest = $1 RETURNING session_id",
            &[(&sub_digest(upstream, &which.issuer, sub)).into()],
            |row| row.get(0),
        )?,
        (None, None) => Vec::new(),
    };
    end_all(tx, found)
}

/// Ends every session of a user that began through an upstream: what an unlinked person had opened with it.
pub(crate) fn end_of_user(tx: &mut Tx<'_>, upstream: Uuid, user: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let found: Vec<Uuid> = tx.all(
        "DELETE FROM upstream_sessions WHERE upstream_id = $1 AND session_id IN \
         (SELECT id FROM sessions WHERE user_id = $2) RETURNING session_id",
        &[upstream.into(), user.into()],
        |row| row.get(0),
    )?;
    end_all(tx, found)
}

/// Ends every session that began through an upstream: it is removed or switched off, and what it said counts no more.
pub(crate) fn end_of_upstream(tx: &mut Tx<'_>, upstream: Uuid) -> Result<Vec<Uuid>, StoreError> {
    let found: Vec<Uuid> = tx.all(
        "DELETE FROM upstream_sessions WHERE upstream_id = $1 RETURNING session_id",
        &[upstream.into()],
        |row| row.get(0),
    )?;
    end_all(tx, found)
}

/// Ends these sessions with what was granted in them; which were there.
fn end_all(tx: &mut Tx<'_>, found: Vec<Uuid>) -> Result<Vec<Uuid>, StoreError> {
    let mut ended = Vec::new();
    for session in found {
        if sessions::end_with_grants(tx, session, grants::Offline::Keep)? {
            ended.push(session);
        }
    }
    Ok(ended)
}

/// What a logout of this session takes along to the upstream; `None` when it did not begin through one.
pub(crate) fn hint(tx: &mut Tx<'_>, master: &MasterKey, session: Uuid) -> Result<Option<LogoutHint>, UpstreamsError> {
    let found = tx.one(
        "SELECT upstream_id, id_token FROM upstream_sessions WHERE session_id = $1",
        &[session.into()],
        |row| Ok((row.get::<Uuid>(0)?, row.get::<Option<Vec<u8>>>(1)?)),
    )?;
    let Some((upstream, sealed)) = found else {
        return Ok(None);
    };
    let id_token = match sealed {
        Some(sealed) => {
            let plain = master.open(&place(session), &sealed)?;
            let text = String::from_utf8(plain.expose().clone())
                .map_err(|_| StoreError::Damaged("a kept ID token is not text".to_owned()))?;
            Some(Secret::new(text))
        }
        None => None,
    };
    Ok(Some(LogoutHint { upstream, id_token }))
}
