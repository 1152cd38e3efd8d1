//! A directory to test with.

use std::{sync::Arc, time::Duration};

use doorward_directory::{
    Actor, Directory, DirectoryError, Group, Hasher, HasherSettings, NewGroup, NewUser, Origin, Role, RoleHolder,
    Settings, User, UserKind, Via,
};
use doorward_jose::{Secret, SystemRandom};
use doorward_store::{
    StoreError, Ticket, sessions,
    testing::{START, TestStore, engines},
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A directory on one engine.
pub(crate) struct House {
    pub(crate) directory: Directory,
    pub(crate) store: TestStore,
    pub(crate) root: Actor,
}

/// One house per engine.
pub(crate) async fn houses() -> Vec<House> {
    houses_with(Settings {
        domain: Some("example.com".to_owned()),
        ..Settings::default()
    })
    .await
}

pub(crate) async fn houses_with(settings: Settings) -> Vec<House> {
    let hasher = Hasher::start(&HasherSettings {
        threads: 2,
        waiting: 512,
        idle: Duration::from_secs(5),
    })
    .unwrap();
    let house = |store: TestStore| House {
        directory: Directory::with_settings(
            (*store).clone(),
            hasher.clone(),
            Arc::new(SystemRandom),
            settings.clone(),
        ),
        root: Actor::local("root"),
        store,
    };
    engines().await.into_iter().map(house).collect()
}

/// `seconds` after the start of every test.
pub(crate) fn at(seconds: i64) -> Timestamp {
    START + SignedDuration::from_secs(seconds)
}

pub(crate) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

pub(crate) fn from(address: &str) -> Origin {
    Origin {
        address: address.parse().unwrap(),
        browser: None,
    }
}

/// The code of a refusal; anything else fails the test.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, DirectoryError>) -> &'static str {
    match result {
        Err(DirectoryError::Refused(refusal)) => refusal.kind.code,
        other => panic!("not refused: {other:?}"),
    }
}

impl House {
    pub(crate) async fn person(&self, name: &str) -> User {
        let new = NewUser {
            name: name.to_owned(),
            ..NewUser::default()
        };
        self.directory.add_user(&self.root, new, at(0)).await.unwrap()
    }

    pub(crate) async fn service(&self, name: &str) -> User {
        let new = NewUser {
            name: name.to_owned(),
            kind: UserKind::Service,
            ..NewUser::default()
        };
        self.directory.add_user(&self.root, new, at(0)).await.unwrap()
    }

    pub(crate) async fn group(&self, name: &str) -> Group {
        let new = NewGroup {
            name: name.to_owned(),
            ..NewGroup::default()
        };
        self.directory.add_group(&self.root, new, at(0)).await.unwrap()
    }

    pub(crate) async fn join(&self, group: &Group, user: &User) {
        assert!(
            self.directory
                .add_member(&self.root, group.id, user.id, at(0))
                .await
                .unwrap()
        );
    }

    pub(crate) async fn nest(&self, parent: &Group, child: &Group) {
        assert!(
            self.directory
                .nest_group(&self.root, parent.id, child.id, at(0))
                .await
                .unwrap()
        );
    }

    pub(crate) async fn grant(&self, role: Role, holder: RoleHolder) {
        self.directory
            .grant_role(&self.root, role, holder, at(0))
            .await
            .unwrap();
    }

    /// A person with a role, as an actor.
    pub(crate) async fn administrator(&self, name: &str, role: Role) -> Actor {
        let user = self.person(name).await;
        self.grant(role, RoleHolder::User(user.id)).await;
        self.acting(&user).await
    }

    pub(crate) async fn acting(&self, user: &User) -> Actor {
        self.directory
            .actor(user.id, Via::Server, at(0))
            .await
            .unwrap()
            .unwrap()
    }

    /// A person who can log in with [`PASSWORD`].
    pub(crate) async fn enrolled(&self, name: &str) -> User {
        let user = self.person(name).await;
        self.directory
            .set_password(&self.root, user.id, secret(PASSWORD), at(0))
            .await
            .unwrap();
        user
    }

    /// A session of this user, as a login would write it.
    pub(crate) async fn session(&self, user: &User) -> Uuid {
        let (user_id, ticket) = (user.id, Ticket::new(at(0), &SystemRandom));
        let id = ticket.id();
        let written: Result<(), StoreError> = self
            .store
            .write(at(0), move |tx| {
                let new = sessions::NewSession {
                    user_id,
                    expires: at(3600),
                    idle_seconds: 3600,
                    auth_time: at(0),
                    amr: &[],
                    acr: None,
                    address: "192.0.2.1",
                    user_agent: "a browser",
                };
                sessions::create(tx, &ticket, &new)
            })
            .await;
        written.unwrap();
        id
    }

    pub(crate) async fn groups_of(&self, user: &User) -> Vec<String> {
        self.directory.facts(user.id).await.unwrap().unwrap().groups.clone()
    }
}
