//! Passkey ceremonies as the pages hold them: what the browser is asked, and finding out what its answer is an answer to.

pub(crate) mod challenge;

use challenge::Purpose;
use doorward_directory::{
    CheckedPasskey, DirectoryError, PasskeyCeremony, PasskeyRefusal, PasskeyUsed, passkey_not_registered,
};
use doorward_passkeys::{
    AssertionResponse, Ceremony, CreationOptions, PasskeyError, RegistrationResponse, RelyingParty, RequestOptions,
    User, UserVerification,
};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::{Door, visit::Visit};

/// What the browser is asked for a login by passkey alone, in this browser (`binding`): any passkey of ours, whose device
/// verifies its person.
pub(crate) fn ask_alone(door: &Door, visit: &Visit, party: &RelyingParty, binding: &str) -> Value {
    let challenge = challenge::make(door, &Purpose::Login { binding }, visit.now);
    RequestOptions {
        relying_party: party,
        challenge: &challenge,
        user_verification: UserVerification::Required,
        allow: &[],
    }
    .to_json()
}

/// Checks the answer to [`ask_alone`].
pub(crate) async fn check_alone(
    door: &Door,
    visit: &Visit,
    party: &RelyingParty,
    binding: &str,
    answer: &str,
) -> Result<PasskeyUsed, PasskeyRefusal> {
    let answer = AssertionResponse::parse(answer.as_bytes()).map_err(|error| unread(&error))?;
    let Some(ends) = challenge::ends(door, &Purpose::Login { binding }, answer.challenge(), visit.now) else {
        let why = "the challenge has ended, or is not of this browser and purpose";
        return Err(PasskeyRefusal::unread(why));
    };
    let ceremony = PasskeyCeremony {
        asked: Ceremony {
            relying_party: party,
            // Ours, as has just been found: it needs no other memory.
            challenge: answer.challenge(),
            user_verification: UserVerification::Required,
        },
        ends,
    };
    let origin = visit.origin(door);
    door.directory
        .verify_passkey(&answer, ceremony, &origin, visit.now)
        .await
}

/// What the browser is asked for beside a first factor: one of this person's passkeys.
pub(crate) async fn ask_second(
    door: &Door,
    visit: &Visit,
    party: &RelyingParty,
    (binding, user): (&str, Uuid),
) -> Result<Value, DirectoryError> {
    let challenge = challenge::make(door, &Purpose::Second { binding, user }, visit.now);
    let options = RequestOptions {
        relying_party: party,
        challenge: &challenge,
        user_verification: UserVerification::Preferred,
        allow: &door.directory.known_passkeys(user).await?,
    };
    Ok(options.to_json())
}

/// Checks the answer to [`ask_second`]. It counts once a unit of work has accepted it.
pub(crate) async fn check_second(
    door: &Door,
    visit: &Visit,
    party: &RelyingParty,
    (binding, user): (&str, Uuid),
    answer: &str,
) -> Result<CheckedPasskey, PasskeyRefusal> {
    let answer = AssertionResponse::parse(answer.as_bytes()).map_err(|error| unread(&error))?;
    let purpose = Purpose::Second { binding, user };
    let Some(ends) = challenge::ends(door, &purpose, answer.challenge(), visit.now) else {
        let why = "the challenge has ended, or is not of this browser, person and purpose";
        return Err(PasskeyRefusal::unread(why));
    };
    let ceremony = PasskeyCeremony {
        asked: Ceremony {
            relying_party: party,
            challenge: answer.challenge(),
            user_verification: UserVerification::Preferred,
        },
        ends,
    };
    let origin = visit.origin(door);
    door.directory
        .check_passkey(&answer, ceremony, Some(user), &origin, visit.now)
        .await
}

/// What the browser is asked for a new passkey of this person.
pub(crate) async fn ask_new(
    door: &Door,
    visit: &Visit,
    party: &RelyingParty,
    purpose: &Purpose<'_>,
    user: &doorward_directory::User,
) -> Result<Value, DirectoryError> {
    let challenge = challenge::make(door, purpose, visit.now);
    let options = CreationOptions {
        ceremony: making(party, &challenge),
        user: User {
            handle: user.id.as_bytes(),
            name: user.name.as_str(),
            display_name: &user.display_name,
        },
        exclude: &door.directory.known_passkeys(user.id).await?,
        asks_attestation: door.directory.attestation_roots().await?.is_some(),
    };
    Ok(options.to_json())
}

/// Reads the answer to [`ask_new`], and says until when it counts.
pub(crate) fn read_new(
    door: &Door,
    visit: &Visit,
    purpose: &Purpose<'_>,
    answer: &str,
) -> Result<(RegistrationResponse, Timestamp), DirectoryError> {
    let answer = RegistrationResponse::parse(answer.as_bytes())
        .map_err(|error| passkey_not_registered(format!("{}: {error}", error.code())))?;
    let Some(ends) = challenge::ends(door, purpose, answer.challenge(), visit.now) else {
        let why = "the challenge has ended, or is not of this browser, person and purpose";
        return Err(passkey_not_registered(why).into());
    };
    Ok((answer, ends))
}

/// The ceremony in which a passkey is made.
pub(crate) fn making<'a>(party: &'a RelyingParty, challenge: &'a [u8]) -> Ceremony<'a> {
    Ceremony {
        relying_party: party,
        challenge,
        // A security key without a PIN still makes a second factor.
        user_verification: UserVerification::Preferred,
    }
}

fn unread(error: &PasskeyError) -> PasskeyRefusal {
    PasskeyRefusal::unread(format!("{}: {error}", error.code()))
}
