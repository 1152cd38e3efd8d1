//! Resources that a request names are the application's (RFC 8707 §2).

use doorward_oidc::Refusal;

use super::Pending;
use crate::extent;

pub(super) fn is_of_the_app(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    let app = pending.app()?;
    extent::are_of_the_app(app, &pending.request.resources).map_err(redirected)?;
    pending.found.push_str(&pending.request.resources.join(" "));
    Ok(())
}

pub(super) fn details_are_registered(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    let app = pending.app()?;
    extent::are_registered(app, &pending.request.authorization_details).map_err(redirected)?;
    let kinds: Vec<&str> = pending
        .request
        .authorization_details
        .iter()
        .map(doorward_oidc::AuthorizationDetail::kind)
        .collect();
    pending.found.push_str(&kinds.join(" "));
    Ok(())
}

fn redirected(refusal: Refusal) -> Refusal {
    Refusal {
        delivery: doorward_oidc::Delivery::Redirect,
        ..refusal
    }
}

#[cfg(test)]
mod tests {
    use doorward_oidc::AuthorizationDetails;

    use crate::authorize::tests::{Case, request};
    use crate::extent::{DETAIL_TYPE_UNKNOWN, RESOURCE_UNKNOWN};

    #[test]
    fn only_resources_of_the_application_may_be_named() {
        let mut asks = request();
        asks.resources = vec!["https://api.example.com".to_owned()];
        let refused = Case::new().refused(&asks);
        assert_eq!(refused.refusal.kind, &RESOURCE_UNKNOWN);
        assert!(refused.reply_to.is_some());
        let known = |app: &mut doorward_apps::App| app.requests.resources = vec!["https://api.example.com".to_owned()];
        assert_eq!(Case::new().app(known).accepted(&asks).extent.resources, asks.resources);
        let audience = |app: &mut doorward_apps::App| app.audiences.extra = vec!["https://api.example.com".to_owned()];
        Case::new().app(audience).accepted(&asks);
        asks.resources.push("https://api.example.com/".to_owned());
        assert_eq!(Case::new().app(known).refused(&asks).refusal.kind, &RESOURCE_UNKNOWN);
    }

    #[test]
    fn only_registered_types_of_details_may_be_asked_for() {
        let mut asks = request();
        asks.authorization_details = AuthorizationDetails::parse(r#"[{"type":"payment","amount":5}]"#).unwrap();
        assert_eq!(Case::new().refused(&asks).refusal.kind, &DETAIL_TYPE_UNKNOWN);
        let mut case = Case::new().app(|app| app.requests.detail_types = vec!["payment".to_owned()]);
        assert_eq!(case.accepted(&asks).extent.details, asks.authorization_details);
    }
}
