//! `doorward terms …`

use std::{io::Read, path::Path};

use clap::{Args, Subcommand};
use doorward_api::{List, NewTerms, Terms, TermsAcceptance, TermsAcceptanceQuery, TermsSummary, TermsText};

use super::{Page, confirm::Confirm};
use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant, mark, maybe_instant},
};

/// No text of terms is longer, in bytes; the server has a bound of its own.
const MAX_TEXT: u64 = 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Publish the next version: people are asked to accept it at their next login
    Publish(Publish),
    /// List the versions, the newest first
    List,
    /// Show a version with what it says
    Show {
        /// Its number
        version: u32,
    },
    /// Ask nobody for the newest version any more; who accepted it is kept
    Withdraw {
        /// Its number
        version: u32,
        #[command(flatten)]
        confirm: Confirm,
    },
    /// Who has accepted which version, the latest first
    Accepted {
        /// Only this version
        version: Option<u32>,
        /// Only this person
        #[arg(long, value_name = "USER")]
        user: Option<String>,
        #[command(flatten)]
        page: Page,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// A text in a language (en or de) from a file of plain text, or - for standard input: en=terms.txt
    #[arg(long = "text", value_name = "LANG=FILE", required_unless_present = "urls", value_parser = pair)]
    texts: Vec<(String, String)>,
    /// Where it can be read in a language: de=https://example.com/de/terms-3
    #[arg(long = "url", value_name = "LANG=ADDRESS", value_parser = pair)]
    urls: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((language, rest)) if !language.is_empty() && !rest.is_empty() => {
            Ok((language.to_owned(), rest.to_owned()))
        }
        _ => Err(format!(
            "expected a language, an equals sign and a value, received {text:?}"
        )),
    }
}

impl Publish {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let mut texts = Vec::new();
        for (language, path) in self.texts {
            let text = Some(read(Path::new(&path))?);
            texts.push(TermsText {
                language,
                text,
                url: None,
            });
        }
        texts.extend(self.urls.into_iter().map(|(language, url)| TermsText {
            language,
            text: None,
            url: Some(url),
        }));
        let reply = caller.post::<Terms>(&["terms"], &NewTerms { texts }).await?;
        caller.show(&reply, |terms, output| {
            let version = terms.about.version;
            output.line(format!(
                "Published version {version}. Everybody is asked to accept it at their next login."
            ))
        })
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(MAX_TEXT).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MAX_TEXT).read_to_string(&mut text))
    };
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::usage(format!(
            "--text: cannot read {}: {error}",
            path.display()
        ))),
    }
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Publish(publish) => publish.run(caller).await,
            Self::List => {
                let reply = caller.get::<List<TermsSummary>>(&["terms"]).await?;
                caller.show(&reply, |list, output| {
                    let row = |terms: &TermsSummary| {
                        vec![
                            terms.version.to_string(),
                            state(terms),
                            instant(terms.published),
                            terms.published_by.clone(),
                            terms.languages.join(" "),
                            terms.accepted.to_string(),
                        ]
                    };
                    let heads = ["VERSION", "", "PUBLISHED", "BY", "LANGUAGES", "ACCEPTED"];
                    output.list(list, &heads, row, "No terms have been published.")
                })
            }
            Self::Show { version } => {
                let reply = caller.get::<Terms>(&["terms", &version.to_string()]).await?;
                caller.show(&reply, show)
            }
            Self::Withdraw { version, confirm } => {
                confirm.ask(&format!("Ask nobody for version {version} of the terms any more?"))?;
                let nothing = serde_json::json!({});
                let reply = caller
                    .post::<Terms>(&["terms", &version.to_string(), "withdraw"], &nothing)
                    .await?;
                caller.show(&reply, |terms, output| {
                    let version = terms.about.version;
                    output.line(format!(
                        "Withdrew version {version}. Nobody is asked for terms until the next one."
                    ))
                })
            }
            Self::Accepted { version, user, page } => {
                let query = TermsAcceptanceQuery {
                    version,
                    user,
                    cursor: page.cursor,
                    limit: page.limit,
                };
                let reply = caller
                    .query::<List<TermsAcceptance>>(&["terms", "acceptances"], &query)
                    .await?;
                caller.show(&reply, |list, output| {
                    let row = |word: &TermsAcceptance| {
                        vec![
                            word.user.clone(),
                            word.version.to_string(),
                            instant(word.accepted),
                            word.language.clone(),
                            word.address.clone(),
                        ]
                    };
                    let heads = ["USER", "VERSION", "ACCEPTED", "LANGUAGE", "FROM"];
                    output.list(list, &heads, row, "Nobody has accepted that.")
                })
            }
        }
    }
}

fn state(terms: &TermsSummary) -> String {
    match terms.withdrawn {
        Some(_) => "withdrawn".to_owned(),
        None => mark(terms.in_force, "in force"),
    }
}

fn show(terms: &Terms, output: &Output) -> Result<(), Failure> {
    let about = &terms.about;
    output.fields(&[
        ("version", about.version.to_string()),
        ("state", state(about)),
        ("published", instant(about.published)),
        ("by", about.published_by.clone()),
        ("withdrawn", maybe_instant(about.withdrawn)),
        ("accepted", about.accepted.to_string()),
    ])?;
    for text in &terms.texts {
        output.line(format!("\n[{}]", text.language))?;
        for line in text.url.as_deref().or(text.text.as_deref()).unwrap_or_default().lines() {
            output.line(line)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_comes_before_the_first_equals_sign() {
        let read = |text| pair(text).ok();
        let address = ("de".to_owned(), "https://example.com/?v=3".to_owned());
        assert_eq!(read("de=https://example.com/?v=3"), Some(address));
        assert_eq!((read("de="), read("=x"), read("de")), (None, None, None));
    }
}
