//! What a preset knows besides settings: where its facts are from, what the application demands of tokens, and how it goes
//! wrong. The doctor reads this.

use doorward_jose::Algorithm;
use serde::{Deserialize, Serialize};

/// How sure the facts of a preset are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// A login with the application itself was run with what is printed.
    Application,
    /// A login with the very library and settings that the application uses was run.
    Library,
    /// Documentation or source was read; nothing was run.
    Documentation,
}

impl Proof {
    /// Its name in a file: `library`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Library => "library",
            Self::Documentation => "documentation",
        }
    }

    /// For a table that people read.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Application => "tried with the application",
            Self::Library => "tried with its library",
            Self::Documentation => "from its documentation",
        }
    }
}

/// What the application does at a login and demands of tokens: what the doctor compares with the registration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectations {
    /// An address that begins a login when a browser opens it, with `{app_url}`. None where it takes a POST or a script.
    pub login_url: Option<String>,
    /// What is posted there as a form to begin one, with `{app_url}`, where a script would do it. None for a browser that opens it.
    pub login_form: Option<String>,
    /// What it accepts ID tokens signed with as printed; anything that discovery lists when empty.
    pub id_token_algs: Vec<Algorithm>,
    /// How it authenticates at the token endpoint.
    pub authentication: Option<String>,
    /// Where it reads claims: `id_token`, `userinfo`, `access_token`, in the order of what wins.
    pub reads: Vec<Reads>,
    /// Claims without which it refuses the login.
    pub needs: Vec<String>,
    /// The claim that groups or roles are read from, as printed.
    pub groups_claim: Option<String>,
    /// How far its clock may be behind this server's, in seconds, as printed.
    pub leeway: Option<u32>,
    /// What of ID tokens it does not look at, and so cannot refuse.
    pub unchecked: Vec<Unchecked>,
    /// Whether it takes userinfo as a signed token; unknown when absent.
    pub signed_userinfo: Option<bool>,
    /// The settings of its own by which it refuses somebody before it asks for userinfo.
    pub refuses_by: Vec<String>,
    /// What else to look at first when a login fails, one thing each.
    pub look_at: Vec<String>,
}

/// Something of an ID token that an application does not look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unchecked {
    /// Its signature: any algorithm will do.
    Signature,
    /// When it was made: a clock that is behind does no harm.
    Iat,
    /// When it ends: a clock that is ahead does no harm.
    Exp,
}

/// A place that claims are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reads {
    /// The ID token.
    IdToken,
    /// The answer of userinfo.
    Userinfo,
    /// The access token, which it takes apart itself.
    AccessToken,
}

/// A setting that guides name and that does nothing, or harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongSetting {
    /// As it stands in a configuration: what the doctor looks for in a pasted text.
    pub setting: String,
    /// What is wrong with it.
    pub why: String,
    /// What to write instead.
    pub instead: Option<String>,
}

/// A message of the application, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownError {
    /// The message; `…` stands for anything on the same line.
    pub text: String,
    /// Where it is read: `its log`, `the login page`.
    pub place: Option<String>,
    /// What happened.
    pub cause: String,
    /// What to do, and on which side.
    pub remedy: String,
}

/// A redirect URI that is known only when the application has made it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pairing {
    /// Its form, for people: `{app_url}/login/<uuid>/callback`.
    pub form: String,
    /// Where the application shows it, or how it is made to send it.
    pub text: String,
}

/// Whether `text` matches a message with `…` in it; case does not count, nor does how much space is between words.
pub fn mentions(text: &str, message: &str) -> bool {
    let fold = |text: &str| {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.join(" ")
    };
    text.lines().any(|line| {
        let line = fold(line);
        let mut rest = line.as_str();
        message
            .split('…')
            .map(fold)
            .all(|piece| match rest.split_once(piece.as_str()) {
                Some((_, after)) => {
                    rest = after;
                    true
                }
                None => false,
            })
    })
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_message_is_found_in_a_line_of_a_log() {
        let log = "2026-11-22 ERROR  jwt: The token is   not yet valid (iat)\nnext line";
        assert!(mentions(log, "the token is not yet valid (iat)"));
        assert!(!mentions(log, "valid (iat) next line"));
    }

    #[test]
    fn an_ellipsis_stands_for_anything_on_the_same_line_in_order() {
        let message = "The provider algorithm … does not match … OIDC_RP_SIGN_ALGO";
        assert!(mentions(
            "The provider algorithm 'ES256' does not match the client's OIDC_RP_SIGN_ALGO.",
            message
        ));
        assert!(!mentions(
            "OIDC_RP_SIGN_ALGO does not match the provider algorithm",
            message
        ));
        assert!(!mentions(
            "The provider algorithm\ndoes not match OIDC_RP_SIGN_ALGO",
            message
        ));
    }
}
