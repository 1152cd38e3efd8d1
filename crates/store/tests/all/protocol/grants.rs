//! Grants, codes, refresh families and consents.

use doorward_jose::{Secret, SystemRandom};
use doorward_store::app_sessions::Cause;
use doorward_store::codes::TakeCode;
use doorward_store::grants::{Grant, Offline};
use doorward_store::refresh::Rotate;
use doorward_store::testing::{START, engines};
use doorward_store::{MasterKey, StoreError, Ticket, codes, consents, grants, refresh, revoked_tokens};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{after, code, grant, id, log_in, ticket};

const GRACE: SignedDuration = SignedDuration::from_secs(10);

#[tokio::test]
async fn a_grant_comes_back_whole() {
    for store in engines().await {
        let whole = grant(Some(id()), id(), Some(id()));
        let bare = Grant {
            user_id: None,
            session_id: None,
            claims: None,
            auth_time: None,
            amr: Vec::new(),
            acr: None,
            nonce: None,
            trace: None,
            offline: true,
            ..grant(None, id(), None)
        };
        for expected in [whole, bare] {
            let stored = expected.clone();
            unit!(store, START, move |tx| grants::create(tx, &stored));
            let key = expected.id;
            assert_eq!(read!(store, move |tx| grants::find(tx, key)), Some(expected));
        }
        assert_eq!(read!(store, |tx| grants::find(tx, Uuid::nil())), None);
    }
}

#[tokio::test]
async fn a_grant_holds_until_it_is_revoked_or_ends() {
    for store in engines().await {
        let grant = grant(Some(id()), id(), None);
        let key = grant.id;
        unit!(store, START, move |tx| grants::create(tx, &grant));
        assert!(read!(store, move |tx| grants::is_live(tx, key, after(86_399))));
        assert!(!read!(store, move |tx| grants::is_live(tx, key, after(86_400))));
        assert!(!read!(store, move |tx| grants::is_live(tx, Uuid::nil(), START)));
        assert!(unit!(store, after(1), move |tx| grants::revoke(tx, key)));
        assert!(!unit!(store, after(2), move |tx| grants::revoke(tx, key)));
        assert!(!read!(store, move |tx| grants::is_live(tx, key, START)));
        let revoked = read!(store, move |tx| grants::find(tx, key)).unwrap();
        assert_eq!(revoked.revoked_at, Some(after(1)));
        assert!(!revoked.is_live(START));
    }
}

#[tokio::test]
async fn one_token_can_be_revoked_while_its_grant_goes_on() {
    for store in engines().await {
        let grant = grant(Some(id()), id(), None);
        let key = grant.id;
        unit!(store, START, move |tx| {
            grants::create(tx, &grant)?;
            revoked_tokens::revoke(tx, "jti-1", after(300))?;
            revoked_tokens::revoke(tx, "jti-1", after(300))
        });
        assert!(!read!(store, move |tx| grants::is_live_for(tx, key, "jti-1", START)));
        assert!(read!(store, move |tx| grants::is_live_for(tx, key, "jti-2", START)));
        assert!(read!(store, |tx| revoked_tokens::is_revoked(tx, "jti-1")));
        assert!(!read!(store, |tx| revoked_tokens::is_revoked(tx, "jti-2")));
    }
}

#[tokio::test]
async fn a_grant_goes_on_as_long_as_its_session_unless_it_was_given_for_absence() {
    for store in engines().await {
        let (user, session) = (id(), ticket());
        let online = grant(Some(user), id(), Some(session.id()));
        let offline = Grant {
            offline: true,
            ..online.clone()
        };
        unit!(store, START, move |tx| log_in(tx, &session, user));
        // The session may rest for an hour.
        for (at, online_goes_on) in [(after(3_599), true), (after(3_600), false)] {
            let (online, offline) = (online.clone(), offline.clone());
            let found = unit!(store, at, move |tx| Ok((
                grants::goes_on(tx, &online)?,
                grants::goes_on(tx, &offline)?
            )));
            assert_eq!(found, (online_goes_on, true), "{}", store.engine);
        }
        let late = unit!(store, after(86_400), move |tx| grants::goes_on(tx, &offline));
        assert!(!late, "{}: nothing goes on beyond its own end", store.engine);
    }
}

#[tokio::test]
async fn a_refresh_token_is_usable_exactly_when_it_would_be_rotated_and_asking_does_not_spend_it() {
    let key = MasterKey::from_bytes(&Secret::new([4; 32]));
    for store in engines().await {
        let first = ticket();
        let (second, grant_id) = (first.successor(&key), id());
        let third = second.successor(&key);
        let starting = first.clone();
        unit!(store, START, move |tx| refresh::start(
            tx,
            &starting,
            grant_id,
            after(60),
            after(600)
        ));
        let usable = async |token: &Ticket, next: &Ticket, at: Timestamp| {
            let (token, next) = (token.clone(), next.clone());
            read!(store, move |tx| refresh::usable(tx, &token, &next, GRACE, at)).map(|family| family.grant_id)
        };
        for _ in 0..2 {
            assert_eq!(usable(&first, &second, after(1)).await, Some(grant_id));
        }
        assert_eq!(usable(&second, &third, after(1)).await, None, "not given yet");
        assert_eq!(usable(&first, &second, after(60)).await, None, "expired");
        let (presented, next) = (first.clone(), second.clone());
        unit!(store, after(2), move |tx| refresh::rotate(
            tx,
            &presented,
            &next,
            GRACE,
            after(60)
        ));
        assert_eq!(usable(&second, &third, after(3)).await, Some(grant_id));
        assert_eq!(
            usable(&first, &second, after(12)).await,
            Some(grant_id),
            "in the grace period"
        );
        assert_eq!(usable(&first, &second, after(13)).await, None, "a replay");
    }
}

#[tokio::test]
async fn revoking_reaches_what_it_names_and_nothing_else() {
    for store in engines().await {
        let (user, app, other_app) = (id(), id(), id());
        let session = ticket();
        let session_id = session.id();
        let online = grant(Some(user), app, Some(session_id));
        let offline = Grant {
            offline: true,
            ..grant(Some(user), app, Some(session_id))
        };
        let elsewhere = grant(Some(user), other_app, Some(id()));
        let others = grant(Some(id()), app, None);
        let all = [online, offline, elsewhere, others];
        let keys = all.clone().map(|grant| grant.id);
        unit!(store, START, move |tx| {
            log_in(tx, &session, user)?;
            all.iter().try_for_each(|grant| grants::create(tx, grant))
        });
        let live = async || {
            read!(store, move |tx| {
                keys.iter()
                    .map(|key| grants::is_live(tx, *key, after(1)))
                    .collect::<Result<Vec<bool>, _>>()
            })
        };
        assert_eq!(read!(store, move |tx| grants::of_user(tx, user, START)).len(), 3);
        unit!(store, after(1), move |tx| {
            assert_eq!(grants::revoke_by_session(tx, session_id, Offline::Keep)?, 1);
            Ok(())
        });
        assert_eq!(live().await, [false, true, true, true], "{}", store.engine);
        unit!(store, after(1), move |tx| {
            assert_eq!(grants::revoke_by_session(tx, session_id, Offline::Revoke)?, 1);
            Ok(())
        });
        assert_eq!(live().await, [false, false, true, true], "{}", store.engine);
        unit!(store, after(1), move |tx| {
            assert_eq!(grants::revoke_by_user_app(tx, user, app, Cause::Revoked)?.grants, 0);
            assert_eq!(
                grants::revoke_by_user_app(tx, user, other_app, Cause::Revoked)?.grants,
                1
            );
            Ok(())
        });
        assert_eq!(live().await, [false, false, false, true], "{}", store.engine);
        unit!(store, after(1), move |tx| {
            assert_eq!(grants::revoke_by_user(tx, user, None)?, 0);
            Ok(())
        });
        assert_eq!(live().await, [false, false, false, true], "{}", store.engine);
        unit!(store, after(1), move |tx| {
            assert_eq!(grants::revoke_by_app(tx, other_app)?.grants, 0);
            assert_eq!(grants::revoke_by_app(tx, app)?.grants, 1);
            Ok(())
        });
        assert_eq!(live().await, [false; 4], "{}", store.engine);
    }
}

#[tokio::test]
async fn a_code_is_taken_once_and_in_time() {
    for store in engines().await {
        let (first, late) = (ticket(), ticket());
        let code = code(id());
        let (stored, one, other) = (code.clone(), first.clone(), late.clone());
        unit!(store, START, move |tx| {
            codes::insert(tx, &one, &stored)?;
            codes::insert(tx, &other, &stored)
        });
        let take = async |ticket: &Ticket, at: Timestamp| {
            let ticket = ticket.clone();
            unit!(store, at, move |tx| codes::take(tx, &ticket))
        };
        let wrong = Ticket::for_id(first.id(), &SystemRandom);
        assert_eq!(take(&wrong, START).await, TakeCode::Unknown);
        assert_eq!(take(&first, after(59)).await, TakeCode::Taken(code.clone()));
        assert_eq!(take(&first, after(59)).await, TakeCode::Replayed(code.grant_id));
        assert_eq!(take(&first, after(600)).await, TakeCode::Replayed(code.grant_id));
        assert_eq!(take(&wrong, after(59)).await, TakeCode::Unknown);
        assert_eq!(take(&late, after(60)).await, TakeCode::Expired);
        assert_eq!(take(&ticket(), START).await, TakeCode::Unknown);
    }
}

#[tokio::test]
async fn a_code_whose_unit_was_rolled_back_can_still_be_taken() {
    for store in engines().await {
        let ticket = ticket();
        let code = code(id());
        let (stored, inserting) = (code.clone(), ticket.clone());
        unit!(store, START, move |tx| codes::insert(tx, &inserting, &stored));
        let failing = ticket.clone();
        let refused = store
            .write(START, move |tx| {
                assert!(matches!(codes::take(tx, &failing)?, TakeCode::Taken(_)));
                Err::<(), _>(StoreError::Closed)
            })
            .await;
        assert_eq!(refused, Err(StoreError::Closed));
        assert_eq!(
            unit!(store, START, move |tx| codes::take(tx, &ticket)),
            TakeCode::Taken(code)
        );
    }
}

#[tokio::test]
async fn a_refresh_family_rotates_forgives_a_lost_answer_and_notices_a_replay() {
    let key = MasterKey::from_bytes(&Secret::new([3; 32]));
    for store in engines().await {
        let grant_id = id();
        let first = ticket();
        let (second, third) = (first.successor(&key), first.successor(&key).successor(&key));
        let starting = first.clone();
        unit!(store, START, move |tx| refresh::start(
            tx,
            &starting,
            grant_id,
            after(100),
            after(1000)
        ));
        let rotate = async |presented: &Ticket, at: i64| {
            let (presented, successor) = (presented.clone(), presented.successor(&key));
            unit!(store, after(at), move |tx| refresh::rotate(
                tx,
                &presented,
                &successor,
                GRACE,
                after(at + 100)
            ))
        };
        assert_eq!(rotate(&first, 50).await, Rotate::Rotated { grant_id });
        assert_eq!(rotate(&first, 60).await, Rotate::GraceRotated { grant_id });
        let asking = second.clone();
        let current = read!(store, move |tx| refresh::current(tx, &asking, after(60)));
        assert_eq!(current.map(|family| family.grant_id), Some(grant_id));
        let asking = first.clone();
        assert!(read!(store, move |tx| refresh::current(tx, &asking, after(60))).is_none());
        let asking = first.clone();
        assert_eq!(read!(store, move |tx| refresh::grant_of(tx, &asking)), Some(grant_id));
        assert_eq!(
            rotate(&first, 61).await,
            Rotate::Replayed(grant_id),
            "the grace is over"
        );
        assert_eq!(rotate(&second, 149).await, Rotate::Rotated { grant_id });
        assert_eq!(
            rotate(&first, 149).await,
            Rotate::Replayed(grant_id),
            "no grace for a token whose successor was used"
        );
        assert_eq!(rotate(&third, 249).await, Rotate::Expired);
        assert_eq!(rotate(&ticket(), 50).await, Rotate::Unknown);
    }
}

#[tokio::test]
async fn a_refresh_family_never_outlives_its_grant() {
    let key = MasterKey::from_bytes(&Secret::new([3; 32]));
    for store in engines().await {
        let first = ticket();
        let next = first.successor(&key);
        let starting = first.clone();
        unit!(store, START, move |tx| refresh::start(
            tx,
            &starting,
            id(),
            after(5000),
            after(1000)
        ));
        let asking = first.clone();
        assert!(read!(store, move |tx| refresh::current(tx, &asking, after(1000))).is_none());
        assert_eq!(
            unit!(store, after(1000), move |tx| refresh::rotate(
                tx,
                &first,
                &next,
                GRACE,
                after(9000)
            )),
            Rotate::Expired
        );
    }
}

#[tokio::test]
async fn consents_are_remembered_replaced_and_withdrawn() {
    for store in engines().await {
        let (user, app, other) = (id(), id(), id());
        let scopes = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        unit!(store, START, move |tx| {
            consents::remember(tx, user, app, &scopes("openid profile"))?;
            consents::remember(tx, user, other, &scopes("openid"))
        });
        unit!(store, after(1), move |tx| consents::remember(
            tx,
            user,
            app,
            &scopes("openid email")
        ));
        let consent = read!(store, move |tx| consents::find(tx, user, app)).unwrap();
        assert_eq!(consent.scopes, ["openid", "email"]);
        assert_eq!(consent.at, after(1));
        let listed = read!(store, move |tx| consents::of_user(tx, user));
        assert_eq!(
            listed.iter().map(|consent| consent.app_id).collect::<Vec<_>>(),
            [app, other]
        );
        assert!(unit!(store, START, move |tx| consents::withdraw(tx, user, app)));
        assert!(!unit!(store, START, move |tx| consents::withdraw(tx, user, app)));
        assert_eq!(unit!(store, START, move |tx| consents::forget_app(tx, other)), 1);
        assert_eq!(unit!(store, START, move |tx| consents::forget_user(tx, user)), 0);
        assert_eq!(read!(store, move |tx| consents::find(tx, user, other)), None);
    }
}

#[tokio::test]
async fn live_grants_are_counted_by_application_and_scope() {
    for store in engines().await {
        let (user, app, other) = (id(), id(), id());
        let of = |app: Uuid, scope: &str, created: Timestamp| Grant {
            id: id(),
            scope: scope.to_owned(),
            created,
            ..grant(Some(user), app, None)
        };
        let revoked = of(app, "openid", after(40));
        let revoked_id = revoked.id;
        let given = [
            of(app, "openid", after(10)),
            of(app, "openid", after(30)),
            of(app, "openid email", after(20)),
            of(other, "openid", after(5)),
            revoked,
            Grant {
                expires: after(50),
                ..of(other, "openid", after(6))
            },
            grant(Some(id()), app, None),
        ];
        unit!(store, START, move |tx| {
            for grant in &given {
                grants::create(tx, grant)?;
            }
            grants::revoke(tx, revoked_id)
        });
        let mut held = read!(store, move |tx| grants::held(tx, user, after(60)));
        held.sort_by(|a, b| (a.app_id != app, &a.scope).cmp(&(b.app_id != app, &b.scope)));
        let told: Vec<_> = held
            .iter()
            .map(|held| (held.app_id, held.scope.as_str(), held.count, held.first, held.last))
            .collect();
        let expected = [
            (app, "openid", 2, after(10), after(30)),
            (app, "openid email", 1, after(20), after(20)),
            (other, "openid", 1, after(5), after(5)),
        ];
        assert_eq!(told, expected, "{}", store.engine);
    }
}

#[tokio::test]
async fn a_consent_is_held_until_it_is_withdrawn() {
    for store in engines().await {
        let (user, app) = (id(), id());
        assert!(!unit!(store, START, move |tx| consents::hold(tx, user, app)));
        unit!(store, START, move |tx| consents::remember(
            tx,
            user,
            app,
            &["email".to_owned()]
        ));
        assert!(unit!(store, after(1), move |tx| consents::hold(tx, user, app)));
        let kept = read!(store, move |tx| consents::find(tx, user, app)).unwrap();
        assert_eq!(
            (kept.at, kept.scopes.len()),
            (START, 1),
            "{}: nothing changes by it",
            store.engine
        );
        assert!(unit!(store, after(2), move |tx| consents::withdraw(tx, user, app)));
        assert!(!unit!(store, after(3), move |tx| consents::hold(tx, user, app)));
    }
}
