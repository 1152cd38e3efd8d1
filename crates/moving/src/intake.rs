//! What a reader of a foreign format makes: values that know nothing of where they came from.

use doorward_apps::{AliasAddress, ClientSecret, Edit, IssuerStyle, NewApp};
use doorward_directory::foreign::Arrival;
use doorward_upstreams::NewUpstream;
use uuid::Uuid;

use crate::Report;

/// Everything of one document.
#[derive(Debug, Default)]
pub struct Intake {
    /// From where, in one word, for events: `keycloak`.
    pub from: &'static str,
    /// Groups, in an order in which each comes after those that it is inside of.
    pub groups: Vec<Group>,
    /// People.
    pub people: Vec<Person>,
    /// Applications.
    pub apps: Vec<Application>,
    /// Upstreams, before the people who come through them.
    pub upstreams: Vec<NewUpstream>,
    /// The issuer that the applications had there and keep here.
    pub issuer: Option<AliasAddress>,
    /// What was found while reading.
    pub report: Report,
}

impl Intake {
    /// The applications keep the issuer at `address`, at which this server then answers too.
    #[must_use]
    pub fn keeping(mut self, address: AliasAddress) -> Self {
        for app in &mut self.apps {
            let style = IssuerStyle::Alias(address.clone());
            app.new.edits.push(Edit::IssuerStyle(style));
        }
        self.issuer = Some(address);
        self
    }
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Its id there. Without one a group of the name that is here already is meant.
    pub id: Option<Uuid>,
    /// Its name here.
    pub name: String,
    /// What administrators read.
    pub description: String,
    /// Groups by name that its members are members of too.
    pub inside: Vec<String>,
}

/// A person.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Their id there: the `sub` that applications know. Without one they get a new one.
    pub id: Option<Uuid>,
    /// What they are called there.
    pub foreign: String,
    /// Everything about them.
    pub arrival: Arrival,
    /// As whom upstreams know them: the upstream by name, the subject.
    pub identities: Vec<(String, String)>,
}

/// An application.
#[derive(Debug, Clone)]
pub struct Application {
    /// Its id there.
    pub id: Option<Uuid>,
    /// Everything about it.
    pub new: NewApp,
    /// The secret that it authenticates with there; one is made when there is none and it needs one.
    pub secret: Option<ClientSecret>,
}
