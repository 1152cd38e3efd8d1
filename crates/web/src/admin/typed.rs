//! The fields of a long form by name. What a form does not have, or has as it was, is not changed.

use std::collections::BTreeMap;

use doorward_api::{Edit, ErrorBody};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::form::{given, misread, names, number};

/// What was typed, by the name of its field.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Typed(pub(super) BTreeMap<String, String>);

/// A value to change, or why what was typed is none.
type Read<T> = Result<T, Box<ErrorBody>>;

impl Typed {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// One of the words of the API.
    pub(super) fn word<T: DeserializeOwned + Serialize + PartialEq>(&self, name: &str, known: &T) -> Read<Option<T>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let word: T = read_word(name, text)?;
        Ok(Some(word).filter(|word| word != known))
    }

    /// One of the words of the API, or nothing.
    pub(super) fn maybe_word<T: DeserializeOwned + PartialEq>(&self, name: &str, known: Option<&T>) -> Read<Edit<T>> {
        match self.get(name) {
            Some("") if known.is_some() => Ok(Edit::Clear),
            None | Some("") => Ok(Edit::Keep),
            Some(text) => {
                let word: T = read_word(name, text)?;
                Ok(if known == Some(&word) {
                    Edit::Keep
                } else {
                    Edit::Set(word)
                })
            }
        }
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &str, known: bool) -> Option<bool> {
        self.get(name).map(|text| text == "true").filter(|on| *on != known)
    }

    /// Text that is never empty.
    pub(super) fn text(&self, name: &str, known: &str) -> Option<String> {
        self.get(name).and_then(given).filter(|text| text != known)
    }

    /// Text, or nothing.
    pub(super) fn maybe_text(&self, name: &str, known: Option<&str>) -> Edit<String> {
        match self.get(name).map(given) {
            Some(None) if known.is_some() => Edit::Clear,
            None | Some(None) => Edit::Keep,
            Some(Some(text)) if known == Some(text.as_str()) => Edit::Keep,
            Some(Some(text)) => Edit::Set(text),
        }
    }

    /// Names with white space or commas between.
    pub(super) fn list(&self, name: &str, known: &[String]) -> Option<Vec<String>> {
        self.get(name).map(names).filter(|list| list != known)
    }

    /// Several of the words of the API.
    pub(super) fn words<T: DeserializeOwned + PartialEq>(&self, name: &str, known: &[T]) -> Read<Option<Vec<T>>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let list: Vec<T> = names(text)
            .iter()
            .map(|word| read_word(name, word))
            .collect::<Read<_>>()?;
        Ok(Some(list).filter(|list| list != known))
    }

    /// Lines, each read by `read`, which says what it expects.
    pub(super) fn lines<T: PartialEq>(
        &self,
        name: &str,
        known: &[T],
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Read<Option<Vec<T>>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let list: Vec<T> = lines
            .map(|line| read(line).map_err(|expected| unread(name, &expected)))
            .collect::<Read<_>>()?;
        Ok(Some(list).filter(|list| list != known))
    }

    /// A number that is always there.
    pub(super) fn number<T: std::str::FromStr + PartialEq + Copy>(&self, name: &str, known: T) -> Read<Option<T>> {
        match self.get(name) {
            None => Ok(None),
            Some(text) => match number(name, text)? {
                Some(number) => Ok(Some(number).filter(|number| *number != known)),
                None => Err(misread(name, "a number", "")),
            },
        }
    }

    /// A number that is somebody else's when it is emptied.
    pub(super) fn maybe_number(&self, name: &str, known: i64) -> Read<Edit<i64>> {
        match self.get(name) {
            None => Ok(Edit::Keep),
            Some(text) => Ok(match number(name, text)? {
                None => Edit::Clear,
                Some(number) if number == known => Edit::Keep,
                Some(number) => Edit::Set(number),
            }),
        }
    }

    /// JSON, or nothing.
    pub(super) fn json(&self, name: &str, known: Option<&serde_json::Value>) -> Read<Edit<serde_json::Value>> {
        match self.get(name).map(given) {
            Some(None) if known.is_some() => Ok(Edit::Clear),
            None | Some(None) => Ok(Edit::Keep),
            Some(Some(text)) => {
                let value =
                    serde_json::from_str(&text).map_err(|error| unread(name, &format!("expected JSON: {error}")))?;
                Ok(if known == Some(&value) {
                    Edit::Keep
                } else {
                    Edit::Set(value)
                })
            }
        }
    }

    /// A text of several lines, with the line ends that files have; browsers send others.
    pub(super) fn block(&self, name: &str, known: &str) -> Option<String> {
        let text = self.get(name)?.replace("\r\n", "\n");
        let is_other = text.trim() != known.trim();
        is_other.then_some(text)
    }

    /// `NAME=VALUE` a line: what to set, and `None` for what is no longer there.
    pub(super) fn pairs(&self, name: &str, known: &BTreeMap<String, String>) -> Read<BTreeMap<String, Option<String>>> {
        let Some(text) = self.get(name) else {
            return Ok(BTreeMap::new());
        };
        let mut change: BTreeMap<String, Option<String>> = known.keys().map(|key| (key.clone(), None)).collect();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let Some((key, value)) = line.split_once('=').filter(|(key, _)| !key.trim().is_empty()) else {
                return Err(misread(name, "NAME=VALUE on each line", line));
            };
            change.insert(key.trim().to_owned(), Some(value.trim().to_owned()));
        }
        change.retain(|key, value| value.as_ref() != known.get(key));
        Ok(change)
    }
}

fn read_word<T: DeserializeOwned>(name: &str, text: &str) -> Read<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|error| unread(name, &error.to_string()))
}

#[expect(
    clippy::unnecessary_box_returns,
    reason = "every reader of a field answers with it, boxed for its size"
)]
pub(super) fn unread(name: &str, why: &str) -> Box<ErrorBody> {
    let mut error = misread(name, "", "");
    error.detail = Some(format!("{name}: {why}"));
    error
}

#[cfg(test)]
mod tests {
    use doorward_api::{ClaimRule, Pkce, SigningAlg};

    use super::*;

    fn typed(fields: &[(&str, &str)]) -> Typed {
        Typed(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn what_a_form_does_not_have_or_has_as_it_was_is_kept() {
        let none = typed(&[]);
        let same = typed(&[("pkce", "required"), ("on", "true"), ("n", "3"), ("list", "a  b")]);
        for form in [&none, &same] {
            assert_eq!(form.word("pkce", &Pkce::Required).unwrap(), None);
            assert_eq!(form.flag("on", true), None);
            assert_eq!(form.number("n", 3).unwrap(), None);
            assert_eq!(form.list("list", &["a".to_owned(), "b".to_owned()]), None);
        }
    }

    #[test]
    fn what_was_emptied_is_cleared_and_what_is_no_value_is_said() {
        let form = typed(&[("alg", ""), ("n", "x"), ("m", ""), ("word", "HS256"), ("rule", "roles")]);
        assert_eq!(form.maybe_word("alg", Some(&SigningAlg::ES256)).unwrap(), Edit::Clear);
        assert_eq!(form.maybe_number("m", 5).unwrap(), Edit::Clear);
        let said = |error: Box<ErrorBody>| error.detail.unwrap();
        assert_eq!(
            said(form.number("n", 3).unwrap_err()),
            "n: expected a number, received \"x\""
        );
        let word = said(form.word("word", &SigningAlg::ES256).unwrap_err());
        assert!(word.contains("HS256") && word.contains("EdDSA"), "{word}");
        let rule = said(form.lines::<ClaimRule>("rule", &[], str::parse).unwrap_err());
        assert!(rule.contains("CLAIM=groups:PATTERN"), "{rule}");
    }

    #[test]
    fn a_parameter_that_is_gone_is_taken_away() {
        let known = BTreeMap::from([
            ("hd".to_owned(), "example.com".to_owned()),
            ("x".to_owned(), "1".to_owned()),
        ]);
        let change = typed(&[("p", "x=1\r\nprompt=login\r\n")]).pairs("p", &known).unwrap();
        assert_eq!(
            change,
            BTreeMap::from([("hd".to_owned(), None), ("prompt".to_owned(), Some("login".to_owned()))])
        );
        assert!(typed(&[("p", "hd")]).pairs("p", &known).is_err());
    }
}
