//! `doorward user factors`, `forget-browsers` and `reset-factors`

use doorward_api::{BrowsersForgotten, UserFactors};

use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, maybe_instant},
};

pub(super) async fn show(caller: &Caller<'_>, name: &str) -> Result<(), Failure> {
    let reply = caller.get::<UserFactors>(&["users", name, "factors"]).await?;
    caller.show(&reply, fields)
}

pub(super) async fn forget_browsers(caller: &Caller<'_>, name: &str) -> Result<(), Failure> {
    let reply = caller
        .delete_for::<BrowsersForgotten>(&["users", name, "browsers"])
        .await?;
    caller.show(&reply, |done, output| {
        output.line(match done.forgotten {
            0 => format!("No browser of {name} was remembered."),
            browsers => format!(
                "{} of {name} asks for the second factor again.",
                super::count(browsers, "browser")
            ),
        })
    })
}

pub(super) async fn reset(caller: &Caller<'_>, name: &str) -> Result<(), Failure> {
    let reply = caller.delete_for::<UserFactors>(&["users", name, "factors"]).await?;
    caller.show(&reply, |had, output| {
        let what = match (had.totp.is_some(), had.passkeys) {
            (false, 0) => "There was no second factor".to_owned(),
            (true, 0) => "The app is gone".to_owned(),
            (false, passkeys) => format!("{} gone", super::count(passkeys.into(), "passkey")),
            (true, passkeys) => format!("The app and {} are gone", super::count(passkeys.into(), "passkey")),
        };
        output.line(format!(
            "{what}; {name} is logged out everywhere. Policy decides what they set up at the next login \
             (doorward policy check {name})."
        ))
    })
}

fn fields(factors: &UserFactors, output: &Output) -> Result<(), Failure> {
    output.fields(&[
        ("app for codes", maybe_instant(factors.totp)),
        ("passkeys", factors.passkeys.to_string()),
        ("recovery codes left", factors.recovery_codes.to_string()),
        ("browsers remembered", factors.remembered_browsers.to_string()),
    ])
}
