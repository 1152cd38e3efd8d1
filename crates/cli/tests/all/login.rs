//! `doorward login` where nobody can log in. That people can is shown end to end, with the built binary.

use crate::terminal::run;

#[test]
fn a_provider_that_does_not_answer_is_named_and_the_command_ends_with_3() {
    // Nothing listens on the discard port.
    let told = run(["login", "--issuer", "http://127.0.0.1:9", "--no-browser"]);
    assert_eq!(told.code, "3", "{told:?}");
    assert!(
        told.err.contains("http://127.0.0.1:9/.well-known/openid-configuration"),
        "{told:?}"
    );
    assert!(
        told.err.contains("the issuer is the address before /.well-known"),
        "{told:?}"
    );
}

#[test]
fn what_cannot_be_sent_is_refused_before_anybody_is_asked() {
    for (words, says) in [
        (["login", "--issuer", "http://id.example.com", "--print"], "issuer"),
        (
            ["login", "--issuer", "https://id.example.com", "--path=callback"],
            "expected a path like /callback",
        ),
        (
            ["login", "--issuer", "https://id.example.com", "--path=/a?b"],
            "expected a path like /callback",
        ),
        (
            ["login", "--issuer", "https://id.example.com", "--scopes=a\"b"],
            "scopes",
        ),
        (["login", "--issuer", "https://id.example.com", "--port=70000"], "70000"),
        (
            ["login", "--issuer", "https://id.example.com", "--host=example.com"],
            "possible values: 127.0.0.1, localhost",
        ),
        (["login", "--issuer", "https://id.example.com", "--timeout=5"], "5m"),
        (
            ["login", "--issuer", "https://id.example.com", "--ca-file=/nowhere"],
            "cannot read the CA file /nowhere",
        ),
        (
            ["login", "--issuer", "https://id.example.com", "--secret-file=/nowhere"],
            "cannot read the secret file /nowhere",
        ),
    ] {
        let told = run(words);
        assert_eq!(told.code, "2", "{words:?}: {told:?}");
        assert!(told.err.contains(says), "{words:?}: {told:?}");
    }
}
