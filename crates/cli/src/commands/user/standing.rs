//! What stands in the way of a person's login.

use doorward_api::UserSummary;
use jiff::Timestamp;

use crate::output::instant;

/// A line of the list.
pub(super) fn row(user: &UserSummary, now: Timestamp) -> Vec<String> {
    let state = state(user.disabled, user.deletion, user.expires, now);
    let is_open = !user.disabled && user.deletion.is_none() && user.expires.is_none_or(|at| at > now);
    let state = match (is_open && !user.has_password, state.is_empty()) {
        (true, true) => "not enrolled".to_owned(),
        (true, false) => format!("not enrolled, {state}"),
        (false, _) => state,
    };
    vec![
        user.name.clone(),
        user.display_name.clone(),
        user.email.clone().unwrap_or_default(),
        state,
    ]
}

/// What stands in the way of a login, or will.
pub(super) fn state(disabled: bool, deletion: Option<Timestamp>, expires: Option<Timestamp>, now: Timestamp) -> String {
    match (disabled, deletion, expires) {
        (true, _, _) => "disabled".to_owned(),
        (_, Some(at), _) => format!("deleted, gone {}", instant(at)),
        (_, _, Some(at)) if at <= now => format!("ended {}", instant(at)),
        (_, _, Some(at)) => format!("until {}", instant(at)),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_says_whether_the_end_has_come_and_who_has_not_enrolled() {
        let now: Timestamp = "2027-01-31T12:00:00Z".parse().unwrap();
        let hour = jiff::SignedDuration::from_hours(1);
        let (past, future) = (Some(now - hour), Some(now + hour));
        let of = |disabled, deletion, expires, has_password| {
            let user = UserSummary {
                id: uuid::Uuid::nil(),
                name: "alice".to_owned(),
                display_name: String::new(),
                email: None,
                disabled,
                expires,
                deletion,
                has_password,
            };
            row(&user, now).pop().unwrap()
        };
        assert_eq!(of(false, None, None, true), "");
        assert_eq!(of(false, None, None, false), "not enrolled");
        assert!(of(false, None, future, true).starts_with("until "));
        assert!(of(false, None, future, false).starts_with("not enrolled, until "));
        for has_password in [true, false] {
            assert!(of(false, None, past, has_password).starts_with("ended "));
            assert!(of(false, None, Some(now), has_password).starts_with("ended "));
            assert!(of(false, future, past, has_password).starts_with("deleted, "));
            assert_eq!(of(true, future, past, has_password), "disabled");
        }
    }
}
