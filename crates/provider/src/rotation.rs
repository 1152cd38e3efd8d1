//! When signing keys come and go, as a pure function of what is there and the time.
//!
//! Applications cache published keys for up to a day and some look again only when they meet a key id they do not
//! know, so a key is published well before it signs, and stays published until the last token it signed has ended.

pub mod by_hand;

use doorward_jose::Algorithm;

/// Where a signing key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, does not sign yet.
    Next,
    /// Signs.
    Active,
    /// Signs no longer; published until the last token it signed has ended.
    Retiring,
    /// No longer published. Its private half can be deleted.
    Retired,
}

/// What rotation needs to know of one key. Times are seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLife {
    /// The key id.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Where it is.
    pub state: KeyState,
    /// When it was made.
    pub created: i64,
    /// When it signs, or began to.
    pub activates_at: i64,
    /// When it may leave the published set; set when it starts retiring.
    pub retires_at: Option<i64>,
}

/// How keys rotate. Durations are seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotationPolicy {
    /// How long a key signs. `None`: until somebody rotates by hand.
    pub signs_for: Option<i64>,
    /// How long a key is published before it signs; at least a day.
    pub published_ahead: i64,
    /// How long a key stays published after it signed last: the longest token lifetime, and a margin for clocks.
    pub kept_after: i64,
}

impl Default for RotationPolicy {
    fn default() -> Self {
        Self {
            signs_for: Some(90 * DAY),
            published_ahead: 2 * DAY,
            kept_after: 2 * DAY,
        }
    }
}

const DAY: i64 = 24 * 60 * 60;

/// One change of a key; the caller performs them in one unit of work and announces the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RotationStep {
    /// Make a key in state [`KeyState::Next`] that signs from then on, or at once as [`KeyState::Active`] when there
    /// was none for its algorithm.
    Create {
        /// What for.
        algorithm: Algorithm,
        /// The state to create it in.
        state: KeyState,
        /// When it signs.
        activates_at: i64,
    },
    /// The published next key signs from now on.
    Activate {
        /// Which.
        kid: String,
    },
    /// The key stops signing and leaves the published set then.
    Retire {
        /// Which.
        kid: String,
        /// When it may leave.
        retires_at: i64,
    },
    /// The key leaves the published set.
    Withdraw {
        /// Which.
        kid: String,
    },
}

/// What has to happen now so that each of `algorithms` has a key that signs and, in time, its successor.
///
/// Run again with its own outcome it plans nothing, so two nodes that take turns do no harm.
pub fn plan(keys: &[KeyLife], algorithms: &[Algorithm], policy: &RotationPolicy, now: i64) -> Vec<RotationStep> {
    let mut steps = Vec::new();
    for &algorithm in algorithms {
        plan_algorithm(keys, algorithm, policy, now, &mut steps);
    }
    for key in keys {
        let due = key.retires_at.is_some_and(|at| at <= now);
        if key.state == KeyState::Retiring && due {
            steps.push(RotationStep::Withdraw { kid: key.kid.clone() });
        }
    }
    steps
}

fn plan_algorithm(
    keys: &[KeyLife],
    algorithm: Algorithm,
    policy: &RotationPolicy,
    now: i64,
    steps: &mut Vec<RotationStep>,
) {
    let of = |state: KeyState| {
        keys.iter()
            .filter(move |key| key.algorithm == algorithm && key.state == state)
    };
    let active = of(KeyState::Active).max_by_key(|key| key.activates_at);
    let next = of(KeyState::Next).min_by_key(|key| key.activates_at);

    let Some(active) = active else {
        // Nobody can have cached a set without this algorithm's key and still expect it, so it may sign at once.
        steps.push(match next {
            Some(next) => RotationStep::Activate { kid: next.kid.clone() },
            None => RotationStep::Create {
                algorithm,
                state: KeyState::Active,
                activates_at: now,
            },
        });
        return;
    };

    match next {
        Some(next) if next.activates_at <= now && next.created.saturating_add(policy.published_ahead) <= now => {
            steps.push(RotationStep::Activate { kid: next.kid.clone() });
            for key in of(KeyState::Active) {
                steps.push(RotationStep::Retire {
                    kid: key.kid.clone(),
                    retires_at: now.saturating_add(policy.kept_after),
                });
            }
        }
        Some(_) => {}
        None => {
            let Some(signs_for) = policy.signs_for else { return };
            let ends = active.activates_at.saturating_add(signs_for);
            if now >= ends.saturating_sub(policy.published_ahead) {
                steps.push(RotationStep::Create {
                    algorithm,
                    state: KeyState::Next,
                    activates_at: ends.max(now.saturating_add(policy.published_ahead)),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600;

    /// What the store does with a plan.
    fn perform(keys: &mut Vec<KeyLife>, steps: Vec<RotationStep>, now: i64) {
        for step in steps {
            let find = |wanted: &str| keys.iter().position(|key| key.kid == wanted).unwrap();
            match step {
                RotationStep::Create {
                    algorithm,
                    state,
                    activates_at,
                } => {
                    let kid = format!("k{}", keys.len());
                    keys.push(KeyLife {
                        kid,
                        algorithm,
                        state,
                        created: now,
                        activates_at,
                        retires_at: None,
                    });
                }
                RotationStep::Activate { kid } => {
                    let at = find(&kid);
                    keys[at].state = KeyState::Active;
                    keys[at].activates_at = now;
                }
                RotationStep::Retire { kid, retires_at } => {
                    let at = find(&kid);
                    keys[at].state = KeyState::Retiring;
                    keys[at].retires_at = Some(retires_at);
                }
                RotationStep::Withdraw { kid } => {
                    let at = find(&kid);
                    keys[at].state = KeyState::Retired;
                }
            }
        }
    }

    fn signing(keys: &[KeyLife], algorithm: Algorithm) -> &KeyLife {
        let mut active = keys
            .iter()
            .filter(|key| key.algorithm == algorithm && key.state == KeyState::Active);
        let key = active.next().unwrap();
        assert!(active.next().is_none(), "one key signs");
        key
    }

    #[test]
    fn a_new_server_gets_one_key_for_each_algorithm_at_once() {
        let steps = plan(
            &[],
            &[Algorithm::RS256, Algorithm::ES256],
            &RotationPolicy::default(),
            1_000,
        );
        let create = |algorithm| RotationStep::Create {
            algorithm,
            state: KeyState::Active,
            activates_at: 1_000,
        };
        assert_eq!(steps, [create(Algorithm::RS256), create(Algorithm::ES256)]);
    }

    #[test]
    fn without_a_period_nothing_happens_by_itself() {
        let policy = RotationPolicy {
            signs_for: None,
            ..RotationPolicy::default()
        };
        let mut keys = Vec::new();
        let first = plan(&keys, &[Algorithm::ES256], &policy, 0);
        perform(&mut keys, first, 0);
        assert_eq!(plan(&keys, &[Algorithm::ES256], &policy, 100 * 365 * DAY), []);
    }

    #[test]
    fn a_next_key_made_by_hand_waits_until_it_was_published_long_enough() {
        let policy = RotationPolicy::default();
        let mut keys = Vec::new();
        let first = plan(&keys, &[Algorithm::ES256], &policy, 0);
        perform(&mut keys, first, 0);
        let by_hand = RotationStep::Create {
            algorithm: Algorithm::ES256,
            state: KeyState::Next,
            activates_at: HOUR,
        };
        perform(&mut keys, vec![by_hand], HOUR);
        assert_eq!(
            plan(&keys, &[Algorithm::ES256], &policy, 2 * HOUR),
            [],
            "nobody has fetched it yet"
        );
        let steps = plan(&keys, &[Algorithm::ES256], &policy, HOUR + policy.published_ahead);
        assert_eq!(steps.len(), 2);
    }

    proptest! {
        /// Over years, however rarely the plan is made: somebody always signs, every signing key was published long
        /// enough before (but for the very first), and every token can be verified until it ends.
        #[test]
        fn rotation_never_surprises_anybody(
            pauses in proptest::collection::vec(1_i64..20 * 24, 50..200),
            signs_for in 5_i64..100,
            longest_token in 1_i64..48,
        ) {
            let algorithms = [Algorithm::RS256, Algorithm::ES256];
            let policy = RotationPolicy {
                signs_for: Some(signs_for * DAY),
                published_ahead: 2 * DAY,
                kept_after: longest_token * HOUR + HOUR,
            };
            let mut keys: Vec<KeyLife> = Vec::new();
            let mut signed: Vec<(String, i64)> = Vec::new();
            let mut now = 0;
            for pause in pauses {
                // What was signed by the key that signed until now, in the last moment before this plan.
                if let Some(key) = keys.iter().find(|key| key.state == KeyState::Active) {
                    signed.push((key.kid.clone(), now - 1 + longest_token * HOUR));
                }
                let steps = plan(&keys, &algorithms, &policy, now);
                perform(&mut keys, steps, now);
                prop_assert_eq!(plan(&keys, &algorithms, &policy, now), vec![], "a plan carried out plans nothing");
                for algorithm in algorithms {
                    let key = signing(&keys, algorithm);
                    prop_assert!(key.created == 0 || key.activates_at - key.created >= policy.published_ahead);
                }
                for (kid, ends) in &signed {
                    let key = keys.iter().find(|key| key.kid == *kid).unwrap();
                    prop_assert!(*ends <= now || key.state != KeyState::Retired, "{} withdrawn too early", kid);
                }
                now += pause * HOUR;
            }
        }
    }
}
