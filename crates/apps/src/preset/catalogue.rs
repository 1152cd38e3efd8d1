//! The presets that are built in.

use std::sync::LazyLock;

use doorward_oidc::{Refusal, closest_name, shown};

use super::Preset;
use crate::refusals;

macro_rules! files {
    ($($id:literal),* $(,)?) => {
        &[$(($id, include_str!(concat!("../../../../presets/", $id, ".toml")))),*]
    };
}

/// Every preset file, by its name.
pub(crate) const FILES: &[(&str, &str)] = files![
    "audiobookrequest",
    "cmdbsyncer",
    "django-allauth",
    "doorward-cli",
    "generic",
    "gitea",
    "grafana",
    "mozilla-django-oidc",
    "netbox",
    "social-auth",
    "vault",
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
            let names = self.iter().flat_map(Preset::names);
            let all: Vec<&str> = self.iter().map(|preset| preset.id.as_str()).collect();
            Refusal::response(
                &refusals::PRESET_UNKNOWN,
                format!("there is no preset `{}`; expected one of {}", shown(id), all.join(", ")),
            )
            .with_remedy(match closest_name(id, names) {
                Some(near) => format!("did you mean {near}?"),
                None => "use the preset generic for an application that has none".to_owned(),
            })
        })
    }
}

impl Preset {
    /// Its id and aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
}
