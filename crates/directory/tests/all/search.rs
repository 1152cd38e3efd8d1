use std::time::{Duration, Instant};

use doorward_directory::{NewUser, User, UserKind, UserQuery};
use doorward_store::{StoreError, Tx};

use crate::house::{House, at, code, houses};

async fn list(house: &House, query: &UserQuery) -> Vec<User> {
    let mut query = query.clone();
    let mut listed = Vec::new();
    loop {
        let page = house.directory.list_users(query.clone()).await.unwrap();
        assert!(page.items.len() <= usize::try_from(query.limit).unwrap());
        listed.extend(page.items);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return listed,
        }
    }
}

async fn names(house: &House, query: &UserQuery) -> Vec<String> {
    list(house, query)
        .await
        .into_iter()
        .map(|user| user.name.into())
        .collect()
}

fn search(text: &str) -> UserQuery {
    UserQuery {
        search: Some(text.to_owned()),
        limit: 2,
        ..UserQuery::default()
    }
}

async fn add(house: &House, name: &str, display_name: &str, email: &str) -> User {
    let new = NewUser {
        name: name.to_owned(),
        display_name: Some(display_name.to_owned()),
        email: Some(email.to_owned()),
        ..NewUser::default()
    };
    house.directory.add_user(&house.root, new, at(0)).await.unwrap()
}

async fn some_people(house: &House) {
    add(house, "amueller", "Anna Müller", "anna@example.com").await;
    add(house, "bmueller", "Bernd Müller-Lüdenscheid", "bernd@example.com").await;
    add(house, "Anton", "Anton Anton", "anton@example.com").await;
    add(house, "zoe", "Zoë Annan", "z@anders.example").await;
    house.service("annotator").await;
}

#[tokio::test]
async fn people_are_listed_by_name_in_pages() {
    for house in houses().await {
        some_people(&house).await;
        let all = UserQuery {
            limit: 2,
            ..UserQuery::default()
        };
        assert_eq!(
            names(&house, &all).await,
            ["amueller", "annotator", "Anton", "bmueller", "zoe"]
        );
        let services = UserQuery {
            kind: Some(UserKind::Service),
            ..all.clone()
        };
        assert_eq!(names(&house, &services).await, ["annotator"]);
    }
}

#[tokio::test]
async fn a_search_finds_beginnings_of_names_addresses_and_words_each_person_once() {
    for house in houses().await {
        some_people(&house).await;
        assert_eq!(
            names(&house, &search("an")).await,
            ["amueller", "zoe", "annotator", "Anton"]
        );
        assert_eq!(names(&house, &search("ANNA")).await, ["amueller", "zoe"]);
        assert_eq!(names(&house, &search("müller")).await, ["amueller", "bmueller"]);
        assert_eq!(names(&house, &search("z@")).await, ["zoe"]);
        assert_eq!(names(&house, &search("nna")).await, [""; 0]);
        assert_eq!(names(&house, &search("%")).await, [""; 0]);
        let persons = UserQuery {
            kind: Some(UserKind::Person),
            ..search("an")
        };
        assert_eq!(names(&house, &persons).await, ["amueller", "zoe", "Anton"]);
    }
}

#[tokio::test]
async fn members_of_a_group_are_listed_and_searched_directly_and_through_nesting() {
    for house in houses().await {
        some_people(&house).await;
        let (outer, inner) = (house.group("outer").await, house.group("inner").await);
        house.nest(&outer, &inner).await;
        for (group, name) in [
            (&outer, "zoe"),
            (&inner, "amueller"),
            (&inner, "zoe"),
            (&inner, "bmueller"),
        ] {
            let user = house.directory.find_user(name).await.unwrap().unwrap();
            house.join(group, &user).await;
        }
        let direct = UserQuery {
            group: Some(outer.id),
            limit: 2,
            ..UserQuery::default()
        };
        assert_eq!(names(&house, &direct).await, ["zoe"]);
        let nested = UserQuery { nested: true, ..direct };
        assert_eq!(names(&house, &nested).await, ["amueller", "bmueller", "zoe"]);
        let searched = UserQuery {
            search: Some("ann".to_owned()),
            ..nested
        };
        assert_eq!(names(&house, &searched).await, ["amueller", "zoe"]);
    }
}

#[tokio::test]
async fn a_page_that_never_was_is_refused_or_harmless() {
    for house in houses().await {
        some_people(&house).await;
        for after in ["!", "AAAA=", &"A".repeat(1_000)] {
            for search in [None, Some("an".to_owned())] {
                let query = UserQuery {
                    search,
                    after: Some(after.to_owned()),
                    ..UserQuery::default()
                };
                assert_eq!(code(house.directory.list_users(query).await), "invalid_directory_query");
            }
        }
        let forged = UserQuery {
            after: Some("A".repeat(24)),
            ..search("ann")
        };
        assert!(house.directory.list_users(forged).await.unwrap().items.len() <= 2);
    }
}

/// `people` users, all in one group, written by the engine itself.
async fn fill(house: &House, group: uuid::Uuid, people: u32) {
    let (id, name, key) = match house.store.engine {
        "sqlite" => (
            "CAST(printf('%016d', i) AS BLOB)",
            "printf('user%06d', i)",
            "CAST(printf('user%06d', i) AS BLOB)",
        ),
        _ => (
            "convert_to(lpad(i::text, 16, '0'), 'UTF8')",
            "'user' || lpad(i::text, 6, '0')",
            "convert_to('user' || lpad(i::text, 6, '0'), 'UTF8')",
        ),
    };
    let numbers =
        format!("WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {people})");
    house
        .store
        .write::<_, StoreError>(at(0), move |tx| {
            let users = "INSERT INTO users (id, name, name_key, kind, display_name, email_verified, attributes, disabled, \
                         created_at, updated_at)";
            let values = format!("SELECT {id}, {name}, {key}, 'person', {name}, 0, '{{}}', 0, 0, 0 FROM numbers");
            tx.execute(&format!("{users} {numbers} {values}"), &[])?;
            tx.execute("INSERT INTO user_terms (user_id, term) SELECT id, name_key FROM users", &[])?;
            let members = "INSERT INTO group_users (group_id, user_id, added_at) SELECT $1, id, 0 FROM users";
            tx.execute(members, &[group.into()])
        })
        .await
        .unwrap();
}

/// Every page is one range of an index: with a hundred times the people a page takes the same time. Measured, because a plan that
/// sorts everybody would be forty times slower, not a little.
#[tokio::test]
async fn a_page_of_many_people_is_read_without_reading_them_all() {
    const PEOPLE: u32 = 20_000;
    for house in houses().await {
        let everybody = house.group("everybody").await;
        let group = everybody.id;
        fill(&house, group, PEOPLE).await;
        if house.store.engine == "postgres" {
            for table in ["users", "user_terms", "group_users"] {
                let analyze = move |tx: &mut Tx<'_>| tx.execute(&format!("ANALYZE {table}"), &[]);
                house.store.write::<_, StoreError>(at(0), analyze).await.unwrap();
            }
        }
        let queries = [
            UserQuery {
                limit: 50,
                ..UserQuery::default()
            },
            UserQuery {
                limit: 50,
                search: Some("u".to_owned()),
                ..UserQuery::default()
            },
            UserQuery {
                limit: 50,
                group: Some(group),
                ..UserQuery::default()
            },
            UserQuery {
                limit: 50,
                group: Some(group),
                search: Some("user01".to_owned()),
                ..UserQuery::default()
            },
        ];
        for query in queries {
            let first = house.directory.list_users(query.clone()).await.unwrap();
            assert_eq!(first.items.len(), 50);
            let mut fastest = Duration::MAX;
            for _ in 0..10 {
                let started = Instant::now();
                let next = UserQuery {
                    after: first.next.clone(),
                    ..query.clone()
                };
                let page = house.directory.list_users(next).await.unwrap();
                fastest = fastest.min(started.elapsed());
                assert_eq!(page.items.len(), 50);
                assert!(page.items[0].name.as_str() > first.items[49].name.as_str());
            }
            assert!(
                fastest < Duration::from_millis(25),
                "{query:?} took {fastest:?} on {}",
                house.store.engine
            );
        }
    }
}
