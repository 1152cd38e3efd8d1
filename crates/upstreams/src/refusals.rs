//! What this crate refuses, each kind once (the documentation's catalogue is generated from [`REFUSALS`]). The kinds of a
//! failed login carry the codes of `doorward_login::LoginError`, so that library and server name a failure alike.

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
    /// Discovery or keys of the upstream cannot be read.
    SETUP_ERROR: "setup_error", "access_denied", Upstream,
        "The other login is not set up as it should be.",
        "Discovery and keys of an upstream must be what OpenID Connect Discovery 1.0 says; without them nobody can log in through it.";
    /// A setting of the upstream cannot work.
    UPSTREAM_SETTING_REFUSED: "upstream_setting_refused", "access_denied", Administrator,
        "The other login is not set up as it should be.",
        "A setting of this server for the upstream cannot work; `doorward upstream probe` names it.";
    /// The upstream does not answer.
    UPSTREAM_UNREACHABLE: "upstream_unreachable", "access_denied", Upstream,
        "The other login does not answer at the moment.",
        "The upstream could not be reached in time; the people of this server can still come in with a password, administrators at /login?backup=1.";
    /// The upstream's answer takes too long.
    ANSWER_TOO_SLOW: "answer_too_slow", "access_denied", Upstream,
        "The other login does not answer at the moment.",
        "Answers of an upstream are bounded in time, so that a slow one cannot hold this server.";
    /// The upstream's answer is too large.
    ANSWER_TOO_LARGE: "answer_too_large", "access_denied", Upstream,
        "The other login answered with too much.",
        "Answers of an upstream are bounded in size, so that an endless one cannot fill this server.";
    /// The upstream answers with a redirect.
    ANSWER_REDIRECTED: "answer_redirected", "access_denied", Administrator,
        "The other login is not set up as it should be.",
        "Redirects of an upstream's endpoints are not followed: they may lead to places that nobody configured.";
    /// The upstream's name leads into a private network.
    ADDRESS_NOT_ALLOWED: "address_not_allowed", "access_denied", Administrator,
        "The other login is not set up as it should be.",
        "An upstream in a private network must be allowed to be there; otherwise its names could make this server ask its neighbours.";
    /// The upstream's certificate is not trusted here.
    TLS_UNTRUSTED: "tls_untrusted", "access_denied", Administrator,
        "The other login cannot be trusted at the moment.",
        "The upstream's certificate must come from a CA that this machine or the upstream's setting trusts.";
    /// An endpoint of the upstream is not https.
    ENDPOINT_INSECURE: "endpoint_insecure", "access_denied", Upstream,
        "The other login is not set up as it should be.",
        "Endpoints that receive secrets must be https (RFC 9700 §2.6).";
    /// The issuer is another one than the configured one.
    ISSUER_MISMATCH: "issuer_mismatch", "access_denied", Administrator,
        "The other login is not the one that was expected.",
        "Issuers are compared byte for byte (OpenID Connect Discovery §4.3, Core §3.1.3.7): a slash more or less is another issuer.";
    /// The answer names another issuer.
    RESPONSE_ISSUER_MISMATCH: "response_issuer_mismatch", "access_denied", Administrator,
        "The other login is not the one that was expected.",
        "The answer to a login must come from the issuer that was asked (RFC 9207): otherwise one provider could pose as another.";
    /// The signing key belongs to another tenant.
    KEY_ISSUER_MISMATCH: "key_issuer_mismatch", "access_denied", Upstream,
        "The other login is not the one that was expected.",
        "Where one key set serves many issuers, a key may sign for its own issuer only.";
    /// The person's tenant is not one that is let in.
    TENANT_NOT_ALLOWED: "tenant_not_allowed", "access_denied", Administrator,
        "People of your organisation are not let in here.",
        "An upstream for several tenants lets in those that are listed, and no other.";
    /// The token is for somebody else.
    AUDIENCE_MISMATCH: "audience_mismatch", "access_denied", Administrator,
        "The other login answered for somebody else.",
        "`aud` must be the client id of this server, or one of the bound audiences (OpenID Connect Core §3.1.3.7).";
    /// The token was made for another client.
    AUTHORIZED_PARTY_MISMATCH: "authorized_party_mismatch", "access_denied", Administrator,
        "The other login answered for somebody else.",
        "`azp` must be the client id of this server (OpenID Connect Core §3.1.3.7).";
    /// The token answers another login.
    NONCE_MISMATCH: "nonce_mismatch", "access_denied", Person,
        "This answer belongs to another login. Please log in again.",
        "The nonce ties an ID token to the login that asked for it: another one may be replayed (OpenID Connect Core §3.1.3.7).";
    /// A claim of the token is not what it must be.
    CLAIM_MISMATCH: "claim_mismatch", "access_denied", Upstream,
        "The other login did not answer as it should.",
        "The claims of the protocol in an ID token must be as OpenID Connect Core §3.1.3.7 says.";
    /// The access token is not the one that was signed for.
    ACCESS_TOKEN_MISMATCH: "access_token_mismatch", "access_denied", Upstream,
        "The other login did not answer as it should.",
        "`at_hash` ties the access token to the ID token (OpenID Connect Core §3.1.3.6).";
    /// The code is not the one that was signed for.
    CODE_MISMATCH: "code_mismatch", "access_denied", Upstream,
        "The other login did not answer as it should.",
        "`c_hash` ties the code to the ID token (OpenID Connect Core §3.3.2.11).";
    /// Who the person is cannot be read.
    SUBJECT_INVALID: "subject_invalid", "access_denied", Upstream,
        "The other login did not say who you are.",
        "The claim that names the person must be a text of 1 to 255 characters, or a number, and be there.";
    /// The userinfo answer is about somebody else.
    USERINFO_SUBJECT_MISMATCH: "userinfo_subject_mismatch", "access_denied", Upstream,
        "The other login did not answer as it should.",
        "`sub` of the userinfo answer must be that of the ID token (OpenID Connect Core §5.3.2).";
    /// No key of the upstream has the name in the token.
    KEY_NOT_FOUND: "key_not_found", "access_denied", Upstream,
        "The other login's signature cannot be checked.",
        "The key that signed must be in the upstream's key set; it was fetched again before refusing.";
    /// Several keys of the upstream could be meant.
    KEY_AMBIGUOUS: "key_ambiguous", "access_denied", Upstream,
        "The other login's signature cannot be checked.",
        "Keys of the same name, or no name with several keys, leave open which one signed.";
    /// The signature does not hold.
    SIGNATURE_INVALID: "signature_invalid", "access_denied", Upstream,
        "The other login's signature is wrong.",
        "A token of the upstream must carry a valid signature of one of its keys.";
    /// The token is signed with an algorithm that is not allowed.
    ALGORITHM_NOT_ALLOWED: "algorithm_not_allowed", "access_denied", Administrator,
        "The other login signs in a way that is not accepted here.",
        "ID tokens are signed with RS256, PS256, ES256 or EdDSA, of which the upstream's setting may leave some.";
    /// No ID token came.
    ID_TOKEN_MISSING: "id_token_missing", "access_denied", Upstream,
        "The other login did not say who you are.",
        "A provider of OpenID Connect answers with an ID token when `openid` is among the scopes.";
    /// The token has ended already.
    TOKEN_EXPIRED: "token_expired", "access_denied", Upstream,
        "The other login answered too late.",
        "`exp` must lie in the future, 30 seconds of tolerance included.";
    /// The clocks are too far apart.
    CLOCK_SKEW: "clock_skew", "access_denied", Administrator,
        "The clocks of this server and of the other login differ.",
        "`iat` and `nbf` must not lie in the future beyond the tolerance: one of the two clocks is wrong.";
    /// The token is too large.
    TOKEN_TOO_LARGE: "token_too_large", "access_denied", Upstream,
        "The other login answered with too much.",
        "Tokens are read up to a limit; groups by the thousand are better asked for than carried.";
    /// The token is of another kind.
    TOKEN_TYPE_MISMATCH: "token_type_mismatch", "access_denied", Upstream,
        "The other login did not answer as it should.",
        "`typ` in the header says what a token is for; a token for something else is refused (RFC 8725 §3.11).";
    /// The token cannot be read.
    TOKEN_MALFORMED: "token_malformed", "access_denied", Upstream,
        "The other login did not answer as it should.",
        "Tokens are read strictly (RFC 7515, RFC 8725): what is ambiguous is refused.";
    /// The upstream refused the code.
    TOKEN_EXCHANGE_FAILED: "token_exchange_failed", "access_denied", Administrator,
        "The other login does not recognise this server.",
        "The upstream's token endpoint refused: client id, secret, redirect URI and authentication method must be those that are registered there.";
    /// The upstream's userinfo endpoint fails.
    NO_USERINFO: "no_userinfo", "access_denied", Upstream,
        "The other login did not say enough about you.",
        "The userinfo endpoint must answer the access token that came with the login, as JSON or as a signed JWT.";
    /// What the token left out could not be looked up.
    LOOKUP_FAILED: "lookup_failed", "access_denied", Upstream,
        "The other login did not say which groups you are in.",
        "When an upstream says that the groups are elsewhere and they cannot be had, nobody is logged in with none: the login is refused, or keeps those of the last login, as the setting says.";
    /// Something else that was asked with the token fails.
    RESOURCE_UNAVAILABLE: "resource_unavailable", "access_denied", Upstream,
        "The other login did not say enough about you.",
        "Groups or addresses were asked at an endpoint of the upstream, which did not answer as documented.";
    /// The upstream refused the login.
    DENIED_BY_PROVIDER: "denied_by_provider", "access_denied", Person,
        "The other login was refused or cancelled.",
        "The upstream answered with an error (RFC 6749 §4.1.2.1): the person cancelled, or may not use this application there.";
    /// The answer belongs to no login that is under way.
    ATTEMPT_UNKNOWN: "attempt_unknown", "access_denied", Person,
        "This login is not under way any more. Please log in again.",
        "An answer is taken once, for a login that this server began.";
    /// The answer came too late.
    ATTEMPT_EXPIRED: "attempt_expired", "access_denied", Person,
        "This login took too long. Please log in again.",
        "A login through an upstream may take ten minutes; it then begins anew by itself, but not for ever.";
    /// The answer came in another browser.
    ATTEMPT_OF_ANOTHER_BROWSER: "attempt_of_another_browser", "access_denied", Person,
        "This login began in another browser. Please log in again.",
        "A login ends in the browser in which it began: otherwise somebody could be logged in as somebody else (RFC 9700 §4.7).";
    /// The answer belongs to a login at another issuer.
    ATTEMPT_OF_ANOTHER_ISSUER: "attempt_of_another_issuer", "access_denied", Person,
        "This answer belongs to another login. Please log in again.",
        "An answer must come from the provider that was asked (RFC 9700 §4.4): otherwise one could pose as another.";
    /// The key that signed cannot be used.
    KEY_UNUSABLE: "key_unusable", "access_denied", Upstream,
        "The other login's signature cannot be checked.",
        "Keys must be RSA of 2048 bits or more, P-256 or Ed25519.";
    /// The token brings its own key.
    KEY_IN_TOKEN: "key_in_token", "access_denied", Upstream,
        "The other login's signature is wrong.",
        "A key that a token names itself proves nothing: keys come from the upstream's key set alone (RFC 8725 §3.10).";
    /// Logins under way cannot be stored.
    ATTEMPT_STORE_FAILED: "session_store_failed", "access_denied", Administrator,
        "The login cannot be remembered at the moment.",
        "The store of logins under way failed.";
    /// The person proved who they are too long ago.
    AUTHENTICATION_TOO_OLD: "authentication_too_old", "access_denied", Person,
        "Please log in again at the other login.",
        "`auth_time` must be as recent as was asked for.";
    /// The e-mail address is missing.
    NO_EMAIL_CLAIM: "no_email_claim", "access_denied", Upstream,
        "The other login did not say your e-mail address.",
        "The rules of this upstream need an e-mail address; the claim is not there.";
    /// The person is in none of the required groups.
    REQUIRED_GROUP_MISSING: "required_group_missing", "access_denied", Administrator,
        "You are not in a group that is let in here.",
        "The rules of this upstream let in the members of certain groups only.";
    /// A claim is not what the rules ask for.
    BOUND_CLAIMS_MISMATCH: "bound_claims_mismatch", "access_denied", Administrator,
        "You are not among those who are let in here.",
        "The rules of this upstream let in people with certain claims only.";
    /// Nobody here is this person, and accounts are not made at login.
    NO_LOCAL_USER: "no_local_user_and_autocreate_off", "access_denied", Administrator,
        "You have no account here.",
        "The upstream does not create accounts at the first login; an administrator adds and links them.";
    /// The account is disabled.
    ACCOUNT_DISABLED: "account_disabled", "access_denied", Administrator,
        "Your account is disabled.",
        "A disabled account stays closed whatever an upstream says.";
    /// An account exists that may not become this person's.
    LINK_REFUSED: "link_refused", "access_denied", Administrator,
        "Your login could not be connected to an account here.",
        "Issuer and subject say who somebody is. An account that exists is connected by explicit rule alone, never by user name, and never an administrator's or a service account by e-mail.";
    /// An account can become this person's once they confirm it.
    LINK_CONFIRMATION_NEEDED: "link_confirmation_needed", "access_denied", Person,
        "Log in with your password first, then connect this login under “Logins”.",
        "A person who is logged in to an account may connect a login of an upstream to it.";
    /// The person's group logs in through an upstream.
    PASSWORD_LOGIN_OFF: "password_login_off", "access_denied", Person,
        "Please log in with the button that your organisation uses.",
        "Members of certain groups always log in through their upstream; an administrator of this server gets in at /login?backup=1.";
    /// The upstream is switched off.
    UPSTREAM_DISABLED: "upstream_disabled", "access_denied", Administrator,
        "This way to log in is switched off at the moment.",
        "Nobody logs in through an upstream that is switched off.";
    /// No upstream has this name.
    UPSTREAM_UNKNOWN: "upstream_unknown", "invalid_request", Administrator,
        "There is no such upstream.",
        "The name is not that of an upstream of this server.";
    /// The name is taken.
    UPSTREAM_EXISTS: "upstream_exists", "invalid_request", Administrator,
        "An upstream of this name exists already.",
        "Names of upstreams are unique on a server.";
    /// Not the name of an upstream.
    UPSTREAM_NAME_INVALID: "upstream_name_invalid", "invalid_request", Administrator,
        "This is not a name for an upstream.",
        "Names are 1 to 40 characters of [a-z0-9-], beginning with a letter: they are part of the redirect URI.";
    /// A setting with a value that does not fit.
    UPSTREAM_SETTING_INVALID: "upstream_setting_invalid", "invalid_request", Administrator,
        "This setting of an upstream has no such value.",
        "Each setting of an upstream states which values it takes.";
    /// No such preset.
    UPSTREAM_PRESET_UNKNOWN: "upstream_preset_unknown", "invalid_request", Administrator,
        "There is no such preset.",
        "Presets of upstreams are data files that know one provider each; `generic` fits any other.";
    /// People log in through it.
    UPSTREAM_IN_USE: "upstream_in_use", "invalid_request", Administrator,
        "People log in through this upstream.",
        "Removing an upstream forgets who is whom: it takes an explicit word when there is somebody.";
    /// The probe found something that would fail.
    UPSTREAM_PROBE_FAILED: "upstream_probe_failed", "invalid_request", Administrator,
        "This upstream would not work.",
        "Before an upstream is saved its discovery, issuer, keys and certificate are looked at, so that a mistake shows now and not at the first login.";
    /// Nobody is linked that way.
    IDENTITY_UNKNOWN: "identity_unknown", "invalid_request", Administrator,
        "There is no such link.",
        "The upstream has no such subject, or it is nobody here.";
}
