//! Where a request of the console begins: who looks, what they may see, and how to ask the API for them.

use axum::{
    Router,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use doorward_api::{ErrorBody, codes};
use doorward_directory::{Actor, Right, Via};
use http::{Method, StatusCode, request::Parts};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Console,
    client::{Call, Denied, query},
};
use crate::{
    Door,
    account::{log_in_first, proved_first},
    answer::{self, see_other},
    failure::Failure,
    pages::{
        console::{self, Done, Frame, Room},
        path,
    },
    session::{self, LoggedIn},
    visit::Visit,
};

/// Who administers, in one request. An extractor that sends everybody else away.
pub(super) struct Desk {
    pub(super) door: std::sync::Arc<Door>,
    pub(super) visit: Visit,
    pub(super) who: LoggedIn,
    api: Router,
    actor: Actor,
    done: Option<Done>,
}

/// What a handler answers.
pub(super) type Shown = Result<Response, Turned>;

/// Why a handler does not go on.
pub(super) enum Turned {
    /// The API says no. `page` says so to whoever looks, unless the handler has something better.
    Denied {
        status: StatusCode,
        error: Box<ErrorBody>,
        page: Response,
    },
    /// Somewhere else first.
    Away(Response),
    /// The machine failed.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Turned {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        match self {
            Self::Denied { page, .. } | Self::Away(page) => page,
            Self::Failed(failure) => failure.into_response(),
        }
    }
}

impl FromRequestParts<Console> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Response> {
        let door = std::sync::Arc::clone(&console.door);
        let Ok(visit) = Visit::from_request_parts(parts, &door).await;
        let found = session::current(&door, &visit).await;
        let Some(who) = found.map_err(IntoResponse::into_response)? else {
            // A form cannot be sent again for somebody, so they begin where forms are.
            let wanted = parts
                .uri
                .path_and_query()
                .map_or(path::CONSOLE, |wanted| wanted.as_str());
            let back = if parts.method == Method::GET {
                wanted
            } else {
                path::CONSOLE
            };
            return Err(log_in_first(&door, &visit, back));
        };
        let desk = Self {
            actor: Actor::user(&who.facts, Via::Session(who.session.id)),
            done: done(parts.uri.query().unwrap_or_default()),
            api: console.api.clone(),
            door,
            visit,
            who,
        };
        if desk.actor.roles.is_empty() && desk.actor.managed_groups.is_empty() {
            return Err(desk.refuse(StatusCode::FORBIDDEN, &no_role(&desk.actor.name)));
        }
        Ok(desk)
    }
}

fn done(query: &str) -> Option<Done> {
    #[derive(serde::Deserialize)]
    struct Notice {
        done: Option<String>,
    }
    let notice: Notice = serde_urlencoded::from_str(query).ok()?;
    Done::of(&notice.done?)
}

fn no_role(name: &str) -> ErrorBody {
    ErrorBody {
        code: codes::FORBIDDEN.to_owned(),
        message: "This is for those who administer.".to_owned(),
        detail: Some(format!("{name} has no role here")),
        remedy: Some(format!("doorward admin grant ROLE {name}")),
        reference: None,
    }
}

impl Desk {
    /// Whether the person has the right, for what a page offers. The API asks again.
    pub(super) fn may(&self, right: Right) -> bool {
        self.actor.has(right)
    }

    /// Turns away who lacks the right, before anything large is read.
    #[expect(clippy::result_large_err, reason = "an extractor answers with the page itself")]
    pub(super) fn require(&self, right: Right) -> Result<(), Response> {
        let Err(refusal) = self.actor.require(right) else {
            return Ok(());
        };
        let error = ErrorBody {
            code: refusal.kind.code.to_owned(),
            message: refusal.kind.public.to_owned(),
            detail: Some(refusal.detail),
            remedy: refusal.remedy,
            reference: None,
        };
        Err(self.refuse(StatusCode::FORBIDDEN, &error))
    }

    /// A page in its frame.
    pub(super) fn show(&self, draw: impl FnOnce(&Frame<'_>) -> String) -> Response {
        self.show_with(StatusCode::OK, draw)
    }

    /// A page that is filled again while somebody looks at it.
    pub(super) fn show_live(&self, draw: impl FnOnce(&Frame<'_>) -> String) -> Response {
        answer::live_page(self.drawn(draw))
    }

    /// A page in its frame, with another status.
    pub(super) fn show_with(&self, status: StatusCode, draw: impl FnOnce(&Frame<'_>) -> String) -> Response {
        answer::page(status, self.drawn(draw), &[])
    }

    fn drawn(&self, draw: impl FnOnce(&Frame<'_>) -> String) -> String {
        let csrf = session::form_token(&self.door, &self.who.session);
        let rooms: Vec<Room> = Room::ALL.into_iter().filter(|room| self.may_enter(*room)).collect();
        let frame = Frame {
            chrome: self.visit.chrome(&self.door, Some(self.who.viewer())),
            csrf: &csrf,
            now: self.visit.now,
            rooms: &rooms,
            done: self.done,
        };
        draw(&frame)
    }

    fn may_enter(&self, room: Room) -> bool {
        match room {
            Room::Overview => true,
            Room::People | Room::Registration | Room::Groups | Room::Sessions | Room::Services | Room::Admins => {
                self.may(Right::ReadPeople)
            }
            Room::Apps => self.may(Right::ReadApps),
            Room::Traces | Room::Events => self.may(Right::ReadAudit),
            Room::Upstreams
            | Room::Policies
            | Room::Mail
            | Room::Terms
            | Room::Keys
            | Room::Certificates
            | Room::Settings => self.may(Right::ReadSettings),
        }
    }

    /// A page that says why not.
    pub(super) fn refuse(&self, status: StatusCode, error: &ErrorBody) -> Response {
        self.show_with(status, |frame| console::refused(error, frame))
    }

    /// Goes on only if the person has just proved who they are, with their second factor if they have one; otherwise they do
    /// that first and come back to `page`.
    pub(super) async fn fresh(&self, page: &str) -> Result<(), Turned> {
        let back = format!("{page}?done={}", Done::Proved.word());
        match proved_first(&self.door, &self.visit, &self.who, &back).await? {
            Some(response) => Err(Turned::Away(response)),
            None => Ok(()),
        }
    }

    /// To a page that says what has been done.
    pub(super) fn onward(page: &str, done: Done) -> Response {
        see_other(&format!("{page}?done={}", done.word()))
    }

    /// Reads something.
    pub(super) async fn get<T: DeserializeOwned>(&self, operation: &'static str, names: &[&str]) -> Result<T, Turned> {
        self.call(Method::GET, operation, names, None, None).await
    }

    /// Reads something with a query.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        names: &[&str],
        asked: &impl Serialize,
    ) -> Result<T, Turned> {
        self.call(Method::GET, operation, names, Some(query(asked)?), None)
            .await
    }

    /// Adds something, or does something.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        names: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Turned> {
        let body = serde_json::to_vec(body)?;
        self.call(Method::POST, operation, names, None, Some(body)).await
    }

    /// Changes something.
    pub(super) async fn patch<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        names: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Turned> {
        let body = serde_json::to_vec(body)?;
        self.call(Method::PATCH, operation, names, None, Some(body)).await
    }

    /// Puts something in its place.
    pub(super) async fn put<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        names: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Turned> {
        let body = serde_json::to_vec(body)?;
        self.call(Method::PUT, operation, names, None, Some(body)).await
    }

    /// Removes something.
    pub(super) async fn delete<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        names: &[&str],
    ) -> Result<T, Turned> {
        self.call(Method::DELETE, operation, names, None, None).await
    }

    /// Removes something in a way that its query says.
    pub(super) async fn delete_with<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        names: &[&str],
        asked: &impl Serialize,
    ) -> Result<T, Turned> {
        self.call(Method::DELETE, operation, names, Some(query(asked)?), None)
            .await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        operation: &'static str,
        names: &[&str],
        query: Option<String>,
        body: Option<Vec<u8>>,
    ) -> Result<T, Turned> {
        let call = Call {
            method,
            operation,
            names,
            query,
            body,
        };
        match call.send(&self.api, &self.actor).await? {
            Ok(answer) => Ok(answer),
            Err(Denied { status, error }) => Err(Turned::Denied {
                status,
                page: self.refuse(status, &error),
                error,
            }),
        }
    }
}
