//! Who gets in: property tests of the decision.

use std::collections::BTreeSet;

use doorward_apps::{App, EVERYONE, ScopeMap, access};
use doorward_oidc::ScopeSet;
use proptest::prelude::*;
use uuid::Uuid;

use crate::fixture::built;

fn map(group: &str, scopes: &str) -> ScopeMap {
    let group_id = (group != EVERYONE).then(|| Uuid::from_u128(u128::from(group.bytes().map(u64::from).sum::<u64>())));
    ScopeMap {
        group_id,
        group: group.to_owned(),
        scopes: ScopeSet::parse(scopes).unwrap(),
    }
}

fn with(maps: Vec<ScopeMap>) -> App {
    App {
        scope_maps: maps,
        ..built("netbox")
    }
}

fn tokens(set: &ScopeSet) -> BTreeSet<String> {
    set.iter().map(str::to_owned).collect()
}

#[test]
fn an_application_without_a_scope_map_lets_nobody_in_and_says_what_to_type() {
    let refusal = access(&with(vec![]), &["admins", EVERYONE]).unwrap_err();
    assert_eq!(refusal.kind.code, "no_scope_map");
    assert!(
        refusal.detail.contains("NetBox (netbox) has no scope map at all"),
        "{}",
        refusal.detail
    );
    assert_eq!(refusal.remedy.unwrap(), "doorward app allow netbox <group>");
}

#[test]
fn a_person_in_none_of_the_groups_is_refused_and_the_operator_reads_which_would_do() {
    let app = with(vec![map("ops", "openid"), map("dev", "openid email")]);
    let refusal = access(&app, &["sales"]).unwrap_err();
    assert_eq!(refusal.kind.oauth, "access_denied");
    assert!(
        !refusal.kind.public.contains("ops"),
        "the public sentence names no group"
    );
    assert!(
        refusal
            .detail
            .contains("lets in members of: ops, dev; groups of this person: sales"),
        "{}",
        refusal.detail
    );
    assert_eq!(refusal.remedy.unwrap(), "doorward group member add ops <person>");
    let none: [&str; 0] = [];
    assert!(
        access(&app, &none)
            .unwrap_err()
            .detail
            .ends_with("groups of this person: none")
    );
}

#[test]
fn everyone_is_everyone_and_a_group_of_that_name_is_only_a_group() {
    let none: [&str; 0] = [];
    assert!(access(&with(vec![map(EVERYONE, "openid")]), &none).is_ok());
    let real = ScopeMap {
        group_id: Some(Uuid::from_u128(1)),
        ..map(EVERYONE, "openid")
    };
    assert!(access(&with(vec![real]), &none).is_err());
}

#[test]
fn a_disabled_application_lets_nobody_in() {
    let app = App {
        disabled: true,
        ..with(vec![map(EVERYONE, "openid")])
    };
    let refusal = access(&app, &["ops"]).unwrap_err();
    assert_eq!(refusal.kind.code, "app_disabled");
    assert_eq!(refusal.remedy.unwrap(), "doorward app enable netbox");
}

#[test]
fn group_names_are_compared_whole() {
    let app = with(vec![map("ops", "openid")]);
    for name in ["op", "ops2", "Ops", "ops ", " ops", "*"] {
        assert!(access(&app, &[name]).is_err(), "{name}");
    }
}

fn maps() -> impl Strategy<Value = Vec<ScopeMap>> {
    let scopes = proptest::sample::subsequence(vec!["openid", "profile", "email", "groups", "api:read"], 1..=5);
    let group = proptest::sample::select(vec!["a", "b", "c", "d", EVERYONE]);
    proptest::collection::vec(
        (group, scopes).prop_map(|(group, scopes)| map(group, &scopes.join(" "))),
        0..6,
    )
}

fn groups() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(vec!["a", "b", "c", "d", "e"], 0..=5)
}

proptest! {
    #[test]
    fn the_grant_is_exactly_the_union_of_the_maps_that_match(maps in maps(), groups in groups()) {
        let matching: Vec<&ScopeMap> = maps
            .iter()
            .filter(|map| map.group_id.is_none() || groups.contains(&map.group.as_str()))
            .collect();
        let expected: BTreeSet<String> = matching.iter().flat_map(|map| tokens(&map.scopes)).collect();
        match access(&with(maps.clone()), &groups) {
            Ok(granted) => {
                prop_assert!(!matching.is_empty());
                prop_assert_eq!(tokens(&granted), expected);
            }
            Err(refusal) => {
                prop_assert!(matching.is_empty());
                for map in &maps {
                    prop_assert!(refusal.detail.contains(&map.group));
                }
            }
        }
    }

    #[test]
    fn another_group_never_takes_anything_away(maps in maps(), groups in groups(), more in "[a-e]") {
        let app = with(maps);
        let mut larger = groups.clone();
        larger.push(more.as_str());
        if let Ok(before) = access(&app, &groups) {
            let after = access(&app, &larger).unwrap();
            prop_assert!(before.is_subset(&after));
        }
    }

    #[test]
    fn the_order_of_groups_does_not_matter(maps in maps(), groups in groups()) {
        let app = with(maps);
        let reversed: Vec<_> = groups.iter().rev().copied().collect();
        prop_assert_eq!(access(&app, &groups).ok(), access(&app, &reversed).ok());
    }
}
