//! What this crate refuses, each kind once (the documentation's catalogue is generated from [`REFUSALS`]).

use doorward_oidc::{RefusalKind, Turn};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $code:literal, $public:literal, $meaning:literal;)*) => {
        $($(#[$doc])* pub static $name: RefusalKind = RefusalKind {
            code: $code, oauth: "invalid_request", public: $public, meaning: $meaning, turn: Turn::Administrator,
        };)*
        /// Every kind of refusal of this crate.
        pub const REFUSALS: &[&RefusalKind] = &[$(&$name),*];
    };
}

kinds! {
    /// Not a name that a certificate can be for.
    CERTIFICATE_NAME_INVALID: "certificate_name_invalid",
        "This is no name that a certificate can be for.",
        "Certificates are for host names, wildcards of one label and addresses (RFC 5280 §4.2.1.6, RFC 9525).";
    /// The private authority does not vouch for this name.
    CERTIFICATE_NAME_NOT_PERMITTED: "certificate_name_not_permitted",
        "The private authority does not vouch for this name.",
        "The authority's own certificate limits it to some names (RFC 5280 §4.2.1.10), so that hosts that trust it risk no others.";
    /// The lifetime asked for is not one that is issued.
    CERTIFICATE_LIFETIME_INVALID: "certificate_lifetime_invalid",
        "This is no lifetime that a certificate can have.",
        "Clients refuse certificates of servers that live longer than 397 days; an authority lives for 30 years at most.";
    /// A certificate signing request cannot be used.
    CERTIFICATE_REQUEST_INVALID: "certificate_request_invalid",
        "The certificate signing request cannot be used.",
        "A signing request (RFC 2986) must be signed by the key that it is for; names come from the command, not from it.";
    /// There is no private authority.
    AUTHORITY_MISSING: "authority_missing",
        "There is no private authority.",
        "Issuing takes an authority: `doorward ca init` makes one.";
    /// There is a private authority already.
    AUTHORITY_EXISTS: "authority_exists",
        "There is a private authority already.",
        "A second authority would have to be installed on every host again, so replacing one takes a word more.";
    /// No certificate comes by itself here.
    CERTIFICATE_NOT_OURS: "certificate_not_ours",
        "The certificate of this server does not come by itself.",
        "Only certificates by `[tls] acme` or `[tls] ca` are renewed by the server; others are files or a proxy's.";
    /// The ACME directory does not answer as one.
    ACME_UNREACHABLE: "acme_unreachable",
        "The certificate authority does not answer.",
        "The ACME directory (RFC 8555 §7.1.1) must be reachable over HTTPS from this server.";
    /// The ACME directory's own certificate is not trusted.
    ACME_UNTRUSTED: "acme_untrusted",
        "The certificate authority cannot be trusted at the moment.",
        "The ACME directory is asked over TLS; a private one needs its own CA in `[tls] acme_ca`.";
    /// The authority wants another account.
    ACME_ACCOUNT_REFUSED: "acme_account_refused",
        "The certificate authority refuses the account.",
        "Authorities refuse accounts for their contact, for terms that changed, or want them bound to a customer (RFC 8555 §7.3).";
    /// The authority does not issue for this name.
    ACME_NAME_REFUSED: "acme_name_refused",
        "The certificate authority issues nothing for this name.",
        "Public authorities issue for public names that their policy and the name's CAA records (RFC 8659) allow.";
    /// The authority could not see that the name is ours.
    ACME_CHALLENGE_FAILED: "acme_challenge_failed",
        "The certificate authority did not find this server under its name.",
        "An authority proves control of a name by coming to it: on port 443 (TLS-ALPN-01, RFC 8737) or port 80 (HTTP-01, RFC 8555 §8.3).";
    /// Too many requests.
    ACME_RATE_LIMITED: "acme_rate_limited",
        "The certificate authority wants fewer requests.",
        "Authorities bound how often one asks; Doorward waits longer after each failure and keeps account and orders over restarts.";
    /// Refused for another reason.
    ACME_REFUSED: "acme_refused",
        "The certificate authority refused.",
        "What an authority says that has no remedy of its own here; its words are in the detail.";
}
