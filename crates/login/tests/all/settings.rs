use doorward_login::{Login, LoginError};

fn refused(result: Result<Login, LoginError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.code(), "setting_invalid");
    error.to_string()
}

#[test]
fn settings_that_can_not_work_are_named() {
    let base = || Login::builder("https://sso.example", "app").base_url("https://app.example");
    base().build().unwrap();
    for (builder, words) in [
        (
            Login::builder("sso.example", "app").base_url("https://app.example"),
            "setting `issuer`: expected an https address",
        ),
        (
            Login::builder("http://sso.example", "app").base_url("https://app.example"),
            "setting `issuer`",
        ),
        (
            Login::builder("https://u@sso.example", "app").base_url("https://app.example"),
            "setting `issuer`",
        ),
        (
            Login::builder("https://sso.example?x", "app").base_url("https://app.example"),
            "setting `issuer`: expected no query",
        ),
        (
            Login::builder("https://sso.example", "").base_url("https://app.example"),
            "setting `client_id`",
        ),
        (Login::builder("https://sso.example", "app"), "setting `base_url`"),
        (base().base_url("http://app.example"), "setting `base_url`"),
        (
            base().base_url("https://app.example/path"),
            "setting `base_url`: expected no path",
        ),
        (base().secret(""), "setting `secret`"),
        (
            base().prefix("auth"),
            "setting `prefix`: expected a path like `/auth`, got `auth`",
        ),
        (base().prefix("/a{b}"), "setting `prefix`"),
        (base().after_logout("https://evil.example"), "setting `after_logout`"),
        (base().ca_pem("no certificate"), "setting `ca_pem`"),
    ] {
        let message = refused(builder.build());
        assert!(message.starts_with(words), "{message}");
    }
    assert_eq!(base().scopes("a\"b").err().unwrap().code(), "setting_invalid");
}

#[test]
fn debug_shows_no_secret() {
    let login = Login::builder("https://sso.example", "app")
        .base_url("https://app.example")
        .secret("hush")
        .build();
    assert!(!format!("{login:?}").contains("hush"));
}
