//! The tree of commands, one file for each noun.

mod admin;
mod alias;
mod app;
mod authority;
mod claims;
mod completion;
mod confirm;
mod doctor;
mod event;
mod group;
mod import;
mod key;
mod login;
mod mail;
mod master_key;
mod migrate;
mod overview;
mod policy;
mod preset;
mod registration;
mod remote;
mod service;
mod session;
mod setting;
mod state;
mod status;
mod terms;
mod tls;
mod trace;
mod upstream;
mod user;
mod walk;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{caller::Caller, connection::Connection, failure::Failure, output::Output};

/// Single sign-on for teams that run their own tools.
#[derive(Debug, Parser)]
#[command(
    name = "doorward",
    version,
    about,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(
    after_help = "Commands go to the server on this machine through the socket in its data directory, or to a remote \
    (doorward remote add). Exit codes: 0 done, 1 refused, 2 not understood, 3 no server reached."
)]
pub(crate) struct Cli {
    /// Print what the API answers, unchanged, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The server to talk to, by the name given to `doorward remote add`; `local` for the one on this machine
    #[arg(long, global = true, value_name = "NAME")]
    remote: Option<String>,
    /// Data directory of the server on this machine [default: $DOORWARD_DATA, ./data or /var/lib/doorward]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// People: add, show, change, disable; enrolment and reset links; their sessions
    #[command(subcommand)]
    User(user::Command),
    /// Groups and who is in them
    #[command(subcommand)]
    Group(group::Command),
    /// Applications that people log in to, who may use them, their secrets and configuration
    #[command(subcommand)]
    App(Box<app::Command>),
    /// Issuers of earlier providers at which the server answers too, so that applications notice nothing
    #[command(subcommand)]
    Alias(alias::Command),
    /// What is asked of logins: second factors, how fresh, how strong passwords
    #[command(subcommand)]
    Policy(policy::Command),
    /// People who register themselves: whether they may, and who waits to be let in
    #[command(subcommand)]
    Registration(registration::Command),
    /// Terms and conditions: publish a version, see who has accepted which
    #[command(subcommand)]
    Terms(terms::Command),
    /// What is known about applications before they are added
    #[command(subcommand)]
    Preset(preset::Command),
    /// What is wrong with a login, on which side, and what to type
    Doctor(doctor::Doctor),
    /// Providers that other people run and that log people in here
    #[command(subcommand)]
    Upstream(Box<upstream::Command>),
    /// Moving in: people, groups, applications of another provider
    #[command(subcommand)]
    Import(import::Command),
    /// Service accounts and their API tokens
    #[command(subcommand)]
    Service(service::Command),
    /// Who may administer what
    #[command(subcommand)]
    Admin(admin::Command),
    /// What was done, by whom
    #[command(subcommand)]
    Event(event::Command),
    /// What happened in a login, check by check
    Trace(trace::Trace),
    /// Who is logged in where
    #[command(subcommand)]
    Session(session::Command),
    /// Letters to people: a test, and those that have not arrived
    #[command(subcommand)]
    Mail(mail::Command),
    /// Settings of the whole server
    #[command(subcommand)]
    Setting(setting::Command),
    /// Write everything as files into a directory: applications, groups, upstreams, settings
    Export(state::Export),
    /// Say what the files of a directory would change, and what is here that they do not name
    Plan(state::Plan),
    /// Make everything as the files of a directory say: all of it or nothing
    Apply(state::Apply),
    /// The server's certificate: which it is, and why the next one does not come
    #[command(subcommand)]
    Tls(tls::Command),
    /// The private authority: make it, show what hosts must install, issue certificates
    #[command(subcommand)]
    Ca(authority::Command),
    /// The keys that tokens are signed with
    #[command(subcommand)]
    Key(key::Command),
    /// The key that everything secret in the database is sealed under
    #[command(subcommand)]
    MasterKey(master_key::Command),
    /// Rules for logins through other providers, tried on a claim set
    #[command(subcommand)]
    Claims(claims::Command),
    /// Log in at a provider in the browser, and keep or print the token for programs in this terminal
    Login(Box<login::LogIn>),
    /// Moving from another provider: what applications would see
    #[command(subcommand)]
    Migrate(migrate::Command),
    /// Servers elsewhere, reached over HTTPS with an API token
    #[command(subcommand)]
    Remote(remote::Command),
    /// People, applications, logins of the last day and why they failed, and what wants attention
    Overview,
    /// What the server says of itself, and who you are to it
    Status,
    /// Print the completion script of a shell
    Completion(completion::Completion),
}

/// Which part of a list.
#[derive(Debug, Args)]
struct Page {
    /// Entries at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: Option<u32>,
    /// Where the page before ended
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

impl Cli {
    /// Carries the command out. `tree` is the whole tree of commands, for the completion script.
    pub(crate) async fn carry_out(self, output: &Output, tree: clap::Command) -> Result<(), Failure> {
        // Those that ask no server of ours.
        let command = match self.command {
            Command::Completion(completion) => return completion.run(tree, output),
            Command::Remote(remote) => return remote.run(output).await,
            Command::Claims(command) => return command.run(output),
            Command::Doctor(command) => {
                let (remote, data) = (self.remote, self.data);
                return command
                    .run(|| Connection::choose(remote.as_deref(), data), output)
                    .await;
            }
            Command::Preset(command) => match command.without_server(output)? {
                Some(command) => Command::Preset(command),
                None => return Ok(()),
            },
            Command::Login(login) => {
                let (remote, data) = (self.remote, self.data);
                return login.run(|| Connection::choose(remote.as_deref(), data), output).await;
            }
            Command::Migrate(command) => {
                let (remote, data) = (self.remote, self.data);
                return command
                    .run(|| Connection::choose(remote.as_deref(), data), output)
                    .await;
            }
            command => command,
        };
        let caller = Caller {
            connection: Connection::choose(self.remote.as_deref(), self.data)?,
            output,
        };
        match command {
            Command::User(command) => command.run(&caller).await,
            Command::Group(command) => command.run(&caller).await,
            Command::App(command) => command.run(&caller).await,
            Command::Alias(command) => command.run(&caller).await,
            Command::Policy(command) => command.run(&caller).await,
            Command::Registration(command) => command.run(&caller).await,
            Command::Terms(command) => command.run(&caller).await,
            Command::Preset(command) => command.run(&caller).await,
            Command::Upstream(command) => command.run(&caller).await,
            Command::Import(command) => command.run(&caller).await,
            Command::Service(command) => command.run(&caller).await,
            Command::Admin(command) => command.run(&caller).await,
            Command::Event(command) => command.run(&caller).await,
            Command::Trace(trace) => trace.run(&caller).await,
            Command::Session(command) => command.run(&caller).await,
            Command::Mail(command) => command.run(&caller).await,
            Command::Setting(command) => command.run(&caller).await,
            Command::Export(command) => command.run(&caller).await,
            Command::Plan(command) => command.run(&caller).await,
            Command::Apply(command) => command.run(&caller).await,
            Command::Tls(command) => command.run(&caller).await,
            Command::Ca(command) => command.run(&caller).await,
            Command::Key(command) => command.run(&caller).await,
            Command::MasterKey(command) => command.run(&caller).await,
            Command::Status => status::run(&caller).await,
            Command::Overview => overview::run(&caller).await,
            Command::Remote(_)
            | Command::Completion(_)
            | Command::Claims(_)
            | Command::Doctor(_)
            | Command::Login(_)
            | Command::Migrate(_) => Ok(()),
        }
    }
}
