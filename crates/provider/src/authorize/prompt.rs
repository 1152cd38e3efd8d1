//! `prompt=none` stands alone (OpenID Connect Core §3.1.2.1).

use doorward_oidc::{Refusal, RefusalKind, Turn};

use super::Pending;

/// `none` together with another prompt.
pub static PROMPT_INCONSISTENT: RefusalKind = RefusalKind {
    code: "prompt_inconsistent",
    oauth: "invalid_request",
    public: "The application asked both to show you a page and not to.",
    meaning: "prompt=none cannot be combined with another value (OpenID Connect Core §3.1.2.1).",
    turn: Turn::Application,
};

pub(super) fn is_consistent(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    let prompt = &pending.request.prompt;
    if !prompt.is_consistent() {
        let detail = format!("received prompt `{prompt}`, expected `none` alone or without `none`");
        return Err(Refusal::redirect(&PROMPT_INCONSISTENT, detail));
    }
    pending.found = prompt.to_string();
    Ok(())
}

#[cfg(test)]
mod tests {
    use doorward_oidc::PromptSet;

    use super::*;
    use crate::authorize::tests::{Case, request};

    #[test]
    fn none_with_anything_else_is_refused_by_redirect() {
        for prompt in ["none login", "consent none", "none select_account login"] {
            let mut request = request();
            request.prompt = PromptSet::parse(prompt);
            let refused = Case::new().refused(&request);
            assert_eq!(refused.refusal.kind, &PROMPT_INCONSISTENT, "{prompt}");
            assert!(refused.reply_to.is_some());
        }
    }
}
