//! Which origins' browser code may read our answers (Fetch standard, CORS). Never with credentials: no answer of these
//! endpoints depends on a cookie.

use doorward_apps::App;

/// Whether `origin` is one that this application names. Compared as the browser writes it: `https://app.example`.
pub fn allows(app: &App, origin: &str) -> bool {
    app.cors_origins.iter().any(|allowed| allowed == origin)
}

/// Whether some application names `origin`: the answer to a preflight request, which does not say who asks. The answer
/// to the request itself is decided by [`allows`].
pub fn preflight_allows<'a>(apps: impl IntoIterator<Item = &'a App>, origin: &str) -> bool {
    apps.into_iter().any(|app| !app.disabled && allows(app, origin))
}
