//! A preset, for people: what is registered, what the application does, and how it goes wrong.

use doorward_api::Preset;
use serde_json::Value;

use crate::{
    failure::Failure,
    output::{Output, value, wrap},
};

/// Everything that it says, the configuration aside: that is printed for an application.
pub(super) fn print(preset: &Preset, output: &Output) -> Result<(), Failure> {
    // What a preset does not say is null there, and no line here.
    let at = |path: &str| {
        let said = preset.settings.pointer(path).filter(|said| !said.is_null());
        said.map(value).unwrap_or_default()
    };
    let lines = |path: &str| {
        let list = preset.settings.pointer(path).and_then(Value::as_array);
        list.into_iter().flatten().map(value).collect::<Vec<_>>().join("\n")
    };
    output.line(format!("{}: {}\n", preset.about.name, preset.about.summary))?;
    let clock = match at("/doctor/leeway").as_str() {
        "" => String::new(),
        seconds => format!("may be {seconds} s behind"),
    };
    let unchecked = at("/doctor/unchecked");
    let ignored = match unchecked.as_str() {
        "" => String::new(),
        list => format!("{list} of ID tokens"),
    };
    output.fields(&[
        ("also called", preset.about.aliases.join(", ")),
        (
            "how sure",
            format!("{}: {}", sure(&preset.about.proof), at("/evidence")),
        ),
        ("sources", lines("/sources")),
        (
            "kind",
            format!("{}, authenticates with {}", at("/kind"), at("/authentication")),
        ),
        ("pkce", at("/pkce/policy")),
        ("switched on by", at("/pkce/setting")),
        ("because", wrap(&at("/pkce/reason")).trim_end().to_owned()),
        ("redirect URIs", lines("/redirect_uris")),
        ("known later", at("/pairing/form")),
        ("logout URIs", lines("/post_logout_redirect_uris")),
        ("told of logouts", at("/backchannel_logout_uri")),
        ("start page", at("/start_url")),
        ("scopes", at("/scopes")),
        ("consent", at("/consent")),
        (
            "signed with",
            format!(
                "{} (ID token), {} (access token)",
                at("/id_token_alg"),
                at("/access_token_alg")
            ),
        ),
        ("it accepts", at("/doctor/id_token_algs")),
        ("it sends", at("/doctor/authentication")),
        ("it reads", at("/doctor/reads")),
        ("it needs", at("/doctor/needs")),
        ("groups from", at("/doctor/groups_claim")),
        ("its clock", clock),
        ("it ignores", ignored),
        ("it refuses by", at("/doctor/refuses_by")),
    ])?;
    let section = |title: &str, text: &str| {
        if text.is_empty() {
            return Ok(());
        }
        // Of the placeholders this one is known before the application is added.
        let text = text.trim_end().replace("{client_id}", &preset.about.id);
        output.line(format!("\n── {title}\n\n{text}"))
    };
    let each = |path: &str, tell: &dyn Fn(&Value) -> String| {
        let list = preset.settings.pointer(path).and_then(Value::as_array);
        let texts: Vec<String> = list
            .into_iter()
            .flatten()
            .map(|one| wrap(tell(one).trim_end()))
            .collect();
        texts.join("\n")
    };
    section(
        "Configured by",
        &each("/snippet", &|one| {
            format!("{} ({})", text(one, "title"), text(one, "way"))
        }),
    )?;
    section("Logout", &wrap(&at("/logout/text")))?;
    section("Private CA", &wrap(&at("/private_ca")))?;
    section("Pairing", &wrap(&at("/pairing/text")))?;
    section("When a login fails, look at", &each("/doctor/look_at", &value))?;
    section(
        "Known wrong",
        &each("/wrong", &|one| {
            let instead = match text(one, "instead") {
                none if none.is_empty() => String::new(),
                some => format!("\n→ {some}"),
            };
            format!("{}: {}{instead}", text(one, "setting"), text(one, "why"))
        }),
    )?;
    section(
        "Messages",
        &each("/error", &|one| {
            format!(
                "{}\n{}\n→ {}",
                text(one, "text"),
                text(one, "cause"),
                text(one, "remedy").trim_end()
            )
        }),
    )?;
    section(
        "Notes",
        &each("/note", &|one| match text(one, "versions") {
            all if all.is_empty() => text(one, "text"),
            versions => format!("({versions}) {}", text(one, "text")),
        }),
    )?;
    output.line(format!("\nAdd it: doorward app add {} <url>", preset.about.id))
}

/// `proof` in words.
pub(super) fn sure(proof: &str) -> &str {
    match proof {
        "application" => "tried with the application",
        "library" => "tried with its library",
        "documentation" => "from its documentation",
        other => other,
    }
}

fn text(of: &Value, key: &str) -> String {
    of.get(key)
        .filter(|value| !value.is_null())
        .map(value)
        .unwrap_or_default()
}
