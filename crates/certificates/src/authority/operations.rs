//! Making the authority, showing it, and issuing to other hosts. Right for what changes: full, because whoever has a
//! certificate of a name can be that name to every host that trusts the authority.

use std::sync::Arc;

use doorward_audit::{Event, events};
use doorward_directory::{Actor, Right, within};
use doorward_jose::Secret;
use doorward_oidc::{Refusal, shown};
use doorward_store::{Change, MasterKey, StoreError, Topic, Tx, new_id};
use jiff::{SignedDuration, Timestamp};
use rcgen::CertificateSigningRequestParams;
use serde_json::json;

use super::making::{self, Root};
use crate::names::joined;
use crate::rows::{self, AuthorityRow, CertificateRow};
use crate::{Certificates, CertificatesError, Name, Permitted, refusals, service, x509};

/// Where rows say that a certificate is from the private authority.
const SOURCE: &str = service::AUTHORITY;
const AUTHORITY_DAYS: u32 = 3_650;
const LONGEST_AUTHORITY: u32 = 10_950;
const LEAF_DAYS: u32 = 397;
/// Clients refuse more (CA/Browser Forum; Apple also for private authorities: 825).
const LONGEST_LEAF: u32 = 397;
const MOST_NAMES: usize = 50;

/// The private authority as hosts see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// Its name in lists of authorities.
    pub name: String,
    /// Its certificate, PEM: what hosts install.
    pub certificate: String,
    /// SHA-256 over the certificate, as openssl prints it.
    pub fingerprint: String,
    /// What it may vouch for.
    pub permitted: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub not_after: Timestamp,
}

/// An authority to be made.
#[derive(Debug, Clone, Default)]
pub struct NewAuthority {
    /// What it may vouch for; without any, what is around the public URL.
    pub permitted: Vec<String>,
    /// Its name in lists of authorities.
    pub name: Option<String>,
    /// How long it lives; 3650 days unless said otherwise.
    pub days: Option<u32>,
    /// In place of one that exists: hosts have to install the new one.
    pub replace: bool,
}

/// A certificate to be issued to another host.
#[derive(Debug, Clone, Default)]
pub struct NewCertificate {
    /// For which names.
    pub names: Vec<String>,
    /// How long it lives; 397 days unless said otherwise.
    pub days: Option<u32>,
    /// A signing request, PEM, whose key is used; its names are not.
    pub request: Option<String>,
}

/// A certificate that was issued.
pub struct Issued {
    /// For which names.
    pub names: Vec<String>,
    /// The certificate, PEM.
    pub certificate: String,
    /// Its key, PKCS#8 in PEM, unless a signing request brought one. It is kept nowhere.
    pub key: Option<Secret<String>>,
    /// SHA-256 over the certificate.
    pub fingerprint: String,
    /// When it ends.
    pub not_after: Timestamp,
}

impl Certificates {
    /// The private authority, if there is one. Its certificate is no secret.
    pub async fn authority(&self) -> Result<Option<Authority>, CertificatesError> {
        let row = self.store().read::<_, StoreError>(rows::authority).await?;
        row.map(view).transpose()
    }

    /// Makes the private authority. The server's own certificate follows by itself where `[tls] ca` says so.
    pub async fn make_authority(
        &self,
        actor: &Actor,
        new: NewAuthority,
        now: Timestamp,
    ) -> Result<Authority, CertificatesError> {
        let row = self.new_authority(&new, now)?;
        let actor = actor.clone();
        let view = view(row.clone())?;
        let fingerprint = view.fingerprint.clone();
        self.store()
            .write::<_, CertificatesError>(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                if let Some(old) = rows::authority(tx)? {
                    if !new.replace {
                        return Err(exists(&old).into());
                    }
                    rows::end_authority(tx, SOURCE)?;
                }
                insert(tx, &actor, &row, &fingerprint)?;
                Ok(())
            })
            .await?;
        Ok(view)
    }

    /// Issues a certificate to another host.
    pub async fn issue(&self, actor: &Actor, new: NewCertificate, now: Timestamp) -> Result<Issued, CertificatesError> {
        let names = names(&new.names)?;
        let until = until(now, new.days.unwrap_or(LEAF_DAYS), LONGEST_LEAF)?;
        let (public, key) = if let Some(request) = &new.request {
            (Public::Requested(requested(request)?), None)
        } else {
            let key = making::key()?;
            let pem = Secret::new(key.serialize_pem());
            (Public::Ours(key), Some(pem))
        };
        let (actor, keys) = (actor.clone(), Arc::clone(self.keys()));
        let id = new_id(now, &*keys.random);
        let shown = names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (certificate, facts) = self
            .store()
            .write::<_, CertificatesError>(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                let row = rows::authority(tx)?.ok_or_else(missing)?;
                check_permitted(&row, &names)?;
                let root = open_root(&keys.master, &row)?;
                let pem = match &public {
                    Public::Ours(key) => root.issue(&names, key, &*keys.random, (now, until))?,
                    Public::Requested(key) => root.issue(&names, key, &*keys.random, (now, until))?,
                };
                let facts = x509::facts(&pem)?;
                let host = names.first().map(ToString::to_string).unwrap_or_default();
                let data = json!({
                    "names": joined(&names), "not_after": facts.not_after, "fingerprint": facts.fingerprint,
                });
                let event = Event::new("certificate.issue", (&actor).into()).about("certificate", Some(id), &host);
                events::record(tx, &event.with_data(data))?;
                rows::insert_certificate(tx, &CertificateRow::new(id, SOURCE, &host, &pem, None, &facts))?;
                Ok((pem, facts))
            })
            .await?;
        Ok(Issued {
            names: shown,
            certificate,
            key,
            fingerprint: facts.fingerprint,
            not_after: facts.not_after,
        })
    }

    /// Makes the authority where a server that wants its certificate from it finds none.
    pub(crate) async fn make_missing_authority(&self, now: Timestamp) -> Result<(), CertificatesError> {
        let row = self.new_authority(&NewAuthority::default(), now)?;
        let fingerprint = view(row.clone())?.fingerprint;
        self.store()
            .write::<_, CertificatesError>(now, move |tx| {
                if rows::authority(tx)?.is_none() {
                    insert(tx, &Actor::server(), &row, &fingerprint)?;
                }
                Ok(())
            })
            .await
    }

    fn new_authority(&self, new: &NewAuthority, now: Timestamp) -> Result<AuthorityRow, CertificatesError> {
        let asked = new
            .permitted
            .iter()
            .map(|text| Permitted::parse(text))
            .collect::<Result<Vec<_>, _>>()?;
        let permitted = if asked.is_empty() {
            vec![Permitted::around(self.host())]
        } else {
            asked
        };
        let not_after = until(now, new.days.unwrap_or(AUTHORITY_DAYS), LONGEST_AUTHORITY)?;
        let name = match &new.name {
            Some(name) => named(name)?,
            None => format!("Doorward {} ({})", self.host(), now.strftime("%F")),
        };
        let (certificate, key) = Root::make(&name, &permitted, &*self.keys().random, (now, not_after))?;
        let id = new_id(now, &*self.keys().random);
        Ok(AuthorityRow {
            id,
            name,
            permitted: joined(&permitted),
            certificate,
            secret: self.keys().seal(&authority_place(id), key.expose()),
            not_after,
            created_at: now,
        })
    }
}

/// Whose key a certificate is for.
enum Public {
    Ours(rcgen::KeyPair),
    Requested(rcgen::PublicKey),
}

fn insert(tx: &mut Tx<'_>, actor: &Actor, row: &AuthorityRow, fingerprint: &str) -> Result<(), StoreError> {
    rows::set_authority(tx, row)?;
    let event = Event::new("authority.make", actor.into()).about("authority", Some(row.id), &row.name);
    let data = json!({ "permitted": row.permitted, "not_after": row.not_after, "fingerprint": fingerprint });
    events::record(tx, &event.with_data(data))?;
    tx.announce(Change::any(Topic::Certificates));
    Ok(())
}

/// Where the root's key is sealed for.
fn authority_place(id: uuid::Uuid) -> String {
    format!("certificate_authority/{id}")
}

/// The root, able to sign.
pub(crate) fn open_root(master: &MasterKey, row: &AuthorityRow) -> Result<Root, CertificatesError> {
    let key = master.open(authority_place(row.id).as_bytes(), &row.secret)?;
    Root::open(&row.certificate, key.expose(), row.not_after)
}

fn view(row: AuthorityRow) -> Result<Authority, CertificatesError> {
    Ok(Authority {
        fingerprint: x509::facts(&row.certificate)?.fingerprint,
        name: row.name,
        permitted: row.permitted.split(' ').map(str::to_owned).collect(),
        certificate: row.certificate,
        created: row.created_at,
        not_after: row.not_after,
    })
}

/// Refuses the first name that the authority does not vouch for: clients would not accept the certificate.
pub(crate) fn check_permitted(row: &AuthorityRow, names: &[Name]) -> Result<(), Refusal> {
    let permitted = row
        .permitted
        .split(' ')
        .map(Permitted::parse)
        .collect::<Result<Vec<_>, _>>()?;
    let mut strangers = names
        .iter()
        .filter(|name| !permitted.iter().any(|one| one.covers(name)));
    strangers.next().map_or(Ok(()), |name| Err(not_permitted(name, row)))
}

fn names(texts: &[String]) -> Result<Vec<Name>, Refusal> {
    if texts.is_empty() || texts.len() > MOST_NAMES {
        let detail = format!("expected 1 to {MOST_NAMES} names, received {}", texts.len());
        return Err(Refusal::response(&refusals::CERTIFICATE_NAME_INVALID, detail));
    }
    texts.iter().map(|text| Name::parse(text)).collect()
}

fn named(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    if (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    let detail = format!("name: expected 1 to 64 characters, received `{}`", shown(text));
    Err(Refusal::response(&refusals::CERTIFICATE_NAME_INVALID, detail))
}

fn until(now: Timestamp, days: u32, most: u32) -> Result<Timestamp, Refusal> {
    let refused = || {
        let detail = format!("days: expected 1 to {most}, received {days}");
        Refusal::response(&refusals::CERTIFICATE_LIFETIME_INVALID, detail)
    };
    if !(1..=most).contains(&days) {
        return Err(refused());
    }
    now.checked_add(SignedDuration::from_hours(i64::from(days) * 24))
        .map_err(|_| refused())
}

fn requested(pem: &str) -> Result<rcgen::PublicKey, Refusal> {
    let invalid = |why: String| Refusal::response(&refusals::CERTIFICATE_REQUEST_INVALID, why);
    if pem.len() > 16 * 1024 {
        return Err(invalid("expected at most 16 KiB".to_owned()));
    }
    let request = CertificateSigningRequestParams::from_pem(pem).map_err(|error| {
        invalid(error.to_string()).with_remedy(
            "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -keyout host.key -out host.csr",
        )
    })?;
    Ok(request.public_key)
}

fn exists(old: &AuthorityRow) -> Refusal {
    let detail = format!("`{}` was made on {}", old.name, old.created_at.strftime("%F"));
    Refusal::response(&refusals::AUTHORITY_EXISTS, detail)
        .with_remedy("doorward ca show; or doorward ca init --replace, and install the new one on every host")
}

pub(crate) fn missing() -> Refusal {
    Refusal::response(&refusals::AUTHORITY_MISSING, "no authority was made on this server yet")
        .with_remedy("doorward ca init")
}

fn not_permitted(name: &Name, row: &AuthorityRow) -> Refusal {
    let detail = format!("`{name}` is not covered by {}", row.permitted.replace(' ', ", "));
    let all = row.permitted.replace(' ', " --permit ");
    Refusal::response(&refusals::CERTIFICATE_NAME_NOT_PERMITTED, detail).with_remedy(format!(
        "doorward ca init --replace --permit {all} --permit {name}, and install the new authority on every host"
    ))
}
