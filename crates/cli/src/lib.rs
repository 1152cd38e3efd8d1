//! The command line: a client of the API and nothing else.
//!
//! [`run`] parses, asks the server (over the Unix socket of the one on this machine, or over HTTPS) and shows the answer. Exit
//! codes: 0 done, 1 refused, 2 not understood, 3 no server reached.

mod browser;
mod caller;
mod commands;
mod connection;
mod failure;
mod local;
mod loopback;
mod moment;
mod output;
mod remotes;
mod span;
mod switch;

use std::{
    ffi::OsString,
    io::{IsTerminal, Write},
    process::ExitCode,
};

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use crate::{commands::Cli, failure::Failure, output::Output};

/// What became of a command line.
pub enum Ran {
    /// It was carried out, or refused; the process ends with this code.
    Finished(ExitCode),
    /// It is one of the caller's own commands: its name and what was given to it.
    Own(String, ArgMatches),
}

/// The whole tree of commands; `own` are those that the caller carries out itself (`serve`, `demo`).
pub fn command(own: impl IntoIterator<Item = clap::Command>) -> clap::Command {
    own.into_iter().fold(Cli::command(), clap::Command::subcommand)
}

/// Carries out a command line, the program's name first. `own` are commands that appear in help and completion but are the
/// caller's to carry out.
pub fn run(args: impl IntoIterator<Item = OsString>, own: impl IntoIterator<Item = clap::Command>) -> Ran {
    run_to(args, own, Box::new(std::io::stdout()), Box::new(std::io::stderr()))
}

/// The same with the results and what is beside them going elsewhere.
pub fn run_to(
    args: impl IntoIterator<Item = OsString>,
    own: impl IntoIterator<Item = clap::Command>,
    result: Box<dyn Write>,
    beside: Box<dyn Write>,
) -> Ran {
    let own: Vec<clap::Command> = own.into_iter().collect();
    let names: Vec<String> = own.iter().map(|command| command.get_name().to_owned()).collect();
    let tree = command(own);
    let mut output = Output::new(result, beside);
    let mut matches = match tree.clone().try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(answer) => return Ran::Finished(explain(&answer, &output)),
    };
    if matches
        .subcommand_name()
        .is_some_and(|name| names.iter().any(|own| own == name))
        && let Some((name, matches)) = matches.remove_subcommand()
    {
        return Ran::Own(name, matches);
    }
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(answer) => return Ran::Finished(explain(&answer, &output)),
    };
    output.json = cli.json;
    Ran::Finished(match carry_out(cli, &output, tree) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure, &output);
            failure.exit_code()
        }
    })
}

fn carry_out(cli: Cli, output: &Output, tree: clap::Command) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(cli.carry_out(output, tree))
}

/// Help and version are answers, everything else is a command line that was not understood.
fn explain(answer: &clap::Error, output: &Output) -> ExitCode {
    let text = answer.render();
    // Nobody is left to tell when writing fails.
    if answer.use_stderr() {
        let colours = std::io::stderr().is_terminal();
        let _ = output.error(
            if colours {
                text.ansi().to_string()
            } else {
                text.to_string()
            }
            .as_bytes(),
        );
        ExitCode::from(2)
    } else {
        let colours = std::io::stdout().is_terminal();
        let _ = output.raw(
            if colours {
                text.ansi().to_string()
            } else {
                text.to_string()
            }
            .as_bytes(),
        );
        ExitCode::SUCCESS
    }
}

/// On the error stream: for programs the server's own words, for people sentences.
fn tell(failure: &Failure, output: &Output) {
    let _ = match failure {
        Failure::Refused { raw, .. } if output.json => output.error(raw),
        _ => output.error(output::clean(&failure.to_string()).as_bytes()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_of_commands_holds_together() {
        command([clap::Command::new("serve").arg(clap::Arg::new("data").long("data"))]).debug_assert();
    }

    #[test]
    fn a_command_of_the_caller_is_handed_back() {
        let args = ["doorward", "serve", "--data", "x"].map(OsString::from);
        let own = clap::Command::new("serve").arg(clap::Arg::new("data").long("data"));
        let Ran::Own(name, matches) = run(args, [own]) else {
            panic!("it is the caller's")
        };
        assert_eq!(name, "serve");
        assert_eq!(matches.get_one::<String>("data").map(String::as_str), Some("x"));
    }
}
