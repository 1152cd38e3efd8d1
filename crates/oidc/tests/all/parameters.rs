use doorward_oidc::{Parameters, append_query, catalogue, encode};
use proptest::prelude::*;

#[test]
fn a_parameter_that_comes_twice_is_refused() {
    let refusal = Parameters::parse(b"a=1&b=2&a=1").unwrap_err();
    assert_eq!(refusal.kind, &catalogue::PARAMETER_REPEATED);
    assert_eq!(refusal.detail, "expected `a` once, got it more than once");
}

#[test]
fn a_resource_may_come_more_than_once() {
    let parameters = Parameters::parse(b"resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb").unwrap();
    assert_eq!(
        parameters.all("resource").collect::<Vec<_>>(),
        ["https://a", "https://b"]
    );
}

#[test]
fn an_empty_parameter_counts_as_absent() {
    let parameters = Parameters::parse(b"state=&nonce=n").unwrap();
    assert_eq!(parameters.find("state"), None);
    assert_eq!(parameters.find("nonce"), Some("n"));
    assert_eq!(
        parameters.required("state", 10).unwrap_err().detail,
        "expected `state`, got none"
    );
}

#[test]
fn more_than_64_parameters_are_refused() {
    let many: Vec<String> = (0..65).map(|index| format!("p{index}=1")).collect();
    let refusal = Parameters::parse(many.join("&").as_bytes()).unwrap_err();
    assert_eq!(refusal.kind, &catalogue::REQUEST_TOO_LARGE);
    Parameters::parse(many[..64].join("&").as_bytes()).unwrap();
}

#[test]
fn a_body_or_a_value_beyond_its_limit_is_refused() {
    let whole = "x".repeat(Parameters::MAX_BYTES + 1);
    assert_eq!(
        Parameters::parse(whole.as_bytes()).unwrap_err().kind,
        &catalogue::REQUEST_TOO_LARGE
    );
    let value = format!("a={}", "x".repeat(Parameters::MAX_VALUE + 1));
    assert_eq!(
        Parameters::parse(value.as_bytes()).unwrap_err().detail,
        "expected at most 16384 bytes in `a`, got 16385"
    );
    assert_eq!(
        Parameters::parse(b"a=12345")
            .unwrap()
            .bounded("a", 4)
            .unwrap_err()
            .detail,
        "expected at most 4 bytes in `a`, got 5"
    );
}

#[test]
fn text_that_is_not_utf8_is_refused_rather_than_replaced() {
    let refusal = Parameters::parse(b"state=%ff%fe").unwrap_err();
    assert_eq!(refusal.kind, &catalogue::PARAMETER_MALFORMED);
    assert_eq!(refusal.detail, "expected UTF-8 in `state`");
}

#[test]
fn debug_shows_names_and_no_values() {
    let parameters = Parameters::parse(b"client_secret=hush").unwrap();
    assert_eq!(format!("{parameters:?}"), r#"{"client_secret"}"#);
}

#[test]
fn a_name_with_terminal_control_is_escaped_in_the_detail() {
    let refusal = Parameters::parse(b"%1b%5b2J=1&%1b%5b2J=2").unwrap_err();
    assert!(!refusal.detail.contains('\u{1b}'), "{}", refusal.detail);
}

#[test]
fn a_space_is_written_as_percent_20_and_a_plus_as_percent_2b() {
    assert_eq!(encode([("a b", "c+d e")]), "a%20b=c%2Bd%20e");
}

#[test]
fn what_is_appended_leaves_the_bytes_of_the_uri_alone() {
    let pairs = [("code", "1"), ("state", "{\"a\":1}")];
    let added = "code=1&state=%7B%22a%22%3A1%7D";
    for (uri, expected) in [
        ("https://a/b", format!("https://a/b?{added}")),
        ("https://a/b?", format!("https://a/b?{added}")),
        ("https://a/b?x=%7e~&y", format!("https://a/b?x=%7e~&y&{added}")),
        ("https://a/b?x=1&", format!("https://a/b?x=1&{added}")),
        ("https://a/b#f", format!("https://a/b?{added}#f")),
        ("com.example:/cb", format!("com.example:/cb?{added}")),
    ] {
        assert_eq!(append_query(uri, pairs), expected);
    }
    assert_eq!(append_query("https://a/b", []), "https://a/b");
}

proptest! {
    #[test]
    fn what_is_encoded_is_read_back_byte_for_byte(value in "[^\u{FFFD}]{1,200}") {
        let parameters = Parameters::parse(encode([("state", value.as_str())]).as_bytes()).unwrap();
        prop_assert_eq!(parameters.find("state"), Some(value.as_str()));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(parameters) = Parameters::parse(&bytes) {
            prop_assert!(parameters.iter().count() <= Parameters::MAX_COUNT);
        }
    }
}
