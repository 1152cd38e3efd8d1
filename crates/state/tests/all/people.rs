//! People as files.

use doorward_directory::NewUser;
use doorward_state::{Files, PEOPLE};
use doorward_store::testing::START;
use serde_json::json;

use crate::fixture::{Fixture, files, on_both_engines, refused, root, runtime};

const PEOPLE_HERE: &str = "[[person]]\nname = \"anna\"\nid = \"0198c0de-0000-7000-8000-000000000001\"\ndisplay_name = \"Anna Berger\"\nemail = \"anna@example.com\"\n\
    email_verified = true\ngroups = [\"staff\"]\nroles = [\"people\"]\n[person.attributes]\ndepartment = \"IT\"\n\n[[person]]\nname = \"ben\"\ndisabled = true\n";

async fn all(here: &Fixture) -> String {
    let (mut text, mut after) = (String::new(), None);
    loop {
        let (part, next) = here.state.people(&root(), after).await.unwrap();
        text.push_str(&part);
        if next.is_none() {
            return text;
        }
        after = next;
    }
}

#[test]
fn people_come_with_their_ids_groups_roles_and_attributes_and_go_back_into_the_file() {
    on_both_engines(async |here| {
        let said = files([("groups/staff.toml", ""), (PEOPLE, PEOPLE_HERE)]);
        let done = here.apply(&said).await.unwrap();
        assert_eq!(done.changes.len(), 3, "{done:#?}");
        let id_of = |file: &str| {
            let change = done.changes.iter().find(|change| change.file == file).unwrap();
            change
                .settings
                .iter()
                .find(|one| one.name == "id")
                .map(|one| one.to.clone())
        };
        let given = Some(Some(json!("0198c0de-0000-7000-8000-000000000001")));
        assert_eq!(
            id_of("people.toml: anna"),
            given,
            "who reviews sees an id that the file gives"
        );
        assert_eq!(id_of("people.toml: ben"), None, "and none that is made up");
        assert_eq!(here.plan(&said).await.unwrap().changes, []);
        let written = Files::from([(PEOPLE.to_owned(), all(&here).await)]);
        assert_eq!(here.plan(&written).await.unwrap().changes, [], "{written:?}");
        let another = Fixture::fresh().await;
        another.apply(&files([("groups/staff.toml", "")])).await.unwrap();
        another.apply(&written).await.unwrap();
        assert_eq!(all(&another).await, written[PEOPLE]);

        let other = PEOPLE_HERE.replace("000001", "000002");
        let refusal = refused(here.apply(&files([(PEOPLE, &other)])).await);
        assert!(refusal.detail.contains("another id"), "{refusal:?}");
        for (taken, why) in [
            ("00000000-0000-0000-0000-000000000000", "can be nobody's"),
            ("0198c0de-0000-7000-8000-000000000001", "is the id of a user here"),
        ] {
            let kim = format!("[[person]]\nname = \"kim\"\nid = \"{taken}\"\n");
            let refusal = refused(here.apply(&files([(PEOPLE, &kim)])).await);
            assert!(
                refusal.kind.code == "id_taken" && refusal.detail.starts_with("people.toml: kim: "),
                "{refusal:?}"
            );
            assert!(refusal.detail.ends_with(why), "{refusal:?}");
        }
        let less = "[[person]]\nname = \"anna\"\n";
        let changed = here.apply(&files([(PEOPLE, less)])).await.unwrap();
        let names: Vec<&str> = changed.changes[0]
            .settings
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "attributes.department",
                "display_name",
                "email",
                "email_verified",
                "groups",
                "roles"
            ]
        );
    });
}

#[test]
fn many_people_are_written_some_at_a_time_in_the_order_of_their_names() {
    runtime().block_on(async {
        let here = Fixture::fresh().await;
        for number in (0..1_203).rev() {
            let new = NewUser {
                name: format!("p{number:05}"),
                ..NewUser::default()
            };
            here.directory.add_user(&root(), new, START).await.unwrap();
        }
        let (first, next) = here.state.people(&root(), None).await.unwrap();
        assert_eq!(first.matches("[[person]]").count(), 500);
        assert_eq!(next.as_deref(), Some("p00499"));
        let text = all(&here).await;
        let names: Vec<&str> = text.lines().filter(|line| line.starts_with("name = ")).collect();
        assert_eq!(names.len(), 1_203);
        assert!(names.is_sorted());
    });
}
