//! Every check of the token endpoint, in the tables' order.

use doorward_apps::{App, AppKind};
use doorward_oidc::{CodeVerifier, RefusalKind};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::testing::{self, scope};
use crate::{Confirmation, Outcome, Steps};

const URI: &str = "https://netbox.example.com/oauth/complete/oidc/";

fn verifier(letter: char) -> CodeVerifier {
    CodeVerifier::parse(&letter.to_string().repeat(43)).unwrap()
}

fn code() -> CodeFacts {
    CodeFacts {
        app_id: testing::app().id,
        redirect_uri: Some(URI.to_owned()),
        code_challenge: Some(verifier('a').challenge()),
        dpop_jkt: None,
    }
}

fn outcome(
    app: &App,
    code: &CodeFacts,
    redirect_uri: Option<&str>,
    verifier: Option<&CodeVerifier>,
) -> Option<&'static RefusalKind> {
    let mut steps = Steps::new();
    let redemption = Redemption {
        app,
        code,
        redirect_uri,
        verifier,
        shown: Confirmation::NONE,
    };
    let refusal = redeem(redemption, &mut steps).err();
    assert_eq!(
        steps.as_slice().last().unwrap().outcome == Outcome::Refused,
        refusal.is_some()
    );
    if let Some(refusal) = &refusal {
        assert_eq!(refusal.kind.oauth, "invalid_grant");
    }
    refusal.map(|refusal| refusal.kind)
}

#[test]
fn a_code_with_everything_right_is_redeemed() {
    assert_eq!(outcome(&testing::app(), &code(), Some(URI), Some(&verifier('a'))), None);
}

#[test]
fn the_first_failing_check_of_the_table_wins() {
    let mut other = testing::app();
    other.id = Uuid::from_u128(2);
    assert_eq!(outcome(&other, &code(), None, None), Some(&CODE_OF_ANOTHER_CLIENT));
    assert_eq!(
        outcome(&testing::app(), &code(), None, None),
        Some(&TOKEN_REDIRECT_URI_MISMATCH)
    );
    assert_eq!(
        outcome(&testing::app(), &code(), Some(URI), None),
        Some(&PKCE_VERIFIER_MISSING)
    );
}

#[test]
fn the_redirect_uri_comes_again_byte_for_byte() {
    let app = testing::app();
    let right = verifier('a');
    for wrong in [
        None,
        Some("https://netbox.example.com/oauth/complete/oidc"),
        Some("https://evil.example/"),
        Some(""),
    ] {
        assert_eq!(
            outcome(&app, &code(), wrong, Some(&right)),
            Some(&TOKEN_REDIRECT_URI_MISMATCH),
            "{wrong:?}"
        );
    }
    let not_sent = CodeFacts {
        redirect_uri: None,
        ..code()
    };
    assert_eq!(outcome(&app, &not_sent, None, Some(&right)), None);
    assert_eq!(outcome(&app, &not_sent, Some(URI), Some(&right)), None);
    let foreign = outcome(&app, &not_sent, Some("https://evil.example/"), Some(&right));
    assert_eq!(foreign, Some(&TOKEN_REDIRECT_URI_MISMATCH));
}

#[test]
fn pkce_is_verified_when_sent_and_refused_when_it_appears_from_nowhere() {
    let app = testing::app();
    assert_eq!(
        outcome(&app, &code(), Some(URI), Some(&verifier('b'))),
        Some(&PKCE_MISMATCH)
    );
    let without = CodeFacts {
        code_challenge: None,
        ..code()
    };
    assert_eq!(outcome(&app, &without, Some(URI), None), None);
    assert_eq!(
        outcome(&app, &without, Some(URI), Some(&verifier('a'))),
        Some(&PKCE_UNEXPECTED)
    );
}

#[test]
fn a_stored_challenge_that_cannot_be_read_is_not_taken_for_none() {
    let id = testing::app().id;
    let sound = CodeFacts::stored(
        id,
        String::new(),
        Some(verifier('a').challenge().as_str().to_owned()),
        None,
    )
    .unwrap();
    assert_eq!(
        (sound.redirect_uri, sound.code_challenge),
        (None, Some(verifier('a').challenge()))
    );
    let damaged = CodeFacts::stored(id, URI.to_owned(), Some("damaged".to_owned()), None);
    assert_eq!(damaged.unwrap_err().kind, &CODE_UNKNOWN);
}

#[test]
fn a_refresh_token_belongs_to_its_client() {
    let app = testing::app();
    assert!(refresh::is_of_this_client(&app, app.id, &mut Steps::new()).is_ok());
    let refusal = refresh::is_of_this_client(&app, Uuid::from_u128(2), &mut Steps::new()).unwrap_err();
    assert_eq!(refusal.kind, &REFRESH_OF_ANOTHER_CLIENT);
}

#[test]
fn a_refresh_that_repeats_a_scope_which_was_dropped_at_the_login_still_works() {
    let granted = scope("openid email");
    let repeated = scope("openid email offline_access user:email");
    let mut steps = Steps::new();
    let narrowed = refresh::narrowed(&granted, Some(&repeated), &mut steps).unwrap();
    assert_eq!(narrowed, granted);
    assert!(
        steps
            .as_slice()
            .last()
            .unwrap()
            .detail
            .contains("never granted: offline_access user:email")
    );
}

#[test]
fn a_refresh_can_narrow_and_a_scope_of_which_nothing_was_granted_is_refused() {
    let granted = scope("openid email");
    let only = |list: &str| refresh::narrowed(&granted, Some(&scope(list)), &mut Steps::new());
    assert_eq!(only("email").unwrap().to_string(), "email");
    assert_eq!(only("").unwrap(), granted);
    assert_eq!(refresh::narrowed(&granted, None, &mut Steps::new()).unwrap(), granted);
    assert_eq!(only("admin").unwrap_err().kind, &SCOPE_NOT_GRANTED);
}

#[test]
fn a_refresh_token_comes_with_offline_access_or_when_the_preset_expects_it() {
    let mut app = testing::app();
    assert!(!refresh::is_due(&app, &scope("openid")));
    assert!(refresh::is_due(&app, &scope("openid offline_access")));
    app.expects_refresh = true;
    assert!(refresh::is_due(&app, &scope("openid")));
}

#[test]
fn what_the_groups_no_longer_allow_is_gone_at_the_next_refresh() {
    let mut app = testing::app();
    let mut facts = testing::facts();
    let granted = scope("openid profile email");
    assert_eq!(
        current_scope(&app, &facts, &granted, testing::NOW, &mut Steps::new()).unwrap(),
        granted
    );
    app.scope_maps[0].scopes = scope("profile");
    let now = current_scope(&app, &facts, &granted, testing::NOW, &mut Steps::new()).unwrap();
    assert_eq!(now.to_string(), "openid profile");
    facts.groups.clear();
    let refusal = current_scope(&app, &facts, &granted, testing::NOW, &mut Steps::new()).unwrap_err();
    assert_eq!((refusal.kind, refusal.kind.oauth), (&ACCESS_WITHDRAWN, "invalid_grant"));
    let mut disabled = testing::facts();
    disabled.user.disabled = true;
    let refusal = current_scope(&app, &disabled, &granted, testing::NOW, &mut Steps::new()).unwrap_err();
    assert_eq!(refusal.remedy.as_deref(), Some("doorward user enable alice"));
    let mut ending = testing::facts();
    ending.user.expires = Some(crate::access::moment(testing::NOW + 1));
    current_scope(&app, &ending, &granted, testing::NOW, &mut Steps::new()).unwrap();
    let refusal = current_scope(&app, &ending, &granted, testing::NOW + 1, &mut Steps::new()).unwrap_err();
    assert_eq!(refusal.kind, &ACCESS_WITHDRAWN);
    let mut deleted = testing::facts();
    deleted.user.deletion = ending.user.expires;
    let refusal = current_scope(&app, &deleted, &granted, testing::NOW, &mut Steps::new()).unwrap_err();
    assert!(refusal.remedy.unwrap().contains("doorward user restore alice"));
}

#[test]
fn client_credentials_is_for_confidential_applications_that_were_allowed_it() {
    let ask = |app: &App, list: Option<&str>| {
        client_credentials::scope(app, list.map(scope).as_ref(), &mut Steps::off()).map_err(|refusal| refusal.kind)
    };
    let mut app = testing::app();
    assert_eq!(ask(&app, None), Err(&CLIENT_CREDENTIALS_NOT_ALLOWED));
    app.client_credentials = true;
    app.scopes = scope("openid offline_access api:read api:write");
    assert_eq!(ask(&app, None).unwrap().to_string(), "api:read api:write");
    assert_eq!(
        ask(&app, Some("api:read unknown openid")).unwrap().to_string(),
        "api:read"
    );
    assert_eq!(ask(&app, Some("unknown")), Err(&SCOPE_NOT_GRANTED));
    app.kind = AppKind::Public;
    assert_eq!(ask(&app, None), Err(&CLIENT_CREDENTIALS_NOT_ALLOWED));
}

#[test]
fn what_the_store_says_no_to_is_invalid_grant_with_a_way_out() {
    for refusal in [
        code::unknown(),
        code::expired(60),
        code::replayed(),
        refresh::unknown(),
        refresh::expired(),
        refresh::replayed(),
        grant_is_over(),
    ] {
        assert_eq!(refusal.kind.oauth, "invalid_grant", "{}", refusal.kind.code);
        assert!(refusal.remedy.is_some(), "{}", refusal.kind.code);
    }
}

proptest! {
    /// Only the verifier of the challenge opens a code.
    #[test]
    fn no_other_verifier_fits(right in "[A-Za-z0-9._~-]{43,128}", other in "[A-Za-z0-9._~-]{43,128}") {
        let verifier = |text: &str| CodeVerifier::parse(text).unwrap();
        let code = CodeFacts { code_challenge: Some(verifier(&right).challenge()), ..code() };
        prop_assert_eq!(outcome(&testing::app(), &code, Some(URI), Some(&verifier(&right))), None);
        if right != other {
            prop_assert_eq!(outcome(&testing::app(), &code, Some(URI), Some(&verifier(&other))), Some(&PKCE_MISMATCH));
        }
    }

    /// A refresh never widens.
    #[test]
    fn a_refresh_only_narrows(
        granted in proptest::sample::subsequence(vec!["openid", "email", "profile", "a", "b"], 1..=5),
        requested in proptest::sample::subsequence(vec!["openid", "email", "profile", "a", "b", "c", "offline_access"], 0..=7),
    ) {
        let granted = scope(&granted.join(" "));
        if let Ok(narrowed) = refresh::narrowed(&granted, Some(&scope(&requested.join(" "))), &mut Steps::off()) {
            prop_assert!(narrowed.is_subset(&granted));
            prop_assert!(!narrowed.is_empty());
        }
    }
}
