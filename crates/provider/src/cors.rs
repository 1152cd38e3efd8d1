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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn an_origin_is_allowed_as_the_application_wrote_it_and_not_otherwise() {
        let mut app = testing::app();
        app.cors_origins = vec!["https://spa.example.com".to_owned()];
        assert!(allows(&app, "https://spa.example.com"));
        for other in [
            "https://spa.example.com/",
            "http://spa.example.com",
            "https://spa.example.com.evil",
            "null",
            "",
        ] {
            assert!(!allows(&app, other), "{other}");
        }
        assert!(preflight_allows([&testing::app(), &app], "https://spa.example.com"));
        app.disabled = true;
        assert!(!preflight_allows([&app], "https://spa.example.com"));
    }
}
