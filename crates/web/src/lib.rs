//! The faces that people and programs meet over HTTP: pages, protocol endpoints, the API, and the accept loop.

pub mod assets;
pub mod pages;
pub mod server;
