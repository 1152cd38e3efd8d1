//! Whether an account opens anything at a moment, and why not.

use doorward_oidc::{Refusal, RefusalKind};
use jiff::Timestamp;

use crate::{
    User,
    error::{ACCOUNT_DELETED, ACCOUNT_EXPIRED, USER_DISABLED},
};

/// Why an account opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// An administrator has switched it off.
    Disabled,
    /// It is being deleted, and gone for good then.
    Deleted(Timestamp),
    /// It ended then.
    Expired(Timestamp),
}

impl User {
    /// Why the account opens nothing at this moment; `None` when it is open. To be asked wherever something is opened: what ends
    /// by itself at a date is ended by nobody in that very moment.
    pub fn closed(&self, now: Timestamp) -> Option<Closed> {
        if self.disabled {
            return Some(Closed::Disabled);
        }
        if let Some(at) = self.deletion {
            return Some(Closed::Deleted(at));
        }
        self.expires.filter(|expires| *expires <= now).map(Closed::Expired)
    }
}

impl Closed {
    /// The refusal that says so, of this user.
    pub fn refusal(self, user: &User) -> Refusal {
        let (name, command) = (&user.name, user.kind.command());
        let (kind, detail, remedy): (&'static RefusalKind, _, _) = match self {
            Self::Disabled => (
                &USER_DISABLED,
                format!("{name} is disabled"),
                format!("Enable the account: `doorward {command} enable {name}`."),
            ),
            Self::Deleted(at) => (
                &ACCOUNT_DELETED,
                format!("{name} was deleted and is gone for good at {at}"),
                format!("Keep the account: `doorward user restore {name}`."),
            ),
            Self::Expired(at) => (
                &ACCOUNT_EXPIRED,
                format!("the account of {name} ended at {at}"),
                format!("Give it another date, or none: `doorward {command} edit {name} --expires never`."),
            ),
        };
        Refusal::page(kind, detail).with_remedy(remedy)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{UserKind, people};

    #[test]
    fn the_gravest_reason_is_the_one_that_is_said() {
        let now = Timestamp::UNIX_EPOCH;
        let new = crate::NewUser {
            name: "alice".to_owned(),
            ..crate::NewUser::default()
        };
        let (mut user, _) = people::fresh(new, Uuid::nil(), now).unwrap();
        assert_eq!(user.closed(now), None);
        let later = now + jiff::SignedDuration::from_secs(1);
        user.expires = Some(later);
        assert_eq!(user.closed(now), None);
        assert_eq!(
            user.closed(later),
            Some(Closed::Expired(later)),
            "from that very moment on"
        );
        user.deletion = Some(later);
        assert_eq!(user.closed(now), Some(Closed::Deleted(later)), "at once, not only then");
        user.disabled = true;
        assert_eq!(user.closed(later), Some(Closed::Disabled));
    }

    #[test]
    fn a_remedy_names_the_command_for_that_kind_of_account() {
        let now = Timestamp::UNIX_EPOCH;
        for (kind, command) in [(UserKind::Person, "user"), (UserKind::Service, "service")] {
            let new = crate::NewUser {
                name: "ansible".to_owned(),
                kind,
                ..crate::NewUser::default()
            };
            let (user, _) = people::fresh(new, Uuid::nil(), now).unwrap();
            for closed in [Closed::Disabled, Closed::Expired(now)] {
                let remedy = closed.refusal(&user).remedy.unwrap();
                assert!(remedy.contains(&format!("`doorward {command} e")), "{remedy}");
            }
        }
    }
}
