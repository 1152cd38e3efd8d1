//! Presets: data files that know one provider each, with everything that is particular about it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use doorward_claims::{LoginRules, Pattern};
use doorward_jose::Algorithm;
use doorward_oidc::{Refusal, ResponseMode, closest_name, shown};
use serde::Deserialize;

use crate::{Authentication, Endpoints, Lookup, LookupFailure, Public, refusals};

macro_rules! files {
    ($($id:literal),* $(,)?) => {
        &[$(($id, include_str!(concat!("../../../presets/upstreams/", $id, ".toml")))),*]
    };
}

/// Every preset file, by its name.
const FILES: &[(&str, &str)] = files![
    "auth0",
    "authentik",
    "entra",
    "generic",
    "github",
    "gitlab",
    "google",
    "kanidm",
    "keycloak",
    "okta",
];

static PRESETS: LazyLock<Presets> = LazyLock::new(|| Presets {
    // A file that does not parse is found by this crate's own test, which reads every one of them.
    list: FILES
        .iter()
        .filter_map(|(id, text)| Preset::parse(id, text).ok())
        .collect(),
});

/// The presets that are built in, sorted by id.
pub fn presets() -> &'static Presets {
    &PRESETS
}

/// What is known of one provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// The name of its file: `keycloak`.
    #[serde(skip)]
    pub id: String,
    /// What people call it.
    pub title: String,
    /// One sentence for the list.
    pub summary: String,
    /// Other names that it is looked for by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The issuer, for a provider that has one for everybody.
    pub issuer: Option<String>,
    /// What the issuer looks like, with placeholders in angle brackets; what `--issuer` is explained with.
    pub issuer_form: Option<String>,
    /// Other spellings of the issuer that tokens may carry.
    #[serde(default)]
    pub issuer_aliases: Vec<String>,
    /// Endpoints of a provider without discovery.
    pub endpoints: Option<Endpoints>,
    /// Scopes to ask for, separated by spaces.
    pub scopes: String,
    /// What its ID tokens may be signed with; empty for all that this server knows.
    #[serde(default)]
    pub algorithms: Vec<Algorithm>,
    /// How this server authenticates there.
    #[serde(default)]
    pub authentication: Authentication,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// How the answer comes back.
    #[serde(default = "query")]
    pub response_mode: ResponseMode,
    /// Whether the userinfo endpoint is asked.
    #[serde(default = "yes")]
    pub userinfo: bool,
    /// Where else something of the person is asked.
    #[serde(default)]
    pub lookup: Lookup,
    /// Where Microsoft Graph is asked.
    pub lookup_url: Option<String>,
    /// What is done when that fails.
    #[serde(default)]
    pub lookup_failure: LookupFailure,
    /// Clouds of the same provider that are apart from it.
    #[serde(default, rename = "cloud")]
    pub clouds: Vec<Cloud>,
    /// Patterns of issuers at which anybody gets an account.
    #[serde(default)]
    pub open_issuers: Vec<String>,
    /// Why an e-mail address of this provider proves nothing, whatever it says; linking by address is then never possible.
    pub email_proves_nothing: Option<String>,
    /// Whether the issuer may be a template for several tenants.
    #[serde(default)]
    pub tenants: bool,
    /// What the claims mean unless the administrator says otherwise.
    #[serde(default)]
    pub rules: LoginRules,
    /// What to do at the provider, in order. `{redirect_uri}`, `{backchannel_logout_uri}`, `{frontchannel_logout_uri}`,
    /// `{post_logout_redirect_uri}` are filled in.
    #[serde(default)]
    pub steps: Vec<String>,
    /// What is good to know.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Settings that are known to be wrong.
    #[serde(default, rename = "mistake")]
    pub mistakes: Vec<Mistake>,
    /// Where the facts come from.
    pub evidence: String,
}

/// A cloud of its own: a country's, or an administration's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cloud {
    /// A pattern of its issuers.
    pub issuer: String,
    /// Where Microsoft Graph is there.
    pub lookup_url: String,
}

/// A setting that is known to be wrong.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// `issuer` or `scopes`.
    pub setting: String,
    /// A pattern that the wrong value fits; `*` stands for any run of characters.
    pub when: String,
    /// What is wrong with it.
    pub says: String,
    /// The right value, if it follows from the wrong one: a list of replacements `[from, to]`.
    #[serde(default)]
    pub replace: Vec<[String; 2]>,
}

const fn yes() -> bool {
    true
}

const fn query() -> ResponseMode {
    ResponseMode::Query
}

impl Preset {
    pub(crate) fn parse(id: &str, text: &str) -> Result<Self, String> {
        let mut preset: Self = toml::from_str(text).map_err(|error| format!("presets/upstreams/{id}.toml: {error}"))?;
        id.clone_into(&mut preset.id);
        preset
            .rules
            .check()
            .map_err(|error| format!("presets/upstreams/{id}.toml: {error}"))?;
        Ok(preset)
    }

    /// Its id and aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// What to do at the provider, for an upstream of this name.
    pub fn steps_for(&self, public: &Public, upstream: &str) -> Vec<String> {
        let filled = |step: &String| {
            step.replace("{redirect_uri}", &public.redirect_uri(upstream))
                .replace("{backchannel_logout_uri}", &public.backchannel_logout_uri(upstream))
                .replace("{frontchannel_logout_uri}", &public.frontchannel_logout_uri(upstream))
                .replace("{post_logout_redirect_uri}", &public.post_logout_redirect_uri())
        };
        self.steps.iter().map(filled).collect()
    }

    /// Where the lookups of this issuer are asked.
    pub(crate) fn lookup_url_for(&self, issuer: &str) -> Option<&str> {
        let cloud = self.clouds.iter().find(|cloud| fits(&cloud.issuer, issuer));
        cloud
            .map(|cloud| cloud.lookup_url.as_str())
            .or(self.lookup_url.as_deref())
    }

    /// Whether an address of lookups is one that an issuer decides.
    pub(crate) fn knows_lookup_url(&self, url: &str) -> bool {
        self.lookup_url.as_deref() == Some(url) || self.clouds.iter().any(|cloud| cloud.lookup_url == url)
    }

    /// Whether anybody at all gets an account at this issuer.
    pub(crate) fn is_open(&self, issuer: &str) -> bool {
        self.open_issuers.iter().any(|pattern| fits(pattern, issuer))
    }

    /// Refuses a value of a setting that is known to be wrong, with the right one.
    pub(crate) fn refuse_mistake(&self, setting: &str, value: &str) -> Result<(), Refusal> {
        let Some(mistake) = self
            .mistakes
            .iter()
            .find(|mistake| mistake.setting == setting && fits(&mistake.when, value))
        else {
            return Ok(());
        };
        let refusal = Refusal::response(
            &refusals::UPSTREAM_SETTING_INVALID,
            format!("{setting} `{}`: {}", shown(value), mistake.says),
        );
        if mistake.replace.is_empty() {
            return Err(match &self.issuer_form {
                Some(form) if setting == "issuer" => refusal.with_remedy(format!("--issuer {form}")),
                _ => refusal,
            });
        }
        let right = mistake
            .replace
            .iter()
            .fold(value.to_owned(), |value, [from, to]| value.replace(from, to));
        Err(refusal.with_remedy(format!("--{setting} {right}")))
    }
}

/// Whether a value fits a pattern in which `*` stands for any run of characters.
fn fits(pattern: &str, value: &str) -> bool {
    Pattern::Glob(pattern.to_owned()).matches(value)
}

/// A list of presets.
#[derive(Debug)]
pub struct Presets {
    list: Vec<Preset>,
}

impl Presets {
    /// In the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Preset> {
        self.list.iter()
    }

    /// The preset with this id or alias, without regard to case.
    pub fn find(&self, id: &str) -> Option<&Preset> {
        self.list
            .iter()
            .find(|preset| preset.names().any(|name| name.eq_ignore_ascii_case(id)))
    }

    /// As [`Presets::find`]; the refusal suggests the name that was meant.
    pub fn require(&self, id: &str) -> Result<&Preset, Refusal> {
        self.find(id).ok_or_else(|| {
            let all: Vec<&str> = self.iter().map(|preset| preset.id.as_str()).collect();
            Refusal::response(
                &refusals::UPSTREAM_PRESET_UNKNOWN,
                format!("there is no preset `{}`; expected one of {}", shown(id), all.join(", ")),
            )
            .with_remedy(match closest_name(id, self.iter().flat_map(Preset::names)) {
                Some(near) => format!("did you mean {near}?"),
                None => "use the preset generic for a provider that has none".to_owned(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{FILES, Preset};

    #[test]
    fn every_preset_file_can_be_read() {
        for (id, text) in FILES {
            Preset::parse(id, text).unwrap();
        }
    }
}
