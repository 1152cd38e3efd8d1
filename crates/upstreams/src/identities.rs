//! Who is whom: rows that say which subject of an upstream is which user here.

use doorward_jose::Random;
use doorward_oidc::shown;
use doorward_store::{Row, StoreError, Tx, new_id};
use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::decide::quoted;

/// Longest subject (OpenID Connect Core §2: at most 255 ASCII characters).
const LONGEST_SUBJECT: usize = 255;
/// Claims that help an administrator to recognise somebody, kept from the last login.
const SUMMARY: &[&str] = &[
    "name",
    "preferred_username",
    "upn",
    "login",
    "email",
    "email_verified",
    "hd",
    "tid",
];

/// A subject of an upstream and the user it is here.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The row.
    pub id: Uuid,
    /// The upstream.
    pub upstream: Uuid,
    /// The issuer.
    pub issuer: String,
    /// The subject: the value of the rules' user claim.
    pub subject: String,
    /// The user.
    pub user: Uuid,
    /// The user's name as it is now.
    pub user_name: String,
    /// How the two came together.
    pub origin: IdentityOrigin,
    /// What was said of the person last, cut to what helps to recognise them.
    pub claims: Map<String, Value>,
    /// The groups claim of the last login that had one.
    pub(crate) kept_groups: Option<Value>,
    /// When that was.
    pub(crate) groups_known: Option<Timestamp>,
    /// When they came together.
    pub created: Timestamp,
    /// When the person last came through the upstream; none when an administrator linked them and they never did.
    pub last_login: Option<Timestamp>,
}

impl Identity {
    /// What the person recognises themselves by: what the upstream calls them, or else its name for them.
    pub fn shown_name(&self) -> &str {
        shown_name(&self.claims).unwrap_or(&self.subject)
    }

    /// The command that takes the login away, at the upstream of that name.
    pub fn unlink_command(&self, upstream: &str) -> String {
        let subject = quoted(&self.subject);
        format!(
            "doorward upstream unlink {upstream} --subject {subject} --issuer {}",
            quoted(&self.issuer)
        )
    }
}

/// What an upstream calls somebody.
pub(crate) fn shown_name(claims: &Map<String, Value>) -> Option<&str> {
    let names = ["email", "preferred_username", "upn", "login", "name"];
    names.into_iter().find_map(|claim| claims.get(claim)?.as_str())
}

/// How a subject and a user came together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityOrigin {
    /// The user was made at the first login.
    Created,
    /// By an e-mail address that was verified on both sides.
    Email,
    /// The person confirmed it, logged in.
    Confirmed,
    /// An administrator said so.
    Administrator,
}

impl IdentityOrigin {
    /// The word stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Email => "email",
            Self::Confirmed => "confirmed",
            Self::Administrator => "administrator",
        }
    }

    fn stored(word: &str) -> Result<Self, StoreError> {
        [Self::Created, Self::Email, Self::Confirmed, Self::Administrator]
            .into_iter()
            .find(|origin| origin.as_str() == word)
            .ok_or_else(|| StoreError::Damaged(format!("an identity of origin `{}`", shown(word))))
    }
}

/// The subject that a claim holds; `None` for what cannot name anybody.
pub(crate) fn subject(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    is_subject(&text).then_some(text)
}

/// Whether a text can name somebody.
pub(crate) fn is_subject(text: &str) -> bool {
    (1..=LONGEST_SUBJECT).contains(&text.len()) && !text.chars().any(char::is_control)
}

const COLUMNS: &str = "i.id, i.upstream_id, i.issuer, i.subject, i.user_id, u.name, i.origin, i.claims, i.kept_groups, \
                       i.created_at, i.last_login_at, i.groups_at";

/// The identity of a subject.
pub(crate) fn find(
    tx: &mut Tx<'_>,
    upstream: Uuid,
    issuer: &str,
    subject: &str,
) -> Result<Option<Identity>, StoreError> {
    tx.one(
        &format!(
            "SELECT {COLUMNS} FROM identities i JOIN users u ON u.id = i.user_id \
             WHERE i.upstream_id = $1 AND i.issuer = $2 AND i.subject = $3"
        ),
        &[upstream.into(), issuer.into(), subject.into()],
        identity,
    )
}

/// Identities of an upstream, oldest first, those after `after`.
pub(crate) fn of_upstream(
    tx: &mut Tx<'_>,
    upstream: Uuid,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Identity>, StoreError> {
    tx.all(
        &format!(
            "SELECT {COLUMNS} FROM identities i JOIN users u ON u.id = i.user_id \
             WHERE i.upstream_id = $1 AND i.id > $2 ORDER BY i.id LIMIT $3"
        ),
        &[upstream.into(), after.unwrap_or_default().into(), limit.into()],
        identity,
    )
}

/// Identities of a user, oldest first.
pub(crate) fn of_user(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<Identity>, StoreError> {
    tx.all(
        &format!(
            "SELECT {COLUMNS} FROM identities i JOIN users u ON u.id = i.user_id WHERE i.user_id = $1 ORDER BY i.id"
        ),
        &[user.into()],
        identity,
    )
}

/// How many people came through an upstream.
pub(crate) fn count(tx: &mut Tx<'_>, upstream: Uuid) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM identities WHERE upstream_id = $1";
    Ok(tx.one(sql, &[upstream.into()], |row| row.get(0))?.unwrap_or_default())
}

/// Adds an identity; `false` when the subject is somebody already.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    random: &dyn Random,
    key: (Uuid, &str, &str),
    user: Uuid,
    origin: IdentityOrigin,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let (upstream, issuer, subject) = key;
    let added = tx.execute(
        "INSERT INTO identities (id, upstream_id, issuer, subject, user_id, origin, claims, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, '{}', $7) ON CONFLICT (upstream_id, issuer, subject) DO NOTHING",
        &[
            new_id(now, random).into(),
            upstream.into(),
            issuer.into(),
            subject.into(),
            user.into(),
            origin.as_str().into(),
            now.into(),
        ],
    )?;
    Ok(added == 1)
}

/// Notes what a login said. `groups` is the groups claim of this login; without one the last stays.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    key: (Uuid, &str, &str),
    claims: &Map<String, Value>,
    groups: Option<&Value>,
) -> Result<(), StoreError> {
    let (upstream, issuer, subject) = key;
    let summary = Value::Object(summary(claims)).to_string();
    let groups = groups.map(Value::to_string);
    tx.execute(
        "UPDATE identities SET last_login_at = $4, claims = $5, kept_groups = COALESCE($6, kept_groups), \
         groups_at = COALESCE($7, groups_at) \
         WHERE upstream_id = $1 AND issuer = $2 AND subject = $3",
        &[
            upstream.into(),
            issuer.into(),
            subject.into(),
            tx.now().into(),
            (&summary).into(),
            groups.as_deref().into(),
            groups.is_some().then(|| tx.now()).into(),
        ],
    )?;
    Ok(())
}

/// Forgets who a subject is; who it was.
pub(crate) fn remove(
    tx: &mut Tx<'_>,
    upstream: Uuid,
    issuer: Option<&str>,
    subject: &str,
) -> Result<Vec<Uuid>, StoreError> {
    match issuer {
        Some(issuer) => tx.all(
            "DELETE FROM identities WHERE upstream_id = $1 AND subject = $2 AND issuer = $3 RETURNING user_id",
            &[upstream.into(), subject.into(), issuer.into()],
            |row| row.get(0),
        ),
        None => tx.all(
            "DELETE FROM identities WHERE upstream_id = $1 AND subject = $2 RETURNING user_id",
            &[upstream.into(), subject.into()],
            |row| row.get(0),
        ),
    }
}

fn summary(claims: &Map<String, Value>) -> Map<String, Value> {
    SUMMARY
        .iter()
        .filter_map(|name| {
            let value = match claims.get(*name)? {
                Value::String(text) => Value::String(shown(text)),
                Value::Bool(flag) => Value::Bool(*flag),
                _ => return None,
            };
            Some(((*name).to_owned(), value))
        })
        .collect()
}

fn identity(row: &Row<'_>) -> Result<Identity, StoreError> {
    let damaged = |error: serde_json::Error| StoreError::Damaged(format!("claims of an identity: {error}"));
    let claims: String = row.get(7)?;
    let groups: Option<String> = row.get(8)?;
    Ok(Identity {
        id: row.get(0)?,
        upstream: row.get(1)?,
        issuer: row.get(2)?,
        subject: row.get(3)?,
        user: row.get(4)?,
        user_name: row.get(5)?,
        origin: IdentityOrigin::stored(&row.get::<String>(6)?)?,
        claims: serde_json::from_str(&claims).map_err(damaged)?,
        kept_groups: groups
            .map(|groups| serde_json::from_str(&groups))
            .transpose()
            .map_err(damaged)?,
        created: row.get(9)?,
        last_login: row.get(10)?,
        groups_known: row.get(11)?,
    })
}
