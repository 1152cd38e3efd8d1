//! The parameters of a query or of a form body: decoded once, bounded, none of them twice (RFC 6749 §3.1).

use url::form_urlencoded;

use crate::{Refusal, catalogue};

/// Parameters that their specification lets a client repeat: `resource` (RFC 8707 §2), `audience` (RFC 8693 §2.1).
const REPEATABLE: &[&str] = &["resource", "audience"];

/// Decoded parameters in the order in which they came. `Debug` shows names only: values may be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Largest query or form body that is read, in bytes.
    pub const MAX_BYTES: usize = 64 * 1024;
    /// Largest number of parameters.
    pub const MAX_COUNT: usize = 64;
    /// Largest single value in bytes; narrower limits are stated where a value is read.
    pub const MAX_VALUE: usize = 16 * 1024;

    /// Reads an `application/x-www-form-urlencoded` string, the query after `?` or a form body.
    ///
    /// # Errors
    /// Too many bytes or parameters, a parameter more than once, or text that is not UTF-8.
    pub fn parse(encoded: &[u8]) -> Result<Self, Refusal> {
        if encoded.len() > Self::MAX_BYTES {
            return Err(too_large(format!(
                "expected at most {} bytes, got {}",
                Self::MAX_BYTES,
                encoded.len()
            )));
        }
        let decoded = form_urlencoded::parse(encoded).take(Self::MAX_COUNT + 1);
        Self::from_pairs(decoded.map(|(name, value)| (name.into_owned(), value.into_owned())))
    }

    /// The same rules for pairs that are decoded already.
    ///
    /// # Errors
    /// As [`Parameters::parse`].
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Refusal> {
        let mut known: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs {
            if known.len() == Self::MAX_COUNT {
                return Err(too_large(format!("expected at most {} parameters", Self::MAX_COUNT)));
            }
            if value.len() > Self::MAX_VALUE {
                return Err(too_large(format!(
                    "expected at most {} bytes in `{}`, got {}",
                    Self::MAX_VALUE,
                    shown(&name),
                    value.len()
                )));
            }
            // The decoder replaces what is not UTF-8; an altered `state` would not be the one that the client sent.
            if name.contains('\u{FFFD}') || value.contains('\u{FFFD}') {
                let detail = format!("expected UTF-8 in `{}`", shown(&name));
                return Err(Refusal::response(&catalogue::PARAMETER_MALFORMED, detail));
            }
            if !REPEATABLE.contains(&name.as_str()) && known.iter().any(|(other, _)| *other == name) {
                let detail = format!("expected `{0}` once, got it more than once", shown(&name));
                return Err(Refusal::response(&catalogue::PARAMETER_REPEATED, detail));
            }
            known.push((name, value));
        }
        Ok(Self(known))
    }

    /// The value of a parameter; one without a value counts as absent (RFC 6749 §3.1).
    pub fn find(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values of a parameter that may be repeated.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let same = move |pair: &&(String, String)| pair.0 == name && !pair.1.is_empty();
        self.0.iter().filter(same).map(|(_, value)| value.as_str())
    }

    /// A parameter of at most `max` bytes.
    ///
    /// # Errors
    /// It is larger.
    pub fn bounded(&self, name: &str, max: usize) -> Result<Option<&str>, Refusal> {
        match self.find(name) {
            Some(value) if value.len() > max => Err(too_large(format!(
                "expected at most {max} bytes in `{name}`, got {}",
                value.len()
            ))),
            value => Ok(value),
        }
    }

    /// A parameter that must be there, of at most `max` bytes.
    ///
    /// # Errors
    /// It is absent, empty or larger.
    pub fn required(&self, name: &str, max: usize) -> Result<&str, Refusal> {
        self.bounded(name, max)?
            .ok_or_else(|| Refusal::response(&catalogue::PARAMETER_MISSING, format!("expected `{name}`, got none")))
    }

    /// Name and value of each, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| shown(name)))
            .finish()
    }
}

/// `pairs` in the form of a query or form body. A space becomes `%20`, which readers of both conventions understand.
pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
        .replace('+', "%20")
}

/// `uri` with `pairs` added to its query; the bytes that are there stay as they are (RFC 6749 §3.1.2).
pub fn append_query<'a>(uri: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let added = encode(pairs);
    let (before, fragment) = match uri.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (uri, None),
    };
    let joint = match before.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    let joint = if added.is_empty() { "" } else { joint };
    let fragment = fragment.map(|text| format!("#{text}")).unwrap_or_default();
    format!("{before}{joint}{added}{fragment}")
}

fn too_large(detail: String) -> Refusal {
    Refusal::response(&catalogue::REQUEST_TOO_LARGE, detail)
}

/// A parameter's name for a message: what foreigners send is cut and escaped before it meets a terminal.
fn shown(name: &str) -> String {
    name.chars().take(40).flat_map(char::escape_debug).collect()
}
