//! Upstreams: providers that other people run and that log people in here, who came through them, and what becomes of it.
//!
//! [`Upstreams`] is the service: it adds, edits and removes them, holds an immutable [`Snapshot`] of them, and gives for each
//! the [`Login`](doorward_login::Login) that speaks with it. A login that the library has verified becomes an [`Arrival`]
//! ([`Upstreams::arrive`] asks elsewhere what the token did not say), and [`Upstreams::accept`] makes a person of it in one
//! unit of work. Who is whom is decided by issuer and subject alone; an account that exists is linked by explicit rule, never
//! by user name.
//!
//! Invariants: knows nothing of pages and HTTP requests; reads no clock; every administrative change takes an actor and
//! checks its right inside the unit of work.

mod accept;
mod administration;
mod apply;
mod arrival;
mod attempts;
mod changes;
mod connections;
mod decide;
pub mod declared;
mod dry_run;
mod edit;
mod error;
mod failure;
mod held;
mod identities;
mod links;
mod logged_out;
mod lookup;
mod new_upstream;
mod preset;
mod private_key;
mod probe;
mod refusals;
mod rows;
mod service;
mod sessions;
mod snapshot;
mod upstream;
mod values;
mod weakened;
mod within;

pub use accept::{Accepted, Context, How, Preview};
pub use arrival::Arrival;
pub use connections::Public;
pub use dry_run::{Candidate, Prospect, WouldBe};
pub use edit::{Edit, apply};
pub use error::UpstreamsError;
pub use failure::refusal_of;
pub use identities::{Identity, IdentityOrigin};
pub use new_upstream::NewUpstream;
pub use preset::{Cloud, Mistake, Preset, Presets, presets};
pub use probe::{Finding, Probed, Severity};
pub use refusals::*;
pub use service::{Probing, Upstreams};
pub use sessions::{LogoutHint, Which};
pub use snapshot::{Snapshot, Snapshots};
pub use upstream::{Authentication, Endpoints, LinkRule, Lookup, LookupFailure, RoutedGroup, SealedSecret, Upstream};
pub use weakened::{Weakened, weakened};
pub use within::{Given, InUnit};
