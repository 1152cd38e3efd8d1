//! One attempt to tell one application, and what comes of it.

use std::time::Duration;

use doorward_apps::App;
use doorward_jose::Random;
use doorward_login::{Guarded, HttpRequest, LoginError, Reach};
use doorward_provider::{Confirmation, KeyRing, Mint, Server, logout_token};
use doorward_store::logouts::{Delivery, Outcome};
use jiff::{SignedDuration, Timestamp};

use crate::problem;

/// How long until there is a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long for everything; shorter than a claim lasts.
const WHOLE: Duration = Duration::from_secs(10);
/// Most that is read of an application's answer.
const LARGEST_ANSWER: usize = 256 * 1024;
/// The first wait after a failure; each further one is four times as long.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// No wait is longer.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// What is needed to tell applications: who we are, and the ways into the network.
pub struct Telling {
    server: Server,
    ways: Guarded,
}

impl Telling {
    /// In the name of `server`; `ca_pem` are certificates that are trusted besides the machine's.
    ///
    /// # Errors
    /// Certificates that are none.
    pub fn new(server: Server, ca_pem: Option<&[u8]>) -> Result<Self, LoginError> {
        let ways = Guarded::new(ca_pem, CONNECT, WHOLE)?;
        Ok(Self { server, ways })
    }

    /// Posts a fresh logout token (Back-Channel Logout §2.5).
    ///
    /// # Errors
    /// What went wrong, in words.
    pub(crate) async fn tell(
        &self,
        app: &App,
        keys: &KeyRing,
        delivery: &Delivery,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<(), String> {
        let Some(uri) = &app.logout.backchannel_uri else {
            return Err("the application has no address any more that is told of logouts".to_owned());
        };
        let mint = Mint {
            server: &self.server,
            keys,
            now: now.as_second(),
            random,
            confirmation: Confirmation::NONE,
        };
        let token = logout_token::issue(mint, app, &delivery.subject, delivery.session_id)
            .map_err(|error| format!("the logout token could not be signed: {error}"))?;
        // A token is base64url and dots: it needs no escaping in a form.
        let request = HttpRequest {
            url: uri.clone(),
            form: Some(format!("logout_token={token}")),
            max_bytes: LARGEST_ANSWER,
            ..HttpRequest::default()
        };
        let reach = Reach::to_application(uri, app.logout.weaken_private_address);
        let answer = self.ways.within(reach).send(request).await;
        let answer = answer.map_err(|error| problem::of_error(app, uri, reach, &error))?;
        // 200 by the specification; frameworks make 204 of an empty answer (§2.8).
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        // Whoever reads this machine's log may see what this machine can.
        tracing::warn!(
            app = app.client_id,
            status = answer.status,
            said = problem::words(&answer),
            "an application refuses a logout token"
        );
        Err(problem::of_answer(&answer, reach))
    }
}

/// What an attempt at `now` comes to.
pub(crate) fn outcome(app: Option<&App>, delivery: &Delivery, told: Result<(), String>, now: Timestamp) -> Outcome {
    let problem = match told {
        Ok(()) => return Outcome::Told,
        Err(problem) => problem,
    };
    let is_hopeless = app.is_none_or(|app| app.logout.backchannel_uri.is_none());
    let at = now.checked_add(wait_after(delivery.tries)).unwrap_or(Timestamp::MAX);
    if is_hopeless || at >= delivery.give_up {
        Outcome::GivenUp { problem }
    } else {
        Outcome::Again { at, problem }
    }
}

pub(crate) fn wait_after(tries: u32) -> SignedDuration {
    let factor = 4_i32.checked_pow(tries.saturating_sub(1)).unwrap_or(i32::MAX);
    FIRST_WAIT.checked_mul(factor).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_four_times_the_last_and_none_is_longer_than_an_hour() {
        let seconds: Vec<i64> = (1..=7).map(|tries| wait_after(tries).as_secs()).collect();
        assert_eq!(seconds, [10, 40, 160, 640, 2560, 3600, 3600]);
        assert_eq!(wait_after(u32::MAX), LONGEST_WAIT);
    }
}
