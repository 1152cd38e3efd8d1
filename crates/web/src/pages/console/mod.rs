//! The console of those who administer. A page is built as a [`sheet::Sheet`] from what the API answers; one template draws it.

mod aliases;
mod app;
mod app_doctor;
mod app_keys;
mod app_logouts;
mod app_pairing;
mod app_requests;
mod app_sender;
mod app_settings;
mod app_shown;
mod apps;
mod certificates;
mod client_registration;
mod ending;
mod events;
mod factors;
mod frame;
mod groups;
mod imports;
mod installation;
mod keys;
mod long_form;
mod mail;
mod overview;
mod people;
mod person;
mod policies;
mod policy;
mod registration;
mod removal;
mod server;
mod services;
mod sheet;
mod state_files;
mod terms;
mod traces;
mod upstream;
mod upstream_settings;
mod upstreams;
mod words;

pub use aliases::{Aliases, aliases};
pub use app::{App, app, remove_app};
pub use app_doctor::{AppDoctor, app_doctor};
pub use app_logouts::{AppLogouts, app_logouts};
pub use app_pairing::{AppPairing, app_pairing};
pub use app_settings::{AppSettings, app_settings, other_audiences};
pub use app_shown::{app_preview, app_secret, app_snippet};
pub use apps::{AddApp, Apps, add_app, added_app, apps, choose_preset};
pub use certificates::{Certificates, certificates, issued_certificate};
pub use client_registration::{ClientRegistration, client_registration, initial_access_token};
pub use ending::remove_person;
pub use events::{Events, events};
pub use factors::{passkey, reset_factors};
pub use frame::{Done, Frame, Room};
pub use groups::{AddGroup, Group, Groups, add_group, group, groups, remove_group};
pub use imports::{Import, import};
pub use installation::installation;
pub use keys::{Keys, keys, retire_key};
pub use mail::{Mail, mail};
pub use overview::overview;
pub use people::{AddPerson, People, add_person, added_person, people};
pub use person::{Person, person, shown_link};
pub use policies::{Place, Policies, demand, policies};
pub use policy::{Policy, PolicyForm, policy};

use doorward_api as api;

pub use registration::{Registration, registration};
pub use server::{Admins, admins, sessions, settings};
pub use services::{Service, remove_service, service, service_token, services};
pub use state_files::{StateView, state_files};
pub use terms::{PublishTerms, Terms, all_terms, publish_terms, terms};
pub use traces::{Traces, trace, traces};
pub use upstream::{Upstream, remove_upstream, upstream, upstream_dry_run};
pub use upstream_settings::{UpstreamSettings, upstream_settings};
pub use upstreams::{AddUpstream, add_upstream, choose_upstream, probed_upstream, upstreams};
pub(crate) use words::segment;

use self::{
    removal::{Removal, removal},
    sheet::{Sheet, Trouble},
};
// The template of every page's foot asks for it by this path.
use super::link;
use super::text::Text;

/// A page for what the API refused; `back` is where the person came from.
pub fn refused(error: &api::ErrorBody, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let sheet = Sheet {
        title: t.say("console-refused"),
        up: Some(sheet::Anchor::new(
            frame.at(super::path::CONSOLE),
            t.say("console-overview"),
        )),
        trouble: Some(trouble(t, error)),
        ..Sheet::default()
    };
    frame.draw(None, sheet)
}

/// What was refused, in the reader's language where it is known in it.
fn trouble(t: Text, error: &api::ErrorBody) -> Trouble {
    Trouble {
        message: t
            .find(&format!("refused-of-{}", error.code))
            .unwrap_or_else(|| error.message.clone()),
        detail: error.detail.clone(),
        remedy: error.remedy.clone(),
        code: error.code.clone(),
        reference: error.reference.clone(),
    }
}
