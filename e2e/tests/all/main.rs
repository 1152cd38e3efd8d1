//! Each against the built binary: its command line, its pages, its HTTP.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, at the place where it stands"
)]

mod acme;
mod actual;
mod aliases;
mod app_logout;
mod attacks;
mod audiobookrequest;
mod behind_nginx;
mod beszel;
mod bound_tokens;
mod brokered;
mod brokered_account;
mod brokered_attempts;
mod brokered_failures;
mod brokered_logout;
mod certificates;
mod chromium;
mod cmdbsyncer;
mod command_line_login;
mod conformance_basic;
mod conformance_ciba;
mod conformance_dynamic;
mod conformance_fapi2;
mod conformance_logout;
mod consent;
mod console;
mod console_files;
mod crash;
mod demo;
mod django;
mod doctor;
mod doctor_allauth;
mod doctor_app;
mod doctor_applications;
mod doctor_installation;
mod doctor_table;
mod each_library;
mod encrypted_tokens;
mod equal_answers;
mod failing_server;
mod first_start;
mod frames;
mod gateway;
mod go_applications;
mod go_client;
mod grants;
mod houses;
mod jupyterhub;
mod keycloak_logout;
mod keys;
mod library;
mod library_quirks;
mod library_sessions;
mod life;
mod mail;
mod miniflux;
mod moved;
mod moving_files;
mod moving_in;
mod near_addresses;
mod node_red;
mod oauth2_proxy;
mod openbao;
mod openid_client;
mod openid_client_requests;
mod other_grants;
mod passwords;
mod pgadmin;
mod private_authority;
mod profile;
mod refreshing;
mod registration;
mod rfc9700;
mod second_factor;
mod sessions;
mod slow_clients;
mod state_files;
mod synapse;
mod terms;
mod throttling;
mod upstream_clouds;
mod upstream_keycloak;
mod upstream_others;
mod upstream_reasons;
mod wrong_on_purpose;
