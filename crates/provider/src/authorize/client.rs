//! The client is one of ours and switched on (RFC 6749 §4.1.1, §2.2).

use doorward_apps::APP_DISABLED;
use doorward_oidc::{AuthorizationRequest, Refusal, RefusalKind, Turn};

use super::Pending;
use crate::text::shown;

/// No application has this client id.
pub static CLIENT_UNKNOWN: RefusalKind = RefusalKind {
    code: "client_unknown",
    oauth: "invalid_client",
    public: "The application that sent you here is not known to this server.",
    meaning: "Only applications that an administrator added may ask for a login; nothing that an unknown one sends can be \
              trusted, so the refusal stays on this page (RFC 6749 §4.1.2.1).",
    turn: Turn::Administrator,
};

pub(super) fn is_known(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    let app = pending.app()?;
    if app.disabled {
        let detail = format!("the application {} ({}) is disabled", app.name, app.client_id);
        return Err(Refusal::page(&APP_DISABLED, detail).with_remedy(format!("doorward app enable {}", app.client_id)));
    }
    pending.found.push_str(&app.name);
    Ok(())
}

pub(super) fn unknown(request: &AuthorizationRequest) -> Refusal {
    Refusal::page(
        &CLIENT_UNKNOWN,
        format!("no application has the client id {}", shown(&request.client_id)),
    )
    .with_remedy("doorward app list shows the client ids; in the application, correct its client id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::tests::{Case, request};

    #[test]
    fn an_unknown_client_stays_on_our_page() {
        let refused = Case::new().without_app().refused(&request());
        assert_eq!(refused.refusal.kind, &CLIENT_UNKNOWN);
        assert_eq!(refused.reply_to, None);
        assert!(
            refused.refusal.detail.contains("\"netbox\""),
            "{}",
            refused.refusal.detail
        );
    }

    #[test]
    fn a_disabled_application_stays_on_our_page_and_says_how_to_enable_it() {
        let refused = Case::new().app(|app| app.disabled = true).refused(&request());
        assert_eq!(refused.refusal.kind, &APP_DISABLED);
        assert_eq!(refused.reply_to, None);
        assert_eq!(refused.refusal.remedy.as_deref(), Some("doorward app enable netbox"));
    }
}
