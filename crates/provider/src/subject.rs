//! The `sub` by which an application knows a person.

use doorward_apps::App;
use doorward_directory::Facts;

/// The subject: the user's id, chosen once and never changed (OpenID Connect Core §2).
///
/// The application is a parameter because one that was taken over from another provider keeps the subjects it knows.
pub fn subject(_app: &App, facts: &Facts) -> String {
    facts.user.id.hyphenated().to_string()
}
