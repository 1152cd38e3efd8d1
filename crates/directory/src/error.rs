//! What the directory refuses, and how it fails.

use std::time::Duration;

use doorward_oidc::{Refusal, RefusalKind, Turn};
use doorward_store::StoreError;

use crate::{Actor, Right};

/// Why an operation of the directory did not happen. Nothing is half done: each operation is one unit of work.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The caller can do something about it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The password queue is full: 503 with `Retry-After`.
    #[error("the password queue is full, try again in {} s", retry_after.as_secs())]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password threads are gone: the process is ending.
    #[error("the password threads have ended")]
    Ended,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident { code: $code:literal, oauth: $oauth:literal, public: $public:literal, meaning: $meaning:literal, turn: $turn:ident $(,)? })*) => {
        $($(#[$doc])* pub(crate) static $name: RefusalKind = RefusalKind {
            code: $code, oauth: $oauth, public: $public, meaning: $meaning, turn: Turn::$turn,
        };)*
        /// Every kind of refusal of this crate.
        pub const REFUSALS: &[&RefusalKind] = &[$(&$name),*];
    };
}

kinds! {
    INVALID_USER_NAME {
        code: "invalid_user_name", oauth: "invalid_request",
        public: "This user name cannot be used.",
        meaning: "A user name is 1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or a digit.",
        turn: Administrator,
    }
    INVALID_GROUP_NAME {
        code: "invalid_group_name", oauth: "invalid_request",
        public: "This group name cannot be used.",
        meaning: "A group name is 1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or a digit.",
        turn: Administrator,
    }
    INVALID_USER {
        code: "invalid_user", oauth: "invalid_request",
        public: "These details of a user cannot be stored.",
        meaning: "Full name, e-mail address and attributes have bounded sizes and the types of their standard claims (OpenID Connect Core 5.1).",
        turn: Administrator,
    }
    INVALID_GROUP {
        code: "invalid_group", oauth: "invalid_request",
        public: "These details of a group cannot be stored.",
        meaning: "A description has at most 1,000 characters.",
        turn: Administrator,
    }
    INVALID_QUERY {
        code: "invalid_directory_query", oauth: "invalid_request",
        public: "This listing cannot be continued.",
        meaning: "`after` must be the `next` value of an earlier page of the same listing.",
        turn: Administrator,
    }
    INVALID_LINK {
        code: "invalid_link", oauth: "invalid_request",
        public: "This kind of link cannot be made here.",
        meaning: "Administrators make enrolment and reset links; the link of the first administrator is made by the server.",
        turn: Administrator,
    }
    INVALID_LIFETIME {
        code: "invalid_lifetime", oauth: "invalid_request",
        public: "This lifetime cannot be used.",
        meaning: "Links live between a minute and 30 days; an API token and an account must end in the future.",
        turn: Administrator,
    }
    NAME_TAKEN {
        code: "name_taken", oauth: "invalid_request",
        public: "This name is already in use.",
        meaning: "Names of users are unique without regard to case, and so are names of groups.",
        turn: Administrator,
    }
    ID_TAKEN {
        code: "id_taken", oauth: "invalid_request",
        public: "This id belongs to somebody or something else.",
        meaning: "Ids that files and imports bring are the bearer's for ever: nobody gets one that a user, a group or an application has.",
        turn: Administrator,
    }
    EMAIL_TAKEN {
        code: "email_taken", oauth: "invalid_request",
        public: "This e-mail address belongs to another user.",
        meaning: "E-mail addresses are unique without regard to case: many applications take the address for the person.",
        turn: Administrator,
    }
    NO_SUCH_USER {
        code: "no_such_user", oauth: "invalid_request",
        public: "There is no such user.",
        meaning: "The named user does not exist, or not any more.",
        turn: Administrator,
    }
    NO_SUCH_GROUP {
        code: "no_such_group", oauth: "invalid_request",
        public: "There is no such group.",
        meaning: "The named group does not exist, or not any more.",
        turn: Administrator,
    }
    NO_SUCH_ROLE_GRANT {
        code: "no_such_role_grant", oauth: "invalid_request",
        public: "This role is not granted.",
        meaning: "The role to be withdrawn is not held directly by that user or group.",
        turn: Administrator,
    }
    INVALID_SERVICE_KEY {
        code: "invalid_service_key", oauth: "invalid_request",
        public: "This key cannot be used.",
        meaning: "A service account signs with keys of its own, of which the public half is here (RFC 7523 §2.1): RSA of 2048 bits or \
                  more, P-256 or Ed25519, twenty at the most.",
        turn: Administrator,
    }
    NO_SUCH_SERVICE_KEY {
        code: "no_such_service_key", oauth: "invalid_request",
        public: "There is no such key of a service account.",
        meaning: "The key does not exist, or has been removed already.",
        turn: Administrator,
    }
    NO_SUCH_API_TOKEN {
        code: "no_such_api_token", oauth: "invalid_request",
        public: "There is no such API token.",
        meaning: "The API token does not exist, or has been revoked already.",
        turn: Administrator,
    }
    GROUP_CYCLE {
        code: "group_cycle", oauth: "invalid_request",
        public: "A group cannot contain itself.",
        meaning: "Nesting must have no cycle: a group cannot be put below a group that is already below it.",
        turn: Administrator,
    }
    NESTING_TOO_DEEP {
        code: "nesting_too_deep", oauth: "invalid_request",
        public: "The groups are nested too deeply.",
        meaning: "Groups nest at most 16 levels deep, so that what a membership means stays visible and cheap to compute.",
        turn: Administrator,
    }
    MISSING_RIGHT {
        code: "missing_right", oauth: "access_denied",
        public: "You do not have the right to do this.",
        meaning: "The administrator's roles do not bring the right that this operation needs; the detail names it.",
        turn: Administrator,
    }
    PROTECTED_BY_ROLE {
        code: "protected_by_role", oauth: "access_denied",
        public: "This belongs to an administrator; only a full administrator can change it.",
        meaning: "Users and groups that carry an administrator role, and groups through whose membership a role is gained, are changed by full administrators only: otherwise a lesser administrator could become a greater one.",
        turn: Administrator,
    }
    LAST_ADMINISTRATOR {
        code: "last_administrator", oauth: "invalid_request",
        public: "This would leave nobody with full rights.",
        meaning: "At least one enabled person keeps the role `full`.",
        turn: Administrator,
    }
    NOT_A_PERSON {
        code: "not_a_person", oauth: "invalid_request",
        public: "A service account has no password.",
        meaning: "Passwords, enrolment and reset links are for persons; service accounts hold API tokens.",
        turn: Administrator,
    }
    NOT_A_SERVICE_ACCOUNT {
        code: "not_a_service_account", oauth: "invalid_request",
        public: "API tokens belong to service accounts.",
        meaning: "A person's rights are used through a login; an API token needs a service account.",
        turn: Administrator,
    }
    USER_DISABLED {
        code: "user_disabled", oauth: "access_denied",
        public: "This account is disabled.",
        meaning: "A disabled user gets no link and no API token until an administrator enables the account.",
        turn: Administrator,
    }
    ACCOUNT_EXPIRED {
        code: "account_expired", oauth: "access_denied",
        public: "This account has ended.",
        meaning: "The account had a date at which it ends, and that has come: nobody logs in to it and nothing that it opened works any more. An administrator can give it another date.",
        turn: Administrator,
    }
    ACCOUNT_DELETED {
        code: "account_deleted", oauth: "access_denied",
        public: "This account is being deleted.",
        meaning: "The account was deleted and is kept for the days of grace, closed; until then an administrator can restore it.",
        turn: Administrator,
    }
    NOT_BEING_DELETED {
        code: "not_being_deleted", oauth: "invalid_request",
        public: "This person is not being deleted.",
        meaning: "Only who was deleted, and is not gone for good yet, can be restored.",
        turn: Administrator,
    }
    DELETION_NOT_OFFERED {
        code: "deletion_not_offered", oauth: "access_denied",
        public: "You cannot delete your account here yourself. An administrator can.",
        meaning: "Whether people may delete their own account is a setting of the server (`own_deletion`), off unless set.",
        turn: Administrator,
    }
    ALREADY_ENROLLED {
        code: "already_enrolled", oauth: "invalid_request",
        public: "This person has a password already.",
        meaning: "An enrolment link is for a person without a password; a reset link replaces one.",
        turn: Administrator,
    }
    NO_EMAIL_ADDRESS {
        code: "no_email_address", oauth: "invalid_request",
        public: "This person has no e-mail address.",
        meaning: "A letter was asked for, and there is no address to send it to.",
        turn: Administrator,
    }
    PROFILE_CLOSED {
        code: "profile_closed", oauth: "access_denied",
        public: "This cannot be changed here. An administrator can change it.",
        meaning: "What people may change of themselves is a setting of the server (`own_profile`).",
        turn: Administrator,
    }
    INVALID_REGISTRATION {
        code: "invalid_registration", oauth: "invalid_request",
        public: "Registration cannot be set up like this.",
        meaning: "Who may register is said by mail domains, at least one or `*`; groups that newcomers are put into bring no administrator role.",
        turn: Administrator,
    }
    REGISTRATION_CLOSED {
        code: "registration_closed", oauth: "access_denied",
        public: "Nobody can register here.",
        meaning: "Self-registration is off unless an administrator opens it (`doorward registration set`).",
        turn: Administrator,
    }
    ADDRESS_NOT_ADMITTED {
        code: "address_not_admitted", oauth: "access_denied",
        public: "Registration is not open for this e-mail address.",
        meaning: "The mail domains that may register are listed; a subdomain counts only by itself. That says nothing of who has an account.",
        turn: Person,
    }
    NO_SUCH_REGISTRATION {
        code: "no_such_registration", oauth: "invalid_request",
        public: "There is no such registration.",
        meaning: "It was decided already, or has waited longer than 30 days and is forgotten.",
        turn: Administrator,
    }
    WEAK_PASSWORD {
        code: "weak_password", oauth: "invalid_request",
        public: "Choose another password: at least 8 characters, and not your name or address.",
        meaning: "A password has at least 8 characters and at most 1,024 bytes and is not the account's own name or address; nothing else is demanded (NIST SP 800-63B 3.1.1.2).",
        turn: Person,
    }
    COMMON_PASSWORD {
        code: "common_password", oauth: "invalid_request",
        public: "This password is one of the most common ones: whoever guesses begins with them. Choose another.",
        meaning: "The password is on the list of common ones, in whatever case (NIST SP 800-63B 3.1.1.2). `[passwords] common` names a list of one's own.",
        turn: Person,
    }
    PASSWORD_TOO_SHORT {
        code: "password_too_short", oauth: "invalid_request",
        public: "This password is shorter than is asked of you here.",
        meaning: "A login policy asks for more characters (`doorward policy check <user>`); the detail says how many.",
        turn: Person,
    }
    GUESSABLE_PASSWORD {
        code: "guessable_password", oauth: "invalid_request",
        public: "This password is too easy to guess. A few words that do not belong together are better.",
        meaning: "A login policy asks for a strength (zxcvbn, 0 to 4, with the person's own name and address among what is guessed first).",
        turn: Person,
    }
    LINK_ENDED {
        code: "link_ended", oauth: "access_denied",
        public: "This link has been used, has expired, or was replaced by a newer one.",
        meaning: "Enrolment and reset links work once, for a limited time, and only the newest one works.",
        turn: Person,
    }
    OTHER_ACCOUNT {
        code: "other_account", oauth: "access_denied",
        public: "This link belongs to another account. Log in with that one.",
        meaning: "An address is confirmed in a session of the account that asked for it, by whoever reads its mail: both must be the same person.",
        turn: Person,
    }
    WRONG_CREDENTIALS {
        code: "wrong_credentials", oauth: "access_denied",
        public: "User name and password do not match.",
        meaning: "Unknown user, wrong password, no password yet, disabled and service accounts look the same to the person; the detail says which it was.",
        turn: Person,
    }
    LOGIN_THROTTLED {
        code: "login_throttled", oauth: "temporarily_unavailable",
        public: "Too many wrong tries. Wait a little, then try again.",
        meaning: "Wrong tries are budgeted per account, per address, and apart from both per browser that has logged in before; nobody is locked out for longer than one interval.",
        turn: Person,
    }
    LOGIN_BUSY {
        code: "login_busy", oauth: "temporarily_unavailable",
        public: "The server is busy. Try again in a few seconds.",
        meaning: "The bounded queue of password checks is full; nothing was checked.",
        turn: Person,
    }
    PASSKEY_REFUSED {
        code: "passkey_refused", oauth: "access_denied",
        public: "This passkey was not accepted.",
        meaning: "A passkey logs in whom it is registered for, here, with a signature over a challenge that is used once (Web Authentication 7.2); the detail says what did not hold.",
        turn: Person,
    }
    PASSKEY_COPIED {
        code: "passkey_copied", oauth: "access_denied",
        public: "There may be a copy of this passkey, so it is not accepted any more. Log in otherwise and remove it.",
        meaning: "The signature counter of an authenticator only goes up; one that goes back belongs to a copy (Web Authentication 6.1.1), and nobody can tell which of the two is the person's.",
        turn: Person,
    }
    PASSKEY_NOT_REGISTERED {
        code: "passkey_not_registered", oauth: "invalid_request",
        public: "The passkey could not be registered. Try again.",
        meaning: "What a browser says of a new passkey has to be for this server, this session and a challenge that is used once (Web Authentication 7.1); the detail says what did not hold.",
        turn: Person,
    }
    PASSKEY_EXISTS {
        code: "passkey_exists", oauth: "invalid_request",
        public: "This passkey is registered already.",
        meaning: "A credential id belongs to one passkey of one person (Web Authentication 7.1).",
        turn: Person,
    }
    TOO_MANY_PASSKEYS {
        code: "too_many_passkeys", oauth: "invalid_request",
        public: "There are as many passkeys as there may be. Remove one first.",
        meaning: "A person has at most 20 passkeys.",
        turn: Person,
    }
    INVALID_PASSKEY_NAME {
        code: "invalid_passkey_name", oauth: "invalid_request",
        public: "A passkey's name has 1 to 60 characters.",
        meaning: "The name is what the person recognises the passkey by in their list.",
        turn: Person,
    }
    NO_SUCH_PASSKEY {
        code: "no_such_passkey", oauth: "invalid_request",
        public: "There is no such passkey.",
        meaning: "A passkey is named by its id, below the person whose it is.",
        turn: Administrator,
    }
    WRONG_FACTOR {
        code: "wrong_factor", oauth: "access_denied",
        public: "This code is not right. Take the newest one from your app.",
        meaning: "A one-time code is good for half a minute before and after its time and counts once, and none after a newer one; a recovery code counts once.",
        turn: Person,
    }
    FACTOR_THROTTLED {
        code: "factor_throttled", oauth: "temporarily_unavailable",
        public: "Too many wrong codes. Wait a little, then try again.",
        meaning: "Wrong codes are budgeted per person, and apart from that per browser in which the person has proved a second factor before; nobody is locked out for longer than one interval.",
        turn: Person,
    }
    INVALID_POLICY {
        code: "invalid_policy", oauth: "invalid_request",
        public: "This cannot be asked of logins.",
        meaning: "A login policy has bounds: the detail names the value and what is allowed.",
        turn: Administrator,
    }
    PASSKEY_UNTRUSTED {
        code: "passkey_untrusted", oauth: "invalid_request",
        public: "Passkeys of this device are not let in here. Use one that your organisation has chosen.",
        meaning: "Administrators have chosen whose authenticators are let in (attestation roots), and no chain of certificates leads from this one to them (Web Authentication 7.1).",
        turn: Person,
    }
    INVALID_TERMS {
        code: "invalid_terms", oauth: "invalid_request",
        public: "These terms cannot be published.",
        meaning: "A version of the terms has for each language either its text or the https address where it can be read; the detail names what is wrong.",
        turn: Administrator,
    }
    NO_SUCH_TERMS {
        code: "no_such_terms", oauth: "invalid_request",
        public: "There is no such version of the terms.",
        meaning: "No version of the terms has this number, or it is not the one that people are asked for.",
        turn: Administrator,
    }
    INVALID_API_TOKEN {
        code: "invalid_api_token", oauth: "invalid_token",
        public: "The API token is not valid.",
        meaning: "The token is unknown, revoked or expired, or its service account is disabled or has ended.",
        turn: Administrator,
    }
}

/// The denial that names the missing right.
pub(crate) fn missing_right(actor: &Actor, right: Right) -> Refusal {
    let roles = if actor.roles.is_empty() {
        "no role".to_owned()
    } else {
        actor
            .roles
            .iter()
            .map(|role| role.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    Refusal::response(
        &MISSING_RIGHT,
        format!("{} has {roles}; this needs the right `{}`", actor.name, right.as_str()),
    )
    .with_remedy(format!(
        "A full administrator can grant a role that brings it: `doorward admin grant {} {}{}`.",
        right.smallest_role(),
        actor.name,
        if matches!(right, Right::ChangeMembers(_)) {
            " --of <group>"
        } else {
            ""
        },
    ))
}

/// Outside text for a message: bounded, so that a message cannot be flooded.
pub(crate) fn shortened(text: &str) -> String {
    const MAX: usize = 80;
    if text.chars().count() <= MAX {
        text.to_owned()
    } else {
        text.chars().take(MAX).chain(['…']).collect()
    }
}
