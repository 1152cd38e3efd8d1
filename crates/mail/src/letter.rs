//! What a letter says and to whom, before it has words.

use jiff::Timestamp;

/// A language in which letters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Lang {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language of a tag such as `de-AT`, by its first part; English for every other.
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|lang| lang.tag().eq_ignore_ascii_case(primary))
            .unwrap_or_default()
    }
}

/// Who gets a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// The e-mail address.
    pub address: String,
    /// How they are greeted. `None` where the address is not proven: what a stranger typed must not go to others as our mail.
    pub name: Option<String>,
    /// In which language.
    pub lang: Lang,
}

/// A letter. Links in it are complete URLs of this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub to: Addressee,
    /// What it says.
    pub message: Message,
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Mail works.
    Test,
    /// An account is ready: choose a password.
    Invitation {
        /// The enrolment link.
        link: String,
        /// The user name to log in with.
        username: String,
        /// When the link ends.
        expires: Timestamp,
    },
    /// Somebody asked for a new password.
    PasswordReset {
        /// The reset link.
        link: String,
        /// When the link ends.
        expires: Timestamp,
    },
    /// Somebody asked for a new password of an administrator: there is none by mail.
    NotByMail {
        /// The user name.
        username: String,
    },
    /// Somebody asked for a new password of a person who logs in through an upstream.
    LogInElsewhere {
        /// The upstream, as people know it.
        title: String,
        /// The login page.
        link: String,
    },
    /// Prove that this address is yours: it was given for an account.
    ConfirmAddress {
        /// The link that proves it.
        link: String,
        /// When the link ends.
        expires: Timestamp,
    },
    /// The account is closed and will be gone for good.
    DeletionPlanned {
        /// When.
        at: Timestamp,
    },
    /// The account is gone for good.
    AccountDeleted,
    /// The account ends soon.
    AccountExpires {
        /// When.
        at: Timestamp,
    },
    /// Go on with the registration that was begun with this address.
    Register {
        /// The link that goes on.
        link: String,
        /// When the link ends.
        expires: Timestamp,
    },
    /// Somebody wanted to register with an address that has an account.
    RegisteredAlready {
        /// The login page.
        link: String,
    },
    /// An administrator has let somebody in who registered.
    Approved {
        /// The link to choose a password.
        link: String,
        /// The user name to log in with.
        username: String,
        /// When the link ends.
        expires: Timestamp,
    },
    /// An administrator has turned somebody away who registered.
    NotApproved,
    /// Something about the account changed. No answer is needed by whoever did it; anybody else must hear of it.
    Notice(Notice),
}

/// A change of an account that its owner is told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A new password was set.
    PasswordChanged,
    /// The e-mail address was changed; this goes to the old one.
    AddressChanged {
        /// The new address, as far as it may be shown to whoever reads the old one's mail.
        new: String,
    },
    /// An administrator took away all second factors and passkeys.
    FactorsReset,
    /// A second factor was added: an authenticator app, recovery codes.
    FactorAdded,
    /// A second factor was removed.
    FactorRemoved,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// A recovery code was used to log in.
    RecoveryCodeUsed {
        /// How many are left.
        left: u32,
    },
}

impl Message {
    /// The stable word for what it is: in the queue, in events, in the names of its texts.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Invitation { .. } => "invitation",
            Self::PasswordReset { .. } => "password-reset",
            Self::NotByMail { .. } => "not-by-mail",
            Self::LogInElsewhere { .. } => "log-in-elsewhere",
            Self::ConfirmAddress { .. } => "confirm-address",
            Self::DeletionPlanned { .. } => "deletion-planned",
            Self::AccountDeleted => "account-deleted",
            Self::AccountExpires { .. } => "account-expires",
            Self::Register { .. } => "register",
            Self::RegisteredAlready { .. } => "registered-already",
            Self::Approved { .. } => "approved",
            Self::NotApproved => "not-approved",
            Self::Notice(notice) => match notice {
                Notice::PasswordChanged => "password-changed",
                Notice::AddressChanged { .. } => "address-changed",
                Notice::FactorsReset => "factors-reset",
                Notice::FactorAdded => "factor-added",
                Notice::FactorRemoved => "factor-removed",
                Notice::PasskeyAdded => "passkey-added",
                Notice::PasskeyRemoved => "passkey-removed",
                Notice::RecoveryCodeUsed { .. } => "recovery-code-used",
            },
        }
    }

    /// What to press, if anything.
    pub fn link(&self) -> Option<&str> {
        match self {
            Self::Invitation { link, .. }
            | Self::PasswordReset { link, .. }
            | Self::LogInElsewhere { link, .. }
            | Self::ConfirmAddress { link, .. }
            | Self::Register { link, .. }
            | Self::RegisteredAlready { link }
            | Self::Approved { link, .. } => Some(link),
            Self::Test
            | Self::NotByMail { .. }
            | Self::NotApproved
            | Self::DeletionPlanned { .. }
            | Self::AccountDeleted
            | Self::AccountExpires { .. }
            | Self::Notice(_) => None,
        }
    }

    /// After this it is of no use to anybody.
    pub fn useful_until(&self) -> Option<Timestamp> {
        match self {
            Self::Invitation { expires, .. }
            | Self::PasswordReset { expires, .. }
            | Self::ConfirmAddress { expires, .. }
            | Self::Register { expires, .. }
            | Self::Approved { expires, .. } => Some(*expires),
            Self::DeletionPlanned { at } | Self::AccountExpires { at } => Some(*at),
            Self::Test
            | Self::NotByMail { .. }
            | Self::LogInElsewhere { .. }
            | Self::RegisteredAlready { .. }
            | Self::NotApproved
            | Self::AccountDeleted
            | Self::Notice(_) => None,
        }
    }
}
