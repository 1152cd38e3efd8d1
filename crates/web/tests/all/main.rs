//! Tests of the faces through their public surface.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod api_access;
mod api_apps;
mod api_command_line;
mod api_grants;
mod api_keys;
mod api_passkeys;
mod api_people;
mod api_server;
mod api_state;
mod api_terms;
mod api_upstreams;
mod catalogue;
mod escaping;
mod gallery;
mod page_samples;
mod parity;
mod policy;
mod privileges;
mod served_assets;
mod structure;
