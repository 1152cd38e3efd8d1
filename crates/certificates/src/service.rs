//! The service: what is presented, and the background work that keeps it good.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use doorward_audit::{Event, events};
use doorward_directory::{Actor, Right, within};
use doorward_jose::Random;
use doorward_oidc::Refusal;
use doorward_store::{MasterKey, Store, StoreError, Topic, Tx, new_id, turns};
use jiff::{SignedDuration, Timestamp};
use rustls::sign::CertifiedKey;
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::acme::{self, AcmeSettings};
use crate::authority::{self, open_root};
use crate::rows::{self, CertificateRow, OrderRow};
use crate::{CertificatesError, Name, refusals, x509};

/// Where rows say that a certificate is from the private authority.
pub(crate) const AUTHORITY: &str = "authority";
/// How long the server's own certificate from the private authority lives: short, because nothing has to be done by hand.
const OWN_LEAF: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Longer than fetching a certificate takes; a node that was killed holds the others up for no longer.
const TURN: SignedDuration = SignedDuration::from_mins(5);
/// Waits after one failure, two, …
const WAITS: [SignedDuration; 5] = [
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(15),
    SignedDuration::from_mins(45),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(6),
];

/// From whom the server's certificate comes.
#[derive(Debug, Clone)]
pub enum Source {
    /// There is none: a proxy in front has one, or nobody.
    Off,
    /// From files that somebody else keeps.
    Files,
    /// From an ACME authority.
    Acme(AcmeSettings),
    /// From the private authority.
    Authority,
}

/// Certificates and everything that belongs to them. Clones share everything.
#[derive(Clone)]
pub struct Certificates {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    keys: Arc<Keys>,
    host: Name,
    source: Source,
    held: ArcSwapOption<Held>,
    /// Told of every change in the rows.
    changed: Arc<Notify>,
    me: Uuid,
}

/// What seals and draws.
pub(crate) struct Keys {
    pub(crate) master: Arc<MasterKey>,
    pub(crate) random: Arc<dyn Random>,
}

impl Keys {
    pub(crate) fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        self.master.seal(&*self.random, place.as_bytes(), plain)
    }
}

/// The certificate in use.
pub(crate) struct Held {
    pub(crate) id: Uuid,
    pub(crate) facts: x509::Facts,
    key: Arc<CertifiedKey>,
}

impl Held {
    /// After two thirds of its life, as authorities advise.
    pub(crate) fn renews_at(&self) -> Timestamp {
        let life = self.facts.not_after.duration_since(self.facts.not_before);
        let third = SignedDuration::from_secs(life.as_secs() / 3);
        self.facts
            .not_after
            .saturating_sub(third)
            .unwrap_or(self.facts.not_before)
    }
}

impl Certificates {
    /// The certificates of this store for a server at `host`. Listens to the store from now on.
    pub fn new(
        store: Store,
        master: Arc<MasterKey>,
        random: Arc<dyn Random>,
        host: Name,
        source: Source,
        now: Timestamp,
    ) -> Self {
        let changed = Arc::new(Notify::new());
        let ear = Arc::clone(&changed);
        store.on_change(Arc::new(move |change| {
            if change.topic == Topic::Certificates {
                ear.notify_one();
            }
        }));
        let me = new_id(now, &*random);
        Self {
            inner: Arc::new(Inner {
                store,
                keys: Arc::new(Keys { master, random }),
                host,
                source,
                held: ArcSwapOption::empty(),
                changed,
                me,
            }),
        }
    }

    /// The certificate to present now; `None` until the first has come.
    pub fn current(&self) -> Option<Arc<CertifiedKey>> {
        self.inner.held.load().as_ref().map(|held| Arc::clone(&held.key))
    }

    /// What answers an authority that comes with `acme-tls/1` for this name (TLS-ALPN-01, RFC 8737 §3).
    pub async fn challenge_certificate(&self, name: &str, now: Timestamp) -> Option<Arc<CertifiedKey>> {
        let host = name.to_ascii_lowercase();
        let answer = self.challenge(acme::TLS_ALPN, host.clone(), now).await?;
        match acme::challenge_certificate(&host, &answer) {
            Ok(certificate) => Some(certificate),
            Err(error) => {
                tracing::error!(%error, "a challenge of the certificate authority cannot be answered");
                None
            }
        }
    }

    /// What answers `/.well-known/acme-challenge/TOKEN` (HTTP-01, RFC 8555 §8.3).
    pub async fn key_authorization(&self, token: &str, now: Timestamp) -> Option<String> {
        // No authority of ours is known by longer tokens, and nothing else is looked up for strangers.
        if !self.asks_authorities() || token.len() > 128 {
            return None;
        }
        self.challenge(acme::HTTP, token.to_owned(), now).await
    }

    /// When the certificate in use should be replaced.
    pub fn renews_at(&self) -> Option<Timestamp> {
        self.held().map(|held| held.renews_at())
    }

    /// Whether the certificate is from the private authority of this server, which no machine trusts by itself.
    pub fn is_private(&self) -> bool {
        matches!(self.inner.source, Source::Authority)
    }

    /// Whether an ACME authority may come and ask.
    pub fn asks_authorities(&self) -> bool {
        matches!(self.inner.source, Source::Acme(_))
    }

    async fn challenge(&self, kind: &'static str, name: String, now: Timestamp) -> Option<String> {
        let read = self
            .store()
            .read::<_, StoreError>(move |tx| rows::challenge(tx, kind, &name, now));
        read.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "a challenge of the certificate authority cannot be looked up");
            None
        })
    }

    /// Loads what there is; the private authority's certificate is issued where it is missing, since nobody else is asked.
    ///
    /// # Errors
    /// As [`Certificates::round`].
    pub async fn open(&self, now: Timestamp) -> Result<(), CertificatesError> {
        match (&self.inner.source, self.source_name()) {
            (Source::Authority, _) => self.round(now).await,
            (_, Some(source)) => self.load(&source, now).await,
            (_, None) => Ok(()),
        }
    }

    /// Waits until something changed that [`Certificates::round`] should look at.
    pub async fn changed(&self) {
        self.inner.changed.notified().await;
    }

    /// The background work, once a minute and after each change: loads what is new, and gets what is due. Of several nodes one
    /// gets it. A refusal of an authority is no error here: it is logged, kept for [`Certificates::status`] and tried again later.
    ///
    /// # Errors
    /// What the store says; damaged rows.
    pub async fn round(&self, now: Timestamp) -> Result<(), CertificatesError> {
        let Some(source) = self.source_name() else {
            return Ok(());
        };
        self.load(&source, now).await?;
        if !self.is_due(&source, now).await? || !self.take_turn(now).await? {
            return Ok(());
        }
        // Between looking and having the turn another node may have done it.
        self.load(&source, now).await?;
        let done = if self.is_due(&source, now).await? {
            self.get(&source, now).await
        } else {
            Ok(())
        };
        self.give_turn_back(now).await?;
        done?;
        self.load(&source, now).await
    }

    async fn get(&self, source: &str, now: Timestamp) -> Result<(), CertificatesError> {
        let got = match &self.inner.source {
            Source::Acme(settings) => acme::obtain(self, settings, source, now).await,
            _ => self.issue_own(now).await,
        };
        match got {
            Err(CertificatesError::Refused(refusal)) => self.note_failure(source, refusal, now).await,
            other => other,
        }
    }

    /// The server's own certificate from the private authority, which is made where it is missing.
    async fn issue_own(&self, now: Timestamp) -> Result<(), CertificatesError> {
        self.make_missing_authority(now).await?;
        let key = authority::key()?;
        let (keys, host) = (Arc::clone(self.keys()), self.inner.host.clone());
        let id = new_id(now, &*keys.random);
        self.store()
            .write::<_, CertificatesError>(now, move |tx| {
                let row = rows::authority(tx)?.ok_or_else(authority::missing)?;
                authority::check_permitted(&row, std::slice::from_ref(&host))?;
                let until = now.saturating_add(OWN_LEAF).unwrap_or(row.not_after);
                let root = open_root(&keys.master, &row)?;
                let pem = root.issue(std::slice::from_ref(&host), &key, &*keys.random, (now, until))?;
                let facts = x509::facts(&pem)?;
                let sealed = keys.seal(&place(id), key.serialized_der());
                let certificate = CertificateRow::new(id, AUTHORITY, &host.to_string(), &pem, Some(sealed), &facts);
                keep(tx, &certificate, &facts)?;
                Ok(())
            })
            .await
    }

    async fn note_failure(&self, source: &str, refusal: Refusal, now: Timestamp) -> Result<(), CertificatesError> {
        let failures = self.order(source).await?.map_or(0, |order| order.failures);
        let wait = wait(&refusal, failures);
        let next_try_at = now.saturating_add(wait).unwrap_or(now);
        tracing::warn!(
            code = refusal.kind.code,
            detail = refusal.detail,
            remedy = refusal.remedy,
            next_try = %next_try_at,
            "no certificate for {}", self.inner.host
        );
        let (source, host) = (source.to_owned(), self.inner.host.to_string());
        self.store()
            .write::<_, CertificatesError>(now, move |tx| {
                rows::fail_order(tx, &source, &host, &refusal, next_try_at)?;
                let event = Event::new("certificate.renew", (&Actor::server()).into())
                    .about("certificate", None, &host)
                    .refused(refusal.kind.code)
                    .with_data(json!({ "from": source, "detail": refusal.detail }));
                events::record(tx, &event)?;
                Ok(())
            })
            .await
    }

    /// Asks for a new certificate now, whatever the old one and earlier failures say. It is there a moment later; failures are
    /// in the status. Right: full.
    pub async fn renew(&self, actor: &Actor, now: Timestamp) -> Result<(), CertificatesError> {
        let Some(source) = self.source_name() else {
            let detail = "neither `acme` nor `ca` is set under [tls] in the configuration file";
            return Err(Refusal::response(&refusals::CERTIFICATE_NOT_OURS, detail)
                .with_remedy("[tls] acme = \"you@example.com\", or [tls] ca = true, in the configuration file")
                .into());
        };
        let (actor, host) = (actor.clone(), self.inner.host.to_string());
        self.store()
            .write::<_, CertificatesError>(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                rows::want(tx, &source, &host)?;
                let event = Event::new("certificate.want", (&actor).into()).about("certificate", None, &host);
                events::record(tx, &event)?;
                Ok(())
            })
            .await
    }

    /// Takes over what the rows have, if it is another certificate than the one in use.
    async fn load(&self, source: &str, now: Timestamp) -> Result<(), CertificatesError> {
        let (source, host) = (source.to_owned(), self.inner.host.to_string());
        let row = self
            .store()
            .read::<_, StoreError>(move |tx| rows::newest(tx, &source, &host, now))
            .await?;
        // One that has ended is better than none: the browser says then what is wrong.
        let Some(row) = row else { return Ok(()) };
        if self.held().is_some_and(|held| held.id == row.id) {
            return Ok(());
        }
        let sealed = row.secret.as_deref().unwrap_or_default();
        let key = self.keys().master.open(place(row.id).as_bytes(), sealed)?;
        let held = Held {
            id: row.id,
            facts: x509::facts(&row.chain)?,
            key: x509::certified(&row.chain, key.expose())?,
        };
        tracing::info!(
            host = row.host, issuer = held.facts.issuer, not_after = %row.not_after,
            "presenting a new certificate, without a restart"
        );
        self.inner.held.store(Some(Arc::new(held)));
        Ok(())
    }

    async fn is_due(&self, source: &str, now: Timestamp) -> Result<bool, CertificatesError> {
        let order = self.order(source).await?;
        let is_wanted = order.as_ref().is_some_and(|order| order.is_wanted);
        let may_try = order.is_none_or(|order| order.next_try_at <= now);
        let is_missing = match self.held() {
            None => true,
            Some(held) => held.renews_at() <= now || self.is_of_another_root(&held).await?,
        };
        Ok(may_try && (is_wanted || is_missing))
    }

    /// The authority was replaced since the certificate in use was issued.
    async fn is_of_another_root(&self, held: &Held) -> Result<bool, CertificatesError> {
        if !matches!(self.inner.source, Source::Authority) {
            return Ok(false);
        }
        let (host, id) = (self.inner.host.to_string(), held.id);
        let row = self
            .store()
            .read::<_, StoreError>(move |tx| rows::newest(tx, AUTHORITY, &host, Timestamp::MIN))
            .await?;
        Ok(row.is_none_or(|row| row.id != id))
    }

    pub(crate) async fn order(&self, source: &str) -> Result<Option<OrderRow>, CertificatesError> {
        let (source, host) = (source.to_owned(), self.inner.host.to_string());
        let read = self
            .store()
            .read::<_, StoreError>(move |tx| rows::order(tx, &source, &host));
        Ok(read.await?)
    }

    async fn take_turn(&self, now: Timestamp) -> Result<bool, CertificatesError> {
        let (me, until) = (self.inner.me, now.saturating_add(TURN).unwrap_or(now));
        let take = self
            .store()
            .write::<_, StoreError>(now, move |tx| turns::take(tx, TURN_NAME, me, until));
        Ok(take.await?)
    }

    async fn give_turn_back(&self, now: Timestamp) -> Result<(), CertificatesError> {
        let me = self.inner.me;
        let back = self
            .store()
            .write::<_, StoreError>(now, move |tx| turns::give_back(tx, TURN_NAME, me));
        Ok(back.await?)
    }

    /// How rows name where the certificate comes from; `None` when it is not for us to get.
    pub(crate) fn source_name(&self) -> Option<String> {
        match &self.inner.source {
            Source::Off | Source::Files => None,
            Source::Acme(settings) => Some(format!("acme {}", settings.directory)),
            Source::Authority => Some(AUTHORITY.to_owned()),
        }
    }

    pub(crate) fn source(&self) -> &Source {
        &self.inner.source
    }

    pub(crate) fn held(&self) -> Option<Arc<Held>> {
        self.inner.held.load_full()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn keys(&self) -> &Arc<Keys> {
        &self.inner.keys
    }

    pub(crate) fn host(&self) -> &Name {
        &self.inner.host
    }
}

const TURN_NAME: &str = "certificates";

/// Where the key of a certificate is sealed for.
pub(crate) fn place(id: Uuid) -> String {
    format!("certificates/{id}")
}

/// Writes the server's new certificate: the order that led to it is over, and every node is told.
pub(crate) fn keep(tx: &mut Tx<'_>, row: &CertificateRow, facts: &x509::Facts) -> Result<(), StoreError> {
    rows::insert_certificate(tx, row)?;
    rows::end_order(tx, &row.source, &row.host)?;
    let data = json!({
        "from": row.source, "issuer": facts.issuer, "not_after": facts.not_after, "fingerprint": facts.fingerprint,
    });
    let event =
        Event::new("certificate.renew", (&Actor::server()).into()).about("certificate", Some(row.id), &row.host);
    events::record(tx, &event.with_data(data)).map(|_| ())
}

/// How long to leave an authority alone after this refusal, when there were `failures` before it.
fn wait(refusal: &Refusal, failures: i64) -> SignedDuration {
    let longest = WAITS.last().copied().unwrap_or(TURN);
    if std::ptr::eq(refusal.kind, &raw const refusals::ACME_RATE_LIMITED) {
        return longest;
    }
    let at = usize::try_from(failures).unwrap_or(usize::MAX);
    let wait = WAITS.get(at).copied().unwrap_or(longest);
    // Nobody counts requests that did not arrive.
    if std::ptr::eq(refusal.kind, &raw const refusals::ACME_UNREACHABLE) {
        wait.min(SignedDuration::from_mins(15))
    } else {
        wait
    }
}
