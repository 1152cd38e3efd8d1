//! The mail server that the configuration names, who sends to it, and who answers people who ask for a letter.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, anyhow};
use doorward_directory::Facts;
use doorward_jose::Random;
use doorward_mail::{House, Outbox, Postman, Smtp};
use doorward_store::{MasterKey, Store, Topic};
use doorward_web::{
    Door,
    clock::{Clock, SystemClock},
    pages::Brand,
};
use tokio::sync::Notify;

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

/// How often requests are looked for without being told of one.
const LOOK: Duration = Duration::from_secs(10);

/// Answers people who forgot their password or want to register, as soon as they have asked, until told to stop.
pub(crate) async fn answer_askers(door: Arc<Door>, stop: impl Future<Output = ()>) {
    let asked = Arc::new(Notify::new());
    let wake = Arc::clone(&asked);
    door.store.on_change(Arc::new(move |change| {
        if change.topic == Topic::Mail {
            wake.notify_one();
        }
    }));
    tokio::pin!(stop);
    loop {
        if let Err(error) = answer_all(&door).await {
            tracing::warn!(%error, "requests for a letter wait; they are looked at again in {} s", LOOK.as_secs());
        }
        tokio::select! {
            () = &mut stop => return,
            () = asked.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn answer_all(door: &Door) -> Result<()> {
    loop {
        // Anew for each, so that a change of an upstream counts at once.
        let upstreams = door.upstreams.snapshot().await?;
        let elsewhere = move |facts: &Facts| upstreams.always_for(facts).map(|upstream| upstream.title.clone());
        let now = door.clock.now();
        if !door.directory.answer_forgotten(elsewhere, now).await? && !door.directory.answer_registration(now).await? {
            return Ok(());
        }
    }
}
