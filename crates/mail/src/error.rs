//! What this crate refuses, and how it fails.

use doorward_oidc::{Refusal, RefusalKind, Turn};
use doorward_store::StoreError;

/// Why an operation on letters did not happen.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The caller can do something about it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// There is no mail server.
pub(crate) static MAIL_IS_OFF: RefusalKind = RefusalKind {
    code: "mail_is_off",
    oauth: "invalid_request",
    public: "This server does not send mail.",
    meaning: "Sending needs a mail server in the configuration file; without one, links are handed over by an administrator.",
    turn: Turn::Administrator,
};

/// The mail server could not be reached, or did not take the letter.
pub(crate) static MAIL_NOT_SENT: RefusalKind = RefusalKind {
    code: "mail_not_sent",
    oauth: "server_error",
    public: "The mail server did not take the e-mail.",
    meaning: "A test letter goes to the mail server at once; the detail says what it answered or why it was not reached.",
    turn: Turn::Administrator,
};

/// The address is none.
pub(crate) static INVALID_MAIL_ADDRESS: RefusalKind = RefusalKind {
    code: "invalid_mail_address",
    oauth: "invalid_request",
    public: "This is no e-mail address.",
    meaning: "An address to write to has a local part, one `@` and a domain (RFC 5321 4.1.2).",
    turn: Turn::Person,
};

/// The letter is not in the queue.
pub(crate) static NO_SUCH_LETTER: RefusalKind = RefusalKind {
    code: "no_such_letter",
    oauth: "invalid_request",
    public: "There is no such e-mail in the queue.",
    meaning: "The letter has been sent, removed, or never was there.",
    turn: Turn::Administrator,
};

/// Every kind of refusal of this crate.
pub const REFUSALS: &[&RefusalKind] = &[&MAIL_IS_OFF, &MAIL_NOT_SENT, &INVALID_MAIL_ADDRESS, &NO_SUCH_LETTER];
