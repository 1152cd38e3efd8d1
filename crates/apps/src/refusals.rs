//! What this crate refuses, each kind once (the documentation's catalogue is generated from [`REFUSALS`]).

use doorward_oidc::{RefusalKind, Turn};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $code:literal, $oauth:literal, $turn:ident, $public:literal, $meaning:literal;)*) => {
        $($(#[$doc])* pub static $name: RefusalKind = RefusalKind {
            code: $code, oauth: $oauth, public: $public, meaning: $meaning, turn: Turn::$turn,
        };)*
        /// Every kind of refusal of this crate.
        pub const REFUSALS: &[&RefusalKind] = &[$(&$name),*];
    };
}

kinds! {
    /// No scope map of the application matches a group of the person.
    NO_SCOPE_MAP: "no_scope_map", "access_denied", Administrator,
        "You are not allowed to use this application yet.",
        "An application lets in the members of the groups that have a scope map on it; without one nobody gets in.";
    /// The application is switched off.
    APP_DISABLED: "app_disabled", "access_denied", Administrator,
        "This application is switched off at the moment.",
        "An administrator has disabled the application: nobody logs in to it and it gets no tokens.";
    /// No application has this name.
    APP_UNKNOWN: "app_unknown", "invalid_request", Administrator,
        "There is no such application.",
        "The name is not the client id of an application of this server.";
    /// The name is taken.
    APP_EXISTS: "app_exists", "invalid_request", Administrator,
        "An application of this name exists already.",
        "Client ids are unique on a server.";
    /// Not a client id.
    APP_NAME_INVALID: "app_name_invalid", "invalid_request", Administrator,
        "This is not a name for an application.",
        "Client ids are 1 to 64 characters of [A-Za-z0-9_-]: libraries disagree on how others are escaped (RFC 6749 §2.3.1).";
    /// Not the base URL of an application.
    APP_URL_INVALID: "app_url_invalid", "invalid_request", Administrator,
        "This is not the address of an application.",
        "An application's address is http(s)://host[:port][/path]; redirect URIs are made from it.";
    /// An edit that removes what is not there.
    NOT_REGISTERED: "not_registered", "invalid_request", Administrator,
        "There is nothing of that kind to remove.",
        "A value can only be removed from an application that has it.";
    /// A setting with a value that does not fit.
    SETTING_INVALID: "setting_invalid", "invalid_request", Administrator,
        "This setting of an application has no such value.",
        "Each setting of an application states which values it takes.";
    /// A lifetime outside of its bounds.
    LIFETIME_OUT_OF_BOUNDS: "lifetime_out_of_bounds", "invalid_request", Administrator,
        "This lifetime is outside of its bounds.",
        "Lifetimes have bounds, so that a typing mistake does not become a policy.";
    /// No such preset.
    PRESET_UNKNOWN: "preset_unknown", "invalid_request", Administrator,
        "There is no such preset.",
        "Presets are data files that know one application each; `generic` fits any other.";
    /// No such group, or a scope map that is not there.
    GROUP_UNKNOWN: "group_unknown", "invalid_request", Administrator,
        "There is no such group.",
        "A scope map names a group of this server, or `everyone`.";
    /// A scope that cannot be granted.
    SCOPE_INVALID: "scope_invalid", "invalid_scope", Administrator,
        "This is not a scope.",
        "Scopes are printable characters without spaces, quotes and backslashes (RFC 6749 §3.3).";
    /// The application has no secret to show or rotate.
    NO_SECRET: "no_secret", "invalid_request", Administrator,
        "This application has no secret.",
        "Only an application that authenticates with a secret has one.";
    /// A policy of registration that cannot be, or a token of it.
    CLIENT_REGISTRATION_INVALID: "client_registration_invalid", "invalid_request", Administrator,
        "This setting of the registration of applications has no such value.",
        "What applications that register themselves may do has bounds, and so have the tokens that let them.";
    /// No such initial access token.
    INITIAL_ACCESS_TOKEN_UNKNOWN: "initial_access_token_unknown", "invalid_request", Administrator,
        "There is no such initial access token.",
        "The token does not exist, has ended, or has been revoked already.";
    /// Registration is off, or the token that it takes does not count.
    CLIENT_REGISTRATION_CLOSED: "client_registration_closed", "invalid_token", Administrator,
        "Applications cannot register themselves here without a valid initial access token.",
        "Registration is off unless an administrator opens it or hands out initial access tokens (RFC 7591 §1.2, §3).";
    /// Too many unused applications.
    CLIENT_REGISTRATION_FULL: "client_registration_full", "temporarily_unavailable", Administrator,
        "Too many applications that nobody uses are registered already.",
        "Anybody can register where registration is open, so there is a bound on what nobody has used yet.";
    /// The description of a client does not hold.
    CLIENT_METADATA_INVALID: "client_metadata_invalid", "invalid_client_metadata", Application,
        "The description of the client cannot be registered.",
        "Client metadata that we know has the values of its specification; what is known and not done here is refused rather \
         than left out (RFC 7591 §2, §3.2.2).";
    /// Not the registration access token of this client.
    REGISTRATION_TOKEN_INVALID: "registration_token_invalid", "invalid_token", Application,
        "The registration access token is not valid for this client.",
        "A client manages what it registered with the token that it got then (RFC 7592 §3).";
    /// An overlap outside of its bounds.
    OVERLAP_OUT_OF_BOUNDS: "overlap_out_of_bounds", "invalid_request", Administrator,
        "This overlap is outside of its bounds.",
        "During the overlap of a rotation the old and the new secret are both valid.";
    /// Not the address of an issuer alias.
    ALIAS_INVALID: "alias_invalid", "invalid_request", Administrator,
        "This is not the issuer of a provider whose addresses are known here.",
        "An alias is the issuer that applications were set to before, byte for byte; its path says whose addresses are below it.";
    /// No such alias.
    ALIAS_UNKNOWN: "alias_unknown", "invalid_request", Administrator,
        "This server does not answer at that issuer.",
        "An application can have an earlier provider's issuer once this server answers there.";
    /// The alias is there.
    ALIAS_EXISTS: "alias_exists", "invalid_request", Administrator,
        "This server answers at that issuer already.",
        "Each alias exists once.";
    /// An application uses the alias.
    ALIAS_IN_USE: "alias_in_use", "invalid_request", Administrator,
        "Applications have this issuer.",
        "An alias goes when no application has it as its issuer any more: tokens that it named would be refused by all of them.";
    /// Too many aliases.
    ALIAS_FULL: "alias_full", "invalid_request", Administrator,
        "There are too many aliases already.",
        "The number of aliases has a bound, because each request to one looks through them.";
}
