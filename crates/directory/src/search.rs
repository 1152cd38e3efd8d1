//! Listings that stay fast at 100,000 people: every page is one range of an index.

use std::{collections::BTreeSet, fmt::Write as _};

use data_encoding::BASE64URL_NOPAD;
use doorward_oidc::Refusal;
use doorward_store::{StoreError, Tx, Value};
use uuid::Uuid;

use crate::{
    Directory, DirectoryError, Group, GroupQuery, Page, User, UserKind, UserQuery, directory::Result,
    error::INVALID_QUERY, groups, users, users::user_columns,
};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 500;
/// Longest indexed or searched term; a longer search looks for its beginning.
const MAX_TERM_BYTES: usize = 64;
const MAX_WORDS: usize = 8;
/// Up to this many members a group's listing starts from the members; beyond it from the sorted names.
const SMALL_GROUP: i64 = 1_000;

impl Directory {
    /// Users in pages. Right to be checked by the caller: read-people.
    pub async fn list_users(&self, query: UserQuery) -> Result<Page<User>> {
        self.scan(move |tx| match query.search.as_deref().map(str::trim) {
            None | Some("") => by_name(tx, &query),
            Some(search) => by_term(tx, &query, search),
        })
        .await
    }

    /// Groups in pages. Right to be checked by the caller: read-people.
    pub async fn list_groups(&self, query: GroupQuery) -> Result<Page<Group>> {
        self.scan(move |tx| {
            let prefix = prefix(query.search.as_deref().unwrap_or_default().trim());
            let end = after_prefix(&prefix);
            let after = after_name(query.after.as_deref())?;
            let limit = limit(query.limit);
            let mut statement = Statement::default();
            let after = statement.bind(&after);
            let mut conditions = format!("name_key > {after}");
            if !prefix.is_empty() {
                let (from, to) = (statement.bind(&prefix), statement.bind(&end));
                let _ = write!(conditions, " AND name_key >= {from} AND name_key < {to}");
            }
            let most = statement.bind(i64::from(limit) + 1);
            let sql = format!(
                "SELECT {} FROM user_groups WHERE {conditions} ORDER BY name_key LIMIT {most}",
                groups::group_columns!()
            );
            let found = tx.all(&sql, &statement.params, groups::from_row)?;
            Ok(page(found, limit, |group| group.name.key()))
        })
        .await
    }
}

/// Parameters of a statement that is put together, numbered as they are bound.
#[derive(Default)]
struct Statement<'a> {
    params: Vec<Value<'a>>,
}

impl<'a> Statement<'a> {
    fn bind(&mut self, value: impl Into<Value<'a>>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }
}

/// The conditions of a listing that do not depend on its order.
struct Filter {
    /// What the statement begins with.
    with: String,
    /// What follows its first condition.
    and: String,
}

impl Filter {
    fn new(tx: &mut Tx<'_>, query: &UserQuery, statement: &mut Statement<'_>) -> Result<Filter, StoreError> {
        let mut and = match query.kind {
            Some(UserKind::Person) => " AND u.kind = 'person'".to_owned(),
            Some(UserKind::Service) => " AND u.kind = 'service'".to_owned(),
            None => String::new(),
        };
        let Some(group) = query.group else {
            return Ok(Filter {
                with: String::new(),
                and,
            });
        };
        let (with, set) = members_of(query.nested, &statement.bind(group));
        if is_small(tx, query.nested, group)? {
            let _ = write!(and, " AND u.id IN (SELECT m.user_id FROM group_users m WHERE {set})");
        } else {
            let _ = write!(
                and,
                " AND EXISTS (SELECT 1 FROM group_users m WHERE m.user_id = u.id AND {set})"
            );
        }
        Ok(Filter { with, and })
    }
}

/// How a statement begins, and its condition on memberships `m`, for the members of a group.
fn members_of(nested: bool, group: &str) -> (String, String) {
    if nested {
        let with = format!(
            "WITH RECURSIVE below (id) AS (SELECT id FROM user_groups WHERE id = {group} \
             UNION SELECT n.child_id FROM group_groups n JOIN below ON n.parent_id = below.id) "
        );
        (with, "m.group_id IN (SELECT id FROM below)".to_owned())
    } else {
        (String::new(), format!("m.group_id = {group}"))
    }
}

/// Whether sorting all members of the group is cheaper than looking for members among the sorted names.
fn is_small(tx: &mut Tx<'_>, nested: bool, group: Uuid) -> Result<bool, StoreError> {
    let (with, set) = members_of(nested, "$1");
    let most = SMALL_GROUP + 1;
    let sql =
        format!("{with}SELECT COUNT(*) FROM (SELECT m.user_id FROM group_users m WHERE {set} LIMIT {most}) counted");
    let members: Option<i64> = tx.one(&sql, &[group.into()], |row| row.get(0))?;
    Ok(members.unwrap_or_default() <= SMALL_GROUP)
}

fn by_name(tx: &mut Tx<'_>, query: &UserQuery) -> Result<Page<User>> {
    let after = after_name(query.after.as_deref())?;
    let limit = limit(query.limit);
    let mut statement = Statement::default();
    let Filter { with, and } = Filter::new(tx, query, &mut statement)?;
    let (after, most) = (statement.bind(&after), statement.bind(i64::from(limit) + 1));
    let sql = format!(
        "{with}SELECT {} FROM users u WHERE u.name_key > {after}{and} ORDER BY u.name_key LIMIT {most}",
        user_columns!(),
    );
    let found = tx.all(&sql, &statement.params, users::from_row)?;
    Ok(page(found, limit, |user| user.name.key()))
}

fn by_term(tx: &mut Tx<'_>, query: &UserQuery, search: &str) -> Result<Page<User>> {
    let prefix = prefix(search);
    let end = after_prefix(&prefix);
    // A page starts behind the last row of the one before; the first one before the first row of the prefix.
    let (term, id) = match query.after.as_deref().map(after_term).transpose()? {
        Some((term, id)) if term >= prefix => (term, id),
        _ => (prefix.clone(), Vec::new()),
    };
    let limit = limit(query.limit);
    let mut statement = Statement::default();
    let Filter { with, and } = Filter::new(tx, query, &mut statement)?;
    let (term, id) = (statement.bind(&term), statement.bind(&id));
    let (from, to) = (statement.bind(&prefix), statement.bind(&end));
    let most = statement.bind(i64::from(limit) + 1);
    // A user whom several terms match is listed once, at the first of them.
    let sql = format!(
        "{with}SELECT {}, t.term FROM user_terms t JOIN users u ON u.id = t.user_id \
         WHERE (t.term, t.user_id) > ({term}, {id}) AND t.term < {to}{and} AND NOT EXISTS \
         (SELECT 1 FROM user_terms s WHERE s.user_id = t.user_id AND s.term >= {from} AND s.term < t.term) \
         ORDER BY t.term, t.user_id LIMIT {most}",
        user_columns!(),
    );
    let found = tx.all(&sql, &statement.params, |row| {
        Ok((users::from_row(row)?, row.get::<Vec<u8>>(users::COLUMNS)?))
    })?;
    let page = page(found, limit, |(user, term)| {
        [user.id.as_bytes().as_slice(), term].concat()
    });
    Ok(Page {
        items: page.items.into_iter().map(|(user, _)| user).collect(),
        next: page.next,
    })
}

/// What a user is found by, each beginning of it.
pub(crate) fn terms(user: &User) -> BTreeSet<Vec<u8>> {
    let words = user.display_name.split_whitespace().take(MAX_WORDS);
    words
        .chain([user.name.as_str()])
        .chain(user.email.as_deref())
        .map(prefix)
        .filter(|term| !term.is_empty())
        .collect()
}

/// The form of a term, and of a search for it: lower case, bounded at a character.
fn prefix(text: &str) -> Vec<u8> {
    let mut text = text.to_lowercase();
    let mut end = MAX_TERM_BYTES.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.into_bytes()
}

/// The first bytes that sort behind everything that begins with `prefix`. UTF-8 has no byte 255, so one up always exists.
fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    if let Some(last) = end.last_mut() {
        *last = last.saturating_add(1);
    }
    end
}

fn limit(asked: u32) -> u32 {
    if asked == 0 {
        DEFAULT_LIMIT
    } else {
        asked.min(MAX_LIMIT)
    }
}

fn page<T>(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> Vec<u8>) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| BASE64URL_NOPAD.encode(&key(last)));
    Page { items, next }
}

fn cursor(after: &str) -> Result<Vec<u8>> {
    let bytes = BASE64URL_NOPAD
        .decode(after.as_bytes())
        .ok()
        .filter(|bytes| bytes.len() <= MAX_TERM_BYTES + 16);
    bytes.ok_or_else(|| DirectoryError::Refused(bad_cursor()))
}

fn after_name(after: Option<&str>) -> Result<Vec<u8>> {
    after.map_or(Ok(Vec::new()), cursor)
}

fn after_term(after: &str) -> Result<(Vec<u8>, Vec<u8>)> {
    let bytes = cursor(after)?;
    let (id, term) = bytes.split_at_checked(16).ok_or_else(bad_cursor)?;
    Ok((term.to_vec(), id.to_vec()))
}

fn bad_cursor() -> Refusal {
    Refusal::response(&INVALID_QUERY, "`after` is not the `next` value of an earlier page")
        .with_remedy("Start again without `after`.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_bounded_at_a_character() {
        let long = prefix(&"ä".repeat(40));
        assert_eq!(long.len(), 64);
        assert!(std::str::from_utf8(&long).is_ok());
        assert_eq!(prefix("Müller"), "müller".as_bytes());
    }

    #[test]
    fn what_begins_with_the_prefix_lies_before_its_end() {
        let start = prefix("al");
        let end = after_prefix(&start);
        for inside in ["al", "alice", "al\u{10FFFF}"] {
            assert!(inside.as_bytes() >= start.as_slice() && inside.as_bytes() < end.as_slice());
        }
        assert!("am".as_bytes() >= end.as_slice());
    }
}
