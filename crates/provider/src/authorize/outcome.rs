//! How a login can end without a code once its request was found good (OpenID Connect Core §3.1.2.6).

use doorward_oidc::{RefusalKind, Turn};

/// `prompt=none` and the person would have to log in.
pub static LOGIN_REQUIRED: RefusalKind = RefusalKind {
    code: "login_required",
    oauth: "login_required",
    public: "You are not logged in.",
    meaning: "With prompt=none no page may be shown, so a needed login is an error (OpenID Connect Core §3.1.2.6).",
    turn: Turn::Person,
};

/// `prompt=none` and the person would have to consent.
pub static CONSENT_REQUIRED: RefusalKind = RefusalKind {
    code: "consent_required",
    oauth: "consent_required",
    public: "You have not allowed this application to see your data yet.",
    meaning: "With prompt=none no page may be shown, so a needed consent is an error (OpenID Connect Core §3.1.2.6).",
    turn: Turn::Person,
};

/// `prompt=none` and the person would have to accept the terms.
pub static TERMS_REQUIRED: RefusalKind = RefusalKind {
    code: "terms_required",
    oauth: "interaction_required",
    public: "You have not accepted the terms and conditions yet.",
    meaning: "With prompt=none no page may be shown, so a needed answer of the person is an error (OpenID Connect Core \
              §3.1.2.6).",
    turn: Turn::Person,
};

/// The person declined the terms.
pub static TERMS_DECLINED: RefusalKind = RefusalKind {
    code: "terms_declined",
    oauth: "access_denied",
    public: "You did not accept the terms and conditions, so you are not logged in.",
    meaning: "The person said no on the page with the terms; their session has ended (RFC 6749 §4.1.2.1).",
    turn: Turn::Person,
};

/// Somebody other than the person whom the application named is logged in, after a fresh login.
pub static OTHER_PERSON: RefusalKind = RefusalKind {
    code: "other_person",
    oauth: "login_required",
    public: "The application expects another person to be logged in.",
    meaning: "A request with id_token_hint or a requested sub is answered for that person only (OpenID Connect Core \
              §3.1.2.1, §3.1.2.2).",
    turn: Turn::Person,
};

/// The application made an authentication context essential that this login did not reach.
pub static CONTEXT_NOT_REACHED: RefusalKind = RefusalKind {
    code: "authentication_context_not_reached",
    oauth: "unmet_authentication_requirements",
    public: "This application demands a stronger login than this server offers you.",
    meaning: "An essential acr claim with values that the login did not reach is a failed authentication (OpenID Connect \
              Core §5.5.1.1, OpenID Connect Core Error Code unmet_authentication_requirements).",
    turn: Turn::Application,
};

/// The person declined on the consent page.
pub static CONSENT_DENIED: RefusalKind = RefusalKind {
    code: "consent_denied",
    oauth: "access_denied",
    public: "You did not allow the application to see your data.",
    meaning: "The person said no on the consent page (RFC 6749 §4.1.2.1).",
    turn: Turn::Person,
};
