//! `doorward mail …`

use clap::Subcommand;
use doorward_api::{Letter, LetterState, List, MailStatus, MailTest, MailTested, PageQuery};

use super::Page;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show whether mail is sent, through which server, and how many letters wait
    Show,
    /// Send a test letter now, and say what the mail server answers
    Test {
        /// Where it goes
        address: String,
        /// Its language: en or de
        #[arg(long, value_name = "LANG")]
        language: Option<String>,
    },
    /// List the letters that have not arrived, and why
    Queue {
        #[command(flatten)]
        page: Page,
    },
    /// Send a letter now, also one that was given up
    Retry {
        /// Its id
        id: String,
    },
    /// Take a letter out of the queue
    Remove {
        /// Its id
        id: String,
    },
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Show => {
                let reply = caller.get::<MailStatus>(&["mail"]).await?;
                caller.show(&reply, show)
            }
            Self::Test { address, language } => {
                let request = MailTest {
                    to: address.clone(),
                    language,
                };
                let reply = caller.post::<MailTested>(&["mail", "test"], &request).await?;
                caller.show(&reply, |tested, output| {
                    output.line(format!("{} took a letter to {address}.", tested.server))
                })
            }
            Self::Queue { page } => {
                let query = PageQuery {
                    cursor: page.cursor,
                    limit: page.limit,
                };
                let reply = caller.query::<List<Letter>>(&["mail", "queue"], &query).await?;
                caller.show(&reply, |list, output| {
                    output.list(
                        list,
                        &["ID", "TO", "WHAT", "STATE", "TRIES", "NEXT", "PROBLEM"],
                        row,
                        "Every letter has arrived.",
                    )
                })
            }
            Self::Retry { id } => {
                caller.post_for_nothing(&["mail", "queue", &id, "retry"], &()).await?;
                caller.output.line(format!("The letter {id} is tried now."))
            }
            Self::Remove { id } => {
                caller.delete(&["mail", "queue", &id]).await?;
                caller.output.line(format!("Removed the letter {id}."))
            }
        }
    }
}

fn show(status: &MailStatus, output: &Output) -> Result<(), Failure> {
    let server = match (&status.server, status.on) {
        (Some(server), _) => server.clone(),
        (None, true) => "configured".to_owned(),
        (None, false) => "none: set [mail] in the configuration file, or hand over links".to_owned(),
    };
    output.fields(&[
        ("mail server", server),
        ("letters waiting", status.waiting.to_string()),
        ("letters given up", status.given_up.to_string()),
    ])
}

fn row(letter: &Letter) -> Vec<String> {
    let (state, next) = match letter.state {
        LetterState::Waiting => ("waiting", instant(letter.due)),
        LetterState::GivenUp => ("given up", String::new()),
    };
    vec![
        letter.id.to_string(),
        letter.recipient.clone(),
        letter.kind.clone(),
        state.to_owned(),
        letter.tries.to_string(),
        next,
        letter.problem.clone().unwrap_or_default(),
    ]
}
