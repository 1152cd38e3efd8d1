use std::collections::HashSet;

use doorward_oidc::REFUSALS;

#[test]
fn every_kind_has_a_code_of_its_own_and_sentences_that_may_travel() {
    let codes: HashSet<_> = REFUSALS.iter().map(|kind| kind.code).collect();
    assert_eq!(codes.len(), REFUSALS.len());
    for kind in REFUSALS {
        assert!(
            kind.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{}",
            kind.code
        );
        let travels = |c: char| matches!(c, '\x20'..='\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E');
        assert!(
            kind.public.chars().all(travels) && kind.public.ends_with('.'),
            "{}",
            kind.public
        );
        assert!(!kind.meaning.is_empty());
    }
}
