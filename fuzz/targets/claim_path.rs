//! First line a claim path, second a pattern, third a text, the rest a claim set.

use doorward_claims::{ClaimPath, ClaimSet, Pattern};
use serde_json::{Map, Value, json};

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (path, glob, sample, claims) = (line(), line(), line(), line());

    if glob.len() + sample.len() < 64 && glob.matches('*').count() < 6 {
        let matches = Pattern::Glob(glob.to_owned()).matches(sample);
        assert_eq!(matches, slowly_matches(glob.as_bytes(), sample.as_bytes()));
    }
    let Ok(path) = path.parse::<ClaimPath>() else {
        return;
    };
    assert_eq!(path.to_string().parse::<ClaimPath>().as_ref(), Ok(&path));
    let before: Map<String, Value> = serde_json::from_str(claims).unwrap_or_default();
    let mut after = before.clone();
    match path.insert(&mut after, json!("here")) {
        Ok(()) => assert_eq!(path.find(&after), Some(&json!("here"))),
        Err(_) => assert_eq!(after, before),
    }
    let mut set = ClaimSet::default();
    if set.insert(&path, json!(["a"])).is_ok() {
        assert!(!doorward_claims::is_protocol_claim(path.claim()));
        set.merge(&path, json!(["b", "a"])).unwrap();
        assert_eq!(set.find(&path), Some(&json!(["a", "b"])));
    }
}

/// What a glob means, without any cleverness.
fn slowly_matches(glob: &[u8], text: &[u8]) -> bool {
    match glob.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| slowly_matches(rest, &text[skipped..])),
        Some((byte, rest)) => text
            .split_first()
            .is_some_and(|(first, text)| first == byte && slowly_matches(rest, text)),
    }
}
