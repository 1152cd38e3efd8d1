//! The `doorward` binary: one command tree; `serve` and `demo` are its own, the rest is the command line's.

mod api;
#[cfg(test)]
mod catalogue;
mod certificates;
mod config;
mod data_directory;
mod demo;
mod first_link;
mod housekeeping;
mod logout;
mod mail;
mod mtls;
mod passwords;
mod serve;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Args, CommandFactory, FromArgMatches, Parser};
use doorward_cli::Ran;

use crate::config::{Config, LogFormat};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the server.
#[derive(Debug, Parser)]
#[command(name = "serve")]
struct Serve {
    #[command(flatten)]
    options: ServeOptions,
}

#[derive(Debug, Args)]
struct ServeOptions {
    /// Data directory: database, master key, socket. [default: ./data]
    #[arg(long, env = "DOORWARD_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Configuration file (TOML).
    #[arg(long, env = "DOORWARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The URL that browsers and applications use; it becomes the issuer.
    #[arg(long, env = "DOORWARD_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Address to listen on. [default: 127.0.0.1:8080]
    #[arg(long, env = "DOORWARD_LISTEN", value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// PostgreSQL URL; without it the database is a file in the data directory.
    #[arg(long, env = "DOORWARD_DATABASE", value_name = "URL", hide_env_values = true)]
    database: Option<String>,
}

impl ServeOptions {
    fn plan(self) -> Result<serve::Plan> {
        let mut config = match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        };
        config.data = self.data.or(config.data);
        config.public_url = self.public_url.or(config.public_url);
        config.listen = self.listen.or(config.listen);
        config.database = self.database.or(config.database);
        serve::Plan::new(config)
    }
}

fn main() -> ExitCode {
    let own = [Serve::command(), demo::Options::command()];
    match doorward_cli::run(std::env::args_os(), own) {
        Ran::Finished(code) => code,
        Ran::Own(name, matches) => match run_own(&name, &matches) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error),
        },
    }
}

#[allow(clippy::print_stderr, reason = "the last word of a command that failed")]
fn complain(error: &anyhow::Error) -> ExitCode {
    eprintln!("doorward: {error:#}");
    ExitCode::FAILURE
}

fn run_own(name: &str, matches: &clap::ArgMatches) -> Result<()> {
    match name {
        "serve" => {
            let plan = Serve::from_arg_matches(matches)?.options.plan()?;
            start_log(&plan.config.log);
            runtime()?.block_on(serve::run(plan))
        }
        "demo" => {
            let options = demo::Options::from_arg_matches(matches)?;
            start_log(&config::Log {
                level: Some("warn".to_owned()),
                ..config::Log::default()
            });
            runtime()?.block_on(demo::run(options))
        }
        other => anyhow::bail!("no such command: {other}"),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

fn start_log(log: &config::Log) {
    use tracing_subscriber::EnvFilter;
    let level = log.level.as_deref().unwrap_or("info");
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // They would go to standard error too, and panic where it is gone: whatever logs would end with it.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
