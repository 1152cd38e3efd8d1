//! One text for the schema, two engines: the words that they spell differently.

/// Which engine a schema statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The statements of a migration, each as this engine wants it. Comments are dropped.
    pub(crate) fn statements(self, script: &str) -> Vec<String> {
        split(script)
            .into_iter()
            .map(|statement| match self {
                Self::Sqlite => for_sqlite(&statement),
                Self::Postgres => replace_words(&statement, &[("BLOB", "BYTEA")]),
            })
            .collect()
    }
}

/// Types are checked (`STRICT`), and a table that has a key of its own is stored in its order (`WITHOUT ROWID`), so that
/// a row is found and changed in one tree. `BIGSERIAL PRIMARY KEY` counts upwards and never reuses a number.
fn for_sqlite(statement: &str) -> String {
    let words = [
        ("BIGSERIAL PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT"),
        ("BIGINT", "INTEGER"),
    ];
    let statement = replace_words(statement, &words);
    if !statement.starts_with("CREATE TABLE") || !statement.ends_with(')') {
        return statement;
    }
    let keyed = statement.contains("PRIMARY KEY") && !statement.contains("INTEGER PRIMARY KEY");
    format!("{statement} STRICT{}", if keyed { ", WITHOUT ROWID" } else { "" })
}

/// Cuts a script at the semicolons outside of quotes.
fn split(script: &str) -> Vec<String> {
    let mut statements = Vec::new();
    let mut current = String::new();
    let mut quoted = false;
    let mut rest = script.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '-' if !quoted && rest.peek() == Some(&'-') => while rest.next_if(|&c| c != '\n').is_some() {},
            ';' if !quoted => statements.push(std::mem::take(&mut current)),
            '\'' => {
                quoted = !quoted;
                current.push(letter);
            }
            _ => current.push(letter),
        }
    }
    statements.push(current);
    statements
        .into_iter()
        .map(|statement| statement.trim().to_owned())
        .filter(|statement| !statement.is_empty())
        .collect()
}

fn replace_words(statement: &str, words: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(statement.len());
    for (index, part) in statement.split('\'').enumerate() {
        if index > 0 {
            out.push('\'');
        }
        // Every second part is inside quotes.
        if index % 2 == 1 {
            out.push_str(part);
        } else {
            let replaced = words
                .iter()
                .fold(part.to_owned(), |text, (from, to)| replace_word(&text, from, to));
            out.push_str(&replaced);
        }
    }
    out
}

fn replace_word(text: &str, from: &str, to: &str) -> String {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        let whole = !before.chars().next_back().is_some_and(is_word) && !after.chars().next().is_some_and(is_word);
        out.push_str(before);
        out.push_str(if whole { to } else { from });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    const SCRIPT: &str = "-- a comment; with a semicolon
        CREATE TABLE users (id BLOB PRIMARY KEY, born BIGINT NOT NULL, note TEXT DEFAULT 'BLOB; BIGINT -- x');
        CREATE TABLE events (number BIGSERIAL PRIMARY KEY, MY_BLOB BLOB);
        CREATE INDEX users_by_born ON users (born);";

    #[test]
    fn sqlite_gets_strict_tables_in_the_order_of_their_keys() {
        assert_eq!(
            Dialect::Sqlite.statements(SCRIPT),
            [
                "CREATE TABLE users (id BLOB PRIMARY KEY, born INTEGER NOT NULL, note TEXT DEFAULT 'BLOB; BIGINT -- x') STRICT, WITHOUT ROWID",
                "CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, MY_BLOB BLOB) STRICT",
                "CREATE INDEX users_by_born ON users (born)",
            ]
        );
    }

    #[test]
    fn postgresql_gets_its_own_word_for_bytes() {
        assert_eq!(
            Dialect::Postgres.statements(SCRIPT)[..2],
            [
                "CREATE TABLE users (id BYTEA PRIMARY KEY, born BIGINT NOT NULL, note TEXT DEFAULT 'BLOB; BIGINT -- x')",
                "CREATE TABLE events (number BIGSERIAL PRIMARY KEY, MY_BLOB BYTEA)",
            ]
        );
    }
}
