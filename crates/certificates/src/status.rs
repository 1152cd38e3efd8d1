//! What an administrator asks: which certificate, until when, and what is wrong.

use doorward_directory::{Actor, Right, within};
use jiff::Timestamp;

use crate::{Certificates, CertificatesError, Source, rows};

/// How things stand with the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// `none`, `files`, `acme` or `authority`.
    pub source: &'static str,
    /// Where the ACME directory is.
    pub directory: Option<String>,
    /// The host of the public URL.
    pub host: String,
    /// What is presented, when it comes by itself.
    pub served: Option<Served>,
    /// Why the next one does not come.
    pub problem: Option<Problem>,
}

/// A certificate in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// For which names.
    pub names: Vec<String>,
    /// Who issued it.
    pub issuer: String,
    /// From when.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
    /// When the next one is fetched.
    pub renews_at: Timestamp,
    /// SHA-256 over the certificate.
    pub fingerprint: String,
}

/// What an authority refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The refusal's code.
    pub code: String,
    /// What the authority said.
    pub detail: String,
    /// What to do.
    pub remedy: Option<String>,
    /// When it was.
    pub at: Timestamp,
    /// When it is tried again.
    pub next_try: Timestamp,
}

impl Certificates {
    /// How things stand. Right: read-settings.
    pub async fn status(&self, actor: &Actor) -> Result<Status, CertificatesError> {
        let (actor, place) = (actor.clone(), self.source_name());
        let host = self.host().to_string();
        let order = self
            .store()
            .read::<_, CertificatesError>(move |tx| {
                within::current(tx, &actor)?.require(Right::ReadSettings)?;
                let Some(source) = place else { return Ok(None) };
                Ok::<_, CertificatesError>(rows::order(tx, &source, &host)?)
            })
            .await?;
        let (source, directory) = match self.source() {
            Source::Off => ("none", None),
            Source::Files => ("files", None),
            Source::Acme(settings) => ("acme", Some(settings.directory.clone())),
            Source::Authority => ("authority", None),
        };
        Ok(Status {
            source,
            directory,
            host: self.host().to_string(),
            served: self.held().map(|held| Served {
                names: held.facts.names.clone(),
                issuer: held.facts.issuer.clone(),
                not_before: held.facts.not_before,
                not_after: held.facts.not_after,
                renews_at: held.renews_at(),
                fingerprint: held.facts.fingerprint.clone(),
            }),
            problem: order.and_then(|order| {
                Some(Problem {
                    code: order.code?,
                    detail: order.detail?,
                    remedy: order.remedy,
                    at: order.failed_at?,
                    next_try: order.next_try_at,
                })
            }),
        })
    }
}
