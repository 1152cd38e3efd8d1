//! What a grant extends to beside its scope: the resource servers that its tokens are for (RFC 8707), and the details of
//! what may be done with them (RFC 9396).

use doorward_apps::App;
use doorward_oidc::{AuthorizationDetails, Refusal, RefusalKind, Turn};
use serde::{Deserialize, Serialize};

use crate::text::{shell_word, shown};
use crate::{AccessToken, Server};

/// A resource that the application may not name, or that was not granted.
pub static RESOURCE_UNKNOWN: RefusalKind = RefusalKind {
    code: "resource_unknown",
    oauth: "invalid_target",
    public: "The application asked for access to a resource that is not one of its own.",
    meaning: "A token for a resource server is issued to applications alone for which an administrator registered that \
              resource, and a token request only narrows what was granted (RFC 8707 §2).",
    turn: Turn::Administrator,
};

/// A type of authorization details that is not registered for the application.
pub static DETAIL_TYPE_UNKNOWN: RefusalKind = RefusalKind {
    code: "authorization_details_type_unknown",
    oauth: "invalid_authorization_details",
    public: "The application asked for a kind of access that is not registered for it.",
    meaning: "Each type of authorization details is registered for an application before it may ask for it (RFC 9396 §5).",
    turn: Turn::Administrator,
};

/// Details that were not granted.
pub static DETAILS_NOT_GRANTED: RefusalKind = RefusalKind {
    code: "authorization_details_not_granted",
    oauth: "invalid_authorization_details",
    public: "The application asked for a token for something that was not granted.",
    meaning: "A token request names some of the authorization details that were granted, as they were granted \
              (RFC 9396 §6).",
    turn: Turn::Application,
};

/// A token for another resource server came to us.
pub static TOKEN_FOR_ANOTHER_RESOURCE: RefusalKind = RefusalKind {
    code: "token_for_another_resource",
    oauth: "invalid_token",
    public: "This access token is for another server.",
    meaning: "A token that was narrowed to a resource server is good there and nowhere else, so that the resource server \
              cannot use it here (RFC 8707 §3, RFC 9700 §4.9.1).",
    turn: Turn::Application,
};

/// What a grant, or one token of it, extends to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extent {
    /// Resource servers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The token is for these resource servers alone: the token request named them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub narrowed: bool,
    /// What may be done.
    #[serde(skip_serializing_if = "AuthorizationDetails::is_empty")]
    pub details: AuthorizationDetails,
}

impl Extent {
    /// Whether there is nothing beside the scope.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.details.is_empty()
    }

    /// What one token of this grant extends to: what its request names of it, or all of it, and nothing that was taken away
    /// from the application since.
    ///
    /// # Errors
    /// [`RESOURCE_UNKNOWN`], [`DETAILS_NOT_GRANTED`]: something that was not granted, or that may not be named any more.
    pub fn of_token(
        &self,
        app: &App,
        resources: &[String],
        details: Option<&AuthorizationDetails>,
    ) -> Result<Self, Refusal> {
        self.current(app)?.narrowed(resources, details)
    }

    /// What of it an administrator leaves the application.
    fn current(&self, app: &App) -> Result<Self, Refusal> {
        let is_left = |one: &&String| app.requests.is_resource_of(app, one);
        let current = Self {
            resources: self.resources.iter().filter(is_left).cloned().collect(),
            narrowed: self.narrowed,
            details: self.details.of_types(&app.requests.detail_types),
        };
        // Without any resource the token would be good for what the grant was not asked for.
        if current.resources.is_empty() {
            are_of_the_app(app, &self.resources)?;
        }
        Ok(current)
    }

    fn narrowed(&self, resources: &[String], details: Option<&AuthorizationDetails>) -> Result<Self, Refusal> {
        let mut narrow = self.clone();
        if !resources.is_empty() {
            if let Some(other) = resources.iter().find(|resource| !self.resources.contains(resource)) {
                let granted = if self.resources.is_empty() {
                    "none".to_owned()
                } else {
                    self.resources.join(", ")
                };
                return Err(Refusal::response(
                    &RESOURCE_UNKNOWN,
                    format!("received the resource {}; the login grants: {granted}", shown(other)),
                )
                .with_remedy("in the application, name the resource in the authorization request too"));
            }
            narrow.resources = resources.to_vec();
            narrow.narrowed = true;
        }
        if let Some(details) = details {
            if !details.is_part_of(&self.details) {
                return Err(Refusal::response(
                    &DETAILS_NOT_GRANTED,
                    "received authorization details that are none of those that were granted, member by member",
                ));
            }
            narrow.details = details.clone();
        }
        Ok(narrow)
    }

    /// What a token of the application itself extends to.
    ///
    /// # Errors
    /// [`RESOURCE_UNKNOWN`].
    pub fn of_client(app: &App, resources: Vec<String>) -> Result<Self, Refusal> {
        are_of_the_app(app, &resources)?;
        Ok(Self {
            narrowed: !resources.is_empty(),
            resources,
            details: AuthorizationDetails::default(),
        })
    }
}

/// Each resource is one that the application may name.
///
/// # Errors
/// [`RESOURCE_UNKNOWN`].
pub fn are_of_the_app(app: &App, resources: &[String]) -> Result<(), Refusal> {
    let unknown = resources.iter().find(|one| !app.requests.is_resource_of(app, one));
    unknown.map_or(Ok(()), |unknown| {
        Err(Refusal::response(
            &RESOURCE_UNKNOWN,
            format!(
                "received the resource {}; it is not registered for {}",
                shown(unknown),
                app.client_id
            ),
        )
        .with_remedy(format!(
            "doorward app edit {} --add-resource {}",
            app.client_id,
            shell_word(unknown)
        )))
    })
}

/// Each type of details is registered for the application.
///
/// # Errors
/// [`DETAIL_TYPE_UNKNOWN`].
pub fn are_registered(app: &App, details: &AuthorizationDetails) -> Result<(), Refusal> {
    let known = &app.requests.detail_types;
    let unknown = details.iter().find(|one| !known.iter().any(|kind| kind == one.kind()));
    unknown.map_or(Ok(()), |unknown| {
        Err(Refusal::response(
            &DETAIL_TYPE_UNKNOWN,
            format!(
                "received authorization details of the type {}; {} registered for {}",
                shown(unknown.kind()),
                known.len(),
                app.client_id
            ),
        )
        .with_remedy(format!(
            "doorward app edit {} --add-detail-type {}",
            app.client_id,
            shell_word(unknown.kind())
        )))
    })
}

/// The token may be used here: it is not narrowed to resource servers of the application.
///
/// # Errors
/// [`TOKEN_FOR_ANOTHER_RESOURCE`].
pub fn is_for_us(app: &App, token: &AccessToken, server: &Server) -> Result<(), Refusal> {
    let is_ours = token.aud.contains(&app.client_id) || token.aud.contains(&server.issuer(app));
    if is_ours || !token.elsewhere {
        return Ok(());
    }
    let audiences: Vec<&str> = token.aud.iter().collect();
    Err(Refusal::response(
        &TOKEN_FOR_ANOTHER_RESOURCE,
        format!("the audience of the token is {}", audiences.join(", ")),
    )
    .with_remedy("in the application, use the token of a request that names no resource"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted() -> Extent {
        Extent {
            resources: vec!["https://a.example".to_owned(), "https://b.example".to_owned()],
            narrowed: false,
            details: AuthorizationDetails::parse(r#"[{"type":"pay","amount":1},{"type":"read"}]"#).unwrap(),
        }
    }

    #[test]
    fn a_token_request_narrows_and_never_widens() {
        let all = granted().narrowed(&[], None).unwrap();
        assert_eq!(all, granted());
        let one = granted().narrowed(&["https://b.example".to_owned()], None).unwrap();
        assert_eq!((one.resources.len(), one.narrowed), (1, true));
        let more = granted().narrowed(&["https://c.example".to_owned()], None).unwrap_err();
        assert_eq!(more.kind.oauth, "invalid_target");
        let read = AuthorizationDetails::parse(r#"[{"type":"read"}]"#).unwrap();
        assert_eq!(granted().narrowed(&[], Some(&read)).unwrap().details, read);
        let dearer = AuthorizationDetails::parse(r#"[{"type":"pay","amount":2}]"#).unwrap();
        let refused = granted().narrowed(&[], Some(&dearer)).unwrap_err();
        assert_eq!(refused.kind, &DETAILS_NOT_GRANTED);
    }

    #[test]
    fn what_was_taken_from_the_application_is_in_no_token_any_more() {
        let mut app = crate::testing::app();
        app.requests.resources = granted().resources;
        app.requests.detail_types = vec!["pay".to_owned(), "read".to_owned()];
        assert_eq!(granted().of_token(&app, &[], None).unwrap(), granted());
        app.requests.resources.remove(0);
        app.requests.detail_types.remove(0);
        let left = granted().of_token(&app, &[], None).unwrap();
        assert_eq!(left.resources, ["https://b.example"]);
        assert_eq!(
            left.details
                .iter()
                .map(doorward_oidc::AuthorizationDetail::kind)
                .collect::<Vec<_>>(),
            ["read"]
        );
        let gone = granted().of_token(&app, &["https://a.example".to_owned()], None);
        assert_eq!(gone.unwrap_err().kind, &RESOURCE_UNKNOWN);
        let pay = AuthorizationDetails::parse(r#"[{"type":"pay","amount":1}]"#).unwrap();
        assert_eq!(
            granted().of_token(&app, &[], Some(&pay)).unwrap_err().kind,
            &DETAILS_NOT_GRANTED
        );
        app.requests.resources.clear();
        let none = granted().of_token(&app, &[], None).unwrap_err();
        assert_eq!(none.kind, &RESOURCE_UNKNOWN, "an audience does not become wider");
        assert!(Extent::default().of_token(&app, &[], None).unwrap().is_empty());
    }

    #[test]
    fn nothing_beside_the_scope_is_stored_as_nothing() {
        assert!(Extent::default().is_empty());
        let stored = serde_json::to_string(&granted()).unwrap();
        assert_eq!(serde_json::from_str::<Extent>(&stored).unwrap(), granted());
    }
}
