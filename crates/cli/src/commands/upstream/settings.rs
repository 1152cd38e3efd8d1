//! The settings of an upstream as flags, the same for `upstream add` and `upstream edit`.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use doorward_api::{
    LinkRule, LookupFailure, SigningAlg, UpstreamAuthentication, UpstreamChange, UpstreamLookup, UpstreamResponseMode,
};

use super::super::app::word;
use crate::{failure::Failure, switch};

/// A file that is read has at most this many bytes.
const MOST: u64 = 256 * 1024;

#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Settings {
    /// Its issuer, exactly as it writes it
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Another client id
    #[arg(long = "new-client-id", value_name = "ID")]
    new_client_id: Option<String>,
    /// Save it without asking it first whether it would work
    #[arg(long)]
    no_probe: bool,
    /// Name on the button
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    /// Whether the login page has a button for it
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    button: Option<bool>,
    /// Whether anybody logs in through it
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    enabled: Option<bool>,
    /// Tenants that are let in, for an issuer of many
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    tenants: Option<Vec<String>>,
    /// auto, client_secret_basic, client_secret_post, private_key_jwt or none
    #[arg(long, value_name = "METHOD", value_parser = word::<UpstreamAuthentication>)]
    authentication: Option<UpstreamAuthentication>,
    /// What is asked for: "openid profile email"
    #[arg(long, value_name = "SCOPES")]
    scopes: Option<String>,
    /// What ID tokens may be signed with: RS256,ES256; empty for all that it offers
    #[arg(long, value_name = "ALG,…")]
    algorithms: Option<String>,
    /// Further parameter of the authorization request: hd=example.com; hd= takes it away
    #[arg(long, value_name = "NAME=VALUE")]
    parameter: Vec<String>,
    /// query or form_post
    #[arg(long, value_name = "MODE", value_parser = word::<UpstreamResponseMode>)]
    response_mode: Option<UpstreamResponseMode>,
    /// Tolerance for times, in seconds
    #[arg(long, value_name = "SECONDS")]
    leeway: Option<i64>,
    /// Whether its userinfo endpoint is asked
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    userinfo: Option<bool>,
    /// Where else something is asked: none, graph_groups or github
    #[arg(long, value_name = "WHERE", value_parser = word::<UpstreamLookup>)]
    lookup: Option<UpstreamLookup>,
    /// Where Microsoft Graph is asked: https://graph.microsoft.us and others
    #[arg(long, value_name = "URL")]
    lookup_url: Option<String>,
    /// What is done when that fails: deny, or keep the groups of the last login
    #[arg(long, value_name = "OUTCOME", value_parser = word::<LookupFailure>)]
    lookup_failure: Option<LookupFailure>,
    /// File with all rules, in TOML: who may come in, what the claims do
    #[arg(long, value_name = "FILE")]
    rules_file: Option<PathBuf>,
    /// A group there gives a group here: /corp/ops=ops; several times for several
    #[arg(long, value_name = "THERE=HERE")]
    map_group: Vec<String>,
    /// A group there gives nothing any more
    #[arg(long, value_name = "THERE")]
    unmap_group: Vec<String>,
    /// Whether a person who comes for the first time gets an account
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    create_users: Option<bool>,
    /// Whether an account that exists may become theirs: never, verified_email or confirmed
    #[arg(long, value_name = "RULE", value_parser = word::<LinkRule>)]
    link: Option<LinkRule>,
    /// Whether an e-mail address that it calls verified is one
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    trusted_email: Option<bool>,
    /// Whether its word on how somebody authenticated goes into tokens
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    trusted_amr: Option<bool>,
    /// E-mail domains whose people are sent there: example.com,example.org
    #[arg(long, value_name = "DOMAIN,…")]
    domains: Option<String>,
    /// Groups here whose members always log in there, and never with a password
    #[arg(long, value_name = "GROUP,…")]
    groups: Option<String>,
    /// Whether sessions end with its token
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    session_bound: Option<bool>,
    /// File with the certificate of a private CA, in PEM; empty for none
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Whether it may be in a private network
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    allow_private: Option<bool>,
    /// How long it may take for one answer, in seconds
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
}

impl Settings {
    /// The change that these flags ask for.
    pub(super) fn change(self) -> Result<UpstreamChange, Failure> {
        let mut parameters = BTreeMap::new();
        for one in &self.parameter {
            let (name, value) = pair("parameter", one)?;
            parameters.insert(name, Some(value).filter(|value| !value.is_empty()));
        }
        let mut map_groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for one in &self.map_group {
            // The last one: names of groups there have equals signs (LDAP) more often than those here.
            let Some((there, here)) = one.rsplit_once('=').filter(|(_, here)| !here.is_empty()) else {
                return Err(Failure::usage(format!(
                    "--map-group: expected THERE=HERE, received {one:?}"
                )));
            };
            map_groups.entry(there.to_owned()).or_default().push(here.to_owned());
        }
        let algorithms = match self.algorithms.as_deref().map(split) {
            Some(names) => Some(
                names
                    .iter()
                    .map(|name| word::<SigningAlg>(name).map_err(Failure::usage))
                    .collect::<Result<_, _>>()?,
            ),
            None => None,
        };
        Ok(UpstreamChange {
            no_probe: self.no_probe,
            title: self.title,
            button: self.button,
            enabled: self.enabled,
            issuer: self.issuer,
            tenants: self.tenants,
            client_id: self.new_client_id,
            authentication: self.authentication,
            scopes: self.scopes.map(|scopes| {
                scopes
                    .split([' ', ','])
                    .filter(|one| !one.is_empty())
                    .map(str::to_owned)
                    .collect()
            }),
            algorithms,
            parameters,
            response_mode: self.response_mode,
            leeway_seconds: self.leeway,
            userinfo: self.userinfo,
            lookup: self.lookup,
            lookup_url: self.lookup_url,
            lookup_failure: self.lookup_failure,
            rules: self.rules_file.as_deref().map(rules).transpose()?,
            map_groups,
            unmap_groups: self.unmap_group,
            create_users: self.create_users,
            link: self.link,
            trusted_email: self.trusted_email,
            trusted_amr: self.trusted_amr,
            domains: self.domains.as_deref().map(split),
            groups: self.groups.as_deref().map(split),
            session_bound: self.session_bound,
            ca_pem: match self.ca_file {
                Some(path) if path.as_os_str().is_empty() => Some(String::new()),
                Some(path) => Some(read(&path)?),
                None => None,
            },
            allow_private: self.allow_private,
            timeout_seconds: self.timeout,
        })
    }
}

fn split(list: &str) -> Vec<String> {
    list.split(',')
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect()
}

fn pair(flag: &str, text: &str) -> Result<(String, String), Failure> {
    text.split_once('=')
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| Failure::usage(format!("--{flag}: expected NAME=VALUE, received {text:?}")))
}

fn rules(path: &Path) -> Result<serde_json::Value, Failure> {
    let text = read(path)?;
    let table: toml::Table = toml::from_str(&text)
        .map_err(|error| Failure::usage(format!("{}: expected rules in TOML: {error}", path.display())))?;
    serde_json::to_value(table).map_err(|error| Failure::usage(error.to_string()))
}

/// A whole file; `-` is standard input.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", path.display()));
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin()
            .take(MOST)
            .read_to_string(&mut text)
            .map_err(unreadable)?;
    } else {
        let file = std::fs::File::open(path).map_err(unreadable)?;
        file.take(MOST).read_to_string(&mut text).map_err(unreadable)?;
    }
    Ok(text)
}
