//! Proof Key for Code Exchange (RFC 7636), method S256 and no other (RFC 9700 §2.1.1).

use data_encoding::BASE64URL_NOPAD;
use doorward_jose::{Random, Secret, constant_time_eq, sha256};
use serde::{Deserialize, Serialize};

use crate::{Refusal, catalogue};

/// The S256 challenge that an authorization request carries: 43 characters of base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method` (RFC 7636 §4.3; an absent method means `plain` there).
    ///
    /// # Errors
    /// A method other than `S256`, or a challenge that is not the canonical base64url form of 32 bytes.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, Refusal> {
        if method != Some("S256") {
            let received = match method {
                None => "no method (which means plain)".to_owned(),
                Some(other) => format!(
                    "`{}`",
                    other.chars().take(20).flat_map(char::escape_debug).collect::<String>()
                ),
            };
            let detail = format!("expected code_challenge_method `S256`, got {received}");
            return Err(Refusal::redirect(&catalogue::PKCE_METHOD_UNSUPPORTED, detail));
        }
        let decoded = BASE64URL_NOPAD.decode(challenge.as_bytes());
        if decoded.is_ok_and(|bytes| bytes.len() == 32) {
            return Ok(Self(challenge.to_owned()));
        }
        let detail = format!(
            "expected 43 base64url characters without padding, got {} characters",
            challenge.chars().count()
        );
        Err(Refusal::redirect(&catalogue::PKCE_CHALLENGE_MALFORMED, detail))
    }

    /// Whether `verifier` is the secret behind this challenge (RFC 7636 §4.6), compared in constant time.
    pub fn is_answered_by(&self, verifier: &CodeVerifier) -> bool {
        constant_time_eq(self.0.as_bytes(), verifier.challenge().0.as_bytes())
    }

    /// The challenge as it travels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = Refusal;
    fn try_from(challenge: String) -> Result<Self, Refusal> {
        Self::parse(&challenge, Some("S256"))
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        challenge.0
    }
}

/// The secret behind a challenge: 43 to 128 unreserved characters (RFC 7636 §4.1).
#[derive(Debug, Clone)]
pub struct CodeVerifier(Secret<String>);

impl CodeVerifier {
    /// Reads `code_verifier`.
    ///
    /// # Errors
    /// [`catalogue::PKCE_VERIFIER_MALFORMED`].
    pub fn parse(verifier: &str) -> Result<Self, Refusal> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved) {
            return Ok(Self(Secret::new(verifier.to_owned())));
        }
        let detail = format!(
            "expected 43 to 128 characters of A-Z a-z 0-9 - . _ ~, got {} characters",
            verifier.chars().count()
        );
        Err(Refusal::response(&catalogue::PKCE_VERIFIER_MALFORMED, detail))
    }

    /// A new one with 256 random bits.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0; 32];
        random.fill(&mut bytes);
        Self(Secret::new(BASE64URL_NOPAD.encode(&bytes)))
    }

    /// `BASE64URL(SHA256(ASCII(code_verifier)))` (RFC 7636 §4.2).
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(BASE64URL_NOPAD.encode(&sha256(self.0.expose().as_bytes())))
    }

    /// The verifier as it travels to the token endpoint.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}
