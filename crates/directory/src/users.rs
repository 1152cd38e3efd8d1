//! Rows of users.

use doorward_oidc::Refusal;
use doorward_store::{Row, StoreError, Tx, Value};
use uuid::Uuid;

use crate::{
    Attributes, DirectoryError, Theme, User, UserKind, UserName,
    directory::Result,
    error::{EMAIL_TAKEN, NAME_TAKEN, NO_SUCH_USER},
    former_names, ids, search,
};

/// What [`from_row`] reads, of a table or alias `u`.
macro_rules! user_columns {
    () => {
        "u.id, u.name, u.kind, u.display_name, u.email, u.email_verified, u.attributes, u.disabled, u.created_at, \
         u.updated_at, u.last_login_at, CASE WHEN EXISTS (SELECT 1 FROM passwords p WHERE p.user_id = u.id) THEN 1 ELSE 0 END, \
         u.expires_at, u.deletion_at, u.theme"
    };
}
pub(crate) use user_columns;

/// Columns that [`from_row`] reads; a listing may select more behind them.
pub(crate) const COLUMNS: usize = 15;

pub(crate) fn from_row(row: &Row<'_>) -> Result<User, StoreError> {
    let kind: String = row.get(2)?;
    let attributes: String = row.get(6)?;
    Ok(User {
        id: row.get(0)?,
        name: UserName::stored(row.get(1)?),
        kind: match kind.as_str() {
            "person" => UserKind::Person,
            "service" => UserKind::Service,
            other => return Err(StoreError::Damaged(format!("a user of kind {other:?}"))),
        },
        display_name: row.get(3)?,
        email: row.get(4)?,
        email_verified: row.get(5)?,
        attributes: Attributes::from_json(&attributes)
            .map_err(|error| StoreError::Damaged(format!("attributes of a user: {error}")))?,
        disabled: row.get(7)?,
        created: row.get(8)?,
        updated: row.get(9)?,
        last_login: row.get(10)?,
        has_password: row.get(11)?,
        expires: row.get(12)?,
        deletion: row.get(13)?,
        theme: Theme::of_column(row.get::<Option<String>>(14)?.as_deref()),
    })
}

pub(crate) fn by_id(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<User>, StoreError> {
    tx.one(
        concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1"),
        &[id.into()],
        from_row,
    )
}

/// The user, or the refusal that there is none.
pub(crate) fn existing(tx: &mut Tx<'_>, id: Uuid) -> Result<User> {
    by_id(tx, id)?.ok_or_else(|| Refusal::response(&NO_SUCH_USER, format!("no user has the id {id}")).into())
}

/// The user of this name or address. A `name@domain` of this server's own domain is the name.
pub(crate) fn by_login(tx: &mut Tx<'_>, login: &str, domain: Option<&str>) -> Result<Option<User>, StoreError> {
    let name = match login.split_once('@') {
        None => login,
        Some((name, of)) if domain.is_some_and(|domain| domain.eq_ignore_ascii_case(of)) => name,
        Some(_) => return by_email(tx, login),
    };
    match by_name(tx, name)? {
        None if name.len() != login.len() => by_email(tx, login),
        found => Ok(found),
    }
}

pub(crate) fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<User>, StoreError> {
    let key = name.to_ascii_lowercase();
    let sql = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.name_key = $1");
    tx.one(sql, &[key.as_bytes().into()], from_row)
}

pub(crate) fn by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<User>, StoreError> {
    let sql = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.email_key = $1");
    tx.one(sql, &[(&email_key(email)).into()], from_row)
}

/// What addresses are compared by.
pub(crate) fn email_key(email: &str) -> Vec<u8> {
    email.to_lowercase().into_bytes()
}

/// Whether an address is no more than what its holder said at an upstream: whoever proves it has it instead.
pub(crate) fn is_only_said(tx: &mut Tx<'_>, holder: &User) -> Result<bool, StoreError> {
    if holder.email_verified {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM identities WHERE user_id = $1 AND origin = 'created' LIMIT 1";
    Ok(tx.one(sql, &[holder.id.into()], |_| Ok(()))?.is_some())
}

/// Refuses a name or an address that another user has.
fn check_free(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    if let Some(other) = by_name(tx, user.name.as_str())?.filter(|other| other.id != user.id) {
        return Err(
            Refusal::response(&NAME_TAKEN, format!("the user name {} is in use", other.name))
                .with_remedy(format!(
                    "Choose another name, or look at `doorward user show {}`.",
                    other.name
                ))
                .into(),
        );
    }
    if let Some(email) = &user.email
        && let Some(other) = by_email(tx, email)?.filter(|other| other.id != user.id)
    {
        return Err(
            Refusal::response(&EMAIL_TAKEN, format!("{email} is the e-mail address of {}", other.name))
                .with_remedy("Give each user an address of their own: applications take the address for the person.")
                .into(),
        );
    }
    Ok(())
}

pub(crate) fn insert(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    ids::check_free(tx, user.id)?;
    check_free(tx, user)?;
    let email_key = user.email.as_deref().map(email_key);
    tx.execute(
        "INSERT INTO users (id, name, name_key, kind, display_name, email, email_key, email_verified, attributes, disabled, \
         created_at, updated_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)",
        &[
            user.id.into(),
            user.name.as_str().into(),
            (&user.name.key()).into(),
            user.kind.as_str().into(),
            (&user.display_name).into(),
            (&user.email).into(),
            email_key.as_deref().into(),
            user.email_verified.into(),
            (&user.attributes.to_json()).into(),
            user.disabled.into(),
            user.created.into(),
            user.expires.into(),
        ],
    )
    .map_err(taken_meanwhile)?;
    insert_terms(tx, user)
}

pub(crate) fn update(tx: &mut Tx<'_>, before: &User, user: &User) -> Result<()> {
    check_free(tx, user)?;
    let email_key = user.email.as_deref().map(email_key);
    tx.execute(
        "UPDATE users SET name = $2, name_key = $3, display_name = $4, email = $5, email_key = $6, email_verified = $7, \
         attributes = $8, disabled = $9, updated_at = $10, expires_at = $11, theme = $12 WHERE id = $1",
        &[
            user.id.into(),
            user.name.as_str().into(),
            (&user.name.key()).into(),
            (&user.display_name).into(),
            (&user.email).into(),
            email_key.as_deref().into(),
            user.email_verified.into(),
            (&user.attributes.to_json()).into(),
            user.disabled.into(),
            user.updated.into(),
            user.expires.into(),
            user.theme.column().into(),
        ],
    )
    .map_err(taken_meanwhile)?;
    if before.name.key() != user.name.key() {
        former_names::note(tx, &before.name)?;
    }
    if before.expires != user.expires {
        // A new date is another thing to tell the person of, and to carry out.
        tx.execute("UPDATE users SET expiry_step = 0 WHERE id = $1", &[user.id.into()])?;
    }
    if search::terms(before) != search::terms(user) {
        tx.execute("DELETE FROM user_terms WHERE user_id = $1", &[user.id.into()])?;
        insert_terms(tx, user)?;
    }
    Ok(())
}

/// Two units that took the same name at the same time: the second learns it from the engine.
fn taken_meanwhile(error: StoreError) -> DirectoryError {
    if error.is_duplicate() {
        Refusal::response(&NAME_TAKEN, "the name or the e-mail address has just been taken").into()
    } else {
        error.into()
    }
}

fn insert_terms(tx: &mut Tx<'_>, user: &User) -> Result<()> {
    for term in search::terms(user) {
        tx.execute(
            "INSERT INTO user_terms (user_id, term) VALUES ($1, $2)",
            &[user.id.into(), Value::Bytes(&term)],
        )?;
    }
    Ok(())
}
