//! What looks like a secret is not kept.

use std::borrow::Cow;

use doorward_audit::redacted;
use doorward_jose::{Algorithm, SigningKey, SystemRandom};
use doorward_store::{Ticket, testing::START};
use proptest::prelude::*;

#[test]
fn ordinary_text_is_kept_as_it_is() {
    for text in [
        "",
        "expected https://netbox.example/oauth/complete/oidc/, received https://netbox.example/oauth/complete/oidc",
        "0198a3c4-1d2e-7f00-8000-123456789abc signed in",
        "groups: netbox-admins, netbox-users",
        "Grüße 🦀",
    ] {
        assert!(matches!(redacted(text), Cow::Borrowed(same) if same == text), "{text}");
    }
}

#[test]
fn bearer_values_of_every_kind_are_cut_away() {
    let ticket = Ticket::new(START, &SystemRandom).encode();
    let key = SigningKey::generate(Algorithm::ES256).unwrap().key;
    let token = key.sign(None, &serde_json::json!({ "sub": "ada" })).unwrap();
    let signature = token.rsplit('.').next().unwrap();
    for secret in [
        ticket.as_str(),
        &token,
        signature,
        &format!("dwt_{ticket}"),
        &"a1B2".repeat(11),
    ] {
        let kept = redacted(&format!("received code={secret}&state=x from the browser")).into_owned();
        assert!(!kept.contains(secret), "{kept}");
        assert!(
            kept.contains("[redacted]") && kept.ends_with("from the browser"),
            "{kept}"
        );
        // Eight characters tell two values apart, and are no secret.
        assert!(kept.contains(&secret[..8]), "{kept}");
    }
}

#[test]
fn a_text_cannot_forge_lines_or_fill_the_table() {
    assert_eq!(redacted("a\nb\u{1b}[31mc\r\n"), "a b [31mc  ");
    let long = "word ".repeat(1000);
    let kept = redacted(&long);
    assert_eq!(kept.chars().count(), 601);
    assert!(kept.ends_with('…'));
}

proptest! {
    #[test]
    fn no_run_of_forty_survives(text in "[a-zA-Z0-9_ .=-]{0,300}", secret in "[a-zA-Z0-9_-]{40,200}") {
        let kept = redacted(&format!("{text} {secret} {text}")).into_owned();
        let longest = kept.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))).map(str::len).max();
        prop_assert!(longest.unwrap_or(0) < 40);
    }

    #[test]
    fn redaction_is_stable(text in ".{0,700}") {
        let once = redacted(&text).into_owned();
        prop_assert!(!once.chars().any(char::is_control));
        prop_assert!(once.chars().count() <= 700 + 40);
    }
}
