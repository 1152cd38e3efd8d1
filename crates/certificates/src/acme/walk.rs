//! From nothing, or from where an earlier walk ended, to a certificate: account, order, proof, certificate (RFC 8555 §7.1).

use std::time::Duration;

use data_encoding::HEXLOWER;
use doorward_oidc::Refusal;
use doorward_store::{StoreError, new_id};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeStatus, ChallengeType, Error, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, Problem, RetryPolicy,
};
use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::pki_types::PrivatePkcs8KeyDer;

use super::http::Network;
use super::{AcmeSettings, Proof, challenge, refused};
use crate::rows::{self, CertificateRow};
use crate::{Certificates, CertificatesError, authority, refusals, service, x509};

/// How long an authority may take to look, and to issue.
const POLLING: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(500))
    .backoff(1.5)
    .timeout(Duration::from_mins(1));
/// How long a challenge is answered.
const CHALLENGE: SignedDuration = SignedDuration::from_hours(1);

/// Gets a certificate and keeps it. What is under way is written down before the authority is asked for the next step, so that
/// a restart orders nothing twice.
pub(crate) async fn obtain(
    certificates: &Certificates,
    settings: &AcmeSettings,
    source: &str,
    now: Timestamp,
) -> Result<(), CertificatesError> {
    let walk = Walk {
        certificates,
        settings,
        source,
        host: certificates.host().to_string(),
        now,
    };
    let (mut order, key) = match walk.begin().await {
        Err(Stopped::Acme(error)) if refused::is_unknown_account(&error) => {
            tracing::warn!(
                directory = settings.directory,
                "the authority has forgotten our account; making another"
            );
            walk.forget_account().await?;
            walk.begin().await
        }
        begun => begun,
    }
    .map_err(|stopped| walk.explain(stopped))?;
    match walk.finish(&mut order, &key).await {
        Ok(chain) => walk.keep(&chain, &key).await,
        Err(stopped) => {
            // One that cannot lead anywhere any more must not be taken up again.
            if matches!(order.state().status, OrderStatus::Invalid) {
                walk.forget_order().await?;
            }
            Err(walk.explain(stopped))
        }
    }
}

struct Walk<'a> {
    certificates: &'a Certificates,
    settings: &'a AcmeSettings,
    source: &'a str,
    host: String,
    now: Timestamp,
}

/// Why a walk ended early.
enum Stopped {
    Acme(Error),
    Own(CertificatesError),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Acme(error)
    }
}

impl<E: Into<CertificatesError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Own(error.into())
    }
}

impl Walk<'_> {
    fn explain(&self, stopped: Stopped) -> CertificatesError {
        match stopped {
            Stopped::Acme(error) => refused::refusal(&error, self.settings, &self.host).into(),
            Stopped::Own(error) => error,
        }
    }

    /// The order under way, or a new one, with its key.
    async fn begin(&self) -> Result<(Order, KeyPair), Stopped> {
        let account = self.account().await?;
        if let Some(taken_up) = self.take_up(&account).await? {
            return Ok(taken_up);
        }
        let key = authority::key()?;
        let identifiers = [Identifier::Dns(self.host.clone())];
        let order = account.new_order(&NewOrder::new(&identifiers)).await?;
        let sealed = self.certificates.keys().seal(&self.order_place(), key.serialized_der());
        let (source, host, url) = (self.source.to_owned(), self.host.clone(), order.url().to_owned());
        self.write(move |tx| rows::set_order(tx, &source, &host, Some((&url, &sealed))))
            .await?;
        Ok((order, key))
    }

    async fn take_up(&self, account: &Account) -> Result<Option<(Order, KeyPair)>, Stopped> {
        let row = self.certificates.order(self.source).await?;
        let Some((url, sealed)) = row.and_then(|row| Some((row.url?, row.secret?))) else {
            return Ok(None);
        };
        let mut order = match account.order(url).await {
            Ok(order) => order,
            // Too old, or of another account.
            Err(Error::Api(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if order.state().status == OrderStatus::Invalid {
            return Ok(None);
        }
        let key = self
            .certificates
            .keys()
            .master
            .open(self.order_place().as_bytes(), &sealed)?;
        let key = PrivatePkcs8KeyDer::from(key.expose().as_slice());
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P256_SHA256)?;
        Ok(Some((order, key)))
    }

    async fn account(&self) -> Result<Account, Stopped> {
        let builder = Account::builder_with_http(Box::new(Network::new(self.settings.ca.as_deref())?));
        let contact = format!("mailto:{}", self.settings.contact);
        let directory = self.settings.directory.clone();
        let read = self
            .certificates
            .store()
            .read::<_, StoreError>(move |tx| rows::account(tx, &directory));
        if let Some((known_as, sealed)) = read.await? {
            let credentials = self
                .certificates
                .keys()
                .master
                .open(self.account_place().as_bytes(), &sealed)?;
            let credentials: AccountCredentials = serde_json::from_slice(credentials.expose()).map_err(Error::from)?;
            let account = builder.from_credentials(credentials).await?;
            if known_as != contact {
                account.update_contacts(&[&contact]).await?;
                self.keep_account(contact, sealed).await?;
            }
            return Ok(account);
        }
        let new = NewAccount {
            contact: &[&contact],
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let (account, credentials) = builder.create(&new, self.settings.directory.clone(), None).await?;
        let text = doorward_jose::Secret::new(serde_json::to_vec(&credentials).map_err(Error::from)?);
        let sealed = self.certificates.keys().seal(&self.account_place(), text.expose());
        self.keep_account(contact, sealed).await?;
        tracing::info!(
            directory = self.settings.directory,
            "made an account at the certificate authority"
        );
        Ok(account)
    }

    async fn keep_account(&self, contact: String, sealed: Vec<u8>) -> Result<(), CertificatesError> {
        let directory = self.settings.directory.clone();
        self.write(move |tx| rows::set_account(tx, &directory, Some((&contact, &sealed))))
            .await
    }

    async fn forget_account(&self) -> Result<(), CertificatesError> {
        let directory = self.settings.directory.clone();
        self.write(move |tx| rows::set_account(tx, &directory, None)).await?;
        self.forget_order().await
    }

    async fn forget_order(&self) -> Result<(), CertificatesError> {
        let (source, host) = (self.source.to_owned(), self.host.clone());
        self.write(move |tx| rows::set_order(tx, &source, &host, None)).await
    }

    /// From an order to its chain.
    async fn finish(&self, order: &mut Order, key: &KeyPair) -> Result<String, Stopped> {
        if matches!(order.state().status, OrderStatus::Pending) {
            self.prove(order).await?;
            let looked = order.poll_ready(&POLLING).await;
            match looked {
                Ok(OrderStatus::Ready) => {}
                Err(error) if !matches!(error, Error::Api(_)) => return Err(error.into()),
                // The order says at most that it is invalid; the challenge says why.
                outcome => {
                    let why = self.why_invalid(order).await?;
                    let of_order = match &outcome {
                        Err(Error::Api(problem)) => Some(problem),
                        _ => None,
                    };
                    let refusal = refused::challenge_failed(why.as_ref().or(of_order), self.settings, &self.host);
                    self.forget_order().await?;
                    return Err(refusal.into());
                }
            }
        }
        if matches!(order.state().status, OrderStatus::Ready) {
            let mut params = CertificateParams::new([self.host.clone()])?;
            params.distinguished_name = DistinguishedName::new();
            order.finalize_csr(params.serialize_request(key)?.der()).await?;
        }
        Ok(order.poll_certificate(&POLLING).await?)
    }

    /// Answers what the authority may ask, and asks it to come.
    async fn prove(&self, order: &mut Order) -> Result<(), Stopped> {
        let kind = match self.settings.proof {
            Proof::TlsAlpn => ChallengeType::TlsAlpn01,
            Proof::Http => ChallengeType::Http01,
        };
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let mut challenge = authorization
                .challenge(kind.clone())
                .ok_or_else(|| self.not_offered())?;
            let proof = challenge.key_authorization();
            let (name, answer) = match self.settings.proof {
                Proof::TlsAlpn => (self.host.clone(), HEXLOWER.encode(proof.digest().as_ref())),
                Proof::Http => (challenge.token.clone(), proof.as_str().to_owned()),
            };
            let until = self.now.saturating_add(CHALLENGE).unwrap_or(Timestamp::MAX);
            let place = match self.settings.proof {
                Proof::TlsAlpn => challenge::TLS_ALPN,
                Proof::Http => challenge::HTTP,
            };
            self.write(move |tx| rows::put_challenge(tx, place, &name, &answer, until))
                .await?;
            if challenge.status == ChallengeStatus::Pending {
                challenge.set_ready().await?;
            }
        }
        Ok(())
    }

    async fn why_invalid(&self, order: &mut Order) -> Result<Option<Problem>, Stopped> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            let state = authorization.refresh().await?;
            if let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.clone()) {
                return Ok(Some(problem));
            }
        }
        Ok(None)
    }

    /// Keeps a chain that is what was ordered.
    async fn keep(&self, chain: &str, key: &KeyPair) -> Result<(), CertificatesError> {
        let facts = x509::facts(chain)?;
        if !facts.names.contains(&self.host) {
            let detail = format!(
                "expected a certificate for {}, received one for {}",
                self.host,
                facts.names.join(", ")
            );
            return Err(Refusal::response(&refusals::ACME_REFUSED, detail).into());
        }
        // Refuses a certificate of another key.
        x509::certified(chain, key.serialized_der())?;
        let keys = self.certificates.keys();
        let id = new_id(self.now, &*keys.random);
        let sealed = keys.seal(&service::place(id), key.serialized_der());
        let row = CertificateRow::new(id, self.source, &self.host, chain, Some(sealed), &facts);
        self.write(move |tx| service::keep(tx, &row, &facts)).await
    }

    fn not_offered(&self) -> Refusal {
        let (kind, other) = match self.settings.proof {
            Proof::TlsAlpn => (
                challenge::TLS_ALPN,
                "set [tls] http = \"0.0.0.0:80\" to prove the name over port 80",
            ),
            Proof::Http => (challenge::HTTP, "remove [tls] http to prove the name over port 443"),
        };
        let detail = format!("{} does not offer the challenge {kind}", self.settings.directory);
        Refusal::response(&refusals::ACME_CHALLENGE_FAILED, detail).with_remedy(other)
    }

    /// Where the key of the order is sealed for.
    fn order_place(&self) -> String {
        format!("certificate_orders/{}/{}", self.source, self.host)
    }

    fn account_place(&self) -> String {
        format!("acme_accounts/{}", self.settings.directory)
    }

    async fn write(
        &self,
        work: impl FnOnce(&mut doorward_store::Tx<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), CertificatesError> {
        Ok(self.certificates.store().write::<_, StoreError>(self.now, work).await?)
    }
}
