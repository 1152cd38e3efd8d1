//! `max_age` was read as a number of seconds (OpenID Connect Core §3.1.2.1); text that is none was refused as unreadable.
//! The trace names it, because a small one explains why people have to log in again.

use doorward_oidc::Refusal;

use super::Pending;

#[expect(clippy::unnecessary_wraps, reason = "every check of the table has the same shape")]
pub(super) fn is_plausible(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    if let Some(seconds) = pending.request.max_age {
        pending.found = format!("a login of the last {seconds} s is demanded");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::authorize::tests::{Case, request};

    #[test]
    fn the_trace_names_max_age() {
        let mut request = request();
        request.max_age = Some(0);
        let mut case = Case::new();
        assert_eq!(case.accepted(&request).max_age, Some(0));
        assert!(case.detail_of("authorize.max_age").contains("last 0 s"));
    }
}
