//! Client secrets: shown on demand, verified without a query, rotated with an overlap.

use doorward_apps::{App, AppKind, AppsError, Edit, SecretMatch};
use doorward_store::StoreError;
use doorward_store::testing::START;
use jiff::SignedDuration;

use crate::fixture::{Fixture, by, later, on_both_engines, refused, service};

async fn app(f: &Fixture) -> App {
    f.apps
        .snapshot()
        .await
        .unwrap()
        .find("netbox")
        .unwrap()
        .as_ref()
        .clone()
}

async fn rotate(f: &Fixture, overlap: i64, at: i64) -> String {
    let overlap = SignedDuration::from_secs(overlap);
    let info = f.apps.rotate_secret(&by(), "netbox", overlap, later(at)).await.unwrap();
    info.secret.expose().to_owned()
}

#[test]
fn the_secret_that_was_made_is_the_one_that_is_shown_and_verified() {
    on_both_engines(|f| async move {
        let made = f.add("netbox", "https://netbox.example.com").await.secret.unwrap();
        let shown = f.apps.show_secret(&by(), "netbox", later(5)).await.unwrap();
        assert_eq!(shown.secret.expose(), made.expose());
        assert_eq!((shown.created, shown.previous_until), (START, None));
        let app = app(&f).await;
        assert_eq!(
            f.apps.secret_matches(&app, made.expose(), later(5)),
            SecretMatch::Current
        );
        let mut almost = made.expose().to_owned();
        almost.pop();
        for wrong in [
            "",
            "x",
            almost.as_str(),
            &format!("{}x", made.expose()),
            &"x".repeat(100_000),
        ] {
            assert_eq!(f.apps.secret_matches(&app, wrong, later(5)), SecretMatch::Wrong);
        }
    });
}

#[test]
fn two_secrets_are_never_the_same() {
    on_both_engines(|f| async move {
        let first = f.add("netbox", "https://netbox.example.com").await.secret.unwrap();
        let second = f.add("grafana", "https://grafana.example.com").await.secret.unwrap();
        assert_ne!(first.expose(), second.expose());
        let app = app(&f).await;
        assert_eq!(f.apps.secret_matches(&app, second.expose(), START), SecretMatch::Wrong);
    });
}

#[test]
fn neither_the_database_nor_a_debug_print_holds_the_secret() {
    on_both_engines(|f| async move {
        let created = f.add("netbox", "https://netbox.example.com").await;
        let secret = created.secret.clone().unwrap();
        assert!(!format!("{created:?}").contains(secret.expose()));
        let stored: Vec<(Vec<u8>, Vec<u8>)> = f
            .store
            .scan(|tx| {
                tx.all("SELECT hash, sealed FROM app_secrets", &[], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
            })
            .await
            .map_err(|error: StoreError| error)
            .unwrap();
        let needle = secret.expose().as_bytes();
        for (hash, sealed) in stored {
            assert_eq!(hash.len(), 32);
            assert!(!sealed.windows(needle.len()).any(|window| window == needle));
        }
    });
}

#[test]
fn after_a_rotation_the_old_secret_is_valid_until_the_overlap_ends() {
    on_both_engines(|f| async move {
        let old = f.add("netbox", "https://netbox.example.com").await.secret.unwrap();
        let new = rotate(&f, 3600, 100).await;
        let app = app(&f).await;
        let check = |secret: &str, at: i64| f.apps.secret_matches(&app, secret, later(at));
        assert_eq!(check(&new, 100), SecretMatch::Current);
        assert_eq!(check(old.expose(), 100), SecretMatch::Previous);
        assert_eq!(check(old.expose(), 3699), SecretMatch::Previous);
        assert_eq!(
            check(old.expose(), 3700),
            SecretMatch::Expired,
            "the end itself is too late"
        );
        assert!(!SecretMatch::Expired.is_valid() && SecretMatch::Previous.is_valid());
        let shown = f.apps.show_secret(&by(), "netbox", later(200)).await.unwrap();
        assert_eq!(shown.secret.expose(), new);
        assert_eq!(shown.previous_until, Some(later(3700)));
        let shown = f.apps.show_secret(&by(), "netbox", later(4000)).await.unwrap();
        assert_eq!(shown.previous_until, None);
    });
}

#[test]
fn at_most_two_secrets_are_ever_valid() {
    on_both_engines(|f| async move {
        let first = f.add("netbox", "https://netbox.example.com").await.secret.unwrap();
        let second = rotate(&f, 86_400, 1).await;
        let third = rotate(&f, 86_400, 2).await;
        let app = app(&f).await;
        assert_eq!(app.secrets.len(), 2);
        assert_eq!(
            f.apps.secret_matches(&app, first.expose(), later(3)),
            SecretMatch::Wrong
        );
        assert_eq!(f.apps.secret_matches(&app, &second, later(3)), SecretMatch::Previous);
        assert_eq!(f.apps.secret_matches(&app, &third, later(3)), SecretMatch::Current);
    });
}

#[test]
fn a_rotation_without_overlap_ends_the_old_secret_at_once() {
    on_both_engines(|f| async move {
        let old = f.add("netbox", "https://netbox.example.com").await.secret.unwrap();
        rotate(&f, 0, 10).await;
        assert_eq!(
            f.apps.secret_matches(&app(&f).await, old.expose(), later(10)),
            SecretMatch::Expired
        );
    });
}

#[test]
fn an_overlap_out_of_bounds_is_refused_and_nothing_is_rotated() {
    on_both_engines(|f| async move {
        let secret = f.add("netbox", "https://netbox.example.com").await.secret.unwrap();
        for seconds in [-1, 30 * 86_400 + 1, i64::MAX] {
            let overlap = SignedDuration::from_secs(seconds);
            let refusal = refused(f.apps.rotate_secret(&by(), "netbox", overlap, START).await);
            assert_eq!(refusal.kind.code, "overlap_out_of_bounds");
        }
        assert_eq!(
            f.apps.secret_matches(&app(&f).await, secret.expose(), START),
            SecretMatch::Current
        );
    });
}

#[test]
fn an_application_that_becomes_public_loses_its_secrets_and_gets_a_new_one_on_its_way_back() {
    on_both_engines(|f| async move {
        let old = f.add("netbox", "https://netbox.example.com").await.secret.unwrap();
        let public = vec![Edit::Kind(AppKind::Public)];
        let changed = f.apps.edit(&by(), "netbox", public, later(1)).await.unwrap();
        assert!(changed.secrets.is_empty());
        let refusal = refused(f.apps.show_secret(&by(), "netbox", later(1)).await);
        assert_eq!(refusal.detail, "netbox has no secret: it is a public client");
        let refusal = refused(
            f.apps
                .rotate_secret(&by(), "netbox", SignedDuration::ZERO, later(1))
                .await,
        );
        assert_eq!(refusal.kind.code, "no_secret");
        let back = vec![Edit::Kind(AppKind::Confidential)];
        f.apps.edit(&by(), "netbox", back, later(2)).await.unwrap();
        let new = f.apps.show_secret(&by(), "netbox", later(2)).await.unwrap();
        assert_ne!(new.secret.expose(), old.expose());
    });
}

#[test]
fn under_another_master_key_a_secret_neither_opens_nor_matches() {
    on_both_engines(|f| async move {
        let secret = f.add("netbox", "https://netbox.example.com").await.secret.unwrap();
        let other = service(&f.store, 8);
        assert_eq!(
            other.secret_matches(&app(&f).await, secret.expose(), START),
            SecretMatch::Wrong
        );
        let error = other.show_secret(&by(), "netbox", START).await.unwrap_err();
        assert!(matches!(error, AppsError::Seal(_)), "{error}");
    });
}

#[test]
fn a_sealed_secret_that_is_moved_to_another_row_does_not_open() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let grafana = f.add("grafana", "https://grafana.example.com").await;
        f.execute(
            "UPDATE app_secrets SET sealed = (SELECT sealed FROM app_secrets WHERE app_id <> $1) WHERE app_id = $1",
            grafana.app.id,
        )
        .await;
        assert!(matches!(
            f.apps.show_secret(&by(), "grafana", START).await,
            Err(AppsError::Seal(_))
        ));
    });
}
