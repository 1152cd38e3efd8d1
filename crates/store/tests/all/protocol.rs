//! The operations on the protocol's state.

use doorward_jose::{Secret, SystemRandom};
use doorward_store::codes::{Code, TakeCode};
use doorward_store::grants::{Grant, Offline};
use doorward_store::refresh::Rotate;
use doorward_store::sessions::NewSession;
use doorward_store::signing_keys::{SigningKeyRow, State};
use doorward_store::testing::{START, engines};
use doorward_store::{
    MasterKey, StoreError, Ticket, Tx, attempts, codes, consents, grants, new_id, refresh, replay, revoked_tokens,
    sessions, settings, signing_keys, turns,
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use uuid::Uuid;

const GRACE: SignedDuration = SignedDuration::from_secs(10);

pub(crate) fn id() -> Uuid {
    new_id(START, &SystemRandom)
}

pub(crate) fn ticket() -> Ticket {
    Ticket::new(START, &SystemRandom)
}

pub(crate) fn after(seconds: i64) -> Timestamp {
    START + seconds.seconds()
}

pub(crate) fn grant(user_id: Option<Uuid>, app_id: Uuid, session_id: Option<Uuid>) -> Grant {
    Grant {
        id: id(),
        user_id,
        app_id,
        session_id,
        scope: "openid profile".to_owned(),
        claims: Some(r#"{"userinfo":{"email":null}}"#.to_owned()),
        auth_time: Some(START),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        acr: Some("1".to_owned()),
        nonce: Some("n".to_owned()),
        offline: false,
        trace: Some("7K3Q-9FZM".to_owned()),
        created: START,
        expires: after(86_400),
        revoked_at: None,
    }
}

pub(crate) fn code(grant_id: Uuid) -> Code {
    Code {
        grant_id,
        app_id: Uuid::from_u128(5),
        redirect_uri: "https://netbox.example/oauth/complete/oidc/".to_owned(),
        code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()),
        nonce: Some("n".to_owned()),
        expires: after(60),
    }
}

fn log_in(tx: &mut Tx<'_>, ticket: &Ticket, user_id: Uuid) -> Result<(), StoreError> {
    let new = NewSession {
        user_id,
        expires: after(36_000),
        idle_seconds: 3600,
        auth_time: tx.now(),
        amr: &["pwd".to_owned()],
        acr: Some("1"),
        address: "192.0.2.7",
        user_agent: "Browser/1.0",
    };
    sessions::create(tx, ticket, &new)
}

/// A unit that must go well, at `START` or later.
macro_rules! unit {
    ($store:expr, $now:expr, $work:expr) => {
        $store
            .write($now, $work)
            .await
            .unwrap_or_else(|failure: StoreError| panic!("{}: {failure}", $store.engine))
    };
}

/// A read that must go well.
macro_rules! read {
    ($store:expr, $work:expr) => {
        $store
            .read($work)
            .await
            .unwrap_or_else(|failure: StoreError| panic!("{}: {failure}", $store.engine))
    };
}

#[tokio::test]
async fn a_session_is_found_by_its_ticket_until_it_ends() {
    for store in engines().await {
        let (user, ticket) = (id(), ticket());
        let (key, wrong) = (ticket.id(), Ticket::for_id(ticket.id(), &SystemRandom));
        let creating = ticket.clone();
        unit!(store, START, move |tx| log_in(tx, &creating, user));
        let finding = ticket.clone();
        let session = read!(store, move |tx| sessions::find(tx, &finding, after(10))).unwrap();
        assert_eq!(session.user_id, user);
        assert_eq!(session.amr, ["pwd"]);
        assert_eq!(session.acr.as_deref(), Some("1"));
        assert_eq!((session.created, session.last_seen), (START, START));
        assert_eq!(session.address, "192.0.2.7");
        assert_eq!(read!(store, move |tx| sessions::find(tx, &wrong, START)), None);
        assert!(unit!(store, after(5), move |tx| sessions::end(tx, key)));
        assert!(!unit!(store, after(6), move |tx| sessions::end(tx, key)));
        assert_eq!(read!(store, move |tx| sessions::find(tx, &ticket, after(10))), None);
        let ended = read!(store, move |tx| sessions::by_id(tx, key)).unwrap();
        assert_eq!(ended.ended_at, Some(after(5)));
    }
}

#[tokio::test]
async fn a_session_rests_and_ends_by_itself() {
    for store in engines().await {
        let ticket = ticket();
        let key = ticket.id();
        let creating = ticket.clone();
        unit!(store, START, move |tx| log_in(tx, &creating, id()));
        let alive = async |at: Timestamp| {
            let ticket = ticket.clone();
            read!(store, move |tx| sessions::find(tx, &ticket, at)).is_some()
        };
        assert!(alive(after(3599)).await);
        assert!(!alive(after(3600)).await, "idle for an hour");
        assert!(unit!(store, after(3599), move |tx| sessions::touch(tx, key)));
        assert!(alive(after(7198)).await);
        for at in (7000..36_000).step_by(3000) {
            assert!(unit!(store, after(at), move |tx| sessions::touch(tx, key)));
        }
        assert!(alive(after(35_999)).await);
        assert!(!alive(after(36_000)).await, "the absolute end");
    }
}

#[tokio::test]
async fn a_session_is_touched_at_most_once_a_minute() {
    for store in engines().await {
        let ticket = ticket();
        let key = ticket.id();
        unit!(store, START, move |tx| log_in(tx, &ticket, id()));
        assert!(!unit!(store, after(59), move |tx| sessions::touch(tx, key)));
        assert!(unit!(store, after(60), move |tx| sessions::touch(tx, key)));
        assert!(!unit!(store, after(119), move |tx| sessions::touch(tx, key)));
        let session = read!(store, move |tx| sessions::by_id(tx, key)).unwrap();
        assert!(!sessions::needs_touch(&session, after(119)));
        assert!(sessions::needs_touch(&session, after(120)));
    }
}

#[tokio::test]
async fn proving_oneself_again_ends_the_old_cookie() {
    for store in engines().await {
        let old = ticket();
        let new = Ticket::for_id(old.id(), &SystemRandom);
        let (creating, renewing) = (old.clone(), new.clone());
        unit!(store, START, move |tx| log_in(tx, &creating, id()));
        let amr = ["pwd".to_owned(), "otp".to_owned()];
        assert!(unit!(store, after(100), move |tx| {
            sessions::reauthenticate(tx, &renewing, after(100), &amr, None)
        }));
        assert_eq!(read!(store, move |tx| sessions::find(tx, &old, after(100))), None);
        let session = read!(store, move |tx| sessions::find(tx, &new, after(100))).unwrap();
        assert_eq!(session.auth_time, after(100));
        assert_eq!(session.amr, ["pwd", "otp"]);
        assert_eq!(session.acr, None);
    }
}

#[tokio::test]
async fn a_user_lists_sessions_and_ends_all_but_this_one() {
    for store in engines().await {
        let user = id();
        let tickets = [ticket(), ticket(), ticket()];
        let keys: Vec<Uuid> = tickets.iter().map(Ticket::id).collect();
        unit!(store, START, move |tx| {
            for ticket in &tickets {
                log_in(tx, ticket, user)?;
            }
            log_in(tx, &Ticket::new(START, &SystemRandom), id())
        });
        let listed = read!(store, move |tx| sessions::of_user(tx, user, START));
        assert_eq!(listed.len(), 3);
        let mine = keys[1];
        let mut ended = unit!(store, after(1), move |tx| sessions::end_by_user(tx, user, Some(mine)));
        ended.sort();
        let mut expected = vec![keys[0], keys[2]];
        expected.sort();
        assert_eq!(ended, expected, "{}", store.engine);
        let left = read!(store, move |tx| sessions::of_user(tx, user, after(1)));
        assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [mine]);
        assert_eq!(
            unit!(store, after(2), move |tx| sessions::end_by_user(tx, user, None)),
            [mine]
        );
    }
}

#[tokio::test]
async fn an_attempt_goes_on_until_it_is_taken_or_expires() {
    for store in engines().await {
        let ticket = ticket();
        let key = ticket.id();
        let creating = ticket.clone();
        unit!(store, START, move |tx| attempts::create(
            tx,
            &creating,
            r#"{"step":1}"#,
            &[9; 32],
            Some("7K3Q-9FZM"),
            after(600)
        ));
        assert!(unit!(store, after(1), move |tx| attempts::update(
            tx,
            key,
            r#"{"step":2}"#
        )));
        let finding = ticket.clone();
        let found = read!(store, move |tx| attempts::find(tx, &finding, after(2))).unwrap();
        assert_eq!(found.request, r#"{"step":2}"#);
        assert_eq!(found.browser_hash, [9; 32]);
        assert_eq!(found.trace.as_deref(), Some("7K3Q-9FZM"));
        let late = ticket.clone();
        assert_eq!(read!(store, move |tx| attempts::find(tx, &late, after(600))), None);
        assert!(!unit!(store, after(600), move |tx| attempts::update(tx, key, "late")));
        let wrong = Ticket::for_id(key, &SystemRandom);
        assert_eq!(unit!(store, after(3), move |tx| attempts::take(tx, &wrong)), None);
        let (taking, again) = (ticket.clone(), ticket);
        assert_eq!(
            unit!(store, after(3), move |tx| attempts::take(tx, &taking)),
            Some(found)
        );
        assert_eq!(unit!(store, after(3), move |tx| attempts::take(tx, &again)), None);
    }
}

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
            assert_eq!(grants::revoke_by_user_app(tx, user, app)?, 0);
            assert_eq!(grants::revoke_by_user_app(tx, user, other_app)?, 1);
            Ok(())
        });
        assert_eq!(live().await, [false, false, false, true], "{}", store.engine);
        unit!(store, after(1), move |tx| {
            assert_eq!(grants::revoke_by_user(tx, user)?, 0);
            Ok(())
        });
        assert_eq!(live().await, [false, false, false, true], "{}", store.engine);
        unit!(store, after(1), move |tx| {
            assert_eq!(grants::revoke_by_app(tx, other_app)?, 0);
            assert_eq!(grants::revoke_by_app(tx, app)?, 1);
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
        assert_eq!(
            read!(store, move |tx| refresh::current(tx, &asking, after(60))),
            Some(grant_id)
        );
        let asking = first.clone();
        assert_eq!(read!(store, move |tx| refresh::current(tx, &asking, after(60))), None);
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
        assert_eq!(read!(store, move |tx| refresh::current(tx, &asking, after(1000))), None);
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
async fn a_key_is_claimed_once_per_kind() {
    for store in engines().await {
        let claim = async |kind: &'static str, key: &str| {
            let key = key.to_owned();
            unit!(store, START, move |tx| replay::claim(tx, kind, &key, after(60)))
        };
        let long = "x".repeat(100_000);
        assert!(claim("assertion", &long).await);
        assert!(!claim("assertion", &long).await);
        assert!(claim("logout", &long).await);
        assert!(claim("assertion", "").await);
    }
}

#[tokio::test]
async fn a_signing_key_advances_once() {
    for store in engines().await {
        let row = SigningKeyRow {
            kid: "k1".to_owned(),
            alg: "ES256".to_owned(),
            sealed: vec![1, 2, 3],
            jwk: "{}".to_owned(),
            state: State::Next,
            created: START,
            activates_at: after(86_400),
            retires_at: None,
        };
        let stored = row.clone();
        unit!(store, START, move |tx| signing_keys::insert(tx, &stored));
        assert_eq!(read!(store, signing_keys::all), [row]);
        let advance = async |from: State, to: State| {
            unit!(store, START, move |tx| signing_keys::advance(
                tx,
                "k1",
                from,
                to,
                Some(after(9))
            ))
        };
        assert!(advance(State::Next, State::Active).await);
        assert!(!advance(State::Next, State::Active).await, "another node did it");
        assert!(advance(State::Active, State::Retiring).await);
        assert!(advance(State::Retiring, State::Retired).await);
        let keys = read!(store, signing_keys::all);
        assert_eq!((keys[0].state, keys[0].retires_at), (State::Retired, Some(after(9))));
    }
}

#[tokio::test]
async fn a_setting_set_once_keeps_its_first_value() {
    for store in engines().await {
        let once = async |value: &'static str| unit!(store, START, move |tx| settings::set_once(tx, "issuer", value));
        assert_eq!(once("https://a.example").await, "https://a.example");
        assert_eq!(once("https://b.example").await, "https://a.example");
        unit!(store, START, |tx| settings::set(tx, "issuer", "https://c.example"));
        assert_eq!(
            read!(store, settings::all),
            [("issuer".to_owned(), "https://c.example".to_owned())]
        );
        assert!(unit!(store, START, |tx| settings::remove(tx, "issuer")));
        assert!(!unit!(store, START, |tx| settings::remove(tx, "issuer")));
        assert_eq!(read!(store, |tx| settings::get(tx, "issuer")), None);
    }
}

#[tokio::test]
async fn a_turn_belongs_to_one_holder_until_it_ends() {
    for store in engines().await {
        let (one, other) = (id(), id());
        let take = async |holder: Uuid, at: i64| {
            unit!(store, after(at), move |tx| turns::take(
                tx,
                "sweep",
                holder,
                after(at + 60)
            ))
        };
        assert!(take(one, 0).await);
        assert!(!take(other, 59).await);
        assert!(take(one, 59).await, "the holder may go on");
        assert!(!take(other, 118).await);
        assert!(take(other, 119).await, "a holder that died holds nobody up");
        unit!(store, after(120), move |tx| turns::give_back(tx, "sweep", one));
        assert!(!take(one, 121).await, "only the holder gives a turn back");
        unit!(store, after(121), move |tx| turns::give_back(tx, "sweep", other));
        assert!(take(one, 122).await);
    }
}
