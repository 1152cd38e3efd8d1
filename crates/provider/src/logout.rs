//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0). Tolerant by design: whatever an application sends, the
//! person ends up somewhere friendly, and a stranger's link can at most ask a question.

use doorward_apps::App;
use doorward_oidc::{EndSessionRequest, Refusal, RefusalKind, Turn, append_query};
use uuid::Uuid;

use crate::issued_id_token;
use crate::text::shown;
use crate::{KeyRing, Server, Steps};

/// The address to go to afterwards is not registered.
pub static POST_LOGOUT_URI_MISMATCH: RefusalKind = RefusalKind {
    code: "post_logout_redirect_uri_mismatch",
    oauth: "invalid_request",
    public: "You are logged out. The application wanted to send you to an address that is not registered for it.",
    meaning: "After a logout the browser only goes to registered addresses, compared byte by byte (RP-Initiated Logout §3), \
              because anybody can craft a logout link.",
    turn: Turn::Administrator,
};

/// The session of the browser that asks.
#[derive(Debug, Clone, Copy)]
pub struct Current<'a> {
    /// The session.
    pub id: Uuid,
    /// The person as the asking application knows them.
    pub subject: &'a str,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutPlan {
    /// Ask the person first: the request does not prove that it comes from an application they are logged in to (§2).
    pub confirm: bool,
    /// The application that asks, when it is known.
    pub client_id: Option<String>,
    /// The session that the hint names, when the request comes without one of its browser: an application's server asks.
    /// Whether that application got tokens in it is the caller's to look at.
    pub named: Option<Uuid>,
    /// Where to go afterwards, `state` included; `None` means our own page.
    pub then: Option<String>,
    /// Why the address that the application named is not used, for the page and the trace.
    pub refusal: Option<Refusal>,
}

/// Plans a logout. `find` is the snapshot's lookup by client id.
pub fn plan<'a>(
    request: &EndSessionRequest,
    current: Option<Current<'_>>,
    find: impl Fn(&str) -> Option<&'a App> + Copy,
    server: &Server,
    keys: &KeyRing,
    steps: &mut Steps,
) -> LogoutPlan {
    let hint = hint(request, find, server, keys, steps);
    let client_id = hint
        .as_ref()
        .map(|hint| hint.client_id.as_str())
        .or(request.client_id.as_deref());
    let app = client_id.and_then(find);
    if let (Some(client_id), None) = (client_id, app) {
        steps.info(
            "logout.client",
            format!("no application has the client id {}", shown(client_id)),
        );
    }
    let proven = hint
        .as_ref()
        .zip(current)
        .is_some_and(|(hint, current)| match hint.session_id {
            // Another session's token may be old and lie in some log (§2: a `sid` that is not current is suspect).
            Some(session) => session == current.id,
            None => hint.subject == current.subject,
        });
    let (then, refusal) = match destination(request, app) {
        Ok(then) => (then, None),
        Err(refusal) => {
            steps.refused("logout.post_logout_redirect_uri", &refusal);
            (None, Some(refusal))
        }
    };
    let confirm = current.is_some() && !proven;
    if confirm {
        steps.info(
            "logout.confirm",
            "the request has no ID token of this session as a hint, so the person is asked",
        );
    }
    let named = hint
        .as_ref()
        .filter(|_| current.is_none() && app.is_some())
        .and_then(|hint| hint.session_id);
    LogoutPlan {
        confirm,
        named,
        client_id: app.map(|app| app.client_id.clone()),
        then,
        refusal,
    }
}

/// A hint that is ours and by the client that `client_id` names; any other is as good as none.
fn hint<'a>(
    request: &EndSessionRequest,
    find: impl FnOnce(&str) -> Option<&'a App>,
    server: &Server,
    keys: &KeyRing,
    steps: &mut Steps,
) -> Option<issued_id_token::IssuedIdToken> {
    const CHECK: &str = "logout.id_token_hint";
    match issued_id_token::verify(request.id_token_hint.as_deref()?, server, keys, find) {
        Ok(hint) if request.client_id.as_ref().is_none_or(|named| *named == hint.client_id) => {
            steps.ok(CHECK, "");
            Some(hint)
        }
        Ok(hint) => {
            steps.info(
                CHECK,
                format!("ignored: it was issued to {}, client_id names another", hint.client_id),
            );
            None
        }
        Err(none) => {
            steps.info(CHECK, format!("ignored: {}", none.detail()));
            None
        }
    }
}

fn destination(request: &EndSessionRequest, app: Option<&App>) -> Result<Option<String>, Refusal> {
    let Some(wanted) = &request.post_logout_redirect_uri else {
        return Ok(None);
    };
    let Some(app) = app else {
        let detail = format!("received {}, from no known application", shown(wanted));
        return Err(Refusal::page(&POST_LOGOUT_URI_MISMATCH, detail)
            .with_remedy("in the application, send client_id or id_token_hint with the logout request"));
    };
    if app.post_logout_redirect_uris.find(wanted).is_some() {
        let state = request.state.as_deref().map(|state| ("state", state));
        return Ok(Some(append_query(wanted, state)));
    }
    let detail = match app.post_logout_redirect_uris.closest(wanted) {
        Some((registered, difference)) => format!("received {}, registered {registered}: {difference}", shown(wanted)),
        None => format!("received {}, none is registered", shown(wanted)),
    };
    Err(Refusal::page(&POST_LOGOUT_URI_MISMATCH, detail).with_remedy(format!(
        "doorward app edit {} --add-post-logout-uri {}",
        app.client_id,
        crate::text::shell_word(wanted)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, World};

    const SUBJECT: &str = "00000000-0000-0000-0000-000000000007";
    const AFTER: &str = "https://netbox.example.com/";

    const HERE: Option<Current<'static>> = Some(Current {
        id: Uuid::from_u128(9),
        subject: SUBJECT,
    });

    fn planned(world: &World, request: &EndSessionRequest, current: Option<Current<'_>>) -> LogoutPlan {
        let app = testing::app();
        let find = |id: &str| (id == app.client_id).then_some(&app);
        plan(request, current, find, &world.server, &world.keys, &mut Steps::new())
    }

    fn with_hint(world: &World) -> EndSessionRequest {
        EndSessionRequest {
            id_token_hint: world.issued(&testing::app(), "openid").id_token,
            post_logout_redirect_uri: Some(AFTER.to_owned()),
            state: Some("a b&c".to_owned()),
            ..EndSessionRequest::default()
        }
    }

    #[test]
    fn an_id_token_of_this_session_logs_out_without_a_question_and_goes_back_with_its_state() {
        let world = World::new();
        let plan = planned(&world, &with_hint(&world), HERE);
        assert!(!plan.confirm);
        assert_eq!(plan.client_id.as_deref(), Some("netbox"));
        assert_eq!(
            plan.then.as_deref(),
            Some("https://netbox.example.com/?state=a%20b%26c")
        );
    }

    #[test]
    fn without_a_browser_the_hint_names_the_session_and_nothing_else_does() {
        let world = World::new();
        let server = planned(&world, &with_hint(&world), None);
        assert_eq!(server.named, Some(Uuid::from_u128(9)));
        assert_eq!(
            planned(&world, &with_hint(&world), HERE).named,
            None,
            "the browser's own"
        );
        let foreign = EndSessionRequest {
            id_token_hint: with_hint(&World::new()).id_token_hint,
            ..with_hint(&world)
        };
        assert_eq!(planned(&world, &foreign, None).named, None);
        assert_eq!(planned(&world, &EndSessionRequest::default(), None).named, None);
    }

    #[test]
    fn an_old_id_token_of_another_session_of_the_person_at_most_asks() {
        let world = World::new();
        let today = Some(Current {
            id: Uuid::from_u128(10),
            subject: SUBJECT,
        });
        let plan = planned(&world, &with_hint(&world), today);
        assert!(plan.confirm, "the session has changed since");
        assert_eq!(
            plan.client_id.as_deref(),
            Some("netbox"),
            "it still says who asks and where to go"
        );
        assert!(plan.then.is_some());
    }

    #[test]
    fn a_bare_link_can_at_most_ask() {
        let world = World::new();
        let plan = planned(&world, &EndSessionRequest::default(), HERE);
        assert_eq!((plan.confirm, plan.client_id, plan.then), (true, None, None));
        let nobody = planned(&world, &EndSessionRequest::default(), None);
        assert!(!nobody.confirm, "there is nothing to ask");
    }

    #[test]
    fn a_client_id_is_enough_to_go_back_but_not_to_skip_the_question() {
        let world = World::new();
        let request = EndSessionRequest {
            client_id: Some("netbox".to_owned()),
            id_token_hint: None,
            ..with_hint(&world)
        };
        let plan = planned(&world, &request, HERE);
        assert!(plan.confirm);
        assert!(plan.then.is_some());
    }

    #[test]
    fn a_hint_of_another_person_a_foreign_hint_and_a_contradicting_client_prove_nothing() {
        let world = World::new();
        let other = Some(Current {
            id: Uuid::from_u128(1),
            subject: "somebody else",
        });
        assert!(planned(&world, &with_hint(&world), other).confirm);
        let foreign = EndSessionRequest {
            id_token_hint: with_hint(&World::new()).id_token_hint,
            ..with_hint(&world)
        };
        let plan = planned(&world, &foreign, HERE);
        assert_eq!((plan.confirm, plan.then), (true, None));
        let contradicting = EndSessionRequest {
            client_id: Some("grafana".to_owned()),
            ..with_hint(&world)
        };
        let plan = planned(&world, &contradicting, HERE);
        assert_eq!((plan.confirm, plan.client_id, plan.then), (true, None, None));
    }

    #[test]
    fn an_unregistered_address_is_not_gone_to_and_the_page_can_say_why() {
        let world = World::new();
        for uri in [
            "https://netbox.example.com",
            "https://evil.example/",
            "https://netbox.example.com/?x",
        ] {
            let request = EndSessionRequest {
                post_logout_redirect_uri: Some(uri.to_owned()),
                ..with_hint(&world)
            };
            let plan = planned(&world, &request, HERE);
            assert_eq!(plan.then, None, "{uri}");
            assert!(!plan.confirm, "the logout itself is not refused");
            let remedy = plan.refusal.unwrap().remedy.unwrap();
            assert!(
                remedy.starts_with("doorward app edit netbox --add-post-logout-uri"),
                "{remedy}"
            );
        }
    }
}
