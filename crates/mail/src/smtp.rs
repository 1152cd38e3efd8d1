//! The mail server: a connection for each letter, encrypted unless the settings say loudly otherwise.

use std::time::Duration;

use doorward_jose::Secret;
use jiff::Timestamp;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as Encryption, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message as Mime, Tokio1Executor};
use uuid::Uuid;

use crate::{Rendered, Settings, Tls};

/// For each step of the conversation.
const PATIENCE: Duration = Duration::from_secs(20);
/// For the whole of it; shorter than a claim lasts.
const WHOLE_PATIENCE: Duration = Duration::from_mins(2);
/// Answers about who we are, not about this letter (RFC 4954 §6, RFC 5321 §4.2.2): every other letter would get them, too.
const ABOUT_US: [u16; 7] = [421, 432, 454, 530, 534, 535, 538];

/// Why a letter was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The server will never take it.
    #[error("{0}")]
    Refused(String),
    /// The server did not take it this time.
    #[error("{0}")]
    NotNow(String),
    /// No letter would be sent now: the server is not reached, or does not let us in.
    #[error("{0}")]
    Unreachable(String),
}

/// Sends letters. Cheap to clone.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    server: String,
}

impl Smtp {
    /// Reads the files that the settings name. What cannot work is said in a sentence that names the setting.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        settings.check()?;
        let from = settings.from.parse::<Mailbox>().map_err(|error| {
            format!(
                "mail.from: expected an e-mail address, found {:?}: {error}",
                settings.from
            )
        })?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.as_str())
            .port(settings.port())
            .timeout(Some(PATIENCE));
        builder = match settings.tls {
            Tls::Starttls => builder.tls(Encryption::Required(trust(settings)?)),
            Tls::Implicit => builder.tls(Encryption::Wrapper(trust(settings)?)),
            Tls::NoneInsecure => builder.tls(Encryption::None),
        };
        if let (Some(user), Some(file)) = (&settings.user, &settings.password_file) {
            let password = std::fs::read_to_string(file)
                .map(Secret::new)
                .map_err(|error| format!("mail.password_file: {}: {error}", file.display()))?;
            let password = password.expose().trim_end_matches(['\r', '\n']).to_owned();
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Self {
            transport: builder.build(),
            from,
            server: format!("{}:{}", settings.host, settings.port()),
        })
    }

    /// Host and port, for messages.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Hands a letter to the mail server. `id` makes the Message-ID: a letter that is sent twice has the same one both times.
    pub async fn send(&self, id: Uuid, recipient: &str, content: &Rendered, now: Timestamp) -> Result<(), NotSent> {
        let message = self.message(id, recipient, content, now).map_err(NotSent::Refused)?;
        match tokio::time::timeout(WHOLE_PATIENCE, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(self.reason(&error)),
            Err(_) => Err(NotSent::Unreachable(format!(
                "{} did not finish within {} s",
                self.server,
                WHOLE_PATIENCE.as_secs()
            ))),
        }
    }

    fn message(&self, id: Uuid, recipient: &str, content: &Rendered, now: Timestamp) -> Result<Mime, String> {
        let to = recipient
            .parse()
            .map_err(|error| format!("{recipient:?} is no e-mail address: {error}"))?;
        Mime::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(content.subject.as_str())
            .date(now.into())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            // No out-of-office answers to it (RFC 3834 §5).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(MultiPart::alternative_plain_html(
                content.text.clone(),
                content.html.clone(),
            ))
            .map_err(|error| error.to_string())
    }

    fn reason(&self, error: &lettre::transport::smtp::Error) -> NotSent {
        let said = format!("{}: {}", self.server, with_causes(error));
        match error.status().map(u16::from) {
            Some(code) if ABOUT_US.contains(&code) => NotSent::Unreachable(said),
            Some(_) if error.is_permanent() => NotSent::Refused(said),
            Some(_) => NotSent::NotNow(said),
            // Nothing was sent: the letter itself cannot be, to this address or through this server.
            None if error.is_client() => NotSent::Refused(said),
            None => NotSent::Unreachable(said),
        }
    }
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

fn trust(settings: &Settings) -> Result<TlsParameters, String> {
    let mut tls = TlsParameters::builder(settings.host.clone());
    if let Some(file) = &settings.ca {
        let said = |error: &dyn std::fmt::Display| format!("mail.ca: {}: {error}", file.display());
        let pem = std::fs::read(file).map_err(|error| said(&error))?;
        let certificate = Certificate::from_pem(&pem).map_err(|error| said(&error))?;
        tls = tls.add_root_certificate(certificate);
    }
    tls.build_rustls()
        .map_err(|error| format!("mail.tls: {}", with_causes(&error)))
}

/// The error with what it came from, each said once.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}
