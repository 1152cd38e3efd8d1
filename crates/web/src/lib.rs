//! The faces that people and programs meet over HTTP: pages, protocol endpoints, the API, and the accept loop.

pub mod server;
