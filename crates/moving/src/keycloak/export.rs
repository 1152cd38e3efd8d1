//! The export of a realm as Keycloak writes it: `kc.sh export --users same_file`, version 20 and later.
//!
//! Source: the representations of Keycloak's Admin REST API documentation. What is not read here is not there.

use std::collections::BTreeMap;

use doorward_jose::Secret;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// `null` and nothing are the default.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Values by name; Keycloak writes booleans and numbers as texts, older versions not always.
pub(super) type Texts = BTreeMap<String, Value>;

/// A value of [`Texts`] as text.
pub(super) fn text(texts: &Texts, name: &str) -> Option<String> {
    match texts.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

/// Whether a value of [`Texts`] says yes.
pub(super) fn flag(texts: &Texts, name: &str) -> bool {
    text(texts, name).as_deref() == Some("true")
}

macro_rules! representation {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        #[allow(clippy::struct_field_names, reason = "the names of the export")]
        pub(super) struct $name {
            $(#[serde(deserialize_with = "or_default")] pub(super) $field: $type,)*
        }
    };
}

representation! {
    /// A realm.
    Realm {
        id: String,
        realm: String,
        keycloak_version: String,
        access_token_lifespan: i64,
        access_code_lifespan: i64,
        sso_session_idle_timeout: i64,
        default_signature_algorithm: String,
        registration_allowed: bool,
        password_policy: String,
        smtp_server: Texts,
        roles: Roles,
        groups: Vec<Group>,
        users: Vec<User>,
        scope_mappings: Vec<ScopeMapping>,
        client_scope_mappings: BTreeMap<String, Vec<ScopeMapping>>,
        clients: Vec<Client>,
        client_scopes: Vec<ClientScope>,
        identity_providers: Vec<IdentityProvider>,
        identity_provider_mappers: Vec<Value>,
        components: BTreeMap<String, Vec<Component>>,
        authentication_flows: Vec<Flow>,
        organizations: Vec<Value>,
    }
}

representation! {
    /// Roles of the realm and of its clients.
    Roles {
        realm: Vec<Role>,
        client: BTreeMap<String, Vec<Role>>,
    }
}

representation! {
    /// A role.
    Role {
        id: String,
        name: String,
        composites: Composites,
    }
}

representation! {
    /// What a role contains.
    Composites {
        realm: Vec<String>,
        client: BTreeMap<String, Vec<String>>,
    }
}

representation! {
    /// A group with those inside.
    Group {
        id: String,
        name: String,
        path: String,
        sub_groups: Vec<Group>,
        attributes: BTreeMap<String, Value>,
        realm_roles: Vec<String>,
        client_roles: BTreeMap<String, Vec<String>>,
    }
}

representation! {
    /// Somebody.
    User {
        id: String,
        username: String,
        first_name: String,
        last_name: String,
        email: String,
        email_verified: bool,
        enabled: Option<bool>,
        attributes: BTreeMap<String, Value>,
        credentials: Vec<Credential>,
        required_actions: Vec<String>,
        federated_identities: Vec<FederatedIdentity>,
        realm_roles: Vec<String>,
        client_roles: BTreeMap<String, Vec<String>>,
        groups: Vec<String>,
        service_account_client_id: String,
        federation_link: String,
    }
}

representation! {
    /// Something that somebody logs in with.
    Credential {
        r#type: String,
        secret_data: Secret<String>,
        credential_data: String,
    }
}

representation! {
    /// As whom an identity provider knows somebody.
    FederatedIdentity {
        identity_provider: String,
        user_id: String,
    }
}

representation! {
    /// Which roles may go into tokens of a client, or come with a client scope.
    ScopeMapping {
        client: String,
        client_scope: String,
        roles: Vec<String>,
    }
}

representation! {
    /// An application.
    Client {
        id: String,
        client_id: String,
        name: String,
        root_url: String,
        base_url: String,
        enabled: Option<bool>,
        client_authenticator_type: String,
        secret: Option<Secret<String>>,
        redirect_uris: Vec<String>,
        web_origins: Vec<String>,
        bearer_only: bool,
        consent_required: bool,
        standard_flow_enabled: Option<bool>,
        implicit_flow_enabled: bool,
        direct_access_grants_enabled: bool,
        service_accounts_enabled: bool,
        authorization_services_enabled: bool,
        public_client: bool,
        frontchannel_logout: bool,
        protocol: String,
        attributes: Texts,
        full_scope_allowed: Option<bool>,
        protocol_mappers: Vec<Mapper>,
        default_client_scopes: Vec<String>,
        optional_client_scopes: Vec<String>,
    }
}

representation! {
    /// Claims that come with a scope.
    ClientScope {
        name: String,
        protocol: String,
        protocol_mappers: Vec<Mapper>,
    }
}

representation! {
    /// Puts a claim into tokens.
    Mapper {
        name: String,
        protocol_mapper: String,
        config: Texts,
    }
}

representation! {
    /// A provider that logs people in there.
    IdentityProvider {
        alias: String,
        display_name: String,
        provider_id: String,
        enabled: Option<bool>,
        trust_email: bool,
        link_only: bool,
        hide_on_login: bool,
        config: IdentityProviderConfig,
    }
}

representation! {
    /// How it is spoken to.
    IdentityProviderConfig {
        client_id: String,
        client_secret: Option<Secret<String>>,
        issuer: String,
        client_auth_method: String,
        default_scope: String,
        hosted_domain: String,
        tenant_id: String,
    }
}

representation! {
    /// Something that is plugged in.
    Component {
        name: String,
        provider_id: String,
    }
}

representation! {
    /// Steps of a login.
    Flow {
        alias: String,
        built_in: bool,
    }
}
