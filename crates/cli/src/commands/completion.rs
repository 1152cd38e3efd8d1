//! `doorward completion`

use clap::Args;
use clap_complete::Shell;

use crate::{failure::Failure, output::Output};

/// For bash: doorward completion bash > /etc/bash_completion.d/doorward
#[derive(Debug, Args)]
pub(crate) struct Completion {
    /// The shell
    shell: Shell,
}

impl Completion {
    pub(super) fn run(self, mut tree: clap::Command, output: &Output) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut tree, "doorward", &mut script);
        output.raw(&script)
    }
}
