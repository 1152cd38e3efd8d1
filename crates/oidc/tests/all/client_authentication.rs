use data_encoding::BASE64;
use doorward_oidc::{
    ClientAuthMethod, ClientAuthentication, JWT_BEARER_ASSERTION, Parameters, Refusal, catalogue, encode,
};
use proptest::prelude::*;

fn parse(authorization: Option<&str>, form: &[(&str, &str)]) -> Result<Option<ClientAuthentication>, Refusal> {
    let form = Parameters::parse(encode(form.iter().copied()).as_bytes()).unwrap();
    ClientAuthentication::parse(authorization.map(str::as_bytes), &form)
}

fn basic(credentials: &str) -> String {
    format!("Basic {}", BASE64.encode(credentials.as_bytes()))
}

fn secrets(authentication: &ClientAuthentication) -> Vec<String> {
    match authentication {
        ClientAuthentication::Basic(basic) => basic.secrets().map(|secret| secret.expose().clone()).collect(),
        ClientAuthentication::Post { secret, .. } => vec![secret.expose().clone()],
        _ => Vec::new(),
    }
}

#[test]
fn basic_credentials_are_read_decoded_and_as_they_are() {
    let read = parse(Some(&basic("oc%2Dbasic:a+b%2f")), &[]).unwrap().unwrap();
    assert_eq!(read.method(), ClientAuthMethod::ClientSecretBasic);
    assert_eq!(read.client_ids(), ["oc-basic", "oc%2Dbasic"]);
    assert_eq!(secrets(&read), ["a b/", "a+b%2f"]);
}

#[test]
fn plain_basic_credentials_have_one_reading() {
    let read = parse(Some(&basic("netbox:S3cret")), &[("client_id", "netbox")])
        .unwrap()
        .unwrap();
    assert_eq!(read.client_ids(), ["netbox"]);
    assert_eq!(secrets(&read), ["S3cret"]);
}

#[test]
fn the_scheme_is_read_without_regard_to_case_and_a_secret_may_hold_colons() {
    let header = basic("a:b:c&d").replace("Basic", "bAsIc");
    assert_eq!(secrets(&parse(Some(&header), &[]).unwrap().unwrap()), ["b:c&d"]);
}

#[test]
fn basic_without_a_secret_is_a_public_client_that_names_itself() {
    let read = parse(Some(&basic("cli:")), &[]).unwrap().unwrap();
    assert_eq!(
        (read.method(), read.client_ids()),
        (ClientAuthMethod::None, vec!["cli"])
    );
}

#[test]
fn the_form_carries_secret_assertion_or_only_a_name() {
    let post = parse(None, &[("client_id", "a"), ("client_secret", "s")])
        .unwrap()
        .unwrap();
    assert_eq!(
        (post.method(), secrets(&post)),
        (ClientAuthMethod::ClientSecretPost, vec!["s".to_owned()])
    );
    let assertion = [
        ("client_assertion", "x.y.z"),
        ("client_assertion_type", JWT_BEARER_ASSERTION),
    ];
    let jwt = parse(None, &assertion).unwrap().unwrap();
    assert_eq!(
        (jwt.method(), jwt.client_ids().len()),
        (ClientAuthMethod::PrivateKeyJwt, 0)
    );
    let none = parse(None, &[("client_id", "a")]).unwrap().unwrap();
    assert_eq!(none.method(), ClientAuthMethod::None);
    assert!(parse(None, &[("grant_type", "x")]).unwrap().is_none());
    assert!(
        parse(None, &[("client_id", "a"), ("client_secret", "")])
            .unwrap()
            .unwrap()
            .method()
            == ClientAuthMethod::None
    );
}

#[test]
fn two_methods_at_once_are_refused_by_their_names() {
    let refusal = parse(Some(&basic("a:b")), &[("client_id", "a"), ("client_secret", "b")]).unwrap_err();
    assert_eq!(refusal.kind, &catalogue::CLIENT_AUTHENTICATION_REPEATED);
    assert_eq!(
        refusal.detail,
        "expected one method, got client_secret_basic and client_secret_post"
    );
    let both = [
        ("client_secret", "b"),
        ("client_assertion", "x"),
        ("client_assertion_type", JWT_BEARER_ASSERTION),
    ];
    assert_eq!(
        parse(None, &both).unwrap_err().kind,
        &catalogue::CLIENT_AUTHENTICATION_REPEATED
    );
}

#[test]
fn what_cannot_be_read_is_invalid_client() {
    let long = format!("Basic {}", "A".repeat(5000));
    for (header, form) in [
        (Some("Bearer x"), &[][..]),
        (Some("Basic"), &[]),
        (Some("Basic !!!"), &[]),
        (Some("Basic YQ"), &[]),
        (Some(basic("no colon").as_str()), &[]),
        (Some(basic(":secret").as_str()), &[]),
        (Some(long.as_str()), &[]),
        (Some(basic("a:b").as_str()), &[("client_id", "c")]),
        (None, &[("client_secret", "s")]),
        (None, &[("client_assertion", "x")]),
        (None, &[("client_assertion_type", JWT_BEARER_ASSERTION)]),
        (
            None,
            &[("client_assertion", "x"), ("client_assertion_type", "urn:other")],
        ),
    ] {
        let refusal = parse(header, form).unwrap_err();
        assert_eq!(
            refusal.kind,
            &catalogue::CLIENT_CREDENTIALS_MALFORMED,
            "{header:?} {form:?}"
        );
        assert_eq!(refusal.kind.oauth, "invalid_client");
    }
}

#[test]
fn a_refusal_never_repeats_the_secret() {
    let refusal = parse(Some(&basic("hushhush")), &[]).unwrap_err();
    assert!(!refusal.to_string().contains("hush"), "{refusal}");
    let read = parse(Some(&basic("a:hushhush")), &[]).unwrap().unwrap();
    assert!(!format!("{read:?}").contains("hush"));
}

proptest! {
    #[test]
    fn encoded_or_not_the_right_reading_is_there(id in "[!-9;-~]{1,20}", secret in "[ -~]{1,40}") {
        let raw = parse(Some(&basic(&format!("{id}:{secret}"))), &[]).unwrap().unwrap();
        prop_assert!(raw.client_ids().contains(&id.as_str()));
        prop_assert!(secrets(&raw).contains(&secret));
        let form = |text: &str| encode([("", text)])[1..].to_owned();
        let encoded = parse(Some(&basic(&format!("{}:{}", form(&id), form(&secret)))), &[]).unwrap().unwrap();
        prop_assert_eq!(encoded.client_ids()[0], id.as_str());
        prop_assert_eq!(&secrets(&encoded)[0], &secret);
    }
}
