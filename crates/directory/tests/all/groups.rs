use doorward_directory::{Directory, Hasher, HasherSettings};
use doorward_directory::{GroupEdit, GroupQuery, NewGroup, NewUser, UserEdit};
use doorward_jose::SystemRandom;
use doorward_store::Store;
use std::{sync::Arc, time::Duration};

use crate::house::{at, code, houses};

#[tokio::test]
async fn members_of_a_nested_group_count_wherever_it_leads() {
    for house in houses().await {
        let user = house.person("alice").await;
        let [inner, middle, outer, side] = [
            house.group("Inner").await,
            house.group("middle").await,
            house.group("outer").await,
            house.group("side").await,
        ];
        house.join(&inner, &user).await;
        assert_eq!(house.groups_of(&user).await, ["Inner"]);
        house.nest(&outer, &middle).await;
        house.nest(&middle, &inner).await;
        house.nest(&side, &inner).await;
        // A second way to the same group counts once.
        house.nest(&outer, &inner).await;
        assert_eq!(house.groups_of(&user).await, ["Inner", "middle", "outer", "side"]);
        let facts = house.directory.facts(user.id).await.unwrap().unwrap();
        assert!(facts.is_in("OUTER") && facts.is_in("inner") && !facts.is_in("other"));
        assert_eq!(facts.group_ids, [inner.id, middle.id, outer.id, side.id]);
        assert_eq!(
            house.directory.direct_groups(user.id).await.unwrap(),
            std::slice::from_ref(&inner)
        );

        house
            .directory
            .unnest_group(&house.root, middle.id, inner.id, at(1))
            .await
            .unwrap();
        assert_eq!(house.groups_of(&user).await, ["Inner", "outer", "side"]);
        house
            .directory
            .remove_member(&house.root, inner.id, user.id, at(1))
            .await
            .unwrap();
        assert!(house.groups_of(&user).await.is_empty());
    }
}

#[tokio::test]
async fn doing_it_again_changes_nothing_and_says_so() {
    for house in houses().await {
        let (user, one, two) = (
            house.person("alice").await,
            house.group("one").await,
            house.group("two").await,
        );
        let (directory, root) = (&house.directory, &house.root);
        assert!(directory.add_member(root, one.id, user.id, at(0)).await.unwrap());
        assert!(!directory.add_member(root, one.id, user.id, at(0)).await.unwrap());
        assert!(directory.remove_member(root, one.id, user.id, at(0)).await.unwrap());
        assert!(!directory.remove_member(root, one.id, user.id, at(0)).await.unwrap());
        assert!(directory.nest_group(root, one.id, two.id, at(0)).await.unwrap());
        assert!(!directory.nest_group(root, one.id, two.id, at(0)).await.unwrap());
        assert!(directory.unnest_group(root, one.id, two.id, at(0)).await.unwrap());
        assert!(!directory.unnest_group(root, one.id, two.id, at(0)).await.unwrap());
    }
}

#[tokio::test]
async fn a_cycle_is_refused_however_long_it_would_be() {
    for house in houses().await {
        let [a, b, c] = [house.group("a").await, house.group("b").await, house.group("c").await];
        house.nest(&a, &b).await;
        house.nest(&b, &c).await;
        for (parent, child) in [(&a, &a), (&b, &a), (&c, &a)] {
            let refused = house
                .directory
                .nest_group(&house.root, parent.id, child.id, at(1))
                .await;
            assert_eq!(code(refused), "group_cycle", "{} below {}", child.name, parent.name);
        }
        let members = house.directory.group_members(b.id).await.unwrap();
        assert_eq!(
            (members.parents, members.groups, members.direct_users),
            (vec![a], vec![c], 0)
        );
    }
}

#[tokio::test]
async fn two_that_would_make_a_cycle_together_do_not() {
    for house in houses().await {
        for round in 0..10 {
            let (one, two) = (
                house.group(&format!("one{round}")).await,
                house.group(&format!("two{round}")).await,
            );
            let nest = |parent, child| {
                let (directory, root) = (house.directory.clone(), house.root.clone());
                tokio::spawn(async move { directory.nest_group(&root, parent, child, at(1)).await })
            };
            let (first, second) = (nest(one.id, two.id), nest(two.id, one.id));
            let (first, second) = (first.await.unwrap(), second.await.unwrap());
            assert_eq!(
                usize::from(first.is_ok()) + usize::from(second.is_ok()),
                1,
                "{first:?} {second:?}"
            );
        }
    }
}

#[tokio::test]
async fn nesting_is_bounded_in_depth() {
    for house in houses().await {
        let mut groups = vec![house.group("level0").await];
        for level in 1..17 {
            groups.push(house.group(&format!("level{level}")).await);
        }
        for pair in groups[..16].windows(2) {
            house.nest(&pair[0], &pair[1]).await;
        }
        let outer = house
            .directory
            .nest_group(&house.root, groups[16].id, groups[0].id, at(1))
            .await;
        assert_eq!(code(outer), "nesting_too_deep");
        let inner = house
            .directory
            .nest_group(&house.root, groups[15].id, groups[16].id, at(1))
            .await;
        assert_eq!(code(inner), "nesting_too_deep");
        let user = house.person("alice").await;
        house.join(&groups[15], &user).await;
        assert_eq!(house.groups_of(&user).await.len(), 16);
    }
}

#[tokio::test]
async fn a_renamed_group_is_in_the_next_token_under_its_new_name() {
    for house in houses().await {
        let (user, group) = (house.person("alice").await, house.group("ops").await);
        house.join(&group, &user).await;
        assert_eq!(house.groups_of(&user).await, ["ops"]);
        let edit = GroupEdit {
            name: Some("Operations".to_owned()),
            description: Some(" who is called ".to_owned()),
        };
        let edited = house
            .directory
            .edit_group(&house.root, group.id, edit, at(3))
            .await
            .unwrap();
        assert_eq!((edited.description.as_str(), edited.updated), ("who is called", at(3)));
        assert_eq!(house.groups_of(&user).await, ["Operations"]);
        assert_eq!(
            house.directory.find_group("OPERATIONS").await.unwrap(),
            Some(edited.clone())
        );
        assert_eq!(
            house.directory.find_group(&group.id.to_string()).await.unwrap(),
            Some(edited)
        );
        house
            .directory
            .remove_group(&house.root, group.id, at(4))
            .await
            .unwrap();
        assert!(house.groups_of(&user).await.is_empty());
        assert_eq!(code(house.directory.group_members(group.id).await), "no_such_group");
    }
}

#[tokio::test]
async fn names_of_groups_are_unique_and_checked() {
    for house in houses().await {
        let ops = house.group("ops").await;
        let add = |name: &str, description: &str| {
            let new = NewGroup {
                name: name.to_owned(),
                description: description.to_owned(),
            };
            house.directory.add_group(&house.root, new, at(0))
        };
        assert_eq!(code(add("OPS", "").await), "name_taken");
        assert_eq!(code(add("o p s", "").await), "invalid_group_name");
        assert_eq!(code(add("dev", &"x".repeat(1_001)).await), "invalid_group");
        let dev = house.group("dev").await;
        let edit = GroupEdit {
            name: Some("Ops".to_owned()),
            ..GroupEdit::default()
        };
        assert_eq!(
            code(
                house
                    .directory
                    .edit_group(&house.root, dev.id, edit.clone(), at(1))
                    .await
            ),
            "name_taken"
        );
        house
            .directory
            .edit_group(&house.root, ops.id, edit, at(1))
            .await
            .expect("its own name in other case");
    }
}

#[tokio::test]
async fn groups_are_listed_in_pages_by_name() {
    for house in houses().await {
        for name in ["net-b", "net-a", "Net-c", "dev", "ops"] {
            house.group(name).await;
        }
        let mut listed = Vec::new();
        let mut query = GroupQuery {
            limit: 2,
            ..GroupQuery::default()
        };
        loop {
            let page = house.directory.list_groups(query.clone()).await.unwrap();
            listed.extend(page.items.into_iter().map(|group| group.name.to_string()));
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        assert_eq!(listed, ["dev", "net-a", "net-b", "Net-c", "ops"]);
        let query = GroupQuery {
            search: Some("NET".to_owned()),
            limit: 2,
            ..GroupQuery::default()
        };
        let page = house.directory.list_groups(query.clone()).await.unwrap();
        assert_eq!(page.items.len(), 2);
        let page = house
            .directory
            .list_groups(GroupQuery {
                after: page.next,
                ..query
            })
            .await
            .unwrap();
        assert_eq!(
            (page.items.len(), page.items[0].name.as_str(), page.next),
            (1, "Net-c", None)
        );
    }
}

#[tokio::test]
async fn a_person_is_added_into_groups_at_once() {
    for house in houses().await {
        house.group("ops").await;
        let new = NewUser {
            name: "alice".to_owned(),
            groups: vec!["OPS".to_owned()],
            ..NewUser::default()
        };
        let user = house.directory.add_user(&house.root, new, at(0)).await.unwrap();
        assert_eq!(house.groups_of(&user).await, ["ops"]);
    }
}

#[tokio::test]
async fn another_node_hears_of_a_change() {
    for house in houses()
        .await
        .into_iter()
        .filter(|house| house.store.engine == "postgres")
    {
        let (user, group) = (house.person("alice").await, house.group("ops").await);
        let other = Store::open(&house.store.location, at(0)).await.unwrap();
        let hasher = Hasher::start(&HasherSettings {
            threads: 1,
            waiting: 1,
            idle: Duration::from_secs(1),
        })
        .unwrap();
        let other = Directory::new(other, hasher, Arc::new(SystemRandom));
        assert!(other.facts(user.id).await.unwrap().unwrap().groups.is_empty());
        house.join(&group, &user).await;
        let edit = UserEdit {
            display_name: Some("Alice".to_owned()),
            ..UserEdit::default()
        };
        house
            .directory
            .edit_user(&house.root, user.id, edit, at(1))
            .await
            .unwrap();
        let started = std::time::Instant::now();
        loop {
            let facts = other.facts(user.id).await.unwrap().unwrap();
            if facts.groups == ["ops"] && facts.user.display_name == "Alice" {
                break;
            }
            assert!(started.elapsed() < Duration::from_secs(8), "the other node never heard");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
