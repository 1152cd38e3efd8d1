use doorward_claims::{ClaimError, ClaimPath};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn path(text: &str) -> ClaimPath {
    text.parse().unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("expected an object, got {other}"),
    }
}

#[test]
fn a_name_is_a_name_whatever_dots_it_has() {
    let claims = object(json!({"https://example.org/roles": 1, "a.b": 2}));
    assert_eq!(path("https://example.org/roles").find(&claims), Some(&json!(1)));
    assert_eq!(path("a.b").find(&claims), Some(&json!(2)));
    assert_eq!(path("a").find(&claims), None);
}

#[test]
fn a_pointer_walks_objects_and_lists() {
    let claims = object(json!({"realm_access": {"roles": ["a", "b"]}, "a/b": {"m~n": 1}}));
    assert_eq!(path("/realm_access/roles/1").find(&claims), Some(&json!("b")));
    assert_eq!(path("/a~1b/m~0n").find(&claims), Some(&json!(1)));
    for missing in [
        "/realm_access/roles/2",
        "/realm_access/roles/01",
        "/realm_access/roles/-",
        "/realm_access/roles/1/x",
        "/x/y",
    ] {
        assert_eq!(path(missing).find(&claims), None, "{missing}");
    }
}

#[test]
fn a_list_of_names_is_the_same_as_its_pointer() {
    let list: ClaimPath = serde_json::from_value(json!(["resource_access", "my/app", "roles"])).unwrap();
    assert_eq!(list, path("/resource_access/my~1app/roles"));
    assert_eq!(
        serde_json::to_value(&list).unwrap(),
        json!("/resource_access/my~1app/roles")
    );
}

#[test]
fn what_is_no_path_is_refused() {
    for (text, error) in [
        ("", ClaimError::EmptyPath),
        ("/", ClaimError::EmptyPath),
        ("//a", ClaimError::EmptyPath),
        ("/a~2", ClaimError::PointerEscape),
        ("/a~", ClaimError::PointerEscape),
        ("/1/2/3/4/5/6/7/8/9", ClaimError::PathTooLong),
        (&"x".repeat(257), ClaimError::PathTooLong),
        (&format!("/{}", "/".repeat(600)), ClaimError::PathTooLong),
    ] {
        assert_eq!(text.parse::<ClaimPath>(), Err(error), "{text}");
    }
    serde_json::from_value::<ClaimPath>(json!([])).unwrap_err();
    let message = serde_json::from_value::<ClaimPath>(json!(7)).unwrap_err().to_string();
    assert!(
        message.contains("a claim name, a JSON pointer, or a list of names"),
        "{message}"
    );
}

#[test]
fn inserting_makes_the_objects_on_the_way() {
    let mut claims = object(json!({"realm_access": {"other": 1}}));
    path("/realm_access/roles").insert(&mut claims, json!(["a"])).unwrap();
    path("/new/deep/one").insert(&mut claims, json!(true)).unwrap();
    assert_eq!(
        Value::Object(claims),
        json!({"realm_access": {"other": 1, "roles": ["a"]}, "new": {"deep": {"one": true}}})
    );
}

#[test]
fn a_blocked_path_is_named_and_changes_nothing() {
    let mut claims = object(json!({"a": {"b": "text"}}));
    let before = claims.clone();
    let error = path("/a/b/c/d").insert(&mut claims, json!(1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected an object at `/a/b` on the way to `/a/b/c/d`, got another value"
    );
    assert_eq!(claims, before);
}

fn segment() -> impl Strategy<Value = String> {
    "[a-z0-9/~. ]{1,8}"
}

proptest! {
    #[test]
    fn what_is_inserted_is_found_and_its_text_means_the_same(segments in proptest::collection::vec(segment(), 1..8)) {
        let path = ClaimPath::from_segments(segments).unwrap();
        let mut claims = Map::new();
        path.insert(&mut claims, json!("here")).unwrap();
        prop_assert_eq!(path.find(&claims), Some(&json!("here")));
        prop_assert_eq!(path.to_string().parse::<ClaimPath>().unwrap(), path);
    }

    #[test]
    fn inserting_at_one_path_leaves_others_alone(one in proptest::collection::vec("[ab]", 1..4), two in proptest::collection::vec("[ab]", 1..4)) {
        let (first, second) = (ClaimPath::from_segments(one.clone()).unwrap(), ClaimPath::from_segments(two.clone()).unwrap());
        let mut claims = Map::new();
        first.insert(&mut claims, json!(1)).unwrap();
        let result = second.insert(&mut claims, json!(2));
        if two.starts_with(&one) && two != one {
            prop_assert!(result.is_err());
            prop_assert_eq!(first.find(&claims), Some(&json!(1)));
        } else {
            prop_assert!(result.is_ok());
            prop_assert_eq!(second.find(&claims), Some(&json!(2)));
            if !one.starts_with(&two) {
                prop_assert_eq!(first.find(&claims), Some(&json!(1)));
            }
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,300}") {
        if let Ok(path) = text.parse::<ClaimPath>() {
            prop_assert!(path.segments().len() <= ClaimPath::MAX_SEGMENTS);
        }
    }
}
