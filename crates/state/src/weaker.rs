//! What files make weaker, by loud names: said beside the settings, so that nobody has to know what each setting costs.

use doorward_directory::{Level, LoginPolicy};

/// The role that brings every right.
const FULL: &str = "full";

/// Something that is weaker than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weaker {
    /// Its loud name: `weaken-pkce-if-sent`.
    pub name: String,
    /// What it costs.
    pub meaning: String,
}

impl Weaker {
    pub(crate) fn new(name: &str, meaning: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            meaning: meaning.into(),
        }
    }
}

/// Of roles that a file grants: the one that brings all others.
pub(crate) fn of_roles(roles: &[String], whose: &str) -> Option<Weaker> {
    let is_full = roles.iter().any(|role| role == FULL);
    is_full.then(|| {
        Weaker::new(
            "weaken-role-full",
            format!("{whose} may do everything here, granting roles included"),
        )
    })
}

/// An address that counts as proved because a file says so.
pub(crate) fn of_address(email: Option<&str>, is_verified: bool) -> Option<Weaker> {
    email.filter(|_| is_verified).map(|email| {
        Weaker::new(
            "weaken-verified-address",
            format!("{email} counts as theirs without a letter to it: applications and upstreams know people by such addresses"),
        )
    })
}

/// An id that a file gives.
pub(crate) fn of_id() -> Weaker {
    Weaker::new(
        "weaken-given-id",
        "applications know people by their ids: whoever had this one elsewhere is this person there",
    )
}

/// What one place asks less of logins than before. Taken apart without a rest: a new demand does not compile until it is judged.
pub(crate) fn of_policies(before: &LoginPolicy, after: &LoginPolicy) -> Option<Weaker> {
    let LoginPolicy {
        factors,
        postpone_until,
        fresh_seconds,
        remember_days,
        password_min,
        password_strength,
    } = before;
    let mut less = Vec::new();
    let level = after.factors.unwrap_or_default();
    if level < factors.unwrap_or_default() {
        less.push(format!(
            "factors {} in the place of {}",
            level.as_str(),
            factors.unwrap_or_default().as_str()
        ));
    }
    // None is no time at all: whatever puts off what was asked, or for longer, asks less until then.
    let was_asked = factors.unwrap_or_default() > Level::Any;
    if let Some(until) = after
        .postpone_until
        .filter(|until| was_asked && Some(*until) > *postpone_until)
    {
        less.push(format!("factors put off until {until}"));
    }
    if after.fresh_seconds.unwrap_or(u32::MAX) > fresh_seconds.unwrap_or(u32::MAX) {
        less.push("a fresh login less often".to_owned());
    }
    let remembers_longer = match (remember_days, after.remember_days) {
        (Some(before), Some(after)) => after > *before,
        // Where nothing is said others may say it: a bound that goes is less, and so is one that makes it possible at all.
        (Some(_), None) => true,
        (None, Some(after)) => after > 0,
        (None, None) => false,
    };
    if remembers_longer {
        less.push("a second factor less often of browsers that are remembered".to_owned());
    }
    if after.password_min.unwrap_or_default() < password_min.unwrap_or_default() {
        less.push("shorter passwords".to_owned());
    }
    if after.password_strength.unwrap_or_default() < password_strength.unwrap_or_default() {
        less.push("weaker passwords".to_owned());
    }
    (!less.is_empty()).then(|| Weaker::new("weaken-policy", format!("it asks less of logins: {}", less.join(", "))))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn each_demand_that_becomes_less_is_named_and_more_is_not() {
        let strict = LoginPolicy {
            factors: Some(Level::Second),
            postpone_until: None,
            fresh_seconds: Some(600),
            remember_days: Some(7),
            password_min: Some(14),
            password_strength: Some(3),
        };
        let weaker = |change: fn(&mut LoginPolicy)| {
            let mut after = strict.clone();
            change(&mut after);
            (of_policies(&strict, &after), of_policies(&after, &strict))
        };
        let changes: [fn(&mut LoginPolicy); 12] = [
            |policy| policy.factors = None,
            |policy| policy.factors = Some(Level::Any),
            |policy| policy.postpone_until = Some(Timestamp::MAX),
            |policy| policy.fresh_seconds = None,
            |policy| policy.fresh_seconds = Some(601),
            |policy| policy.remember_days = Some(8),
            |policy| policy.password_min = None,
            |policy| policy.password_min = Some(13),
            |policy| policy.password_strength = None,
            |policy| policy.password_strength = Some(2),
            |policy| policy.fresh_seconds = Some(6000),
            |policy| policy.password_strength = Some(0),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let (there, back) = weaker(change);
            assert_eq!(there.expect("weaker").name, "weaken-policy", "{number}");
            assert_eq!(back, None, "{number}");
        }
        // Whether others say something too is not known here: either way may be less.
        let (there, back) = weaker(|policy| policy.remember_days = None);
        assert!(there.is_some() && back.is_some());
        assert_eq!(of_policies(&strict, &strict), None);
        assert_eq!(
            of_policies(&LoginPolicy::default(), &strict)
                .map(|one| one.meaning)
                .as_deref(),
            Some("it asks less of logins: a second factor less often of browsers that are remembered")
        );
    }
}
