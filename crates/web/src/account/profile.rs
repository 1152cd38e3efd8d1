//! The person's own profile, and the link that confirms an address.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use doorward_directory::{DirectoryError, OwnField, Theme, may_delete_own, own_fields};
use doorward_jose::Secret;
use doorward_store::StoreError;
use http::{StatusCode, header};
use serde::Deserialize;

use super::{link::spent, log_in_first, proved_first, sessions::foreign_form};
use crate::{
    Door, answer,
    answer::see_other,
    cookies::Kind,
    failure::{Answer, Failure},
    pages::{self, ConfirmAddress, Confirming, Profile, ProfileNotice, ProfileProblem, Shade, path},
    session::{self, LoggedIn},
    visit::Visit,
};

/// The path of the page behind a letter's link: `/confirm/TICKET`.
pub(crate) const CONFIRM: &str = "/confirm/{ticket}";

/// Seconds that a browser remembers its theme: a year.
const COOKIE_LIVES: i64 = 365 * 24 * 60 * 60;

/// What has just happened, carried over the redirect.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ProfileQuery {
    done: Option<String>,
}

/// What the forms send.
#[derive(Debug, Deserialize)]
pub(crate) struct ProfileForm {
    #[serde(default)]
    csrf: String,
    display_name: Option<Secret<String>>,
    language: Option<String>,
    theme: Option<String>,
    #[serde(default)]
    email: String,
}

/// What the confirmation sends.
#[derive(Debug, Deserialize)]
pub(crate) struct ConfirmForm {
    #[serde(default)]
    csrf: String,
}

/// GET `/account/profile`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<ProfileQuery>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::PROFILE));
    };
    let notice = match query.done.as_deref() {
        Some("saved") => Some(ProfileNotice::Saved),
        Some("sent") => Some(ProfileNotice::LetterSent),
        _ => None,
    };
    page(&door, &visit, &who, notice, None, "").await
}

/// POST `/account/profile`: full name, language and theme.
pub(crate) async fn save(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<ProfileForm>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other(path::LOGIN));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    let language = form
        .language
        .filter(|language| matches!(language.as_str(), "" | "en" | "de"));
    let theme = form.theme.as_deref().and_then(Theme::from_word);
    let user = who.session.user_id;
    let changed = door
        .directory
        .change_own_profile(user, form.display_name, language, theme, visit.now)
        .await;
    match changed {
        Ok(person) => {
            let mut response = see_other(&format!("{}?done=saved", path::PROFILE));
            // So that this browser's login page looks like what comes after it.
            let cookie = match Shade::of(person.theme) {
                Some(shade) => door.cookies.set(Kind::Theme, shade.word(), Some(COOKIE_LIVES)),
                None => door.cookies.clear(Kind::Theme),
            };
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(DirectoryError::Refused(refusal)) if refusal.kind.code == "invalid_user" => {
            page(&door, &visit, &who, None, Some(ProfileProblem::Name), "").await
        }
        // The form had what may not be changed: the page as it is now does not.
        Err(DirectoryError::Refused(_)) => Ok(see_other(path::PROFILE)),
        Err(error) => Err(error.into()),
    }
}

/// POST `/account/profile/email`: asks for another address. Whoever has the address can have the password replaced, so a
/// borrowed browser must not be enough.
pub(crate) async fn ask_for_email(
    State(door): State<Arc<Door>>,
    visit: Visit,
    Form(form): Form<ProfileForm>,
) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other(path::LOGIN));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    if let Some(response) = proved_first(&door, &visit, &who, path::PROFILE).await? {
        return Ok(response);
    }
    let language = doorward_mail::Lang::from_tag(visit.lang.tag());
    let user = who.session.user_id;
    let problem = match door
        .directory
        .ask_for_address(user, &form.email, language, visit.now)
        .await
    {
        Ok(true) => return Ok(see_other(&format!("{}?done=sent", path::PROFILE))),
        Ok(false) => ProfileProblem::TooOften,
        Err(DirectoryError::Refused(refusal)) if refusal.kind.code == "invalid_user" => ProfileProblem::Address,
        Err(DirectoryError::Refused(_)) => return Ok(see_other(path::PROFILE)),
        Err(error) => return Err(error.into()),
    };
    page(&door, &visit, &who, None, Some(problem), &form.email).await
}

async fn page(
    door: &Door,
    visit: &Visit,
    who: &LoggedIn,
    notice: Option<ProfileNotice>,
    problem: Option<ProfileProblem>,
    typed: &str,
) -> Answer {
    let user = &who.facts.user;
    let (fields, may_delete) = door
        .store
        .read::<_, StoreError>(|tx| Ok((own_fields(tx)?, may_delete_own(tx)?)))
        .await?;
    let pending = door.directory.pending_address(user.id, visit.now).await?;
    let csrf = session::form_token(door, &who.session);
    let view = Profile {
        csrf: &csrf,
        username: user.name.as_str(),
        display_name: &user.display_name,
        may_name: fields.contains(&OwnField::Name),
        language: user
            .attributes
            .get("locale")
            .and_then(|locale| locale.as_str())
            .unwrap_or_default(),
        may_language: fields.contains(&OwnField::Language),
        theme: user.theme.as_str(),
        email: user.email.as_deref(),
        verified: user.email_verified,
        may_email: fields.contains(&OwnField::Email) && door.outbox.is_on(),
        pending: pending.as_deref(),
        may_delete,
        has_terms: door.directory.terms_in_force().await?.is_some(),
        typed,
        notice,
        problem,
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(ProfileProblem::TooOften) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let html = pages::profile(&view, &visit.chrome(door, Some(who.viewer())));
    Ok(answer::page(status, html, &[]))
}

/// GET `/confirm/TICKET`: shows what would be confirmed, in a session of the account that asked. Looking changes nothing.
pub(crate) async fn confirmation(State(door): State<Arc<Door>>, visit: Visit, Path(ticket): Path<String>) -> Answer {
    let waiting = match door.directory.address_to_confirm(&ticket, visit.now).await {
        Ok(waiting) => waiting,
        Err(error) => return gone(&door, &visit, error),
    };
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, &format!("/confirm/{ticket}")));
    };
    if who.session.user_id != waiting.user.id {
        return Ok(other_account(&door, &visit, &who));
    }
    Ok(confirm_page(
        &door,
        &visit,
        &who,
        (&ticket, &waiting.address),
        Confirming::Asked,
    ))
}

/// POST: the address becomes the account's.
pub(crate) async fn confirm(
    State(door): State<Arc<Door>>,
    visit: Visit,
    Path(ticket): Path<String>,
    Form(form): Form<ConfirmForm>,
) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, &format!("/confirm/{ticket}")));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    match door
        .directory
        .confirm_address(&ticket, who.session.user_id, visit.now)
        .await
    {
        Ok(user) => {
            let address = user.email.as_deref().unwrap_or_default();
            Ok(confirm_page(&door, &visit, &who, (&ticket, address), Confirming::Done))
        }
        Err(DirectoryError::Refused(refusal)) if refusal.kind.code == "other_account" => {
            Ok(other_account(&door, &visit, &who))
        }
        Err(error) => gone(&door, &visit, error),
    }
}

fn gone(door: &Door, visit: &Visit, error: DirectoryError) -> Result<Response, Failure> {
    match error {
        // Also when somebody else has taken the address meanwhile: whose it is, is not said.
        DirectoryError::Refused(_) => Ok(spent(door, visit)),
        error => Err(error.into()),
    }
}

/// Somebody else is logged in here: neither the address nor the account of who asked is shown.
fn other_account(door: &Door, visit: &Visit, who: &LoggedIn) -> Response {
    confirm_page(door, visit, who, ("", ""), Confirming::OtherAccount)
}

fn confirm_page(
    door: &Door,
    visit: &Visit,
    who: &LoggedIn,
    (ticket, address): (&str, &str),
    state: Confirming,
) -> Response {
    let (action, csrf) = (format!("/confirm/{ticket}"), session::form_token(door, &who.session));
    let view = ConfirmAddress {
        action: &action,
        csrf: &csrf,
        address,
        username: who.facts.user.name.as_str(),
        state,
    };
    let html = pages::confirm_address(&view, &visit.chrome(door, None));
    let status = match state {
        Confirming::OtherAccount => StatusCode::FORBIDDEN,
        Confirming::Asked | Confirming::Done => StatusCode::OK,
    };
    answer::page(status, html, &[])
}
