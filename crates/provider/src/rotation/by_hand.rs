//! What somebody does to keys by hand: turning one before its time, taking one away at once, bringing one along.

use doorward_jose::Algorithm;
use doorward_oidc::{Refusal, RefusalKind, Turn};

use super::{KeyLife, KeyState, RotationPolicy, RotationStep};

/// There is no key of that name, or none any more.
pub static NO_SUCH_KEY: RefusalKind = RefusalKind {
    code: "no_such_key",
    oauth: "invalid_request",
    public: "There is no such signing key.",
    meaning: "Keys are named by their `kid`; one that was retired cannot be brought back.",
    turn: Turn::Administrator,
};

/// A key to import is none that may sign.
pub static KEY_UNUSABLE: RefusalKind = RefusalKind {
    code: "signing_key_unusable",
    oauth: "invalid_request",
    public: "This key cannot be used for signing.",
    meaning: "A key to import is PKCS#8 without a password: RSA of at least 2048 bits, P-256, or Ed25519 (RFC 7518 §3, RFC 8037), \
              as the algorithm demands.",
    turn: Turn::Administrator,
};

/// A key to import is here already, or was.
pub static KEY_EXISTS: RefusalKind = RefusalKind {
    code: "key_exists",
    oauth: "invalid_request",
    public: "This signing key, or its name, is here already.",
    meaning: "One `kid` means one key for ever, and a key has one `kid`; a retired key in particular does not come back.",
    turn: Turn::Administrator,
};

/// The server does not keep its master key itself.
pub static MASTER_KEY_ELSEWHERE: RefusalKind = RefusalKind {
    code: "master_key_elsewhere",
    oauth: "invalid_request",
    public: "The master key is not this server's to change.",
    meaning: "The server changes a master key only in its own data directory, with a database of its own; otherwise whoever provides \
              the key puts another line in front.",
    turn: Turn::Administrator,
};

/// There is no room for another master key.
pub static MASTER_KEYS_FULL: RefusalKind = RefusalKind {
    code: "master_keys_full",
    oauth: "invalid_request",
    public: "There is no room for another master key.",
    meaning: "The file of master keys holds some ninety, until the older ones are forgotten; a database takes over from another \
              master key some two hundred times.",
    turn: Turn::Administrator,
};

/// Keys that turn before their time, of one algorithm. Usually the next key is published now and signs when everybody can have
/// seen it; nothing is to be done when that is under way. `at_once` lets the next key, or a new one, sign from now on: applications
/// that look for new keys rarely refuse its tokens until they do.
pub fn turn(
    keys: &[KeyLife],
    algorithm: Algorithm,
    policy: &RotationPolicy,
    at_once: bool,
    now: i64,
) -> Vec<RotationStep> {
    match next(keys, algorithm) {
        Some(_) if !at_once => Vec::new(),
        Some(next) => {
            let mut steps = vec![RotationStep::Activate { kid: next.kid.clone() }];
            steps.extend(retire_active(keys, algorithm, policy, now));
            steps
        }
        None => join(keys, algorithm, policy, at_once, now),
    }
}

/// A new key beside those that are there: published first, or signing at once in place of what signs.
pub fn join(
    keys: &[KeyLife],
    algorithm: Algorithm,
    policy: &RotationPolicy,
    at_once: bool,
    now: i64,
) -> Vec<RotationStep> {
    let (state, activates_at) = if at_once {
        (KeyState::Active, now)
    } else {
        (KeyState::Next, now.saturating_add(policy.published_ahead))
    };
    let mut steps = vec![RotationStep::Create {
        algorithm,
        state,
        activates_at,
    }];
    if at_once {
        steps.extend(retire_active(keys, algorithm, policy, now));
    }
    steps
}

/// A key that nobody may trust from now on: it leaves the published set at once, and what it signed is worth nothing here. If it
/// signed, the next one does, or a new one.
///
/// # Errors
/// [`NO_SUCH_KEY`].
pub fn withdraw(keys: &[KeyLife], kid: &str, now: i64) -> Result<Vec<RotationStep>, Refusal> {
    let lost = keys.iter().find(|key| key.kid == kid);
    let Some(lost) = lost.filter(|key| key.state != KeyState::Retired) else {
        let detail = match lost {
            Some(_) => format!("the key {kid} was retired before"),
            None => format!("no signing key has the id {kid:?}"),
        };
        return Err(Refusal::response(&NO_SUCH_KEY, detail).with_remedy("`doorward key list` shows all of them."));
    };
    let mut steps = vec![RotationStep::Withdraw { kid: kid.to_owned() }];
    let others: Vec<KeyLife> = keys.iter().filter(|key| key.kid != kid).cloned().collect();
    let still_signs = |key: &KeyLife| key.algorithm == lost.algorithm && key.state == KeyState::Active;
    if lost.state == KeyState::Active && !others.iter().any(still_signs) {
        steps.push(match next(&others, lost.algorithm) {
            Some(next) => RotationStep::Activate { kid: next.kid.clone() },
            None => RotationStep::Create {
                algorithm: lost.algorithm,
                state: KeyState::Active,
                activates_at: now,
            },
        });
    }
    Ok(steps)
}

fn next(keys: &[KeyLife], algorithm: Algorithm) -> Option<&KeyLife> {
    keys.iter()
        .filter(|key| key.algorithm == algorithm && key.state == KeyState::Next)
        .min_by_key(|key| key.activates_at)
}

fn retire_active(
    keys: &[KeyLife],
    algorithm: Algorithm,
    policy: &RotationPolicy,
    now: i64,
) -> impl Iterator<Item = RotationStep> {
    let retires_at = now.saturating_add(policy.kept_after);
    keys.iter()
        .filter(move |key| key.algorithm == algorithm && key.state == KeyState::Active)
        .map(move |key| RotationStep::Retire {
            kid: key.kid.clone(),
            retires_at,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str, algorithm: Algorithm, state: KeyState) -> KeyLife {
        KeyLife {
            kid: kid.to_owned(),
            algorithm,
            state,
            created: 0,
            activates_at: 0,
            retires_at: None,
        }
    }

    fn keys() -> Vec<KeyLife> {
        vec![
            key("old", Algorithm::ES256, KeyState::Retiring),
            key("now", Algorithm::ES256, KeyState::Active),
            key("rsa", Algorithm::RS256, KeyState::Active),
        ]
    }

    const POLICY: RotationPolicy = RotationPolicy {
        signs_for: None,
        published_ahead: 10,
        kept_after: 20,
    };

    fn create(state: KeyState, activates_at: i64) -> RotationStep {
        RotationStep::Create {
            algorithm: Algorithm::ES256,
            state,
            activates_at,
        }
    }

    fn activate(kid: &str) -> RotationStep {
        RotationStep::Activate { kid: kid.to_owned() }
    }

    fn withdrawn(kid: &str) -> RotationStep {
        RotationStep::Withdraw { kid: kid.to_owned() }
    }

    #[test]
    fn a_key_turned_by_hand_is_published_first_and_only_once() {
        let mut keys = keys();
        let steps = turn(&keys, Algorithm::ES256, &POLICY, false, 100);
        assert_eq!(steps, [create(KeyState::Next, 110)], "nobody stops signing yet");
        keys.push(key("next", Algorithm::ES256, KeyState::Next));
        assert_eq!(turn(&keys, Algorithm::ES256, &POLICY, false, 100), []);
    }

    #[test]
    fn at_once_the_next_key_signs_or_a_new_one_and_the_old_one_stays_published() {
        let mut keys = keys();
        let retired = RotationStep::Retire {
            kid: "now".to_owned(),
            retires_at: 120,
        };
        let steps = turn(&keys, Algorithm::ES256, &POLICY, true, 100);
        assert_eq!(steps, [create(KeyState::Active, 100), retired.clone()]);
        keys.push(key("next", Algorithm::ES256, KeyState::Next));
        let steps = turn(&keys, Algorithm::ES256, &POLICY, true, 100);
        assert_eq!(steps, [activate("next"), retired]);
    }

    #[test]
    fn a_key_that_is_withdrawn_while_it_signs_has_a_successor_in_the_same_moment() {
        let mut keys = keys();
        let steps = withdraw(&keys, "now", 100).unwrap();
        assert_eq!(steps, [withdrawn("now"), create(KeyState::Active, 100)]);
        keys.push(key("next", Algorithm::ES256, KeyState::Next));
        assert_eq!(
            withdraw(&keys, "now", 100).unwrap(),
            [withdrawn("now"), activate("next")]
        );
        assert_eq!(withdraw(&keys, "old", 100).unwrap(), [withdrawn("old")]);
        assert_eq!(withdraw(&keys, "next", 100).unwrap(), [withdrawn("next")]);
    }

    #[test]
    fn a_retired_key_and_an_unknown_one_cannot_be_withdrawn() {
        let mut keys = keys();
        keys.push(key("gone", Algorithm::ES256, KeyState::Retired));
        for kid in ["gone", "nobody"] {
            let refusal = withdraw(&keys, kid, 100).unwrap_err();
            assert_eq!(refusal.kind, &NO_SUCH_KEY);
            assert!(refusal.detail.contains(kid) && refusal.remedy.is_some());
        }
    }
}
