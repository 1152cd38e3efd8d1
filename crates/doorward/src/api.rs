//! Mounts the API over the server's services.

use std::sync::Arc;

use axum::Router;
use doorward_web::{
    Door,
    api::{self, ApiState, Services},
    server::Shutdown,
};

/// The API's routes.
pub(crate) fn router(door: &Door, shutdown: &Shutdown) -> Router {
    let clock = Arc::clone(&door.clock);
    api::router(ApiState::new(Services {
        store: door.store.clone(),
        directory: door.directory.clone(),
        apps: door.apps.clone(),
        upstreams: door.upstreams.clone(),
        tracer: door.tracer.clone(),
        certificates: door.certificates.clone(),
        outbox: door.outbox.clone(),
        postman: door.postman.clone(),
        server: door.server.clone(),
        random: Arc::clone(&door.random),
        clock: Arc::new(move || clock.now()),
        shutdown: shutdown.clone(),
    }))
}
