//! `/admin`: the console of those who administer.
//!
//! It has no rules of its own and no way around the API: each page asks the API's own router, in this process, with the rights
//! of the person whose session it is ([`client`]). So API, command line and console can and forbid the same, and a denial names
//! the right that is missing. Forms are checked in one place ([`form`]), and what is dangerous asks for a fresh proof
//! ([`desk::Desk::fresh`]).

mod aliases;
mod app;
mod app_keys;
mod app_logouts;
mod app_pairing;
mod app_requests;
mod app_sender;
mod app_settings;
mod apps;
mod certificates;
mod client;
mod client_registration;
mod deletion;
mod desk;
mod doctor;
mod events;
mod factors;
mod files;
mod form;
mod groups;
mod imports;
mod keys;
mod mail;
mod overview;
mod people;
mod person;
mod policies;
mod registration;
mod server;
mod services;
mod terms;
mod traces;
mod typed;
mod upload;
mod upstream_settings;
mod upstreams;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, routing::get, routing::post};

use crate::{Door, pages::path};

/// No form of the console is larger.
const MAX_FORM: usize = 128 * 1024;

/// What the console works with.
#[derive(Clone)]
pub(crate) struct Console {
    pub(crate) door: Arc<Door>,
    pub(crate) api: Router,
}

/// The console's routes, to be merged into the server's router. `api` is the API's.
pub fn router(door: Arc<Door>, api: Router) -> Router {
    Router::new()
        .merge(factors::routes())
        .merge(files::routes())
        .merge(policies::routes())
        .merge(imports::routes())
        .merge(mail::routes())
        .merge(app_settings::routes())
        .merge(app_logouts::routes())
        .merge(app_pairing::routes())
        .merge(doctor::routes())
        .merge(client_registration::routes())
        .merge(aliases::routes())
        .merge(upstream_settings::routes())
        .route(path::CONSOLE, get(overview::show))
        .route("/admin/people", get(people::list))
        .route("/admin/people/add", get(people::begin).post(people::add))
        .route("/admin/people/{user}", get(person::show))
        .route("/admin/people/{user}/edit", post(person::edit))
        .route("/admin/people/{user}/link", post(person::link))
        .route("/admin/people/{user}/disable", post(person::disable))
        .route("/admin/people/{user}/enable", post(person::enable))
        .route("/admin/people/{user}/end-sessions", post(person::end_sessions))
        .route("/admin/people/{user}/revoke", post(person::revoke))
        .route(
            "/admin/people/{user}/delete",
            get(deletion::confirm).post(deletion::delete),
        )
        .route("/admin/people/{user}/restore", post(deletion::restore))
        .route("/admin/registration", get(registration::show).post(registration::edit))
        .route("/admin/registration/approve", post(registration::approve))
        .route("/admin/registration/reject", post(registration::reject))
        .route("/admin/groups", get(groups::list))
        .route("/admin/groups/add", get(groups::begin).post(groups::add))
        .route("/admin/groups/{group}", get(groups::show))
        .route("/admin/groups/{group}/edit", post(groups::edit))
        .route("/admin/groups/{group}/add-member", post(groups::add_member))
        .route("/admin/groups/{group}/remove-member", post(groups::remove_member))
        .route(
            "/admin/groups/{group}/delete",
            get(groups::confirm_delete).post(groups::delete),
        )
        .route("/admin/apps", get(apps::list))
        .route("/admin/apps/add", get(apps::choose))
        .route("/admin/apps/add/{preset}", get(apps::begin).post(apps::add))
        .route("/admin/apps/{app}", get(app::show))
        .route("/admin/apps/{app}/allow", post(app::allow))
        .route("/admin/apps/{app}/deny", post(app::deny))
        .route(
            "/admin/apps/{app}/snippet",
            get(app::snippet).post(app::snippet_with_secret),
        )
        .route("/admin/apps/{app}/secret", post(app::secret))
        .route("/admin/apps/{app}/rotate", post(app::rotate))
        .route("/admin/apps/{app}/preview", get(app::preview))
        .route("/admin/apps/{app}/edit", post(app::edit))
        .route("/admin/apps/{app}/disable", post(app::disable))
        .route("/admin/apps/{app}/enable", post(app::enable))
        .route("/admin/apps/{app}/remove", get(app::confirm_remove).post(app::remove))
        .route("/admin/upstreams", get(upstreams::list))
        .route("/admin/upstreams/add", get(upstreams::choose))
        .route(
            "/admin/upstreams/add/{preset}",
            get(upstreams::begin).post(upstreams::add),
        )
        .route("/admin/upstreams/{upstream}", get(upstreams::show))
        .route("/admin/upstreams/{upstream}/edit", post(upstreams::edit))
        .route("/admin/upstreams/{upstream}/secret", post(upstreams::secret))
        .route("/admin/upstreams/{upstream}/probe", post(upstreams::probe))
        .route("/admin/upstreams/{upstream}/link", post(upstreams::link))
        .route("/admin/upstreams/{upstream}/unlink", post(upstreams::unlink))
        .route("/admin/upstreams/{upstream}/dry-run", get(upstreams::dry_run))
        .route(
            "/admin/upstreams/{upstream}/remove",
            get(upstreams::confirm_remove).post(upstreams::remove),
        )
        .route("/admin/traces", get(traces::list))
        .route("/admin/traces/find", get(traces::find))
        .route("/admin/traces/{reference}", get(traces::show))
        .route("/admin/events", get(events::list))
        .route("/admin/events/export", get(events::export))
        .route("/admin/services", get(services::list))
        .route("/admin/services/add", post(services::add))
        .route("/admin/services/{service}", get(services::show))
        .route("/admin/services/{service}/edit", post(services::edit))
        .route("/admin/services/{service}/token", post(services::add_token))
        .route("/admin/services/{service}/revoke", post(services::revoke))
        .route("/admin/services/{service}/key", post(services::add_key))
        .route("/admin/services/{service}/remove-key", post(services::remove_key))
        .route(
            "/admin/services/{service}/delete",
            get(services::confirm_delete).post(services::delete),
        )
        .route("/admin/admins", get(server::admins))
        .route("/admin/admins/grant", post(server::grant))
        .route("/admin/admins/revoke", post(server::revoke))
        .route("/admin/sessions", get(server::sessions))
        .route("/admin/sessions/end", post(server::end_session))
        .route("/admin/terms", get(terms::list))
        .route("/admin/terms/publish", get(terms::begin).post(terms::publish))
        .route("/admin/terms/{version}", get(terms::show))
        .route("/admin/terms/{version}/withdraw", post(terms::withdraw))
        .route("/admin/keys", get(keys::show))
        .route("/admin/keys/turn", post(keys::turn))
        .route("/admin/keys/import", post(keys::import))
        .route("/admin/keys/master/rotate", post(keys::rotate_master))
        .route("/admin/keys/master/forget", post(keys::forget_master))
        .route("/admin/keys/{key}/retire", get(keys::confirm_retire).post(keys::retire))
        .route("/admin/certificates", get(certificates::show))
        .route("/admin/certificates/renew", post(certificates::renew))
        .route("/admin/certificates/authority", post(certificates::make))
        .route("/admin/certificates/issue", post(certificates::issue))
        .route("/admin/settings", get(server::settings).post(server::edit_settings))
        .route("/admin/settings/own-profile", post(server::edit_own_profile))
        .route("/admin/people/{user}/attributes", post(person::attributes))
        .layer(DefaultBodyLimit::max(MAX_FORM))
        .with_state(Console { door, api })
}
