//! The workshop: `cargo xtask test | bench | fuzz | docs`.

mod applications;
mod checks;
mod clock;
#[cfg(test)]
mod conformance;
mod grafana;
mod process;
mod providers;
mod setup;
mod steps;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask test [PART ...]   everything CI runs; or only: fmt clippy deny unit demo e2e fuzz,
                              or by name alone: large (applications that take minutes to build)
cargo xtask bench [ARGS]      the table of figures, beside its peers
cargo xtask order             writes the list of functions that a release puts together
cargo xtask fuzz [SECONDS]    each fuzz target for that long (default 600)
cargo xtask docs              writes docs/refusals.md from the catalogue
cargo xtask setup             installs what tests need and stops; with the word applications, or large: those alone";

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    match command.as_str() {
        "test" => steps::test(&rest),
        "bench" => steps::bench(&rest),
        "order" => steps::order(),
        "fuzz" => steps::fuzz(rest.first().map_or("600", String::as_str)),
        "docs" => steps::docs(),
        "setup" if rest == ["applications"] => applications::everything().map(|_| ()),
        "setup" if rest == ["large"] => providers::large().map(|_| ()),
        "setup" => {
            setup::everything()?;
            providers::everything().map(|_| ())
        }
        _ => bail!("expected a command, found {command:?}\n{USAGE}"),
    }
}
