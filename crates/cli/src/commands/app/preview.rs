//! What a person would get.

use doorward_api::Preview;
use serde_json::Value;

use crate::{commands::trace::word, failure::Failure, output::Output};

/// The checks, then each token.
pub(super) fn print(preview: &Preview, output: &Output) -> Result<(), Failure> {
    for step in &preview.steps {
        output.line(format!("{:7}  {}", word(step.outcome), step.check))?;
        if let Some(detail) = &step.detail {
            output.line(format!("         {detail}"))?;
        }
        if let Some(remedy) = &step.remedy {
            output.line(format!("         → {remedy}"))?;
        }
    }
    output.line(if preview.allowed {
        format!("\nThey get in, with {}.", preview.scopes.join(" "))
    } else {
        "\nThey do not get in.".to_owned()
    })?;
    token("ID token", preview.id_token.as_ref(), output)?;
    token("Userinfo", preview.userinfo.as_ref(), output)?;
    token("Access token", preview.access_token.as_ref(), output)
}

fn token(title: &str, payload: Option<&Value>, output: &Output) -> Result<(), Failure> {
    let Some(payload) = payload else { return Ok(()) };
    let text = serde_json::to_string_pretty(payload).map_err(anyhow::Error::new)?;
    output.line(format!("\n── {title}\n\n{text}"))
}
