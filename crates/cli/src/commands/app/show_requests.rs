//! What an application's authorization requests may look like, for people.

use doorward_api::{App, RequestSettings};

use super::show::word;
use crate::{failure::Failure, output::Output};

/// The rows of `app show`.
pub(super) fn rows(settings: &RequestSettings) -> [(&'static str, String); 6] {
    let mut demands = Vec::new();
    demands.extend(settings.require_pushed.then_some("pushed"));
    demands.extend(settings.require_signed.then_some("signed"));
    demands.extend(settings.require_signed_response.then_some("answered with a signature"));
    let profile = settings.profile.as_ref().map(word).unwrap_or_default();
    [
        ("profile", profile),
        ("requests are", demands.join(", ")),
        ("request URIs", settings.request_uris.join("\n")),
        ("resources", settings.resources.join("\n")),
        ("details", settings.detail_types.join("\n")),
        (
            "login starts at",
            settings.initiate_login_uri.clone().unwrap_or_default(),
        ),
    ]
}

/// How its profile fares, one requirement a line.
pub(super) fn profile(app: &App, output: &Output) -> Result<(), Failure> {
    let Some(profile) = &app.requests.profile else {
        return Ok(());
    };
    output.aside(format!("\nThe profile {} requires:", word(profile)))?;
    for one in &app.requests.profile_requirements {
        let mark = if one.holds { "ok     " } else { "MISSING" };
        output.aside(format!("{mark} {}", one.what))?;
        if let Some(remedy) = &one.remedy {
            output.aside(format!("        {remedy}"))?;
        }
    }
    Ok(())
}
