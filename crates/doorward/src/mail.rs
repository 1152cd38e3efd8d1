//! The mail server that the configuration names, and who sends to it.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use doorward_jose::Random;
use doorward_mail::{House, Outbox, Postman, Smtp};
use doorward_store::{MasterKey, Store};
use doorward_web::{
    clock::{Clock, SystemClock},
    pages::Brand,
};

use crate::config::Config;

/// Where letters go: nowhere without `[mail]`.
pub(crate) fn outbox(
    config: &Config,
    public_url: &str,
    brand: &Brand,
    master: &Arc<MasterKey>,
    random: &Arc<dyn Random>,
) -> Outbox {
    if config.mail.is_none() {
        return Outbox::off();
    }
    let (accent, on_accent) = brand.button();
    let house = House {
        name: brand.name().to_owned(),
        url: public_url.to_owned(),
        contact: brand.contact().map(ToOwned::to_owned),
        accent: accent.to_string(),
        on_accent: on_accent.to_string(),
    };
    Outbox::new(house, Arc::clone(master), Arc::clone(random))
}

/// Who sends them.
pub(crate) fn postman(config: &Config, store: &Store, outbox: &Outbox, random: &dyn Random) -> Result<Option<Postman>> {
    let Some(settings) = &config.mail else { return Ok(None) };
    let smtp = Smtp::new(settings).map_err(|problem| anyhow!(problem))?;
    let clock = || SystemClock.now();
    Ok(Some(Postman::new(store.clone(), outbox.clone(), smtp, random, clock)))
}
