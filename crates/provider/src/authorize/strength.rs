//! How strong a login the application asks for (OpenID Connect Core §3.1.2.1 `acr_values`, §5.5.1.1 the `acr` claim).

use doorward_directory::Level;
use serde_json::Value;

use super::Accepted;

/// What an application asks of the login, besides what policy asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// Without this, no answer (`acr` as an essential claim with values).
    pub essential: Level,
    /// If the person can.
    pub voluntary: Level,
}

/// What this request asks. Contexts that are not ours ask nothing here; an essential one is refused by
/// [`super::decide`].
pub fn wished(request: &Accepted) -> Wish {
    let mut wish = Wish::default();
    // The first that is ours: the list is in order of preference.
    let preferred = request.acr_values.iter().find_map(|acr| Level::from_acr(acr));
    wish.voluntary = preferred.unwrap_or_default();
    let Some(claim) = request.claims.id_token.find("acr") else {
        return wish;
    };
    let ours = || {
        claim
            .values
            .iter()
            .filter_map(Value::as_str)
            .filter_map(Level::from_acr)
    };
    if claim.essential {
        // Any of the values will do, so the easiest.
        wish.essential = ours().min().unwrap_or_default();
    }
    wish.voluntary = wish.voluntary.max(ours().next().unwrap_or_default());
    wish
}
