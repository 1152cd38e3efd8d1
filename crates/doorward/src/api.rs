//! Mounts the API over the server's services.

use axum::Router;
use doorward_web::{Door, server::Shutdown};

/// The API's routes.
pub(crate) fn router(_door: &Door, _shutdown: &Shutdown) -> Router {
    Router::new()
}
