//! Registering a passkey on the way in, because a policy demands one, or a second factor of any kind.

use std::sync::{Arc, Mutex};

use axum::{Form, extract::State};
use doorward_audit::TraceOutcome;
use doorward_directory::{
    CheckedRegistration, DirectoryError, Level, PasskeyCeremony,
    factors::{self, HARDWARE_PASSKEY, Outcome, SYNCED_PASSKEY, Seals},
    within,
};
use doorward_oidc::Refusal;
use doorward_passkeys::RelyingParty;
use doorward_store::{StoreError, Tx};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{
    Half, Verdict,
    ask::again,
    enrol::{page, shown},
    finish::{Finished, try_and_begin},
    seals,
};
use crate::{
    Door, answer,
    failure::{Answer, Failure},
    login::OpenAttempt,
    pages::CodeProblem,
    passkey::{self, challenge::Purpose},
    visit::Visit,
};

/// Where its answer goes.
pub(crate) const PATH: &str = "/login/enrol-passkey";
/// Where the script asks what to ask of the browser.
pub(crate) const OPTIONS: &str = "/login/enrol-passkey/options";

/// What the form, and the script before it, send.
#[derive(Debug, Deserialize)]
pub(crate) struct EnrolPasskeyForm {
    #[serde(default)]
    half: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    answer: String,
}

fn open(door: &Door, visit: &Visit, form: &EnrolPasskeyForm) -> Option<(Half, String)> {
    let half = visit
        .is_same_origin(door)
        .then(|| Half::open_bound(door, visit, &form.half))
        .flatten();
    half.filter(|(half, _)| matches!(half.verdict, Verdict::Enrol { .. }))
}

fn purpose<'a>(half: &Half, binding: &'a str) -> Purpose<'a> {
    Purpose::Enrol {
        binding,
        user: half.user,
    }
}

/// POST `/login/enrol-passkey/options`: what the browser is to ask of an authenticator. Nothing is stored.
pub(crate) async fn options(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<EnrolPasskeyForm>) -> Answer {
    let begin_again = || answer::json(StatusCode::BAD_REQUEST, &json!({ "next": "/login" }));
    let (Some((half, binding)), Some(party)) = (open(&door, &visit, &form), &door.relying_party) else {
        return Ok(begin_again());
    };
    let Some(user) = door.directory.user(half.user).await? else {
        return Ok(begin_again());
    };
    let options = passkey::ask_new(&door, &visit, party, &purpose(&half, &binding), &user).await?;
    Ok(answer::json(StatusCode::OK, &options))
}

/// POST `/login/enrol-passkey`.
pub(crate) async fn submit(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<EnrolPasskeyForm>) -> Answer {
    let (Some((half, binding)), Some(party)) = (open(&door, &visit, &form), &door.relying_party) else {
        return Ok(again(None));
    };
    let checked = match check(&door, &visit, party, (&binding, &half), &form).await {
        Ok(checked) => checked,
        Err(DirectoryError::Refused(refusal)) => {
            note(&door, &visit, &half, &refusal).await?;
            let problem = match refusal.kind.code {
                "passkey_untrusted" => CodeProblem::UntrustedPasskey,
                _ => CodeProblem::Passkey,
            };
            return page(&door, &visit, (&form.half, &half), None, Some(problem)).await;
        }
        Err(error) => return Err(error.into()),
    };
    let kept = Arc::new(Mutex::new(Vec::new()));
    let unit = Unit {
        half: half.clone(),
        checked,
        seals: seals(&door),
        codes: Arc::clone(&kept),
    };
    match try_and_begin(&door, &visit, half.clone(), false, move |tx| unit.write(tx)).await? {
        Finished::Begun(begun) => {
            let codes = kept.lock().map(|codes| codes.clone()).unwrap_or_default();
            shown(&door, &visit, *begun, &codes).await
        }
        Finished::On(response) => Ok(response),
        Finished::Not(_) => page(&door, &visit, (&form.half, &half), None, Some(CodeProblem::Passkey)).await,
        Finished::Ended => Ok(again(Some(&half))),
    }
}

async fn check(
    door: &Door,
    visit: &Visit,
    party: &RelyingParty,
    (binding, half): (&str, &Half),
    form: &EnrolPasskeyForm,
) -> Result<CheckedRegistration, DirectoryError> {
    let (answer, ends) = passkey::read_new(door, visit, &purpose(half, binding), &form.answer)?;
    let ceremony = PasskeyCeremony {
        asked: passkey::making(party, answer.challenge()),
        ends,
    };
    door.directory
        .check_registration(&answer, ceremony, &form.name, visit.now)
        .await
}

async fn note(door: &Door, visit: &Visit, half: &Half, refusal: &Refusal) -> Result<(), Failure> {
    if let Some(attempt) = OpenAttempt::find(door, visit, &half.attempt).await? {
        let mut trail = attempt.trail("login");
        trail.refused("login.second", refusal);
        trail.close(door, visit, TraceOutcome::InProgress);
    }
    Ok(())
}

/// What the unit of work that begins the session needs on its thread.
struct Unit {
    half: Half,
    checked: CheckedRegistration,
    seals: Seals,
    codes: Arc<Mutex<Vec<String>>>,
}

impl Unit {
    fn write(&self, tx: &mut Tx<'_>) -> Result<Outcome, StoreError> {
        let Some(person) = within::user(tx, self.half.user)? else {
            return Ok(Outcome::Wrong);
        };
        if self.is_to_prove_first(tx)? {
            return Ok(Outcome::Wrong);
        }
        let by = doorward_audit::Actor::new(person.id, person.name.as_str(), "login");
        match self.checked.register(tx, by, &self.seals, &person) {
            Ok(added) => {
                if let Ok(mut codes) = self.codes.lock() {
                    *codes = added.recovery_codes;
                }
                Ok(Outcome::Right(if self.checked.is_synced() {
                    SYNCED_PASSKEY
                } else {
                    HARDWARE_PASSKEY
                }))
            }
            Err(DirectoryError::Store(error)) => Err(error),
            Err(_) => Ok(Outcome::Wrong),
        }
    }

    /// Something may have been set up in the meantime: whoever has it proves it before they get more. A stolen password sets up
    /// nothing.
    fn is_to_prove_first(&self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let Verdict::Enrol { needs, .. } = self.half.verdict else {
            return Ok(true);
        };
        let has = factors::enrolled(tx, self.half.user)?;
        Ok(if Level::of_amr(&self.half.amr) < Level::Second {
            has.is_any()
        } else {
            has.reaches() >= needs
        })
    }
}
