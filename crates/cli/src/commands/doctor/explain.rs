//! `doorward doctor explain`: the dictionary of messages, for a text that somebody pastes.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use doorward_api::{App, Preset as ShownPreset, Status};
use doorward_apps::{Explanation, Preset, Presets, explain};

use crate::{
    caller::Caller,
    connection::Connection,
    failure::Failure,
    output::{Output, wrap},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  doorward doctor explain \"The token is not yet valid (iat)\"\n  \
    journalctl -u netbox --since -1h | doorward doctor explain --app netbox"
)]
pub(crate) struct Explain {
    /// The message; without it the text is read from the input
    text: Vec<String>,
    /// A log or a configuration to look through
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// The application that it is from, by its name here: its own values stand in the answer
    #[arg(long, value_name = "APP", conflicts_with = "preset")]
    app: Option<String>,
    /// The kind of application that it is from; no server is asked
    #[arg(long = "for", value_name = "PRESET")]
    preset: Option<String>,
}

/// Most that is looked through, in bytes: the end of a log says what happened last.
const MOST: usize = 4 * 1024 * 1024;

/// What is known of the installation.
#[derive(Default)]
struct Known {
    app: Option<App>,
    public_url: Option<String>,
    /// Its kind, as the installation knows it.
    own: Option<Preset>,
}

impl Explain {
    pub(super) async fn run(
        self,
        connection: impl FnOnce() -> Result<Connection, Failure>,
        output: &Output,
    ) -> Result<(), Failure> {
        let text = self.text()?;
        let known = match &self.app {
            None => Known::default(),
            Some(name) => {
                let caller = Caller {
                    connection: connection()?,
                    output,
                };
                let app = caller.get::<App>(&["apps", name]).await?.value;
                Known {
                    own: own(&caller, &app).await?,
                    app: Some(app),
                    public_url: Some(caller.get::<Status>(&["status"]).await?.value.issuer),
                }
            }
        };
        let presets = Presets::built_in();
        let preset = self.preset(&presets, &known)?;
        let values = known.values();
        let value = |name: &str| {
            values
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.as_str())
        };
        let found = explain(&presets, &text, preset, value).map_err(|error| Failure::Local(anyhow::anyhow!(error)))?;
        if output.json {
            let body = serde_json::to_vec_pretty(&found).map_err(|error| Failure::Local(error.into()))?;
            output.raw(&body)?;
        }
        for one in &found {
            print(one, output)?;
        }
        if found.is_empty() {
            return Err(Failure::found(
                "nothing in this text is known. The trace of the login says what happened here: doorward trace --refused",
            ));
        }
        Ok(())
    }

    fn text(&self) -> Result<String, Failure> {
        if !self.text.is_empty() {
            return Ok(self.text.join(" "));
        }
        let read = match self.file.as_deref() {
            Some(path) if path != Path::new("-") => std::fs::File::open(path).and_then(end_of),
            _ if std::io::stdin().is_terminal() => {
                return Err(Failure::usage_with(
                    "there is nothing to explain",
                    "doorward doctor explain \"the message\", or let a log come in: journalctl … | doorward doctor explain",
                ));
            }
            _ => end_of(std::io::stdin()),
        };
        let bytes = read.map_err(|error| Failure::usage(format!("cannot read the text: {error}")))?;
        // A log is bytes; what is no UTF-8 in it is no message that is known.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn preset<'p>(&self, presets: &'p Presets, known: &'p Known) -> Result<Option<&'p Preset>, Failure> {
        match (&self.preset, &known.app) {
            (Some(name), _) => presets.require(name).map(Some).map_err(|refusal| Failure::Usage {
                text: refusal.detail,
                remedy: refusal.remedy,
            }),
            (None, Some(app)) => Ok(known.own.as_ref().or_else(|| presets.find(&app.preset))),
            (None, None) => Ok(None),
        }
    }
}

/// The preset that the application is from, as the installation has it: one of its own directory may stand in the place of one that
/// is built in.
async fn own(caller: &Caller<'_>, app: &App) -> Result<Option<Preset>, Failure> {
    let shown = caller.get::<ShownPreset>(&["presets", &app.preset]).await?.value;
    // A newer server may know more than this command line: the messages that all share are known all the same.
    Ok(serde_json::from_value(shown.settings).ok())
}

impl Known {
    /// Placeholders that have a value here.
    fn values(&self) -> Vec<(&'static str, String)> {
        let mut values = Vec::new();
        if let Some(url) = &self.public_url {
            values.push(("public_url", url.clone()));
        }
        if let Some(app) = &self.app {
            values.push(("client_id", app.client_id.clone()));
            values.push(("issuer", app.issuer.clone()));
            values.push(("discovery", format!("{}/.well-known/openid-configuration", app.issuer)));
            values.push(("app_url", app.url.clone()));
            values.push(("scopes", app.scopes.join(" ")));
            if let Ok(serde_json::Value::String(name)) = serde_json::to_value(app.id_token_alg) {
                values.push(("id_token_alg", name));
            }
        }
        values
    }
}

/// The last part of what can be read, bounded.
fn end_of(mut from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut part)?;
        if length == 0 {
            return Ok(text);
        }
        text.extend(part.get(..length).unwrap_or_default());
        if text.len() > 2 * MOST {
            text.drain(..text.len() - MOST);
        }
    }
}

fn print(one: &Explanation, output: &Output) -> Result<(), Failure> {
    let of = match (&one.preset, &one.place) {
        (Some(preset), Some(place)) => format!(" ({preset}: {place})"),
        (Some(preset), None) => format!(" ({preset})"),
        (None, Some(place)) => format!(" ({place})"),
        (None, None) => String::new(),
    };
    output.line(format!(
        "── {}{of}\n\n{}\n→ {}\n",
        one.message,
        wrap(&one.cause).trim_end(),
        wrap(&one.remedy).trim_end()
    ))
}
