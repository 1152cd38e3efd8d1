//! Protocol mappers, as claim rules.
//!
//! Source: Keycloak's Server Administration Guide, "OIDC token and SAML assertion mappings", and what an export holds of them.

use std::collections::{BTreeMap, BTreeSet};

use doorward_apps::Edit;
use doorward_claims::{ByGroup, ClaimPath, Destinations, Format, Rule, Source};
use serde_json::Value;

use super::{
    export::{Client, ClientScope, Mapper, Realm, Texts, flag, text},
    groups::{BUILT_IN, RoleName, Structure, named},
    users::{FORMER_NAME, Known, attribute_name},
};
use crate::{Kind, Outcome, Report};

/// Clients whose roles get a claim of their own in one token; the rules of an application are a short list.
const MOST_CLIENTS: usize = 60;

/// What the mappers of one client become.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    /// Claim rules.
    pub(super) rules: Vec<Rule>,
    /// Further edits: audiences.
    pub(super) edits: Vec<Edit>,
    /// The subjects were others than the ids, so the application would not recognise anybody.
    pub(super) is_pairwise: bool,
}

/// Everything that the mappers of a client are read with.
pub(super) struct Reader<'a> {
    pub(super) realm: &'a Realm,
    pub(super) structure: &'a Structure,
    pub(super) known: &'a Known,
    pub(super) client: &'a Client,
    pub(super) report: &'a mut Report,
    mapped: Mapped,
    /// Roles that everybody has in tokens of this client.
    given: Vec<RoleName>,
    /// Roles that are called otherwise in tokens of this client.
    renamed: BTreeMap<RoleName, String>,
    /// Roles that may go into its tokens; none is all of them.
    allowed: Option<BTreeSet<RoleName>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        realm: &'a Realm,
        structure: &'a Structure,
        known: &'a Known,
        client: &'a Client,
        report: &'a mut Report,
    ) -> Self {
        Self {
            realm,
            structure,
            known,
            client,
            report,
            mapped: Mapped::default(),
            given: Vec::new(),
            renamed: BTreeMap::new(),
            allowed: None,
        }
    }

    /// Reads the client's own mappers and those of the scopes that it always has.
    pub(super) fn read(mut self) -> Mapped {
        let of_scopes = |names: &[String]| -> Vec<&'a ClientScope> {
            let all = self.realm.client_scopes.iter();
            all.filter(|scope| names.contains(&scope.name) && matches!(scope.protocol.as_str(), "" | "openid-connect"))
                .collect()
        };
        let always = of_scopes(&self.client.default_client_scopes);
        let optional = of_scopes(&self.client.optional_client_scopes);
        self.allowed = self.allowed();
        let mappers: Vec<&Mapper> = always
            .iter()
            .flat_map(|scope| &scope.protocol_mappers)
            .chain(&self.client.protocol_mappers)
            .collect();
        for mapper in &mappers {
            match mapper.protocol_mapper.as_str() {
                "oidc-hardcoded-role-mapper" => self.give_role(&mapper.config),
                "oidc-role-name-mapper" => self.rename_role(&mapper.config, &mapper.name),
                _ => {}
            }
        }
        for mapper in mappers {
            self.mapper(mapper);
        }
        for scope in optional {
            // What these say is said by our scopes of the same name.
            let is_ours = matches!(
                scope.name.as_str(),
                "address" | "phone" | "profile" | "email" | "offline_access" | "microprofile-jwt" | "organization"
            );
            if !is_ours && !scope.protocol_mappers.is_empty() {
                let what = format!(
                    "claims of the optional scope `{}` do not come: rules of an application hold for every login",
                    crate::report::bounded(&scope.name)
                );
                let remedy = "Make the scope a default one of the client there and import again, or: doorward app edit NAME \
                              --claim …";
                self.left(&what, Some(remedy), "");
            }
        }
        self.mapped
    }

    fn left(&mut self, what: &str, remedy: Option<&str>, mapper: &str) {
        let name = self.named(mapper);
        self.report.note(Outcome::Left, Kind::App, what, remedy, &name);
    }

    fn translated(&mut self, what: &str, remedy: &str, mapper: &str) {
        let name = self.named(mapper);
        self.report
            .note(Outcome::Translated, Kind::App, what, Some(remedy), &name);
    }

    /// The client, with the mapper where it is about one.
    fn named(&self, mapper: &str) -> String {
        if mapper.is_empty() {
            self.client.client_id.clone()
        } else {
            format!("{}: {mapper}", self.client.client_id)
        }
    }

    /// Roles that may go into tokens, with what they contain, when not all may.
    fn allowed(&self) -> Option<BTreeSet<RoleName>> {
        if self.client.full_scope_allowed != Some(false) {
            return None;
        }
        let id = &self.client.client_id;
        let scopes = &self.client.default_client_scopes;
        let is_meant =
            |client: &str, scope: &str| client == id || (!scope.is_empty() && scopes.iter().any(|name| name == scope));
        let mut direct = Vec::new();
        for mapping in &self.realm.scope_mappings {
            if is_meant(&mapping.client, &mapping.client_scope) {
                direct.extend(named(&mapping.roles, &std::collections::BTreeMap::new()));
            }
        }
        for (owner, mappings) in &self.realm.client_scope_mappings {
            for mapping in mappings.iter().filter(|one| is_meant(&one.client, &one.client_scope)) {
                let roles = [(owner.clone(), mapping.roles.clone())].into_iter().collect();
                direct.extend(named(&[], &roles));
            }
        }
        // A client's own roles are always in its scope.
        direct.extend(
            self.structure
                .roles
                .keys()
                .filter(|role| role.client.as_ref() == Some(id))
                .cloned(),
        );
        Some(self.structure.with_contents(direct))
    }

    fn mapper(&mut self, mapper: &Mapper) {
        let config = &mapper.config;
        let name = mapper.name.as_str();
        match mapper.protocol_mapper.as_str() {
            "oidc-usermodel-attribute-mapper" | "oidc-usermodel-property-mapper" => self.attribute(config, name),
            "oidc-full-name-mapper" => self.plain("name", "name", config),
            "oidc-group-membership-mapper" => self.groups(config, name),
            "oidc-usermodel-realm-role-mapper" => self.realm_roles(config, name),
            "oidc-usermodel-client-role-mapper" => self.client_roles(config, name),
            "oidc-hardcoded-claim-mapper" => self.hardcoded(config, name),
            "oidc-audience-mapper" => self.audience(config, name),
            "oidc-sha256-pairwise-sub-mapper" => {
                self.mapped.is_pairwise = true;
                let what = "it knows people by subjects that Keycloak computed for it (pairwise); they cannot come, so it is \
                            switched off: everybody would be somebody new there";
                let remedy = "If it also matches people by e-mail or user name, switch it on: doorward app enable NAME";
                self.left(what, Some(remedy), name);
            }
            "oidc-audience-resolve-mapper" => {
                let what = "clients whose roles somebody has are no audience of access tokens by themselves any more";
                let remedy = "Name those that check it: doorward app edit NAME --add-audience CLIENT";
                self.translated(what, remedy, "");
            }
            // What these say is said here anyway, or by nobody who asks.
            "oidc-sub-mapper"
            | "oidc-acr-mapper"
            | "oidc-amr-mapper"
            | "oidc-allowed-origins-mapper"
            | "oidc-hardcoded-role-mapper"
            | "oidc-role-name-mapper"
            | "oidc-nonce-backwards-compatible-mapper" => {}
            "oidc-address-mapper" => self.left("addresses of people cannot become claims", None, name),
            "oidc-usersessionmodel-note-mapper" => {
                let note = text(config, "user.session.note").unwrap_or_default();
                if !matches!(
                    note.as_str(),
                    "AUTH_TIME" | "client_id" | "clientHost" | "clientAddress"
                ) {
                    self.left("notes of the session cannot become claims", None, name);
                }
            }
            other => {
                let what = format!("a mapper of kind `{}` cannot come", crate::report::bounded(other));
                self.left(
                    &what,
                    Some("A claim rule may say the same: doorward app edit NAME --claim …"),
                    name,
                );
            }
        }
    }

    fn put(
        &mut self,
        path: Option<ClaimPath>,
        source: Source,
        format: Format,
        direct: bool,
        config: &Texts,
        mapper: &str,
    ) {
        let into = Destinations {
            id_token: flag(config, "id.token.claim"),
            userinfo: flag(config, "userinfo.token.claim"),
            access_token: flag(config, "access.token.claim"),
        };
        if !(into.id_token || into.userinfo || into.access_token) {
            return;
        }
        let rule = path.map(|path| {
            Rule::new(path, source)
                .and_then(|rule| rule.into_tokens(into))
                .map(|rule| rule.in_format(format).of_direct_groups(direct))
        });
        match rule {
            Some(Ok(rule)) => {
                if !self.mapped.rules.contains(&rule) {
                    self.mapped.rules.push(rule);
                }
            }
            Some(Err(error)) => self.left(&format!("a claim cannot come: {error}"), None, mapper),
            None => self.left("a claim cannot come: its name cannot be one here", None, mapper),
        }
    }

    /// One of our own facts under a name.
    fn plain(&mut self, claim: &'static str, attribute: &str, config: &Texts) {
        let source = ClaimPath::name(attribute).map(Source::Attribute);
        if let Ok(source) = source {
            self.put(ClaimPath::name(claim).ok(), source, Format::AsIs, false, config, claim);
        }
    }

    fn attribute(&mut self, config: &Texts, mapper: &str) {
        let Some(foreign) = text(config, "user.attribute") else {
            return;
        };
        let (attribute, is_own) = match foreign.as_str() {
            "username" => ("username".to_owned(), true),
            "email" => ("email".to_owned(), true),
            "emailVerified" => ("email_verified".to_owned(), true),
            "id" => ("id".to_owned(), true),
            "createdTimestamp" => {
                self.left("when an account was made is no claim", None, mapper);
                return;
            }
            other => (attribute_name(other), false),
        };
        if !is_own && !self.known.attributes.contains(&attribute) {
            // Nobody has it: the claim was in no token.
            return;
        }
        let path = path(config, &self.client.client_id);
        let label = text(config, "jsonType.label").unwrap_or_default();
        let is_multivalued = flag(config, "multivalued");
        let format = match (is_multivalued, label.as_str()) {
            (true, _) => Format::NonEmpty,
            (false, "" | "String") if attribute != "email_verified" => Format::String,
            _ => Format::AsIs,
        };
        if !is_own && !is_multivalued && matches!(label.as_str(), "long" | "int" | "boolean" | "JSON") {
            let is_typed = attribute == "phone_number_verified";
            if !is_typed {
                let what = "a claim was a number, a boolean or JSON, and is the text that the attribute holds";
                let remedy = "Set the attribute as what it should be: doorward user edit NAME --attribute floor=3";
                self.translated(what, remedy, mapper);
            }
        }
        let Ok(from) = ClaimPath::name(&attribute) else { return };
        self.put(path.clone(), Source::Attribute(from), format, false, config, mapper);
        if attribute == "username"
            && self.known.has_former_names
            && let Ok(former) = ClaimPath::name(FORMER_NAME)
        {
            self.put(path, Source::Attribute(former), format, false, config, mapper);
        }
    }

    fn groups(&mut self, config: &Texts, mapper: &str) {
        let full = text(config, "full.path").as_deref() != Some("false");
        let rows = self.structure.groups.iter().map(|(path, name, here)| ByGroup {
            group: here.clone(),
            values: vec![Value::from(if full { path.as_str() } else { name.as_str() })],
        });
        let source = Source::ByGroup(rows.collect());
        let path = path(config, &self.client.client_id);
        self.put(path, source, Format::AsIs, true, config, mapper);
        let what = "groups go into tokens as before, by a table: a group that is added later is to be added there too";
        let remedy = "doorward app show NAME prints the rule; doorward app edit NAME --claim changes it";
        self.translated(what, remedy, "");
    }

    fn realm_roles(&mut self, config: &Texts, mapper: &str) {
        let prefix = text(config, "usermodel.realmRoleMapping.rolePrefix").unwrap_or_default();
        let path = path(config, &self.client.client_id);
        self.roles(None, &prefix, path, config, mapper);
    }

    fn client_roles(&mut self, config: &Texts, mapper: &str) {
        let prefix = text(config, "usermodel.clientRoleMapping.rolePrefix").unwrap_or_default();
        if let Some(client) = text(config, "usermodel.clientRoleMapping.clientId") {
            let path = path(config, &client);
            self.roles(Some(&client), &prefix, path, config, mapper);
            return;
        }
        let mut clients: Vec<&str> = self
            .structure
            .roles
            .keys()
            .filter_map(|role| role.client.as_deref())
            .collect();
        clients.dedup();
        if clients.len() > MOST_CLIENTS {
            let what =
                format!("only roles of the client itself go into tokens: more than {MOST_CLIENTS} clients have roles");
            let remedy = "Others that it needs: doorward app edit NAME --claim …";
            self.left(&what, Some(remedy), mapper);
            clients.retain(|client| *client == self.client.client_id);
        }
        let clients: Vec<String> = clients.into_iter().map(str::to_owned).collect();
        for client in clients {
            let path = path(config, &client);
            self.roles(Some(&client), &prefix, path, config, mapper);
        }
    }

    fn roles(&mut self, client: Option<&str>, prefix: &str, path: Option<ClaimPath>, config: &Texts, mapper: &str) {
        let is_of = |role: &RoleName| role.client.as_deref() == client;
        let renamed = &self.renamed;
        let value = |role: &RoleName| {
            let name = renamed.get(role).unwrap_or(&role.name);
            Value::from(format!("{prefix}{name}"))
        };
        let allowed = self.allowed.as_ref();
        let of_client = self.structure.roles.iter().filter(|(role, _)| is_of(role));
        let rows: Vec<ByGroup> = of_client
            .filter(|(role, _)| allowed.is_none_or(|allowed| allowed.contains(role)))
            .map(|(role, group)| ByGroup {
                group: group.clone(),
                values: vec![value(role)],
            })
            .collect();
        let given: Vec<Value> = self.given.iter().filter(|role| is_of(role)).map(value).collect();
        let is_single = text(config, "multivalued").as_deref() == Some("false");
        let format = if is_single { Format::String } else { Format::NonEmpty };
        if !rows.is_empty() {
            self.put(path.clone(), Source::ByGroup(rows), format, false, config, mapper);
        }
        if !given.is_empty() {
            self.put(
                path,
                Source::Constant(Value::Array(given)),
                format,
                false,
                config,
                mapper,
            );
        }
        if client.is_none_or(|client| !BUILT_IN.contains(&client)) {
            let what = "roles are groups here, named `realm.ROLE` and `CLIENT.ROLE`; tokens carry them where they were";
            let remedy = "Give somebody a role: doorward group add-member CLIENT.ROLE NAME";
            self.translated(what, remedy, "");
        }
    }

    /// A role that everybody has in this client's tokens.
    fn give_role(&mut self, config: &Texts) {
        let Some(role) = text(config, "role") else { return };
        let role = self.role(&role);
        self.given.push(role);
    }

    /// A role that has another name in this client's tokens, at the same place.
    fn rename_role(&mut self, config: &Texts, mapper: &str) {
        let (Some(role), Some(new)) = (text(config, "role"), text(config, "new.role.name")) else {
            return;
        };
        let role = self.role(&role);
        let name = match &role.client {
            None => Some(new.as_str()).filter(|new| !new.contains('.')),
            Some(client) => new
                .strip_prefix(client.as_str())
                .and_then(|rest| rest.strip_prefix('.')),
        };
        if let Some(name) = name {
            self.renamed.insert(role, name.to_owned());
            return;
        }
        let what = "a role that tokens name as one of somebody else cannot come under that name";
        let remedy = "doorward app edit NAME --claim …, with a row for the role's group";
        self.left(what, Some(remedy), mapper);
    }

    /// `role` of the realm, or `client.role`.
    fn role(&self, written: &str) -> RoleName {
        let of_client = written.split_once('.').map(|(client, name)| RoleName {
            client: Some(client.to_owned()),
            name: name.to_owned(),
        });
        let known = of_client.filter(|role| self.structure.roles.contains_key(role));
        known.unwrap_or(RoleName {
            client: None,
            name: written.to_owned(),
        })
    }

    fn hardcoded(&mut self, config: &Texts, mapper: &str) {
        let value = text(config, "claim.value").unwrap_or_default();
        let typed = match text(config, "jsonType.label").as_deref() {
            Some("long" | "int" | "boolean" | "JSON") => serde_json::from_str(&value).ok(),
            _ => Some(Value::from(value)),
        };
        let Some(value) = typed else {
            self.left("a claim cannot come: its value is not what its type says", None, mapper);
            return;
        };
        let path = path(config, &self.client.client_id);
        self.put(path, Source::Constant(value), Format::AsIs, false, config, mapper);
    }

    fn audience(&mut self, config: &Texts, mapper: &str) {
        let audience = text(config, "included.client.audience").or_else(|| text(config, "included.custom.audience"));
        let Some(audience) = audience else { return };
        if flag(config, "access.token.claim") {
            self.mapped.edits.push(Edit::AddAudience(audience));
        }
        if flag(config, "id.token.claim") {
            let what = "a further audience goes into access tokens only: an ID token is for its client (OpenID Connect Core §2)";
            self.left(what, None, mapper);
        }
    }
}

/// Where a claim of this mapper goes: `a.b` is nested, `a\.b` is one name.
fn path(config: &Texts, client: &str) -> Option<ClaimPath> {
    let name = text(config, "claim.name")?;
    let mut segments = vec![String::new()];
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' if characters.peek() == Some(&'.') => {
                characters.next();
                segments.last_mut()?.push('.');
            }
            '.' => segments.push(String::new()),
            other => segments.last_mut()?.push(other),
        }
    }
    let filled = segments.into_iter().map(|part| part.replace("${client_id}", client));
    ClaimPath::from_segments(filled.collect()).ok()
}
