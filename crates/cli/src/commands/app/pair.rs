//! `doorward app pair`: a redirect URI that nobody knows before the application has made it up. For ten minutes the first one that
//! the application sends from its own address is shown, and registered when the administrator says yes.

use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

use clap::Args;
use doorward_api::{App, AppChange, List, Status, TraceQuery, TraceSummary};
use doorward_apps::is_at_home;
use jiff::Timestamp;
use url::Url;

use crate::{caller::Caller, failure::Failure, span};

/// How long between two looks.
const PAUSE: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
#[command(
    after_help = "Start it, then open the application's login. Nothing is registered that nobody said yes to, and nothing that \
    is not at the application's own address."
)]
pub(crate) struct Pair {
    /// The application's client id
    app: String,
    /// How long to wait
    #[arg(long, value_name = "SPAN", default_value = "10m", value_parser = span::parse)]
    within: u32,
    /// Say yes beforehand to the first redirect URI that begins like this, where nobody is at the terminal
    #[arg(long, value_name = "URI")]
    accept: Option<String>,
}

impl Pair {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let app = caller.get::<App>(&["apps", &self.app]).await?.value;
        if app.url.is_empty() {
            return Err(Failure::usage_with(
                format!(
                    "{} has no address, so nobody can say which redirect URIs are its own",
                    app.client_id
                ),
                format!("doorward app edit {} --new-url https://…", app.client_id),
            ));
        }
        if self.accept.is_none() && !std::io::stdin().is_terminal() {
            return Err(Failure::usage_with(
                "nobody is here to say yes",
                format!("doorward app pair {} --accept {}/login/", app.client_id, app.url),
            ));
        }
        if let Some(beginning) = &self.accept
            && !Url::parse(beginning).is_ok_and(|url| url.path().len() > 1)
        {
            return Err(Failure::usage_with(
                format!("--accept: expected an address with a path, received {beginning}"),
                "anybody can ask for addresses of the application; name the part of it that its logins come back to",
            ));
        }
        let begun = caller.get::<Status>(&["status"]).await?.value.now;
        caller.output.aside(format!(
            "Open the login of {} now. Waiting for {} for the redirect URI that it sends.",
            app.name,
            span::show(i64::from(self.within))
        ))?;
        let end = Instant::now() + Duration::from_secs(self.within.into());
        let mut said_no = Vec::new();
        while Instant::now() < end {
            for uri in sent(caller, &app.client_id, begun).await? {
                if said_no.contains(&uri) {
                    continue;
                }
                if self.is_wanted(&uri, &app.url, caller)? {
                    return register(caller, &app.client_id, uri).await;
                }
                said_no.push(uri);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Failure::found(
            "nothing came in time. The trace says whether the application got here at all: doorward trace",
        ))
    }

    /// Whether this is the application's own, and the administrator wants it.
    fn is_wanted(&self, uri: &str, home: &str, caller: &Caller<'_>) -> Result<bool, Failure> {
        if !is_at_home(uri, home) {
            caller.output.aside(format!(
                "Somebody asked for {}, which is not at {home}: that is not registered this way.",
                uri.escape_debug()
            ))?;
            return Ok(false);
        }
        if let Some(beginning) = &self.accept {
            return Ok(is_below(uri, beginning));
        }
        dialoguer::Confirm::new()
            .with_prompt(format!("{uri}\nRegister it?"))
            .default(false)
            .interact()
            .map_err(|error| Failure::Local(anyhow::Error::new(error).context("cannot ask")))
    }
}

/// Whether the address begins like this and goes on plainly: nobody looks at it, and one that another address hides in would be of use
/// to a stranger who sends it.
fn is_below(uri: &str, beginning: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    uri.strip_prefix(beginning)
        .is_some_and(|rest| rest.bytes().all(is_plain) && !rest.contains("//"))
}

/// Redirect URIs of this application that were refused since, the oldest first.
async fn sent(caller: &Caller<'_>, app: &str, since: Timestamp) -> Result<Vec<String>, Failure> {
    let query = TraceQuery {
        app: Some(app.to_owned()),
        refused: Some(true),
        ..TraceQuery::default()
    };
    let traces = caller.query::<List<TraceSummary>>(&["traces"], &query).await?.value;
    let refused = traces.items.iter().filter_map(TraceSummary::refused_redirect_uri);
    let mut uris: Vec<String> = refused
        .filter(|(at, _)| *at >= since)
        .map(|(_, uri)| uri.to_owned())
        .collect();
    uris.reverse();
    Ok(uris)
}

async fn register(caller: &Caller<'_>, app: &str, uri: String) -> Result<(), Failure> {
    let change = AppChange {
        add_redirect_uris: vec![uri.clone()],
        ..AppChange::default()
    };
    let reply = caller.patch::<App>(&["apps", app], &change).await?;
    caller.show(&reply, |app, output| {
        output.line(format!("Registered {uri} for {}. Log in again.", app.client_id))
    })
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn nothing_that_hides_another_address_is_said_yes_to_beforehand() {
        let beginning = "https://wiki.example.com/login/";
        assert!(is_below("https://wiki.example.com/login/0b8c-1d/callback", beginning));
        for hidden in [
            "https://evil.example",
            "//evil.example",
            "x?to=https://evil.example",
            "%2f%2fevil.example",
            "@evil",
        ] {
            assert!(!is_below(&format!("{beginning}{hidden}"), beginning), "{hidden}");
        }
        assert!(!is_below("https://wiki.example.com/other", beginning));
    }
}
