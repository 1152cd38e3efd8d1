//! All presets: those that are built in, and those of the installation.

use std::sync::OnceLock;

use doorward_oidc::{Refusal, closest_name, shown};

use super::{Preset, PresetError};
use crate::refusals;

macro_rules! files {
    ($($id:literal),* $(,)?) => {
        &[$(($id, include_str!(concat!("../../../../presets/", $id, ".toml")))),*]
    };
}

/// Every preset file, by its name.
pub(crate) const FILES: &[(&str, &str)] = files![
    "actual-budget",
    "argocd",
    "audiobookrequest",
    "audiobookshelf",
    "beszel",
    "bookstack",
    "cmdbsyncer",
    "coder",
    "django-allauth",
    "doorward-cli",
    "freshrss",
    "generic",
    "gitea",
    "gitlab",
    "grafana",
    "harbor",
    "headscale",
    "hedgedoc",
    "home-assistant",
    "immich",
    "jellyfin",
    "jenkins",
    "jupyterhub",
    "karakeep",
    "komga",
    "kubernetes",
    "mastodon",
    "mattermost",
    "mealie",
    "memos",
    "miniflux",
    "minio",
    "mod-auth-openidc",
    "mozilla-django-oidc",
    "netbox",
    "nextcloud",
    "node-red",
    "oauth2-proxy",
    "open-webui",
    "openproject",
    "outline",
    "paperless-ngx",
    "pgadmin",
    "portainer",
    "proxmox",
    "proxmox-backup",
    "rancher",
    "seafile",
    "semaphore",
    "social-auth",
    "stirling-pdf",
    "synapse",
    "tailscale",
    "vault",
    "vaultwarden",
    "vikunja",
    "wikijs",
    "zammad",
];

static PRESETS: OnceLock<Presets> = OnceLock::new();

/// The presets that are built in and those of the configured directory, sorted by id.
pub fn presets() -> &'static Presets {
    PRESETS.get_or_init(Presets::built_in)
}

/// Fixes what [`presets`] answers; whether it was not fixed yet.
pub(super) fn fix(presets: Presets) -> bool {
    PRESETS.set(presets).is_ok()
}

/// A list of presets.
#[derive(Debug)]
pub struct Presets {
    list: Vec<Preset>,
}

impl Presets {
    /// Those that are part of the binary.
    pub fn built_in() -> Self {
        Self {
            // A file that does not parse is found by this crate's own test, which reads every one of them.
            list: FILES
                .iter()
                .filter_map(|(id, text)| Preset::parse(id, text).ok())
                .collect(),
        }
    }

    /// Adds one, in the place of the one with the same id.
    ///
    /// # Errors
    /// Another preset answers to one of its names.
    pub fn add(&mut self, preset: Preset) -> Result<(), PresetError> {
        let taken = |name: &str| self.find(name).filter(|other| other.id != preset.id);
        if let Some((name, other)) = preset.names().find_map(|name| Some((name, taken(name)?))) {
            return Err(PresetError {
                preset: preset.id.clone(),
                problem: format!("`{name}` is a name of the preset `{}` already", other.id),
            });
        }
        self.list.retain(|other| other.id != preset.id);
        self.list.push(preset);
        self.list.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(())
    }

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
            Refusal::response(
                &refusals::PRESET_UNKNOWN,
                format!(
                    "there is no preset `{}` among the {} that are known",
                    shown(id),
                    self.list.len()
                ),
            )
            .with_remedy(match closest_name(id, names) {
                Some(near) => format!("did you mean {near}?"),
                None => {
                    "doorward preset list has them; use the preset generic for an application that has none".to_owned()
                }
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
