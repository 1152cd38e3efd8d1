//! The tower layer that guards a router.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::response::{IntoResponse, Response};
use doorward_claims::ClaimPath;
use http::Request;
use serde_json::Value;
use tower::{Layer, Service};

use crate::error::{claimed, shown};
use crate::extract::Known;
use crate::{Login, LoginError, User};

/// Looks up who is logged in, once per request, and lets through whoever has what is required:
///
/// ```no_run
/// # use axum::{Router, routing::get};
/// # use doorward_login::{Login, LoginLayer};
/// # fn app(login: Login) -> Router {
/// let staff = LoginLayer::new(&login).require_any_group(["staff", "admins"]);
/// let admin = LoginLayer::new(&login).require_group("admins");
/// Router::new()
///     .route("/reports", get(|| async { "reports" }).layer(staff))
///     .route("/settings", get(|| async { "settings" }).layer(admin))
///     .merge(login.routes())
/// # }
/// ```
///
/// Somebody who is not logged in is sent to the login, or gets status 401 as JSON if a program asks. Somebody who is, and
/// has not what is required, gets status 403 and what is missing. Without a requirement everybody is let through.
#[derive(Clone)]
pub struct LoginLayer {
    login: Login,
    is_required: bool,
    requirements: Arc<Vec<Requirement>>,
}

#[derive(Clone)]
enum Requirement {
    AnyGroup(Vec<String>),
    Claim(ClaimPath, Value),
}

impl LoginLayer {
    /// A layer that lets everybody through.
    pub fn new(login: &Login) -> Self {
        Self {
            login: login.clone(),
            is_required: false,
            requirements: Arc::default(),
        }
    }

    /// Lets only people through who are logged in.
    pub fn require_login(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// Lets only members of this group through. Requirements add up.
    pub fn require_group(self, group: impl Into<String>) -> Self {
        self.require_any_group([group])
    }

    /// Lets only people through who are in at least one of these groups.
    pub fn require_any_group<G: Into<String>>(self, groups: impl IntoIterator<Item = G>) -> Self {
        self.require(Requirement::AnyGroup(groups.into_iter().map(Into::into).collect()))
    }

    /// Lets only people through whose claim is this value, or a list that holds it.
    pub fn require_claim(self, path: ClaimPath, value: impl Into<Value>) -> Self {
        self.require(Requirement::Claim(path, value.into()))
    }

    fn require(mut self, requirement: Requirement) -> Self {
        Arc::make_mut(&mut self.requirements).push(requirement);
        self.require_login()
    }
}

impl Requirement {
    fn is_met_by(&self, user: &User) -> Result<(), LoginError> {
        match self {
            Self::AnyGroup(groups) if groups.iter().any(|group| user.is_in(group)) => Ok(()),
            Self::AnyGroup(groups) => Err(LoginError::Forbidden {
                expected: format!("a member of {}", in_words(groups)),
                received: "somebody who is not".to_owned(),
            }),
            Self::Claim(path, wanted) => match user.claim(path) {
                Some(value) if value == wanted => Ok(()),
                Some(Value::Array(values)) if values.contains(wanted) => Ok(()),
                other => Err(LoginError::Forbidden {
                    expected: format!("{} as the claim `{path}`", claimed(Some(wanted))),
                    received: claimed(other),
                }),
            },
        }
    }
}

fn in_words(groups: &[String]) -> String {
    let names: Vec<_> = groups.iter().map(|group| format!("`{}`", shown(group))).collect();
    names.join(" or ")
}

impl<S> Layer<S> for LoginLayer {
    type Service = LoginService<S>;

    fn layer(&self, inner: S) -> LoginService<S> {
        LoginService {
            layer: self.clone(),
            inner,
        }
    }
}

/// What [`LoginLayer`] makes of a service.
#[derive(Clone)]
pub struct LoginService<S> {
    layer: LoginLayer,
    inner: S,
}

impl<S, B> Service<Request<B>> for LoginService<S>
where
    S: Service<Request<B>, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let layer = self.layer.clone();
        // The one that was asked whether it is ready is the one to call.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        Box::pin(async move {
            match layer.admitted(request).await {
                Ok(request) => inner.call(request).await.map(IntoResponse::into_response),
                Err(response) => Ok(response),
            }
        })
    }
}

impl LoginLayer {
    async fn admitted<B>(&self, request: Request<B>) -> Result<Request<B>, Response> {
        let (mut parts, body) = request.into_parts();
        let known = parts.extensions.get::<Known>();
        let known = known.filter(|known| Arc::ptr_eq(&known.login.inner, &self.login.inner));
        let user = if let Some(known) = known {
            known.user.clone()
        } else {
            let user = self.login.user(&parts.headers).await;
            user.map_err(|error| self.login.failed(&error))?
        };
        match &user {
            None if self.is_required => return Err(self.login.ask_to_log_in(&parts)),
            None => {}
            Some(user) => {
                let unmet = self.requirements.iter().find_map(|one| one.is_met_by(user).err());
                if let Some(error) = unmet {
                    return Err(self.login.forbid(&parts, &error));
                }
            }
        }
        parts.extensions.insert(Known {
            login: self.login.clone(),
            user,
        });
        Ok(Request::from_parts(parts, body))
    }
}
