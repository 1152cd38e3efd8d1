//! `doorward key …`

use clap::Subcommand;
use doorward_api::{Key, List};

use crate::{
    caller::Caller,
    failure::Failure,
    output::{instant, maybe_instant},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the keys that tokens are signed with; they turn by themselves
    List,
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let reply = caller.get::<List<Key>>(&["keys"]).await?;
        caller.show(&reply, |list, output| {
            let row = |key: &Key| {
                vec![
                    key.kid.clone(),
                    key.alg.clone(),
                    key.state.as_str().to_owned(),
                    instant(key.created),
                    instant(key.activates_at),
                    maybe_instant(key.retires_at),
                ]
            };
            output.list(
                list,
                &["KEY", "ALGORITHM", "STATE", "MADE", "SIGNS FROM", "PUBLISHED UNTIL"],
                row,
                "There is no key yet.",
            )
        })
    }
}
