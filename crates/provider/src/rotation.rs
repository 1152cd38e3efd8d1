//! When signing keys come and go, as a pure function of what is there and the time.
//!
//! Applications cache published keys for up to a day and some look again only when they meet a key id they do not
//! know, so a key is published well before it signs, and stays published until the last token it signed has ended.

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
