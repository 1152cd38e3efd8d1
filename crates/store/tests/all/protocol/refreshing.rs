//! Rotating in one statement decides as rotating and then asking the grant does.

use doorward_jose::Secret;
use doorward_store::refresh::Rotate;
use doorward_store::testing::{START, engines};
use doorward_store::{MasterKey, StoreError, grants, refresh, sessions};
use jiff::SignedDuration;

use super::{after, grant, id, log_in, ticket};

const GRACE: SignedDuration = SignedDuration::from_secs(10);

/// What is the matter with a refresh token.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Matter {
    Nothing,
    /// Without a session, as a device has it.
    NoSession,
    /// The session has ended, and the grant was given for absence.
    Absent,
    SessionEnded,
    SessionUnknown,
    SessionIdle,
    GrantRevoked,
    GrantOver,
    FamilyIdle,
    AnotherToken,
    AnotherApplication,
    /// The family is bound to a key, which was shown.
    KeyShown,
    /// Another key was shown.
    AnotherKey,
    /// None was.
    NoKey,
}

const ALL: [(Matter, bool); 14] = [
    (Matter::Nothing, true),
    (Matter::KeyShown, true),
    (Matter::NoSession, true),
    (Matter::Absent, true),
    (Matter::SessionEnded, false),
    (Matter::SessionUnknown, false),
    (Matter::SessionIdle, false),
    (Matter::GrantRevoked, false),
    (Matter::GrantOver, false),
    (Matter::FamilyIdle, false),
    (Matter::AnotherToken, false),
    (Matter::AnotherApplication, false),
    (Matter::AnotherKey, false),
    (Matter::NoKey, false),
];

/// What the family is bound to, and what is shown.
fn keys(matter: Matter) -> (Option<&'static str>, Option<&'static str>) {
    match matter {
        Matter::KeyShown => (Some("mine"), Some("mine")),
        Matter::AnotherKey => (Some("mine"), Some("another")),
        Matter::NoKey => (Some("mine"), None),
        // Whoever shows a key that nobody asks for is not refused.
        Matter::Absent => (None, Some("mine")),
        _ => (None, None),
    }
}

#[tokio::test]
async fn rotating_at_once_decides_as_rotating_and_asking_the_grant() {
    let master = MasterKey::from_bytes(&Secret::new([7; 32]));
    for store in engines().await {
        for (matter, expected) in ALL {
            let app_id = id();
            let session = ticket();
            let presented = ticket();
            let (family, kept_session) = (presented.clone(), session.clone());
            let at = if matter == Matter::SessionIdle { 3600 } else { 100 };
            let grant_id = unit!(store, START, move |tx| {
                let mut given = grant(Some(id()), app_id, Some(kept_session.id()));
                log_in(tx, &kept_session, given.user_id.unwrap_or_default())?;
                match matter {
                    Matter::NoSession => given.session_id = None,
                    Matter::Absent => given.offline = true,
                    Matter::SessionUnknown => given.session_id = Some(id()),
                    Matter::GrantOver => given.expires = after(100),
                    _ => {}
                }
                grants::create(tx, &given)?;
                let idle = after(if matter == Matter::FamilyIdle { 100 } else { 5000 });
                refresh::start_bound(tx, &family, given.id, idle, after(5000), keys(matter).0)?;
                match matter {
                    Matter::SessionEnded | Matter::Absent => drop(sessions::end(tx, kept_session.id())?),
                    Matter::GrantRevoked => drop(grants::revoke(tx, given.id)?),
                    _ => {}
                }
                Ok::<_, StoreError>(given.id)
            });
            let successor = presented.successor(&master);
            let asks = if matter == Matter::AnotherToken {
                presented.successor(&master)
            } else {
                presented.clone()
            };
            let client = if matter == Matter::AnotherApplication {
                id()
            } else {
                app_id
            };
            let next = successor.clone();
            let before = read!(store, {
                let presented = presented.clone();
                move |tx| refresh::current(tx, &presented, START)
            });
            assert_eq!(
                before.as_ref().and_then(|family| family.bound_to.as_deref()),
                keys(matter).0
            );
            let rotated = unit!(store, after(at), {
                let (asks, next) = (asks.clone(), next.clone());
                move |tx| refresh::rotate_living(tx, &asks, &next, keys(matter).1, client, after(4000))
            });
            assert_eq!(rotated, expected, "{}: {matter:?}", store.engine);
            let of = if expected { successor.clone() } else { presented.clone() };
            let now = read!(store, move |tx| refresh::current(tx, &of, START));
            let grants = [before, now].map(|family| family.map(|family| family.grant_id));
            assert_eq!(grants, [Some(grant_id); 2], "{}: {matter:?}", store.engine);
            // Of a key the long way is told by its caller, who asks before it spends the token.
            if expected || matches!(matter, Matter::AnotherKey | Matter::NoKey) {
                continue;
            }
            // The long way finds the reason.
            let (verdict, goes_on) = unit!(store, after(at), move |tx| {
                let verdict = refresh::rotate(tx, &asks, &next, GRACE, after(4000))?;
                let found = grants::find(tx, grant_id)?;
                let goes_on = match &found {
                    Some(grant) => grant.app_id == client && grants::goes_on(tx, grant)?,
                    None => false,
                };
                Ok::<_, StoreError>((verdict, goes_on))
            });
            let refused = !matches!(verdict, Rotate::Rotated { .. }) || !goes_on;
            assert!(refused, "{}: {matter:?}: {verdict:?}", store.engine);
        }
    }
}

#[tokio::test]
async fn a_token_that_stays_is_used_again_and_again_and_may_be_replaced_later() {
    let master = MasterKey::from_bytes(&Secret::new([7; 32]));
    for store in engines().await {
        let (app_id, token) = (id(), ticket());
        let family = token.clone();
        let grant_id = unit!(store, START, move |tx| {
            let given = grant(Some(id()), app_id, None);
            grants::create(tx, &given)?;
            refresh::start(tx, &family, given.id, after(100), after(5000))?;
            Ok::<_, StoreError>(given.id)
        });
        for at in [50, 50, 120, 190] {
            let same = token.clone();
            let kept = unit!(store, after(at), move |tx| refresh::rotate_living(
                tx,
                &same,
                &same,
                None,
                app_id,
                after(at + 100)
            ));
            assert!(kept, "{}: at {at}", store.engine);
        }
        let (first, next) = (token.clone(), token.successor(&master));
        let replaced = unit!(store, after(200), move |tx| refresh::rotate_living(
            tx,
            &first,
            &next,
            None,
            app_id,
            after(300)
        ));
        assert!(replaced, "{}", store.engine);
        for (at, expected) in [
            (205, Rotate::GraceRotated { grant_id }),
            (250, Rotate::Replayed(grant_id)),
        ] {
            let (old, next) = (token.clone(), token.successor(&master));
            let verdict = unit!(store, after(at), move |tx| refresh::rotate(
                tx,
                &old,
                &next,
                GRACE,
                after(400)
            ));
            assert_eq!(verdict, expected, "{}: at {at}", store.engine);
        }
    }
}
