//! Why a command did not do what it was told, and the exit code that says so to a script.

use std::{fmt, process::ExitCode};

use doorward_api::ErrorBody;

/// A command that failed. Its exit code is part of the interface.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server refused: exit code 1.
    Refused {
        /// What the server answered.
        body: Box<ErrorBody>,
        /// The same as it came, for `--json`.
        raw: Vec<u8>,
    },
    /// What was typed cannot be carried out: exit code 2.
    Usage {
        /// What is wrong.
        text: String,
        /// What to type instead.
        remedy: Option<String>,
    },
    /// No server was reached, or what answered is not one: exit code 3.
    Unreachable {
        /// What was tried and what happened.
        text: String,
        /// What to do about it.
        remedy: Option<String>,
    },
    /// This machine failed to do its part (a file that cannot be written, a closed pipe): exit code 1.
    Local(anyhow::Error),
}

impl Failure {
    /// Something typed that cannot be carried out.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage {
            text: text.into(),
            remedy: None,
        }
    }

    /// The same, with what to type instead.
    pub(crate) fn usage_with(text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Usage {
            text: text.into(),
            remedy: Some(remedy.into()),
        }
    }

    /// What was looked at is not as it should be, and was shown.
    pub(crate) fn found(text: &'static str) -> Self {
        Self::Local(anyhow::anyhow!(text))
    }

    /// Nothing answers.
    pub(crate) fn unreachable(text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Unreachable {
            text: text.into(),
            remedy: Some(remedy.into()),
        }
    }

    /// What answers does not speak this API.
    pub(crate) fn not_doorward(text: impl Into<String>) -> Self {
        Self::Unreachable {
            text: text.into(),
            remedy: None,
        }
    }

    /// What a script decides by: 1 refused or failed, 2 usage, 3 cannot reach.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Refused { .. } | Self::Local(_) => 1,
            Self::Usage { .. } => 2,
            Self::Unreachable { .. } => 3,
        })
    }

    /// Whether the reader of our output went away, which is no failure (`doorward event follow | head`).
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Local(error)
            if error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { body, .. } => {
                write!(f, "{}", body.message)?;
                if let Some(detail) = body.detail.as_deref().filter(|detail| *detail != body.message) {
                    write!(f, "\n  {detail}")?;
                }
                if let Some(remedy) = &body.remedy {
                    write!(f, "\n→ {remedy}")?;
                }
                if let Some(reference) = &body.reference {
                    write!(f, "\n  Reference: {reference}")?;
                }
                Ok(())
            }
            Self::Usage { text, remedy } | Self::Unreachable { text, remedy } => {
                write!(f, "{text}")?;
                if let Some(remedy) = remedy {
                    write!(f, "\n→ {remedy}")?;
                }
                Ok(())
            }
            Self::Local(error) => write!(f, "{error:#}"),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Local(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Local(error.into())
    }
}
