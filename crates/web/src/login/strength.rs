//! How strong a login has to be for an application, and how strong it can be, as the rules ask it.

use doorward_apps::App;
use doorward_directory::{Level, factors};
use doorward_provider::authorize::{Accepted, Strength, wished};
use doorward_store::StoreError;

use crate::{Door, cookies::Kind, failure::Failure, session::LoggedIn, visit::Visit};

/// What policy asks of this person here. Browser and factors are only looked up where they make a difference.
pub(crate) async fn of(
    door: &Door,
    visit: &Visit,
    who: Option<&LoggedIn>,
    app: &App,
    request: &Accepted,
) -> Result<Strength, Failure> {
    let Some(who) = who else {
        return Ok(Strength::default());
    };
    let demand = door.directory.demand(&who.facts, Some(app.id), visit.now).await?;
    let mut strength = Strength {
        demand,
        ..Strength::default()
    };
    let reached = Level::of_amr(&who.session.amr);
    let (user, now) = (who.session.user_id, visit.now);
    if demand.now > reached && demand.remember_days > 0 {
        let cookie = visit.cookie(door, Kind::Browser).map(str::to_owned);
        strength.is_remembered = door
            .store
            .read::<_, StoreError>(move |tx| {
                factors::is_remembered(tx, cookie.as_deref(), user, demand.remember_days, demand.now, now)
            })
            .await?;
    }
    if wished(request).voluntary > reached {
        strength.within_reach = door.directory.enrolled(user).await?.reaches();
    }
    Ok(strength)
}
