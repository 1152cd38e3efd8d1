//! The logout request of a relying party (OpenID Connect RP-Initiated Logout 1.0 §2).

use serde::{Deserialize, Serialize};

use crate::{Parameters, Refusal};

/// A request to the end session endpoint. Every parameter is optional, and none is verified here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndSessionRequest {
    /// An ID token that this server issued, possibly over.
    pub id_token_hint: Option<String>,
    /// Who is to be logged out, in the relying party's words.
    pub logout_hint: Option<String>,
    /// The relying party.
    pub client_id: Option<String>,
    /// Where the browser wants to go afterwards, byte for byte.
    pub post_logout_redirect_uri: Option<String>,
    /// Given back at that address, byte for byte.
    pub state: Option<String>,
    /// Languages, in order of preference.
    #[serde(default)]
    pub ui_locales: Vec<String>,
}

impl EndSessionRequest {
    /// Reads the parameters of a query or form body.
    ///
    /// # Errors
    /// A value beyond its limit.
    pub fn parse(parameters: &Parameters) -> Result<Self, Refusal> {
        let text = |name, max| Ok::<_, Refusal>(parameters.bounded(name, max)?.map(str::to_owned));
        let locales = parameters.bounded("ui_locales", 1024)?.unwrap_or_default();
        Ok(Self {
            id_token_hint: text("id_token_hint", 8192)?,
            logout_hint: text("logout_hint", 512)?,
            client_id: text("client_id", 256)?,
            post_logout_redirect_uri: text("post_logout_redirect_uri", 2048)?,
            state: text("state", 4096)?,
            ui_locales: locales
                .split(' ')
                .filter(|word| !word.is_empty())
                .take(20)
                .map(str::to_owned)
                .collect(),
        })
    }

    /// The request as parameters, for the relying party that sends it.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let locales = (!self.ui_locales.is_empty()).then(|| self.ui_locales.join(" "));
        let all = [
            ("id_token_hint", self.id_token_hint.clone()),
            ("logout_hint", self.logout_hint.clone()),
            ("client_id", self.client_id.clone()),
            ("post_logout_redirect_uri", self.post_logout_redirect_uri.clone()),
            ("state", self.state.clone()),
            ("ui_locales", locales),
        ];
        all.into_iter()
            .filter_map(|(name, value)| value.map(|value| (name, value)))
            .collect()
    }
}
