//! What is known of an application from the provider that it was taken over from, and did not become a setting.

use doorward_oidc::Refusal;
use serde::{Deserialize, Serialize};

use crate::values;

/// Most suggestions of one application.
const MOST: usize = 200;
/// Longest suggestion in bytes.
const LONGEST: usize = 2048;

/// What stayed behind of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TakenOver {
    /// Redirect URIs that were registered there with a wildcard. Nothing is ever compared with them: each is shown to
    /// administrators until they have registered what the application really sends.
    pub redirect_suggestions: Vec<String>,
}

/// One change of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenOverEdit {
    /// All suggestions.
    RedirectSuggestions(Vec<String>),
}

pub(crate) fn step(settings: &mut TakenOver, edit: &TakenOverEdit) -> Result<(), Refusal> {
    let TakenOverEdit::RedirectSuggestions(all) = edit;
    let fits = |text: &String| (1..=LONGEST).contains(&text.len()) && !text.chars().any(char::is_control);
    if all.len() > MOST || !all.iter().all(fits) {
        return Err(values::invalid(format!(
            "expected at most {MOST} suggestions of 1 to {LONGEST} bytes"
        )));
    }
    settings.redirect_suggestions.clone_from(all);
    Ok(())
}
