//! What a login at an upstream is for, carried through it as the text that comes back.

use uuid::Uuid;

/// What to do when the person comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Log in, and go on with this attempt (its value).
    Login(String),
    /// Connect the login to the account of this session.
    Connect(Uuid),
    /// Show to the administrator of this session what the login would come to.
    Preview(Uuid),
}

impl Purpose {
    /// As text, for `return_to`.
    pub(crate) fn encode(&self) -> String {
        match self {
            Self::Login(attempt) => format!("login {attempt}"),
            Self::Connect(session) => format!("connect {session}"),
            Self::Preview(session) => format!("preview {session}"),
        }
    }

    /// From the text, which we wrote ourselves; anything else is nothing.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        match text.split_once(' ')? {
            ("login", attempt) => Some(Self::Login(attempt.to_owned())),
            ("connect", session) => session.parse().ok().map(Self::Connect),
            ("preview", session) => session.parse().ok().map(Self::Preview),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_comes_back_as_it_went() {
        let session = Uuid::from_u128(7);
        for purpose in [
            Purpose::Login("0.1.7K3Q-9FZM.mac".to_owned()),
            Purpose::Connect(session),
            Purpose::Preview(session),
        ] {
            assert_eq!(Purpose::decode(&purpose.encode()), Some(purpose));
        }
        assert_eq!(Purpose::decode("connect me"), None);
        assert_eq!(Purpose::decode("/start"), None);
    }
}
