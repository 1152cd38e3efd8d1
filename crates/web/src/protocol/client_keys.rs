//! Public keys that applications publish at an address of their own (RFC 7591 §2 `jwks_uri`).
//!
//! They are fetched when something signed is to be verified, kept for a while, and fetched again for a key that is not among
//! them. Anybody can name an application and a key, so that no application is asked more often than [`PAUSE`] allows, and what is
//! not fetched for that reason is judged by the keys that are known.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use doorward_apps::App;
use doorward_jose::{JwkSet, peek_unverified};
use doorward_login::{HttpAnswer, LoginError, Reach};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::addresses::{Addresses, PATIENCE};

const ACCEPTED: &str = "application/jwk-set+json, application/json";
/// Largest key set.
const MAX_BYTES: usize = 64 * 1024;
/// Longest token whose key is looked for.
const MAX_TOKEN: usize = 16 * 1024;
/// At once, of all applications.
const AT_ONCE: usize = 16;
/// Keys are asked for again after this long, so that one that was withdrawn is believed no longer.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// While their address does not answer, keys are believed for this long.
const STALE: SignedDuration = SignedDuration::from_hours(1);
/// No address is asked again earlier.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// Most applications whose keys are kept.
const MOST: usize = 10_000;

/// Fetches and keeps them.
pub struct ClientKeys {
    addresses: Addresses,
    turns: Semaphore,
    of_apps: Mutex<HashMap<Uuid, Arc<Place>>>,
}

/// The keys of one application.
#[derive(Default)]
struct Place {
    known: Mutex<Known>,
    /// Held by whoever fetches.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default, Clone)]
struct Known {
    uri: String,
    keys: Option<Arc<JwkSet>>,
    read: Timestamp,
    /// When it was asked for an unknown key, or in vain.
    asked: Option<Timestamp>,
    problem: Option<String>,
}

impl Known {
    /// The keys, as long as they can be believed.
    fn believed(&self, now: Timestamp) -> Option<&Arc<JwkSet>> {
        let keys = self.keys.as_ref()?;
        (now.duration_since(self.read) < STALE).then_some(keys)
    }

    /// Whether they answer for the key that is looked for without being asked again.
    fn answers(&self, kid: Option<&str>, now: Timestamp) -> bool {
        !self.is_due(now) && self.has(kid, now)
    }

    /// Whether the key that is looked for is among those that can be believed.
    fn has(&self, kid: Option<&str>, now: Timestamp) -> bool {
        let has = |keys: &JwkSet| kid.is_none_or(|kid| keys.keys().iter().any(|key| key.kid() == Some(kid)));
        self.believed(now).is_some_and(|keys| has(keys))
    }

    /// Whether the keys are to be fetched whatever is looked for.
    fn is_due(&self, now: Timestamp) -> bool {
        self.keys.is_none() || now.duration_since(self.read) >= FRESH
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        self.asked.is_none_or(|asked| now.duration_since(asked) >= PAUSE)
    }
}

impl ClientKeys {
    /// Trusts the certificates in `ca_pem` besides the machine's.
    ///
    /// # Errors
    /// Certificates that are none.
    pub fn new(ca_pem: Option<&[u8]>) -> Result<Self, LoginError> {
        Ok(Self {
            addresses: Addresses::new(ca_pem)?,
            turns: Semaphore::new(AT_ONCE),
            of_apps: Mutex::default(),
        })
    }

    /// The keys that the application publishes, where it does. `token` is what is to be verified with them.
    ///
    /// # Errors
    /// There are none, and why.
    pub(crate) async fn published(
        &self,
        app: &App,
        token: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Arc<JwkSet>>, String> {
        let Some(uri) = &app.keys.uri else {
            return Ok(None);
        };
        let header = token.and_then(|token| peek_unverified(token, MAX_TOKEN).ok());
        let kid = header.as_ref().and_then(|(header, _)| header.kid.as_deref());
        self.keys(app, uri, kid, now).await.map(Some)
    }

    async fn keys(&self, app: &App, uri: &str, kid: Option<&str>, now: Timestamp) -> Result<Arc<JwkSet>, String> {
        let place = self.place(app.id);
        let known = place.of(uri);
        if !known.answers(kid, now) && known.may_ask(now) {
            // Whoever has the key already waits for nobody: one request brings the rest up to date.
            let turn = if known.has(kid, now) {
                place.turn.try_lock().ok()
            } else {
                Some(place.turn.lock().await)
            };
            if turn.is_some() {
                self.look_again(app, uri, kid, &place, now).await;
            }
        }
        let known = place.of(uri);
        known.believed(now).cloned().ok_or_else(|| {
            let problem = known.problem.unwrap_or_else(|| "nobody has answered yet".to_owned());
            format!("the keys of {} at {uri} cannot be had: {problem}", app.client_id)
        })
    }

    /// By whoever has the turn: somebody else may have asked before.
    async fn look_again(&self, app: &App, uri: &str, kid: Option<&str>, place: &Place, now: Timestamp) {
        let known = place.of(uri);
        if known.answers(kid, now) || !known.may_ask(now) {
            return;
        }
        // That others are being fetched is no fault of this address, so it is not noted.
        let Ok(Ok(_permit)) = tokio::time::timeout(PATIENCE, self.turns.acquire()).await else {
            return;
        };
        // The usual fetches are so rare that they need no pause after them: a key that is new just then is found.
        let is_usual = known.is_due(now);
        place.note(uri, self.fetch(app, uri).await, is_usual, now);
    }

    fn place(&self, app: Uuid) -> Arc<Place> {
        let mut all = self.of_apps.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(&app) {
            all.clear();
        }
        Arc::clone(all.entry(app).or_default())
    }

    async fn fetch(&self, app: &App, uri: &str) -> Fetched {
        let (reach, answer) = self.addresses.get(app, uri, (ACCEPTED, MAX_BYTES)).await;
        match answer {
            Err(problem) => Fetched::Unanswered(problem),
            Ok(answer) => judge(&answer, reach),
        }
    }
}

/// What came of a fetch.
enum Fetched {
    /// Keys, perhaps none: what it published before is withdrawn.
    Keys(JwkSet),
    /// There is nothing at the address any more, so that what it published before is withdrawn.
    Gone(String),
    /// It did not answer, or not as the application means it.
    Unanswered(String),
}

fn judge(answer: &HttpAnswer, reach: Reach) -> Fetched {
    let kept = |said: String| match reach {
        Reach::Public => said,
        Reach::PrivateNetworks | Reach::Loopback => "it answered with no key set".to_owned(),
    };
    match answer.status {
        200 => match JwkSet::parse(&answer.body) {
            Ok(keys) => Fetched::Keys(keys),
            Err(error) => Fetched::Unanswered(kept(format!("it answered with no key set: {error}"))),
        },
        404 | 410 => Fetched::Gone(kept(format!("it answered with the status {}", answer.status))),
        status => Fetched::Unanswered(kept(format!("it answered with the status {status}"))),
    }
}

impl Place {
    /// What is known of the keys at this address; of another one nothing.
    fn of(&self, uri: &str) -> Known {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.uri == uri {
            known.clone()
        } else {
            Known::default()
        }
    }

    fn note(&self, uri: &str, fetched: Fetched, is_usual: bool, now: Timestamp) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.uri != uri {
            *known = Known::default();
            uri.clone_into(&mut known.uri);
        }
        if !is_usual || !matches!(fetched, Fetched::Keys(_)) {
            known.asked = Some(now);
        }
        match fetched {
            Fetched::Keys(keys) => {
                known.keys = Some(Arc::new(keys));
                known.read = now;
                known.problem = None;
            }
            Fetched::Gone(problem) => {
                known.keys = None;
                known.problem = Some(problem);
            }
            Fetched::Unanswered(problem) => known.problem = Some(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "https://app.example.com/jwks.json";
    const KEYS: &str =
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"one","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn read(at: Timestamp) -> Place {
        let place = Place::default();
        place.note(URI, Fetched::Keys(JwkSet::parse(KEYS.as_bytes()).unwrap()), true, at);
        place
    }

    #[test]
    fn keys_are_asked_for_again_for_an_unknown_one_and_after_a_while_and_never_too_often() {
        let place = read(at(-1));
        let known = place.of(URI);
        assert!(known.answers(Some("one"), at(0)) && known.answers(None, at(0)));
        assert!(!known.answers(Some("two"), at(0)) && known.may_ask(at(0)));
        place.note(
            URI,
            Fetched::Keys(JwkSet::parse(KEYS.as_bytes()).unwrap()),
            false,
            at(0),
        );
        let known = place.of(URI);
        assert!(
            !known.may_ask(at(29)),
            "a stranger who names keys has it asked once in thirty seconds"
        );
        assert!(known.may_ask(at(30)));
        assert!(
            !known.answers(Some("one"), at(600)),
            "a key that was withdrawn is believed no longer"
        );
    }

    #[test]
    fn while_the_address_does_not_answer_known_keys_hold_for_an_hour() {
        let place = read(at(0));
        place.note(URI, Fetched::Unanswered("connection refused".to_owned()), true, at(700));
        let known = place.of(URI);
        assert!(known.believed(at(3599)).is_some() && known.believed(at(3600)).is_none());
        assert_eq!(known.problem.as_deref(), Some("connection refused"));
        assert!(!known.may_ask(at(729)) && known.may_ask(at(730)));
    }

    #[test]
    fn keys_that_are_withdrawn_are_believed_no_longer() {
        let answer = |status, body: &str| HttpAnswer {
            status,
            body: body.as_bytes().to_vec(),
            ..HttpAnswer::default()
        };
        let place = read(at(0));
        place.note(URI, judge(&answer(200, r#"{"keys":[]}"#), Reach::Public), true, at(600));
        assert!(!place.of(URI).has(Some("one"), at(600)));
        for status in [404, 410] {
            let place = read(at(0));
            place.note(URI, judge(&answer(status, ""), Reach::Public), true, at(600));
            assert!(place.of(URI).believed(at(600)).is_none(), "{status}");
        }
        let place = read(at(0));
        place.note(URI, judge(&answer(503, ""), Reach::Public), true, at(600));
        assert!(
            place.of(URI).has(Some("one"), at(601)),
            "a server that is down has withdrawn nothing"
        );
    }

    #[test]
    fn of_what_a_private_address_says_nothing_is_kept() {
        let answer = HttpAnswer {
            status: 418,
            body: b"secret".to_vec(),
            ..HttpAnswer::default()
        };
        let Fetched::Unanswered(said) = judge(&answer, Reach::PrivateNetworks) else {
            panic!("keys");
        };
        assert_eq!(said, "it answered with no key set");
    }

    #[test]
    fn keys_of_another_address_count_for_nothing() {
        let place = read(at(0));
        let other = place.of("https://other.example.com/jwks.json");
        assert!(other.believed(at(1)).is_none() && other.may_ask(at(1)));
    }
}
