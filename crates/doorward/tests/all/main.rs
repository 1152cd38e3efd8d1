//! The built binary from outside: how it starts, refuses to start, serves TLS, and stops.

mod process;
mod remote;
mod start;
mod strangers;
mod tls;
