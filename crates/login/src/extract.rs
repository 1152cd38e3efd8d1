//! What a handler takes: the person, perhaps a person, or a person's claims as a type of its own.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::response::Response;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Login, LoginError, User};

/// The claims of the person who is logged in, as a type of the application's own. Whoever is not logged in is sent to the
/// login; whoever's claims do not fit the type gets status 403 and what is missing.
///
/// ```
/// use doorward_login::Claims;
///
/// #[derive(serde::Deserialize)]
/// struct Employee {
///     sub: String,
///     department: String,
/// }
///
/// async fn page(Claims(employee): Claims<Employee>) -> String {
///     format!("{} works in {}", employee.sub, employee.department)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims<T>(pub T);

/// Who a layer found behind a request, so that nobody looks twice.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) login: Login,
    pub(crate) user: Option<User>,
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for User
where
    Login: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Response> {
        let login = Login::from_ref(state);
        let known = parts.extensions.get::<Known>();
        if let Some(known) = known.filter(|known| Arc::ptr_eq(&known.login.inner, &login.inner)) {
            return Ok(known.user.clone());
        }
        let user = login.user(&parts.headers).await;
        let user = user.map_err(|error| login.failed(&error))?;
        parts.extensions.insert(Known {
            login,
            user: user.clone(),
        });
        Ok(user)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for User
where
    Login: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let found = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        found.ok_or_else(|| Login::from_ref(state).ask_to_log_in(parts))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Claims<T>
where
    Login: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let user = <User as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        serde_json::from_value(Value::Object(user.claims().clone()))
            .map(Self)
            .map_err(|error| {
                let error = LoginError::Forbidden {
                    expected: format!("claims that fit this page ({error})"),
                    received: "others".to_owned(),
                };
                Login::from_ref(state).forbid(parts, &error)
            })
    }
}
