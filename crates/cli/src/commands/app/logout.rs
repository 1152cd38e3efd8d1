//! How an application learns of a logout, and whether it has.

use clap::Args;
use doorward_api::{AppLogout, AppLogoutChange, Edit, Logout, LogoutCause, LogoutState, Logouts, LogoutsRetried};

use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant},
};

/// The settings as flags.
#[derive(Debug, Args)]
#[command(next_help_heading = "Logout")]
pub(super) struct LogoutFlags {
    /// Where the application takes logout tokens (back-channel logout); empty for nowhere
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// What the page after a logout loads in a frame (front-channel logout), which many browsers keep from working; empty for nothing
    #[arg(long, value_name = "URL")]
    frontchannel_logout_uri: Option<String>,
    /// Whether its pages ask a frame of ours whether the session goes on (session management), which many browsers keep from working
    #[arg(long, value_name = "BOOL")]
    session_management: Option<bool>,
    /// Post there, and let the doctor look, although its names lead into a private network or to this machine
    #[arg(long, value_name = "BOOL")]
    weaken_logout_private_address: Option<bool>,
}

impl LogoutFlags {
    /// The change that these flags ask for.
    pub(super) fn change(self) -> Option<AppLogoutChange> {
        let change = AppLogoutChange {
            backchannel_uri: Edit::from_given(self.backchannel_logout_uri, String::is_empty),
            frontchannel_uri: Edit::from_given(self.frontchannel_logout_uri, String::is_empty),
            session_management: self.session_management,
            weaken_private_address: self.weaken_logout_private_address,
        };
        (change != AppLogoutChange::default()).then_some(change)
    }
}

/// In one line, for `app show`.
pub(super) fn shown(logout: &AppLogout) -> String {
    let mut ways = Vec::new();
    ways.extend(logout.backchannel_uri.as_ref().map(|uri| format!("at {uri}")));
    let frame = logout.frontchannel_uri.as_ref();
    ways.extend(frame.map(|uri| format!("by a frame of {uri}, of which nobody learns whether it works")));
    if logout.session_management {
        ways.push("by asking in a frame, where the browser lets it".to_owned());
    }
    if ways.is_empty() {
        return "no: its own session goes on until it ends by itself".to_owned();
    }
    ways.join("; ")
}

/// `doorward app logouts`.
pub(super) async fn logouts(caller: &Caller<'_>, app: &str, retry: bool) -> Result<(), Failure> {
    if retry {
        let reply = caller
            .post::<LogoutsRetried>(&["apps", app, "logouts", "retry"], &())
            .await?;
        return caller.show(&reply, |done, output| {
            output.line(format!("{app} is told now of {}.", many(done.retried)))
        });
    }
    let reply = caller.get::<Logouts>(&["apps", app, "logouts"]).await?;
    caller.show(&reply, |logouts, output| {
        summary(app, logouts, output)?;
        let list = doorward_api::List {
            items: logouts.items.clone(),
            next: None,
        };
        output.list(
            &list,
            &["SUBJECT", "SESSION", "STATE", "CAUSE", "TRIES", "WHEN", "PROBLEM"],
            row,
            "There has been no logout of which it had to be told.",
        )
    })
}

/// What `app show` says after the settings; nothing when there is nothing.
pub(super) async fn standing(caller: &Caller<'_>, app: &str) -> Result<(), Failure> {
    let logouts = caller.get::<Logouts>(&["apps", app, "logouts"]).await?.value;
    for logout in logouts
        .items
        .iter()
        .filter(|logout| logout.state != LogoutState::Told)
        .take(3)
    {
        let problem = logout.problem.as_deref().unwrap_or("not tried yet");
        let then = match logout.state {
            LogoutState::Waiting => format!("attempt {} at {}", logout.tries.saturating_add(1), instant(logout.due)),
            _ => format!("given up after {} attempts", logout.tries),
        };
        caller
            .output
            .aside(format!("\nLogout of {}: {problem}, {then}", logout.subject))?;
    }
    if logouts.waiting + logouts.given_up > 0 {
        caller.output.aside(format!(
            "\nIt does not know of {}. Try: doorward app logouts {app}",
            many(logouts.waiting + logouts.given_up)
        ))?;
    }
    Ok(())
}

fn summary(app: &str, logouts: &Logouts, output: &Output) -> Result<(), Failure> {
    output.aside(format!(
        "{app} was told of {} within a day; {} wait; {} were given up.",
        many(logouts.told),
        logouts.waiting,
        logouts.given_up
    ))
}

fn many(count: u64) -> String {
    if count == 1 {
        "1 logout".to_owned()
    } else {
        format!("{count} logouts")
    }
}

fn row(logout: &Logout) -> Vec<String> {
    let state = match logout.state {
        LogoutState::Waiting => "waiting",
        LogoutState::Told => "told",
        LogoutState::GivenUp => "given up",
    };
    let cause = match logout.cause {
        LogoutCause::Ended => "session ended",
        LogoutCause::Expired => "session expired",
        LogoutCause::Revoked => "taken back",
        LogoutCause::NoAccess => "no group",
        LogoutCause::Stolen => "stolen",
        LogoutCause::NoApp => "disabled",
    };
    vec![
        logout.subject.clone(),
        logout.session.to_string(),
        state.to_owned(),
        cause.to_owned(),
        logout.tries.to_string(),
        instant(logout.due),
        logout.problem.clone().unwrap_or_default(),
    ]
}
