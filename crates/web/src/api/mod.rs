//! `/api/v1`: every administrative operation, for programs, the command line and later the console.
//!
//! One table ([`operations!`]) gives the routes and the OpenAPI document, so that neither has what the other lacks. Handlers
//! read the request, ask the caller for the right, call the subject's service and show the result; they decide nothing else.

mod admins;
mod aliases;
mod apps;
mod attributes;
mod authority;
mod caller;
mod client_registration;
mod doctor;
mod error;
mod events;
mod factors;
mod fixes;
mod follow;
mod grants;
mod groups;
mod imports;
mod input;
mod installation;
mod keys;
mod lookup;
mod mail;
mod master_key;
mod openapi;
mod overview;
mod passkeys;
mod policies;
mod presets;
mod preview;
mod registration;
mod service_keys;
mod services;
mod sessions;
mod settings;
mod snippet;
mod state;
mod state_files;
mod status;
mod terms;
mod tls;
mod traces;
mod upstreams;
mod users;

use axum::{Router, middleware};

pub(crate) use follow::Lines;
pub use settings::{DEFAULT_EVENT_DAYS, DEFAULT_TRACE_DAYS, retention};
pub use state::{ApiState, Services};
pub use users::LINK_PATH;

use apps::logout as app_logouts;
use error::ApiError;

/// Declares the operations once: their routes and the list that the OpenAPI document is made from.
macro_rules! operations {
    ($($method:ident $path:literal => $module:ident::$handler:ident;)*) => {
        fn routes() -> Router<ApiState> {
            Router::new()$(.route(concat!("/api/v1", $path), axum::routing::$method($module::$handler)))*
        }

        /// Method and path of each operation, as routed.
        #[cfg(test)]
        const OPERATIONS: &[(&str, &str)] = &[$((stringify!($method), concat!("/api/v1", $path))),*];

        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($module::$handler),*))]
        struct Document;
    };
}

operations! {
    get "/status" => status::show_status;
    get "/tls" => tls::show_tls;
    post "/tls/renew" => tls::renew_tls;
    get "/ca" => authority::show_authority;
    post "/ca" => authority::make_authority;
    post "/ca/certificates" => authority::issue_certificate;
    get "/doctor" => installation::look_at_installation;
    get "/overview" => overview::show_overview;
    get "/users" => users::list_users;
    post "/users" => users::add_user;
    get "/users/{user}" => users::show_user;
    patch "/users/{user}" => users::edit_user;
    delete "/users/{user}" => users::delete_user;
    post "/users/{user}/restore" => users::restore_user;
    post "/users/{user}/links" => users::make_link;
    delete "/users/{user}/sessions" => sessions::end_user_sessions;
    get "/users/{user}/passkeys" => passkeys::list_passkeys;
    delete "/users/{user}/passkeys" => passkeys::remove_passkeys;
    patch "/users/{user}/passkeys/{passkey}" => passkeys::rename_passkey;
    delete "/users/{user}/passkeys/{passkey}" => passkeys::remove_passkey;
    get "/users/{user}/factors" => factors::show_factors;
    delete "/users/{user}/factors" => factors::reset_factors;
    delete "/users/{user}/browsers" => factors::forget_browsers;
    get "/users/{user}/policy" => policies::show_user_policy;
    get "/users/{user}/grants" => grants::list_grants;
    delete "/users/{user}/grants/{app}" => grants::revoke_grants;
    get "/groups" => groups::list_groups;
    post "/groups" => groups::add_group;
    get "/groups/{group}" => groups::show_group;
    patch "/groups/{group}" => groups::edit_group;
    delete "/groups/{group}" => groups::delete_group;
    patch "/groups/{group}/members" => groups::change_members;
    patch "/groups/{group}/policy" => policies::edit_group_policy;
    get "/services" => services::list_services;
    post "/services" => services::add_service;
    get "/services/{service}" => services::show_service;
    patch "/services/{service}" => services::edit_service;
    delete "/services/{service}" => services::delete_service;
    get "/services/{service}/tokens" => services::list_tokens;
    post "/services/{service}/tokens" => services::add_token;
    delete "/services/{service}/tokens/{token}" => services::revoke_token;
    get "/services/{service}/keys" => service_keys::list_service_keys;
    post "/services/{service}/keys" => service_keys::add_service_key;
    delete "/services/{service}/keys/{key}" => service_keys::remove_service_key;
    get "/admins" => admins::list_admins;
    post "/admins" => admins::grant_admin;
    post "/admins/revoke" => admins::revoke_admin;
    get "/apps" => apps::list_apps;
    post "/apps" => apps::add_app;
    get "/apps/{app}" => apps::show_app;
    patch "/apps/{app}" => apps::edit_app;
    delete "/apps/{app}" => apps::remove_app;
    put "/apps/{app}/scope-map/{group}" => apps::allow_group;
    delete "/apps/{app}/scope-map/{group}" => apps::deny_group;
    get "/apps/{app}/secret" => apps::show_secret;
    post "/apps/{app}/secret/rotate" => apps::rotate_secret;
    get "/apps/{app}/logouts" => app_logouts::show_logouts;
    post "/apps/{app}/logouts/retry" => app_logouts::retry_logouts;
    get "/apps/{app}/snippet" => snippet::show_snippet;
    post "/apps/{app}/preview" => preview::preview_app;
    post "/apps/{app}/doctor" => doctor::look_at_app;
    patch "/apps/{app}/policy" => policies::edit_app_policy;
    get "/policies" => policies::list_policies;
    patch "/policies/default" => policies::edit_default_policy;
    get "/registration" => registration::show_registration;
    patch "/registration" => registration::edit_registration;
    get "/registration/requests" => registration::list_registrations;
    post "/registration/requests/{request}/approve" => registration::approve_registration;
    post "/registration/requests/{request}/reject" => registration::reject_registration;
    get "/aliases" => aliases::list_aliases;
    post "/aliases" => aliases::add_alias;
    delete "/aliases/{alias}" => aliases::remove_alias;
    get "/client-registration" => client_registration::show_client_registration;
    patch "/client-registration" => client_registration::edit_client_registration;
    get "/client-registration/tokens" => client_registration::list_initial_access_tokens;
    post "/client-registration/tokens" => client_registration::add_initial_access_token;
    delete "/client-registration/tokens/{token}" => client_registration::remove_initial_access_token;
    get "/terms" => terms::list_terms;
    post "/terms" => terms::publish_terms;
    get "/terms/acceptances" => terms::list_acceptances;
    get "/terms/{version}" => terms::show_terms;
    post "/terms/{version}/withdraw" => terms::withdraw_terms;
    get "/presets" => presets::list_presets;
    get "/presets/{preset}" => presets::show_preset;
    get "/upstreams" => upstreams::list_upstreams;
    post "/upstreams" => upstreams::add_upstream;
    get "/upstreams/{upstream}" => upstreams::show_upstream;
    patch "/upstreams/{upstream}" => upstreams::edit_upstream;
    delete "/upstreams/{upstream}" => upstreams::remove_upstream;
    put "/upstreams/{upstream}/secret" => upstreams::set_upstream_secret;
    post "/upstreams/{upstream}/probe" => upstreams::probe_upstream;
    get "/upstreams/{upstream}/identities" => upstreams::list_identities;
    post "/upstreams/{upstream}/identities" => upstreams::link_identity;
    post "/upstreams/{upstream}/identities/unlink" => upstreams::unlink_identity;
    post "/upstreams/{upstream}/link-dry-run" => upstreams::link_dry_run;
    get "/upstream-presets" => upstreams::list_upstream_presets;
    get "/upstream-presets/{preset}" => upstreams::show_upstream_preset;
    post "/imports" => imports::import_document;
    get "/sessions" => sessions::list_sessions;
    delete "/sessions/{session}" => sessions::end_session;
    get "/events" => events::list_events;
    get "/events/follow" => events::follow_events;
    get "/traces" => traces::list_traces;
    get "/traces/follow" => traces::follow_traces;
    get "/traces/{reference}" => traces::show_trace;
    get "/keys" => keys::list_keys;
    post "/keys/rotate" => keys::rotate_keys;
    post "/keys/import" => keys::import_key;
    post "/keys/{key}/retire" => keys::retire_key;
    get "/master-key" => master_key::show_master_key;
    post "/master-key/rotate" => master_key::rotate_master_key;
    post "/master-key/forget" => master_key::forget_master_keys;
    get "/mail" => mail::show_mail;
    post "/mail/test" => mail::test_mail;
    get "/mail/queue" => mail::list_letters;
    post "/mail/queue/{letter}/retry" => mail::retry_letter;
    delete "/mail/queue/{letter}" => mail::remove_letter;
    post "/state/export" => state_files::export_state;
    get "/state/file" => state_files::show_state_file;
    get "/state/people" => state_files::export_people;
    get "/state/schema" => state_files::show_state_schemas;
    post "/state/plan" => state_files::plan_state;
    post "/state/apply" => state_files::apply_state;
    get "/settings" => settings::show_settings;
    patch "/settings" => settings::edit_settings;
}

/// The API, to be merged into the server's router: everything below `/api/v1`, other paths there included.
pub fn router(state: ApiState) -> Router {
    let known = routes()
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn_with_state(state.clone(), caller::authenticate));
    let unknown = async |uri: http::Uri| {
        ApiError::not_found(format!(
            "there is no operation {}; see /api/v1/openapi.json",
            uri.path()
        ))
    };
    known
        .route("/api/v1/openapi.json", axum::routing::get(openapi::document))
        .route("/api/v1", axum::routing::any(unknown))
        .route("/api/{*rest}", axum::routing::any(unknown))
        .with_state(state)
}
