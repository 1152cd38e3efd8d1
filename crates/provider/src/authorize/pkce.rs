//! A code challenge came where one is demanded (RFC 7636, RFC 9700 §2.1.1). One that came is always bound to the code,
//! whatever the setting, and never refused for coming.

use doorward_apps::{AppKind, Pkce, presets};
use doorward_oidc::{Refusal, RefusalKind, Turn};

use super::Pending;

/// No code challenge where one is demanded.
pub static PKCE_REQUIRED: RefusalKind = RefusalKind {
    code: "pkce_required",
    oauth: "invalid_request",
    public: "The application did not protect this login with PKCE, which this server demands of it.",
    meaning: "Without a code challenge, whoever gets hold of the code can use it (RFC 7636 §1, RFC 9700 §2.1.1). Public \
              clients always need it; a confidential one can be exempted by a setting of its own.",
    turn: Turn::Application,
};

pub(super) fn is_sufficient(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    let app = pending.app()?;
    if pending.request.code_challenge.is_some() {
        pending.found.push_str("S256");
        return Ok(());
    }
    if app.kind == AppKind::Public || app.pkce == Pkce::Required {
        // The preset knows what the switch is called there: without that, nobody finds it.
        let setting = presets()
            .find(&app.preset)
            .and_then(|preset| preset.pkce.setting.as_deref());
        let switch = setting.map_or_else(
            || "switch PKCE (S256) on".to_owned(),
            |setting| format!("set {setting}"),
        );
        let remedy = match app.kind {
            AppKind::Public => format!("in {}, {switch}; a public client cannot do without", app.name),
            AppKind::Confidential => format!(
                "in {}, {switch}; only if it cannot: doorward app edit {} --weaken-pkce-if-sent",
                app.name, app.client_id
            ),
        };
        let detail = "received no code_challenge, expected one with code_challenge_method `S256`";
        return Err(Refusal::redirect(&PKCE_REQUIRED, detail).with_remedy(remedy));
    }
    pending
        .found
        .push_str("none sent, and this application is exempted (pkce: if-sent)");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::tests::{Case, request};

    #[test]
    fn without_a_challenge_a_confidential_client_is_refused_and_told_both_ways_out() {
        let mut request = request();
        request.code_challenge = None;
        let refused = Case::new().refused(&request);
        assert_eq!(refused.refusal.kind, &PKCE_REQUIRED);
        let remedy = refused.refusal.remedy.unwrap();
        assert!(
            remedy.starts_with("in NetBox, set SOCIAL_AUTH_OIDC_USE_PKCE = True"),
            "{remedy}"
        );
        assert!(
            remedy.ends_with("doorward app edit netbox --weaken-pkce-if-sent"),
            "{remedy}"
        );
    }

    #[test]
    fn an_exempted_application_may_leave_it_out_and_what_it_sends_still_counts() {
        let exempted = || Case::new().app(|app| app.pkce = Pkce::IfSent);
        let mut without = request();
        without.code_challenge = None;
        assert_eq!(exempted().accepted(&without).code_challenge, None);
        assert_eq!(exempted().accepted(&request()).code_challenge, request().code_challenge);
    }

    #[test]
    fn the_exemption_means_nothing_for_a_public_client() {
        let mut request = request();
        request.code_challenge = None;
        let case = Case::new().app(|app| {
            app.kind = AppKind::Public;
            app.pkce = Pkce::IfSent;
        });
        assert_eq!(case.refused(&request).refusal.kind, &PKCE_REQUIRED);
    }
}
