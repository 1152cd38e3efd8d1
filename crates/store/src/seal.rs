//! What seals secrets that must be read again (signing keys, client secrets for showing), and what keys the hashes of secrets that are
//! only compared. The master key opens the data keys ([`crate::data_keys`]), and those seal.

use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::{constant_time, hmac};
use doorward_jose::{Random, Secret};

use crate::master_file::SealError;

/// Bytes of a master key.
pub(crate) const KEY: usize = 32;
/// Format 1: this byte, the key's id, 12 bytes of nonce, ciphertext, 16 bytes of tag.
const FORMAT: u8 = 1;
const HEADER: usize = 2 + NONCE_LEN;

/// The master keys at hand, and the data keys that they open: what seals the database's secrets. Cannot be printed.
pub struct MasterKey {
    roots: ArcSwap<Vec<Root>>,
    ring: ArcSwap<Ring>,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey(id {})", self.id())
    }
}

/// One master key: it seals data keys and nothing else.
#[derive(Clone)]
pub(crate) struct Root {
    id: u8,
    wrapping: Arc<LessSafeKey>,
    /// What seals before there is a data key in the database: the first one there.
    pub(crate) first: DataKey,
}

/// What secrets are sealed under, with what keys hashes.
#[derive(Clone)]
pub(crate) struct DataKey {
    id: u8,
    /// Three keys: for sealing, for hashes that are kept, for what browsers carry.
    secret: Arc<Secret<[u8; 3 * KEY]>>,
    sealing: Arc<LessSafeKey>,
}

/// The data keys in use.
pub(crate) struct Ring {
    current: DataKey,
    all: Vec<DataKey>,
    /// The ids of those that seal for browsers, or did until a day ago.
    recent: Vec<u8>,
    /// The first one's for ever: the hashes that it made cannot be made anew.
    hashing: hmac::Key,
    /// The current one's first.
    macs: Vec<hmac::Key>,
}

impl Root {
    fn new(bytes: &Secret<[u8; KEY]>) -> Self {
        let derive = |purpose: &str| derived(bytes, purpose);
        let mut secret = [0; 3 * KEY];
        for (part, purpose) in secret.chunks_mut(KEY).zip(["seal", "keyed hash", "browser"]) {
            part.copy_from_slice(derive(purpose).expose());
        }
        let id = derive("id").expose().first().copied().unwrap_or_default();
        Self {
            id,
            wrapping: Arc::new(aes(derive("data keys").expose())),
            first: DataKey::new(id, Secret::new(secret)),
        }
    }

    pub(crate) fn id(&self) -> u8 {
        self.id
    }

    pub(crate) fn wrap(&self, random: &dyn Random, key: &DataKey) -> Vec<u8> {
        sealed(&self.wrapping, self.id, random, &place(key.id), key.secret.expose())
    }

    pub(crate) fn unwrap(&self, id: u8, value: &[u8]) -> Result<DataKey, SealError> {
        let (_, rest) = header(value)?;
        let plain = opened(&self.wrapping, &place(id), rest)?;
        let secret = <[u8; 3 * KEY]>::try_from(plain.expose().as_slice()).map_err(|_| SealError::Damaged)?;
        Ok(DataKey::new(id, Secret::new(secret)))
    }
}

fn place(id: u8) -> Vec<u8> {
    format!("data_keys/{id}").into_bytes()
}

impl DataKey {
    fn new(id: u8, secret: Secret<[u8; 3 * KEY]>) -> Self {
        let (seal, _) = secret.expose().split_first_chunk::<KEY>().unwrap_or((&[0; KEY], &[]));
        Self {
            id,
            sealing: Arc::new(aes(seal)),
            secret: Arc::new(secret),
        }
    }

    pub(crate) fn generate(random: &dyn Random) -> Self {
        let (mut id, mut secret) = ([0], [0; 3 * KEY]);
        random.fill(&mut id);
        random.fill(&mut secret);
        Self::new(id[0], Secret::new(secret))
    }

    pub(crate) fn id(&self) -> u8 {
        self.id
    }

    fn hmac(&self, part: usize) -> hmac::Key {
        let bytes = self.secret.expose().chunks(KEY).nth(part).unwrap_or_default();
        hmac::Key::new(hmac::HMAC_SHA256, bytes)
    }
}

impl Ring {
    /// `None` without any key. `current` seals; what those of `believed` said to browsers is believed.
    pub(crate) fn new(all: Vec<DataKey>, current: usize, believed: &[u8]) -> Option<Self> {
        let (first, current) = (all.first()?, all.get(current)?.clone());
        let older = all
            .iter()
            .filter(|key| key.id != current.id && believed.contains(&key.id));
        let recent = believed.iter().copied().chain([current.id]).collect();
        Some(Self {
            hashing: first.hmac(1),
            recent,
            macs: std::iter::once(&current).chain(older).map(|key| key.hmac(2)).collect(),
            current,
            all,
        })
    }
}

impl MasterKey {
    /// From its bytes.
    pub fn from_bytes(bytes: &Secret<[u8; KEY]>) -> Self {
        Self::from_roots(vec![Root::new(bytes)]).unwrap_or_else(|| unreachable!("there is one"))
    }

    /// From several, the current one first. `None` without any.
    pub(crate) fn from_keys(keys: &[Secret<[u8; KEY]>]) -> Option<Self> {
        Self::from_roots(keys.iter().map(Root::new).collect())
    }

    fn from_roots(roots: Vec<Root>) -> Option<Self> {
        let oldest_first: Vec<DataKey> = roots.iter().rev().map(|root| root.first.clone()).collect();
        let (current, ids) = (
            oldest_first.len().checked_sub(1)?,
            oldest_first.iter().map(DataKey::id).collect::<Vec<_>>(),
        );
        let ring = Ring::new(oldest_first, current, &ids)?;
        Some(Self {
            roots: ArcSwap::from_pointee(roots),
            ring: ArcSwap::from_pointee(ring),
        })
    }

    /// Tells keys apart in messages; derived from the current key and no secret.
    pub fn id(&self) -> u8 {
        self.roots.load().first().map_or(0, Root::id)
    }

    pub(crate) fn roots(&self) -> Arc<Vec<Root>> {
        self.roots.load_full()
    }

    pub(crate) fn use_ring(&self, ring: Ring) {
        self.ring.store(Arc::new(ring));
    }

    /// Has the master keys of another from now on; the data keys stay until they are settled and refreshed
    /// ([`crate::data_keys`]).
    pub fn take_over(&self, other: &Self) {
        self.roots.store(other.roots());
    }

    /// Seals a value with AES-256-GCM. `aad` says where it belongs (table, row, column): it opens nowhere else.
    pub fn seal(&self, random: &dyn Random, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let ring = self.ring.load();
        sealed(&ring.current.sealing, ring.current.id, random, aad, plain)
    }

    /// Opens what [`MasterKey::seal`] sealed with the same `aad`, whichever data key did: for what the database holds.
    ///
    /// # Errors
    /// [`SealError::OtherKey`], [`SealError::Damaged`].
    pub fn open(&self, aad: &[u8], value: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
        Self::open_with(&self.ring.load(), |_| true, aad, value)
    }

    /// The same for what a browser brings back: not if a key sealed it that was replaced more than a day ago. Whoever has an old
    /// key and makes such a value is believed no longer than for [`MasterKey::is_mac`].
    ///
    /// # Errors
    /// As [`MasterKey::open`].
    pub fn open_recent(&self, aad: &[u8], value: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
        let ring = self.ring.load();
        Self::open_with(&ring, |id| ring.recent.contains(&id), aad, value)
    }

    fn open_with(
        ring: &Ring,
        is_good: impl Fn(u8) -> bool,
        aad: &[u8],
        value: &[u8],
    ) -> Result<Secret<Vec<u8>>, SealError> {
        let (id, rest) = header(value)?;
        let other = SealError::OtherKey {
            sealed: id,
            own: ring.current.id,
        };
        let key = ring.all.iter().find(|key| key.id == id && is_good(id)).ok_or(other)?;
        opened(&key.sealing, aad, rest)
    }

    /// HMAC-SHA-256 under a key that never changes: for hashes that are kept, of secrets with 256 random bits, which need no slow
    /// hash. Values of different purposes never match. `purpose` must not hold a zero byte.
    pub fn keyed_hash(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        tag(&self.ring.load().hashing, purpose, bytes)
    }

    /// The same under a key that changes with the master key: for what a browser brings back soon, which [`MasterKey::is_mac`] checks.
    pub fn mac(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let ring = self.ring.load();
        ring.macs
            .first()
            .map_or_else(|| tag(&ring.hashing, purpose, bytes), |key| tag(key, purpose, bytes))
    }

    /// Whether this is the [`MasterKey::mac`] of it, now or a day before the key changed; in constant time.
    pub fn is_mac(&self, purpose: &str, bytes: &[u8], presented: &[u8]) -> bool {
        let is = |key: &hmac::Key| constant_time::verify_slices_are_equal(&tag(key, purpose, bytes), presented).is_ok();
        self.ring.load().macs.iter().any(is)
    }
}

fn tag(key: &hmac::Key, purpose: &str, bytes: &[u8]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    context.update(purpose.as_bytes());
    context.update(&[0]);
    context.update(bytes);
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

#[expect(clippy::expect_used, reason = "HKDF gives 32 bytes")]
fn derived(bytes: &Secret<[u8; KEY]>, purpose: &str) -> Secret<[u8; KEY]> {
    let mut derived = [0; KEY];
    Salt::new(HKDF_SHA256, b"doorward master key")
        .extract(bytes.expose())
        .expand(&[purpose.as_bytes()], Length)
        .and_then(|okm| okm.fill(&mut derived))
        .expect("32 bytes are no more than HKDF gives");
    Secret::new(derived)
}

#[expect(clippy::expect_used, reason = "AES-256 takes any 32 bytes")]
fn aes(key: &[u8; KEY]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("32 bytes are an AES-256 key"))
}

#[expect(clippy::expect_used, reason = "fails beyond 64 GiB only")]
fn sealed(key: &LessSafeKey, id: u8, random: &dyn Random, aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce);
    let mut body = plain.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), &mut body)
        .expect("a value that fits into memory can be sealed");
    let mut sealed = Vec::with_capacity(HEADER + body.len());
    sealed.extend_from_slice(&[FORMAT, id]);
    sealed.extend_from_slice(&nonce);
    sealed.append(&mut body);
    sealed
}

/// The id of the key, and what follows.
fn header(value: &[u8]) -> Result<(u8, &[u8]), SealError> {
    match value.split_first_chunk::<2>() {
        Some(([FORMAT, id], rest)) => Ok((*id, rest)),
        _ => Err(SealError::Damaged),
    }
}

fn opened(key: &LessSafeKey, aad: &[u8], rest: &[u8]) -> Result<Secret<Vec<u8>>, SealError> {
    let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Damaged)?;
    let mut body = body.to_vec();
    let length = key
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut body)
        .map_err(|_| SealError::Damaged)?
        .len();
    body.truncate(length);
    Ok(Secret::new(body))
}

struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        KEY
    }
}
