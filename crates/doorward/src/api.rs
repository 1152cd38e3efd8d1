//! Mounts the API, and the console that asks it, over the server's services.

use std::sync::Arc;

use axum::Router;
use doorward_web::{
    Door, admin,
    api::{self, ApiState, Services},
    server::Shutdown,
};

/// The routes of both.
pub(crate) fn router(door: &Arc<Door>, shutdown: &Shutdown) -> Router {
    let clock = Arc::clone(&door.clock);
    let api = api::router(ApiState::new(Services {
        store: door.store.clone(),
        directory: door.directory.clone(),
        apps: door.apps.clone(),
        upstreams: door.upstreams.clone(),
        keys: door.keys.clone(),
        master: door.master_keys.clone(),
        importer: doorward_moving::Importer {
            store: door.store.clone(),
            apps: door.apps.clone(),
            upstreams: door.upstreams.clone(),
            seals: doorward_directory::factors::Seals {
                master: Arc::clone(&door.master),
                random: Arc::clone(&door.random),
                outbox: door.outbox.clone(),
            },
        },
        tracer: door.tracer.clone(),
        certificates: door.certificates.clone(),
        doctor: door.doctor.clone(),
        outbox: door.outbox.clone(),
        postman: door.postman.clone(),
        server: door.server.clone(),
        random: Arc::clone(&door.random),
        clock: Arc::new(move || clock.now()),
        shutdown: shutdown.clone(),
    }));
    admin::router(Arc::clone(door), api.clone()).merge(api)
}
