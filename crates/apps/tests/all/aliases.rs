//! Issuers of earlier providers at which the server answers.

use doorward_apps::{ALIAS_IN_USE, ALIAS_UNKNOWN, AliasAddress, Edit, IssuerStyle};
use doorward_audit::EventFilter;
use doorward_audit::events::list;
use doorward_store::StoreError;
use doorward_store::testing::START;

use crate::fixture::{by, on_both_engines, refused};

fn realm() -> AliasAddress {
    AliasAddress::parse("https://old.example.com/realms/main").unwrap()
}

#[test]
fn an_application_has_an_alias_while_it_is_there_and_it_is_there_while_an_application_has_it() {
    on_both_engines(|f| async move {
        f.add("netbox", "https://netbox.example.com").await;
        let moved = || vec![Edit::IssuerStyle(IssuerStyle::Alias(realm()))];
        let refusal = refused(f.apps.edit(&by(), "netbox", moved(), START).await);
        assert_eq!(refusal.kind, &ALIAS_UNKNOWN);

        let added = f.apps.add_alias(&by(), realm(), START, |_| Ok(())).await.unwrap();
        let again = refused(f.apps.add_alias(&by(), realm(), START, |_| Ok(())).await);
        assert_eq!(again.kind.code, "alias_exists");
        f.apps.edit(&by(), "netbox", moved(), START).await.unwrap();
        let snapshot = f.apps.snapshot().await.unwrap();
        assert_eq!(snapshot.aliases(), [realm()]);
        assert_eq!(snapshot.at_alias(&realm()).len(), 1);
        let app = snapshot.find("netbox").unwrap();
        assert_eq!(app.issuer_style, IssuerStyle::Alias(realm()));

        let refusal = refused(f.apps.remove_alias(&by(), added.id, START, |_| Ok(())).await);
        assert_eq!(refusal.kind, &ALIAS_IN_USE);
        assert_eq!(
            refusal.remedy.as_deref(),
            Some("doorward app edit netbox --issuer server")
        );
        assert_eq!(f.apps.aliases().await.unwrap().len(), 1, "nothing was half done");

        let back = vec![Edit::IssuerStyle(IssuerStyle::Server)];
        f.apps.edit(&by(), "netbox", back, START).await.unwrap();
        f.apps.remove_alias(&by(), added.id, START, |_| Ok(())).await.unwrap();
        assert!(f.apps.snapshot().await.unwrap().aliases().is_empty());
        let events = f
            .store
            .scan::<_, StoreError>(|tx| list(tx, &EventFilter::default(), None, 100))
            .await
            .unwrap();
        for action in ["alias.add", "alias.remove"] {
            assert_eq!(
                events.iter().filter(|event| event.event.action == action).count(),
                1,
                "{action}"
            );
        }
    });
}

#[test]
fn whoever_may_not_any_more_adds_nothing() {
    on_both_engines(|f| async move {
        let denied = f
            .apps
            .add_alias(&by(), realm(), START, |_| {
                Err(StoreError::Damaged("no".to_owned()).into())
            })
            .await;
        assert!(denied.is_err());
        assert!(f.apps.aliases().await.unwrap().is_empty());
    });
}
