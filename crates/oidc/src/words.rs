//! Closed vocabularies: the words that parameters and metadata choose from.

use serde::{Deserialize, Serialize};

/// Declares an enumeration of protocol words with its text form.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// All words, in the order in which they are advertised.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Reads the word; `None` for any other.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// How the answer of the authorization endpoint reaches the client.
    ResponseMode {
        /// In the query of the redirect URI (OAuth 2.0 Multiple Response Types §2.1).
        Query = "query",
        /// As a form that the browser posts (OAuth 2.0 Form Post Response Mode).
        FormPost = "form_post",
    }
}

words! {
    /// How the login page is to be shown (OpenID Connect Core §3.1.2.1). A wish, not a rule.
    Display {
        /// A full page.
        Page = "page",
        /// A popup window.
        Popup = "popup",
        /// A touch device.
        Touch = "touch",
        /// A feature phone.
        Wap = "wap",
    }
}

words! {
    /// What the client asks us to ask the person (OpenID Connect Core §3.1.2.1).
    Prompt {
        /// No page at all: answer or fail.
        None = "none",
        /// Authenticate again.
        Login = "login",
        /// Ask for consent again.
        Consent = "consent",
        /// Choose an account.
        SelectAccount = "select_account",
    }
}

words! {
    /// Grant types of the token endpoint.
    GrantType {
        /// RFC 6749 §4.1.3.
        AuthorizationCode = "authorization_code",
        /// RFC 6749 §6.
        RefreshToken = "refresh_token",
        /// RFC 6749 §4.4.
        ClientCredentials = "client_credentials",
        /// RFC 8628 §3.4.
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// OpenID Connect CIBA §10.1.
        Ciba = "urn:openid:params:grant-type:ciba",
        /// RFC 8693.
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
        /// RFC 7523 §2.1.
        JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
    }
}

words! {
    /// Client authentication methods (OpenID Connect Core §9).
    ClientAuthMethod {
        /// HTTP Basic with the client secret.
        ClientSecretBasic = "client_secret_basic",
        /// The client secret in the form body.
        ClientSecretPost = "client_secret_post",
        /// A signed assertion (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
        /// A certificate that a trusted authority vouches for (RFC 8705 §2.1).
        TlsClientAuth = "tls_client_auth",
        /// A certificate with a registered key (RFC 8705 §2.2).
        SelfSignedTlsClientAuth = "self_signed_tls_client_auth",
        /// A public client.
        None = "none",
    }
}

/// The `prompt` parameter: a set of [`Prompt`]s. Words we do not know are left out, as OpenID Connect Core §3.1.2.1 permits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PromptSet(Vec<Prompt>);

impl PromptSet {
    /// Reads a list separated by spaces.
    pub fn parse(list: &str) -> Self {
        let mut set = Vec::new();
        for word in list.split(' ').filter_map(Prompt::parse) {
            if !set.contains(&word) {
                set.push(word);
            }
        }
        Self(set)
    }

    /// Whether the client asked for this.
    pub fn contains(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    /// `none` stands alone (OpenID Connect Core §3.1.2.1).
    pub fn is_consistent(&self) -> bool {
        !self.contains(Prompt::None) || self.0.len() == 1
    }

    /// Takes a word out, when what it asked for has been done.
    pub fn remove(&mut self, prompt: Prompt) {
        self.0.retain(|other| *other != prompt);
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Prompt> for PromptSet {
    fn from_iter<I: IntoIterator<Item = Prompt>>(prompts: I) -> Self {
        Self(prompts.into_iter().collect())
    }
}

impl std::fmt::Display for PromptSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<_> = self.0.iter().map(|prompt| prompt.as_str()).collect();
        f.write_str(&words.join(" "))
    }
}

/// The `response_type` of an authorization request. Only the code flow is ours (RFC 9700 §2.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ResponseType {
    /// The code flow.
    Code,
    /// Anything else, to be refused by its name.
    Other(String),
}

impl From<String> for ResponseType {
    fn from(text: String) -> Self {
        if text == "code" { Self::Code } else { Self::Other(text) }
    }
}

impl From<ResponseType> for String {
    fn from(response_type: ResponseType) -> Self {
        match response_type {
            ResponseType::Code => "code".to_owned(),
            ResponseType::Other(text) => text,
        }
    }
}
