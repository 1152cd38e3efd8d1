//! What a request may and may not contain.

use doorward_api::{AppChange, Edit, NewApp, NewUser, Pkce, UserChange};

#[test]
fn an_unknown_member_is_refused_with_the_names_that_are_known() {
    let refused = serde_json::from_str::<NewUser>(r#"{"name":"alice","e-mail":"a@b.example"}"#)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("unknown field `e-mail`"), "{refused}");
    assert!(refused.contains("`email`"), "{refused}");
}

#[test]
fn the_shortest_request_adds_an_application() {
    let app: NewApp = serde_json::from_str(r#"{"preset":"netbox","url":"https://netbox.example.com"}"#).unwrap();
    assert_eq!(app.client_id, None);
    assert!(app.scope_map.is_empty());
}

#[test]
fn a_change_says_nothing_of_what_it_leaves_alone() {
    let change = AppChange {
        pkce: Some(Pkce::WeakenIfSent),
        start_url: Edit::Clear,
        ..AppChange::default()
    };
    assert_eq!(
        serde_json::to_string(&change).unwrap(),
        r#"{"start_url":null,"pkce":"weaken-if-sent"}"#
    );
    assert_eq!(serde_json::to_string(&UserChange::default()).unwrap(), "{}");
}
