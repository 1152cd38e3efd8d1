//! What an application is given to ask by whether the session goes on (OpenID Connect Session Management 1.0 §2): a digest of itself,
//! its origin and what the browser knows the session by.

use data_encoding::HEXLOWER;
use doorward_jose::sha256;

/// The `session_state` of an answer. `origin` is that of the redirect URI, whose pages will ask; `browser_state` is in a cookie that
/// the frame reads, `salt` is drawn for this answer.
///
/// It is computed once more in `web/assets/session.js`.
pub fn session_state(client_id: &str, origin: &str, browser_state: &str, salt: &[u8]) -> String {
    let salt = HEXLOWER.encode(salt);
    let digest = sha256(format!("{client_id} {origin} {browser_state} {salt}").as_bytes());
    format!("{}.{salt}", HEXLOWER.encode(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_of_one_application_origin_session_and_salt() {
        let state = session_state("wiki", "https://wiki.example", "state", &[1, 2]);
        assert_eq!(
            state,
            "a52cb62812f4fe7817e70602bb472008397c33ae7ace29240d2ddb745971d8f7.0102"
        );
        for other in [
            session_state("wiki2", "https://wiki.example", "state", &[1, 2]),
            session_state("wiki", "https://evil.example", "state", &[1, 2]),
            session_state("wiki", "https://wiki.example", "", &[1, 2]),
            session_state("wiki", "https://wiki.example", "state", &[1, 3]),
        ] {
            assert_ne!(other, state);
        }
    }
}
