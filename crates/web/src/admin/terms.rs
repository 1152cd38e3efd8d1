//! Terms and conditions: versions, publishing, who has accepted which.

use axum::extract::{Path, Query};
use doorward_api::{self as api, List};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed, given},
    people::PER_PAGE,
};
use crate::pages::console::{self, Done, PublishTerms, Terms, segment};

const LIST: &str = "/admin/terms";
const PUBLISH: &str = "/admin/terms/publish";

fn page(version: &str) -> String {
    format!("{LIST}/{}", segment(version))
}

/// GET `/admin/terms`.
pub(super) async fn list(desk: Desk) -> Shown {
    let all: List<api::TermsSummary> = desk.get("/terms", &[]).await?;
    let may_change = desk.may(Right::Full);
    Ok(desk.show(|frame| console::all_terms(&all.items, may_change, frame)))
}

/// What the form sends: for each language of the pages a text or an address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct NewTerms {
    #[serde(default)]
    text_en: String,
    #[serde(default)]
    url_en: String,
    #[serde(default)]
    text_de: String,
    #[serde(default)]
    url_de: String,
}

impl NewTerms {
    fn texts(&self) -> Vec<api::TermsText> {
        let all = [("en", &self.text_en, &self.url_en), ("de", &self.text_de, &self.url_de)];
        let given = all.into_iter().map(|(language, text, url)| api::TermsText {
            language: language.to_owned(),
            text: given(text),
            url: given(url),
        });
        given.filter(|one| one.text.is_some() || one.url.is_some()).collect()
    }

    fn shown<'f>(&'f self, error: Option<&'f api::ErrorBody>) -> PublishTerms<'f> {
        PublishTerms {
            english: (&self.text_en, &self.url_en),
            german: (&self.text_de, &self.url_de),
            error,
        }
    }
}

/// GET `/admin/terms/publish`: the proof is asked for before anything is typed, which a login on the way would lose.
pub(super) async fn begin(desk: Desk) -> Shown {
    desk.fresh(PUBLISH).await?;
    Ok(desk.show(|frame| console::publish_terms(&NewTerms::default().shown(None), frame)))
}

/// POST `/admin/terms/publish`: everybody is asked for their answer from now on, so a borrowed browser is not enough.
pub(super) async fn publish(Signed(desk, form): Signed<NewTerms>) -> Shown {
    desk.fresh(PUBLISH).await?;
    let new = api::NewTerms { texts: form.texts() };
    match desk.post::<api::Terms>("/terms", &[], &new).await {
        Ok(terms) => Ok(Desk::onward(&format!("{LIST}/{}", terms.about.version), Done::Added)),
        Err(Turned::Denied { status, error, .. }) => {
            Ok(desk.show_with(status, |frame| console::publish_terms(&form.shown(Some(&error)), frame)))
        }
        Err(turned) => Err(turned),
    }
}

/// Whose word is shown.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    user: String,
    cursor: Option<String>,
}

/// GET `/admin/terms/{version}`.
pub(super) async fn show(desk: Desk, Path(version): Path<String>, Query(asked): Query<Asked>) -> Shown {
    respond(&desk, &version, &asked, None).await
}

async fn respond(desk: &Desk, version: &str, asked: &Asked, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let terms: api::Terms = desk.get("/terms/{version}", &[version]).await?;
    let query = api::TermsAcceptanceQuery {
        version: Some(terms.about.version),
        user: given(&asked.user),
        cursor: asked.cursor.clone(),
        limit: Some(PER_PAGE),
    };
    let found = desk
        .query::<List<api::TermsAcceptance>>("/terms/acceptances", &[], &query)
        .await;
    // Nobody has that name: what was typed stays, with the name that was meant.
    let (found, denied) = match found {
        Ok(found) => (Some(found), None),
        Err(Turned::Denied { status, error, .. }) => (None, Some((status, error))),
        Err(turned) => return Err(turned),
    };
    let denied = denied.as_ref().map(|(status, error)| (*status, &**error));
    let problem = problem.or(denied);
    let view = Terms {
        terms: &terms,
        accepted: found.as_ref(),
        user: asked.user.trim(),
        may_change: desk.may(Right::Full),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::terms(&view, frame)))
}

/// POST `/admin/terms/{version}/withdraw`.
pub(super) async fn withdraw(Path(version): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(&page(&version)).await?;
    let withdrawn = desk
        .post::<api::Terms>("/terms/{version}/withdraw", &[&version], &json!({}))
        .await;
    match withdrawn {
        Ok(_) => Ok(Desk::onward(&page(&version), Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => {
            respond(&desk, &version, &Asked::default(), Some((status, &error))).await
        }
        Err(turned) => Err(turned),
    }
}
