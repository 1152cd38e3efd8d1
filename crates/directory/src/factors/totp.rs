//! One-time codes of an app (RFC 6238): SHA-1, six digits, 30 seconds, because that is what every app can.

use doorward_jose::Secret;
use doorward_store::{StoreError, Tx};
use jiff::{SignedDuration, Timestamp};
use totp_rs::{Algorithm, Builder, Totp};
use uuid::Uuid;

use super::Seals;

/// Bytes of a secret (RFC 4226 §4, R6 asks for 160 bits).
const SECRET: usize = 20;
/// How long somebody may take between seeing a secret and typing its first code.
const DRAFT: SignedDuration = SignedDuration::from_mins(30);

/// A secret that is shown and not yet anybody's: the browser carries it, sealed, until a code proves that an app has it.
#[derive(Debug)]
pub struct TotpDraft {
    secret: Secret<[u8; SECRET]>,
}

impl TotpDraft {
    /// A fresh one.
    pub fn draw(seals: &Seals) -> Self {
        let mut secret = [0; SECRET];
        seals.random.fill(&mut secret);
        Self {
            secret: Secret::new(secret),
        }
    }

    /// For a hidden field: opens for this person only, for half an hour.
    pub fn seal(&self, seals: &Seals, user: Uuid, now: Timestamp) -> String {
        let mut plain = now.as_second().to_be_bytes().to_vec();
        plain.extend_from_slice(self.secret.expose());
        let sealed = seals.master.seal(&*seals.random, &draft_place(user), &plain);
        data_encoding::BASE64URL_NOPAD.encode(&sealed)
    }

    /// Reads what [`TotpDraft::seal`] wrote; `None` when it is too old, or not this person's.
    pub fn open(seals: &Seals, user: Uuid, text: &str, now: Timestamp) -> Option<Self> {
        let sealed = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let plain = seals.master.open_recent(&draft_place(user), &sealed).ok()?;
        let (began, secret) = plain.expose().split_first_chunk::<8>()?;
        let began = Timestamp::from_second(i64::from_be_bytes(*began)).ok()?;
        if now.duration_since(began) > DRAFT {
            return None;
        }
        Some(Self {
            secret: Secret::new(secret.try_into().ok()?),
        })
    }

    /// For typing into an app: base32 in groups of four.
    pub fn typed(&self) -> String {
        let text = self.base32();
        let groups: Vec<&str> = text
            .as_bytes()
            .chunks(4)
            .filter_map(|four| std::str::from_utf8(four).ok())
            .collect();
        groups.join(" ")
    }

    /// For a QR code: the key URI format that apps read.
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        // A colon would end the issuer within the label.
        let escape = |text: &str| percent(&text.replace(':', " "));
        let (issuer, account) = (escape(issuer), escape(account));
        format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
            self.base32()
        )
    }

    fn base32(&self) -> String {
        data_encoding::BASE32_NOPAD.encode(self.secret.expose())
    }

    /// The time step whose code this is, at `now` or one step beside it.
    pub(super) fn matching_step(&self, code: &str, now: Timestamp) -> Option<i64> {
        matching_step(self.secret.expose(), TotpForm::default(), code, now)
    }
}

/// Everything but unreserved characters (RFC 3986 §2.3) escaped: apps do not read `+` as a space.
fn percent(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// How codes are made from a secret. Ours are all of the default; apps that were enrolled with another provider may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotpForm {
    /// The hash function of the HMAC.
    pub digest: TotpDigest,
    /// Digits of a code, 6 to 8.
    pub digits: u8,
    /// Seconds for which a code stands, 15 to 120.
    pub period: u64,
}

/// A hash function of RFC 6238 §1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotpDigest {
    /// What every app can.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Default for TotpForm {
    fn default() -> Self {
        Self {
            digest: TotpDigest::Sha1,
            digits: 6,
            period: 30,
        }
    }
}

impl TotpForm {
    /// `None` for what is not supported.
    pub fn new(digest: TotpDigest, digits: u8, period: u64) -> Option<Self> {
        let form = Self { digest, digits, period };
        ((6..=8).contains(&digits) && (15..=120).contains(&period)).then_some(form)
    }

    fn column(self) -> Option<String> {
        let digest = match self.digest {
            TotpDigest::Sha1 => "sha1",
            TotpDigest::Sha256 => "sha256",
            TotpDigest::Sha512 => "sha512",
        };
        (self != Self::default()).then(|| format!("{digest}/{}/{}", self.digits, self.period))
    }

    fn of_column(text: Option<&str>) -> Option<Self> {
        let Some(text) = text else { return Some(Self::default()) };
        let mut parts = text.split('/');
        let digest = match parts.next()? {
            "sha1" => TotpDigest::Sha1,
            "sha256" => TotpDigest::Sha256,
            "sha512" => TotpDigest::Sha512,
            _ => return None,
        };
        Self::new(digest, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)
    }
}

fn generator(secret: &[u8], form: TotpForm) -> Option<Totp> {
    let algorithm = match form.digest {
        TotpDigest::Sha1 => Algorithm::SHA1,
        TotpDigest::Sha256 => Algorithm::SHA256,
        TotpDigest::Sha512 => Algorithm::SHA512,
    };
    Builder::new()
        .with_algorithm(algorithm)
        .with_digits(form.digits)
        .with_step_duration(form.period)
        .with_secret(secret.to_vec())
        .build()
        .ok()
}

fn matching_step(secret: &[u8], form: TotpForm, code: &str, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.as_second()).ok()?;
    let step = generator(secret, form)?.check(code, seconds)?;
    i64::try_from(step).ok()
}

/// A secret that an app of somebody has since they were enrolled with another provider: no code proves it here before it is
/// theirs. False when they have one already. A secret of less than 128 bits is not taken (RFC 4226 §4, R6).
pub(crate) fn adopt(
    tx: &mut Tx<'_>,
    seals: &Seals,
    user: Uuid,
    secret: &Secret<Vec<u8>>,
    form: TotpForm,
) -> Result<bool, StoreError> {
    if generator(secret.expose(), form).is_none() {
        return Ok(false);
    }
    let sealed = seals.master.seal(&*seals.random, &place(user), secret.expose());
    // A code of this moment may have counted with the other provider just now: it counts no second time.
    let period = i64::try_from(form.period).unwrap_or(i64::MAX).max(1);
    let step = tx.now().as_second() / period;
    let added = tx.execute(
        "INSERT INTO totp (user_id, sealed, last_step, created_at, form) VALUES ($1, $2, $5, $3, $4) \
         ON CONFLICT (user_id) DO NOTHING",
        &[
            user.into(),
            sealed.as_slice().into(),
            tx.now().into(),
            (&form.column()).into(),
            step.into(),
        ],
    )?;
    Ok(added == 1)
}

fn place(user: Uuid) -> Vec<u8> {
    [b"totp.sealed:", user.as_bytes().as_slice()].concat()
}

fn draft_place(user: Uuid) -> Vec<u8> {
    [b"totp draft:", user.as_bytes().as_slice()].concat()
}

pub(super) fn since(tx: &mut Tx<'_>, user: Uuid) -> Result<Option<Timestamp>, StoreError> {
    tx.one(
        "SELECT created_at FROM totp WHERE user_id = $1",
        &[user.into()],
        |row| row.get(0),
    )
}

pub(super) fn store(
    tx: &mut Tx<'_>,
    seals: &Seals,
    user: Uuid,
    draft: &TotpDraft,
    step: i64,
) -> Result<(), StoreError> {
    let sealed = seals.master.seal(&*seals.random, &place(user), draft.secret.expose());
    tx.execute(
        "INSERT INTO totp (user_id, sealed, last_step, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id) DO UPDATE SET sealed = $2, last_step = $3, created_at = $4, used_at = NULL, form = NULL",
        &[user.into(), sealed.as_slice().into(), step.into(), tx.now().into()],
    )?;
    Ok(())
}

pub(super) fn remove(tx: &mut Tx<'_>, user: Uuid) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM totp WHERE user_id = $1", &[user.into()])? > 0)
}

/// Takes a code: right once, and never after a newer one. Two who present the same code at the same time: one conditional
/// update decides.
pub(super) fn take(tx: &mut Tx<'_>, seals: &Seals, user: Uuid, code: &str) -> Result<bool, StoreError> {
    let row = tx.one(
        "SELECT sealed, form FROM totp WHERE user_id = $1",
        &[user.into()],
        |row| Ok((row.get::<Vec<u8>>(0)?, row.get::<Option<String>>(1)?)),
    )?;
    let Some((sealed, form)) = row else { return Ok(false) };
    let form = TotpForm::of_column(form.as_deref())
        .ok_or_else(|| StoreError::Damaged("the form of the one-time codes of a user".to_owned()))?;
    let secret = seals
        .master
        .open(&place(user), &sealed)
        .map_err(|error| StoreError::Damaged(format!("the one-time code secret of a user: {error}")))?;
    let Some(step) = matching_step(secret.expose(), form, code, tx.now()) else {
        return Ok(false);
    };
    let taken = tx.execute(
        "UPDATE totp SET last_step = $2, used_at = $3 WHERE user_id = $1 AND last_step < $2",
        &[user.into(), step.into(), tx.now().into()],
    )?;
    Ok(taken == 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use doorward_jose::SystemRandom;
    use doorward_store::MasterKey;

    use super::*;

    fn seals() -> Seals {
        Seals {
            master: Arc::new(MasterKey::from_bytes(&Secret::new([7; 32]))),
            random: Arc::new(SystemRandom),
            outbox: doorward_mail::Outbox::default(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238, appendix B: the secret of the SHA-1 rows, the last six of their eight digits.
    #[test]
    fn codes_are_those_of_the_specification() {
        let secret = b"12345678901234567890";
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            assert_eq!(
                matching_step(secret, TotpForm::default(), code, at(time)),
                Some(time / 30),
                "{time}"
            );
        }
    }

    /// The rows of SHA-256 and SHA-512 there, all eight digits.
    #[test]
    fn codes_of_apps_that_were_enrolled_elsewhere_are_those_of_the_specification_too() {
        let long = b"1234567890123456789012345678901234567890123456789012345678901234";
        for (digest, secret, code) in [
            (TotpDigest::Sha256, &long[..32], "46119246"),
            (TotpDigest::Sha512, &long[..64], "90693936"),
        ] {
            let form = TotpForm::new(digest, 8, 30).unwrap();
            assert_eq!(TotpForm::of_column(form.column().as_deref()), Some(form));
            assert_eq!(matching_step(secret, form, code, at(59)), Some(1), "{digest:?}");
            assert_eq!(matching_step(secret, TotpForm::default(), code, at(59)), None);
        }
        assert_eq!(TotpForm::default().column(), None);
        assert_eq!(TotpForm::new(TotpDigest::Sha1, 5, 30), None);
        assert_eq!(TotpForm::new(TotpDigest::Sha1, 6, 0), None);
    }

    #[test]
    fn one_step_of_drift_is_allowed_and_two_are_not() {
        let secret = b"12345678901234567890";
        let time = 1_234_567_890;
        for (drift, expected) in [(-60, false), (-30, true), (30, true), (60, false)] {
            assert_eq!(
                matching_step(secret, TotpForm::default(), "005924", at(time + drift)).is_some(),
                expected,
                "{drift}"
            );
        }
        for nonsense in ["", "5924", "00592a", "0059244", "\u{0660}05924"] {
            assert_eq!(
                matching_step(secret, TotpForm::default(), nonsense, at(time)),
                None,
                "{nonsense:?}"
            );
        }
    }

    #[test]
    fn a_draft_opens_for_its_person_for_half_an_hour() {
        let (seals, user) = (seals(), Uuid::from_u128(1));
        let draft = TotpDraft::draw(&seals);
        let sealed = draft.seal(&seals, user, at(0));
        let open = |user, text: &str, second| TotpDraft::open(&seals, user, text, at(second));
        assert_eq!(open(user, &sealed, 1800).unwrap().base32(), draft.base32());
        assert!(open(user, &sealed, 1801).is_none());
        assert!(open(Uuid::from_u128(2), &sealed, 0).is_none());
        assert!(open(user, "AAAA", 0).is_none());
    }

    #[tokio::test]
    async fn a_draft_that_a_replaced_master_key_sealed_is_believed_for_a_day() {
        use doorward_store::data_keys::{DataKeyError, refresh, settle};
        let store = doorward_store::testing::sqlite().await;
        let (old, new) = ("11".repeat(32), "22".repeat(32));
        let settled = |text: String, at: Timestamp| {
            store.write::<_, DataKeyError>(at, move |tx| {
                let master = MasterKey::parse(&text).unwrap();
                settle(tx, &master, &SystemRandom)?;
                refresh(tx, &master, at)?;
                Ok(Seals {
                    master: Arc::new(master),
                    ..seals()
                })
            })
        };
        let stolen = settled(old.clone(), at(0)).await.unwrap();
        settled(format!("{new}\n{old}"), at(0)).await.unwrap();
        for (hours, believed) in [(23, true), (25, false)] {
            let now = at(hours * 3600);
            let forged = TotpDraft::draw(&stolen).seal(&stolen, Uuid::from_u128(1), now);
            let seals = settled(new.clone(), now).await.unwrap();
            let opened = TotpDraft::open(&seals, Uuid::from_u128(1), &forged, now);
            assert_eq!(opened.is_some(), believed, "{hours}");
        }
    }

    #[test]
    fn the_uri_is_what_apps_read() {
        let draft = TotpDraft {
            secret: Secret::new(*b"12345678901234567890"),
        };
        assert_eq!(
            draft.uri("Doorward: Müller & Co", "alice"),
            "otpauth://totp/Doorward%20%20M%C3%BCller%20%26%20Co:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Doorward%20%20M%C3%BCller%20%26%20Co&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(draft.typed(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
