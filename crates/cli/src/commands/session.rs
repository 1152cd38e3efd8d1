//! `doorward session …`

use clap::Subcommand;
use doorward_api::{List, Session, SessionQuery};

use super::Page;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the browsers in which people are logged in, the latest first
    List {
        /// Only of this person
        user: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// End a session, and what applications got through it
    End {
        /// Its id in the list
        id: String,
    },
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::List { user, page } => {
                let query = SessionQuery {
                    user,
                    cursor: page.cursor,
                    limit: page.limit,
                };
                let reply = caller.query::<List<Session>>(&["sessions"], &query).await?;
                caller.show(&reply, |list, output| {
                    session_rows(list, output, "Nobody is logged in.")
                })
            }
            Self::End { id } => {
                caller.delete(&["sessions", &id]).await?;
                caller.output.line("Ended the session.")
            }
        }
    }
}

/// Sessions as a table.
pub(super) fn session_rows(list: &List<Session>, output: &Output, when_empty: &str) -> Result<(), Failure> {
    let row = |session: &Session| {
        vec![
            session.id.to_string(),
            session.user.clone(),
            instant(session.created),
            instant(session.last_seen),
            session.address.clone().unwrap_or_default(),
            session.user_agent.clone().unwrap_or_default(),
        ]
    };
    output.list(
        list,
        &["ID", "USER", "SINCE", "LAST SEEN", "FROM", "BROWSER"],
        row,
        when_empty,
    )
}
