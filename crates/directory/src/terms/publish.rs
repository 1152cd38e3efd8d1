//! Publishing a version, and withdrawing it.

use doorward_audit::{Event, events};
use doorward_oidc::Refusal;
use doorward_store::{Change, Topic, Tx};
use jiff::Timestamp;
use serde_json::json;

use super::{Terms, TermsCount, TermsText, rows};
use crate::{
    Actor, Directory, Right,
    directory::Result,
    error::{INVALID_TERMS, NO_SUCH_TERMS, shortened},
};

/// The languages that the pages have.
const LANGUAGES: [&str; 2] = ["en", "de"];
/// The longest text, in bytes: some forty pages.
const LONGEST_TEXT: usize = 100_000;
/// The longest address, in bytes.
const LONGEST_URL: usize = 2_000;

impl Directory {
    /// Publishes the next version: from now on people are asked to accept it. Right: full. Refused as `invalid_terms`.
    pub async fn publish_terms(&self, actor: &Actor, texts: Vec<TermsText>, now: Timestamp) -> Result<TermsCount> {
        let texts = checked(texts)?;
        self.administer(actor, now, move |tx, actor| publish(tx, actor, texts))
            .await
    }

    /// Asks nobody for this version any more, which is the one that people are asked for. Nothing is forgotten. Right: full.
    /// Refused as `no_such_terms`.
    pub async fn withdraw_terms(&self, actor: &Actor, version: u32, now: Timestamp) -> Result<TermsCount> {
        self.administer(actor, now, move |tx, actor| withdraw(tx, actor, version))
            .await
    }
}

/// Publishes texts that were checked; see [`Directory::publish_terms`].
fn publish(tx: &mut Tx<'_>, actor: &Actor, texts: Vec<TermsText>) -> Result<TermsCount> {
    actor.require(Right::Full)?;
    let version = rows::newest(tx)?.unwrap_or_default().saturating_add(1);
    let terms = Terms {
        version,
        texts,
        published: tx.now(),
        published_by: actor.name.clone(),
        withdrawn: None,
    };
    if !rows::insert(tx, &terms)? {
        return Err(refused(format!("somebody else has just published version {version}")).into());
    }
    let languages: Vec<&str> = terms.texts.iter().map(|text| text.language.as_str()).collect();
    record(tx, actor, "terms.publish", version, json!({ "languages": languages }))?;
    Ok(rows::counted(tx, terms, Some(version))?)
}

fn withdraw(tx: &mut Tx<'_>, actor: &Actor, version: u32) -> Result<TermsCount> {
    actor.require(Right::Full)?;
    if !rows::withdraw(tx, version)? {
        rows::existing(tx, version)?;
        let detail = format!("version {version} is not the one that people are asked for");
        return Err(Refusal::response(&NO_SUCH_TERMS, detail)
            .with_remedy("`doorward terms list` shows which one is.")
            .into());
    }
    record(tx, actor, "terms.withdraw", version, json!({}))?;
    let terms = rows::existing(tx, version)?;
    Ok(rows::counted(tx, terms, Some(version))?)
}

/// What people are asked to accept; `None` when nothing is asked.
pub(crate) fn asked(tx: &mut Tx<'_>) -> Result<Option<Vec<TermsText>>> {
    Ok(rows::in_force(tx)?.map(|terms| terms.texts))
}

/// From now on people are asked to accept these texts, or nothing: publishes a version, or withdraws the one in force.
pub(crate) fn ask(tx: &mut Tx<'_>, actor: &Actor, texts: Option<Vec<TermsText>>) -> Result<()> {
    match (texts, rows::in_force(tx)?) {
        (Some(texts), _) => publish(tx, actor, checked(texts)?).map(|_| ()),
        (None, Some(terms)) => withdraw(tx, actor, terms.version).map(|_| ()),
        (None, None) => Ok(()),
    }
}

fn record(tx: &mut Tx<'_>, actor: &Actor, action: &'static str, version: u32, data: serde_json::Value) -> Result<()> {
    let event = Event::new(action, actor.into()).about("terms", None, version.to_string());
    events::record(tx, &event.with_data(data))?;
    tx.announce(Change::any(Topic::Settings));
    Ok(())
}

fn checked(texts: Vec<TermsText>) -> Result<Vec<TermsText>, Refusal> {
    if texts.is_empty() {
        return Err(refused(
            "expected a text or an address for at least one language, received none".to_owned(),
        ));
    }
    let mut kept: Vec<TermsText> = Vec::with_capacity(texts.len());
    for text in texts {
        let language = text.language.as_str();
        if !LANGUAGES.contains(&language) {
            return Err(refused(format!(
                "expected a language of the pages ({}), received {:?}",
                LANGUAGES.join(", "),
                shortened(language)
            )));
        }
        if kept.iter().any(|other| other.language == language) {
            return Err(refused(format!("the language {language} is there twice")));
        }
        match (&text.text, &text.url) {
            (Some(words), None) => is_readable(language, words)?,
            (None, Some(url)) => is_https(language, url)?,
            _ => return Err(refused(format!("{language}: expected either a text or an address"))),
        }
        kept.push(text);
    }
    Ok(kept)
}

fn is_readable(language: &str, words: &str) -> Result<(), Refusal> {
    if words.trim().is_empty() {
        return Err(refused(format!("{language}: the text is empty")));
    }
    if words.len() > LONGEST_TEXT {
        return Err(refused(format!(
            "{language}: expected at most {LONGEST_TEXT} bytes, received {}",
            words.len()
        ))
        .with_remedy("Put it on a web page and publish its address."));
    }
    if words
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(refused(format!(
            "{language}: expected plain text, received control characters"
        )));
    }
    Ok(())
}

fn is_https(language: &str, url: &str) -> Result<(), Refusal> {
    let parsed = url::Url::parse(url).ok().filter(|_| url.len() <= LONGEST_URL);
    if parsed.is_some_and(|parsed| parsed.scheme() == "https" && parsed.username().is_empty()) {
        return Ok(());
    }
    Err(refused(format!(
        "{language}: expected an https address, received {:?}",
        shortened(url)
    )))
}

fn refused(detail: String) -> Refusal {
    Refusal::response(&INVALID_TERMS, detail)
}
