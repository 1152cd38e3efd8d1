//! `doorward tls …`

use clap::Subcommand;
use doorward_api::Tls;

use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant, wrap},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the server's certificate, and why the next one does not come
    Show,
    /// Get a new certificate now
    Renew,
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Show => {
                let reply = caller.get::<Tls>(&["tls"]).await?;
                caller.show(&reply, show)
            }
            Self::Renew => {
                caller.post_for_nothing(&["tls", "renew"], &()).await?;
                caller.output.line("A new certificate is being fetched.")?;
                caller.output.aside("What becomes of it: doorward tls show")
            }
        }
    }
}

fn show(tls: &Tls, output: &Output) -> Result<(), Failure> {
    let from = match tls.source.as_str() {
        "none" => "none here: plain HTTP, or a proxy has one".to_owned(),
        "files" => "files, read again when they change".to_owned(),
        "acme" => format!("ACME, {}", tls.directory.as_deref().unwrap_or_default()),
        "authority" => "the private authority (doorward ca show)".to_owned(),
        other => other.to_owned(),
    };
    let mut fields = vec![("certificate from", from), ("host", tls.host.clone())];
    match &tls.certificate {
        Some(certificate) => fields.extend([
            ("names", certificate.names.join(", ")),
            ("issued by", certificate.issuer.clone()),
            ("from", instant(certificate.not_before)),
            ("until", instant(certificate.not_after)),
            ("renewed", instant(certificate.renews_at)),
            ("SHA-256", certificate.fingerprint.clone()),
        ]),
        None if matches!(tls.source.as_str(), "acme" | "authority") => {
            fields.push(("state", "there is none yet".to_owned()));
        }
        None => {}
    }
    output.fields(&fields)?;
    let Some(problem) = &tls.problem else { return Ok(()) };
    output.line(format!(
        "\nThe next one does not come: {}, at {}; tried again at {} (now: doorward tls renew).\n{}",
        problem.code,
        instant(problem.at),
        instant(problem.next_try),
        wrap(&problem.detail).trim_end()
    ))?;
    match &problem.remedy {
        Some(remedy) => output.line(format!("→ {}", wrap(remedy).trim_end())),
        None => Ok(()),
    }
}
