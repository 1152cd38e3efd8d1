//! Nonces for DPoP proofs (RFC 9449 §8): the number of a minute under a key that only we have. Nothing is stored, every node
//! that has the master key makes the same, and a nonce ends by itself.

use doorward_jose::{base64url, constant_time_eq};

/// Seconds of one nonce.
const PERIOD: i64 = 60;
/// How many periods a nonce is accepted after its own.
const KEPT: i64 = 5;
/// Bytes of the keyed hash in a nonce.
const MAC: usize = 16;

/// A keyed hash with a key of the server: the master key's, for this purpose alone.
pub type Mac<'a> = &'a (dyn Fn(&[u8]) -> [u8; 32] + Sync);

/// The nonce of this moment.
pub fn current(mac: Mac<'_>, now: i64) -> String {
    encoded(mac, now.div_euclid(PERIOD))
}

/// Whether a nonce is one of ours and not too old. One of the next period too: the clocks of two nodes differ.
pub(super) fn is_ours(mac: Mac<'_>, nonce: &str, now: i64) -> bool {
    let Some(period) = period_of(nonce) else { return false };
    let age = now.div_euclid(PERIOD).saturating_sub(period);
    (-1..=KEPT).contains(&age) && constant_time_eq(encoded(mac, period).as_bytes(), nonce.as_bytes())
}

fn encoded(mac: Mac<'_>, period: i64) -> String {
    let mut bytes = period.to_be_bytes().to_vec();
    let tag = mac(&bytes);
    bytes.extend(tag.iter().take(MAC));
    base64url::encode(bytes)
}

fn period_of(nonce: &str) -> Option<i64> {
    let bytes = (nonce.len() == 32).then(|| base64url::decode(nonce).ok()).flatten()?;
    bytes.first_chunk::<8>().map(|period| i64::from_be_bytes(*period))
}

#[cfg(test)]
mod tests {
    use doorward_jose::sha256;

    use super::*;

    #[test]
    fn a_nonce_is_good_for_minutes_and_for_the_server_that_made_it() {
        let mac = |bytes: &[u8]| sha256(&[b"ours", bytes].concat());
        let other = |bytes: &[u8]| sha256(&[b"other", bytes].concat());
        let nonce = current(&mac, 6_000);
        assert!(is_ours(&mac, &nonce, 6_000));
        assert!(is_ours(&mac, &nonce, 6_359));
        assert!(!is_ours(&mac, &nonce, 6_360), "six minutes later");
        assert!(is_ours(&mac, &nonce, 5_990), "another node's clock is behind");
        assert!(!is_ours(&mac, &nonce, 5_930));
        assert!(!is_ours(&other, &nonce, 6_000));
        for bad in [
            "",
            "x",
            "AAAA",
            &"A".repeat(32),
            &"é".repeat(16),
            &nonce[1..],
            &format!("{nonce}A"),
        ] {
            assert!(!is_ours(&mac, bad, 6_000), "{bad}");
        }
    }
}
