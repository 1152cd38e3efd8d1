//! What a preset that parses can still do wrong: what it prints is tried at an example's address.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Endpoints, Preset, Proof, RenderedPreset, Rendering, SnippetWay};
use crate::{App, AppKind, NewApp};

/// Where the example lives: a path of its own, which a redirect URI that forgets `{app_url}` has not.
const APP_URL: &str = "https://apps.example.com/tools/x";
const ISSUER: &str = "https://sso.example.com";
const SECRET: &str = "S3cretS3cretS3cretS3cretS3cretS3cretS3cret0";

impl Preset {
    /// What is wrong with it, in words; empty when nothing is. What is said here is said of every preset that is built in.
    pub fn lint(&self) -> Vec<String> {
        let app = match self.example(APP_URL) {
            Ok(app) => app,
            Err(problem) => return vec![problem],
        };
        let printed = match self.printed(&app, None) {
            Ok(printed) => printed,
            Err(problem) => return vec![problem],
        };
        let mut found = Vec::new();
        self.lint_text(&app, &printed, &mut found);
        self.lint_addresses(&app, &printed, &mut found);
        self.lint_knowledge(&mut found);
        found
    }

    /// What is printed for an example of the application at an address, as text.
    ///
    /// # Errors
    /// No application can be made of it.
    pub fn sample(&self, app_url: &str) -> Result<RenderedPreset, String> {
        self.printed(&self.example(app_url)?, Some("/etc/ssl/certs/company-ca.pem"))
    }

    fn example(&self, app_url: &str) -> Result<App, String> {
        let new = NewApp {
            preset: self.id.clone(),
            url: app_url.to_owned(),
            ..NewApp::default()
        };
        new.build_from(self, Uuid::nil(), Timestamp::UNIX_EPOCH)
            .map_err(|refusal| refusal.detail)
    }

    fn printed(&self, app: &App, ca_file: Option<&str>) -> Result<RenderedPreset, String> {
        let at = |path: &str| format!("{ISSUER}{path}");
        let endpoints = Endpoints {
            issuer: at(""),
            discovery: at("/.well-known/openid-configuration"),
            authorization_endpoint: at("/authorize"),
            token_endpoint: at("/token"),
            userinfo_endpoint: at("/userinfo"),
            jwks_uri: at("/jwks"),
            end_session_endpoint: at("/logout"),
            public_url: at(""),
        };
        let with = Rendering {
            endpoints: &endpoints,
            app,
            secret: (app.kind == AppKind::Confidential).then_some(SECRET),
            ca_file,
        };
        self.render(&with).map_err(|refusal| refusal.detail)
    }

    /// The configuration says where this server is, who the application is, and how it proves that.
    fn lint_text(&self, app: &App, printed: &RenderedPreset, found: &mut Vec<String>) {
        if printed.snippets.is_empty() {
            return found.push("it prints no configuration: add a [[snippet]]".to_owned());
        }
        let text: String = printed.snippets.iter().map(|one| one.text.as_str()).collect();
        let mut needs = vec![
            (ISSUER, "{issuer}, {discovery} or the endpoints"),
            (&app.client_id, "{client_id}"),
        ];
        if app.kind == AppKind::Confidential {
            needs.push((SECRET, "{secret}"));
        }
        for (value, placeholder) in needs {
            if !text.contains(value) {
                found.push(format!("no snippet has {placeholder}"));
            }
        }
        if printed.snippets.first().is_some_and(|first| first.alternative) {
            found.push("the first snippet is an alternative to nothing".to_owned());
        }
        let without_place = printed
            .snippets
            .iter()
            .find(|one| one.place.is_none() && !matches!(one.way, SnippetWay::Cli | SnippetWay::Env));
        if let Some(one) = without_place {
            found.push(format!("the snippet \"{}\" does not say its place", one.title));
        }
        for wrong in &self.wrong {
            if text.contains(&wrong.setting) {
                found.push(format!(
                    "`{}` is called wrong and is printed all the same",
                    wrong.setting
                ));
            }
        }
    }

    /// Addresses belong to the application, and where a logout ends is registered.
    fn lint_addresses(&self, app: &App, printed: &RenderedPreset, found: &mut Vec<String>) {
        // A hosted service is where its makers run it; then none of its addresses is at the application's.
        let is_hosted = !self.redirect_uris.iter().any(|uri| uri.contains("{app_url}"));
        for uri in app.redirect_uris.iter().filter(|_| !is_hosted) {
            let is_native = uri.is_loopback() || uri.origin().is_none();
            if !is_native && !uri.as_str().starts_with(APP_URL) {
                found.push(format!("the redirect URI {uri} is not at {{app_url}}"));
            }
        }
        if app.redirect_uris.is_empty() && self.pairing.is_none() {
            found.push("it has no redirect_uris, and no [pairing] that says how they become known".to_owned());
        }
        let texts = printed.snippets.iter().map(|one| one.text.as_str());
        for text in texts.chain([printed.logout.as_str()]) {
            for part in text.split("post_logout_redirect_uri=").skip(1) {
                let ends = ['\'', '"', '\n', ' ', ')', '`', '<', ','];
                let uri = part.split(ends).next().unwrap_or_default().trim_end_matches('.');
                // `{{word}}` is filled in by the application.
                if !uri.starts_with('{') && app.post_logout_redirect_uris.find(uri).is_none() {
                    found.push(format!(
                        "{uri} is printed as a post_logout_redirect_uri and is not registered"
                    ));
                }
            }
        }
    }

    fn lint_knowledge(&self, found: &mut Vec<String>) {
        let algorithms = &self.doctor.id_token_algs;
        if !algorithms.is_empty() && !algorithms.contains(&self.id_token_alg) {
            found.push("[doctor] id_token_algs does not hold the preset's own id_token_alg".to_owned());
        }
        let unchecked = &self.doctor.unchecked;
        if unchecked.contains(&super::Unchecked::Iat) && self.doctor.leeway.is_some() {
            found
                .push("[doctor] leeway is for its clock, which unchecked = [\"iat\"] says cannot be behind".to_owned());
        }
        if unchecked.contains(&super::Unchecked::Signature) && !algorithms.is_empty() {
            found.push("[doctor] id_token_algs and unchecked = [\"signature\"] disagree".to_owned());
        }
        if self.doctor.reads.contains(&super::Reads::Userinfo) != self.expects_userinfo {
            found.push("[doctor] reads and expects_userinfo disagree about userinfo".to_owned());
        }
        if let Some(claim) = self.doctor.groups_claim.as_deref().filter(|claim| *claim == "groups")
            && !self.scopes.iter().any(|scope| scope == "groups")
        {
            found.push(format!(
                "it reads the claim {claim} and does not ask for the scope groups"
            ));
        }
        if self.proof != Proof::Documentation && self.evidence.is_empty() {
            found.push("evidence does not say what was run".to_owned());
        }
    }
}
