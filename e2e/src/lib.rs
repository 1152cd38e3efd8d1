//! What the end-to-end tests are made of: the real server as a process, an HTTP browser, real applications beside it.
//!
//! Nothing here links the server's crates. The server is known by its command line, its pages and its HTTP alone, so what
//! these tests show is what an administrator, a person and an application meet. The `login` library, which is there for
//! applications, is used as an application uses it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a harness: whatever goes wrong here fails the test, at the place where it went wrong"
)]
#![allow(clippy::print_stderr, reason = "the logs of processes, when their test has failed")]

mod browser;
mod client;
mod clock;
mod django;
mod doctor;
mod gateway;
mod go;
mod html;
mod mail;
mod nginx;
mod node;
mod portal;
mod process;
mod receiver;
pub mod rigs;
mod routes;
mod server;
pub mod tls;
mod tools;
mod trace;

pub use crate::{
    browser::{Browser, Page},
    client::{Client, Tokens},
    clock::Clock,
    django::{Package, Site},
    doctor::{looked, may_be_here, silence},
    gateway::Gateway,
    go::Go,
    html::{Form, forms, text},
    mail::{MailServer, Received, Taking},
    nginx::{Nginx, NginxAt},
    node::run_node,
    portal::{Place, Portal},
    process::{Running, bounded, free_port},
    receiver::{Answering, Receiver, claims},
    routes::{Route, routes},
    server::{Engine, Person, Ran, Server, fresh_database},
    tools::{Tools, output_folder},
    trace::{Conclusion, Step, Trace},
};
