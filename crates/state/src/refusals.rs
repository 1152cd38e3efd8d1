//! What is refused about files of the state.

use doorward_oidc::{Refusal, RefusalKind, Turn};

use crate::Path;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident { code: $code:literal, public: $public:literal, meaning: $meaning:literal })*) => {
        $($(#[$doc])* pub static $name: RefusalKind = RefusalKind {
            code: $code, oauth: "invalid_request", public: $public, meaning: $meaning, turn: Turn::Administrator,
        };)*
        /// Every kind of refusal of this crate.
        pub const REFUSALS: &[&RefusalKind] = &[$(&$name),*];
    };
}

kinds! {
    /// A file is none of the state's, or does not say what it should.
    STATE_FILE_INVALID {
        code: "state_file_invalid",
        public: "A file of the state cannot be read.",
        meaning: "Each file of the state is TOML with the settings of one thing; what is unknown is refused, not skipped."
    }
    /// The state is another than the one that was planned for.
    STATE_MOVED {
        code: "state_moved",
        public: "The server's state has changed since the plan.",
        meaning: "A plan is for the state that it was made for; somebody who read it must not carry out another one."
    }
    /// What is to be carried out is not what was planned.
    STATE_NOT_PLANNED {
        code: "state_not_planned",
        public: "This is not what was planned.",
        meaning: "What somebody read and agreed to is what is done: other files, secrets or removals need a plan of their own."
    }
    /// A secret that a file names was not sent.
    STATE_SECRET_MISSING {
        code: "state_secret_missing",
        public: "A secret that a file refers to is missing.",
        meaning: "Files name secrets and never hold them: who applies them reads the secrets where the files say."
    }
    /// Everything would be removed.
    STATE_EMPTY {
        code: "state_empty",
        public: "No files would leave nothing.",
        meaning: "Removing what no file names is for directories that name something."
    }
}

/// A file that does not say what it should.
pub(crate) fn invalid(path: &Path, detail: impl std::fmt::Display) -> Refusal {
    Refusal::response(&STATE_FILE_INVALID, format!("{path}: {detail}"))
}
