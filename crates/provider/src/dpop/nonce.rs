//! Nonces for DPoP proofs (RFC 9449 §8): the number of a minute under a key that only we have. Nothing is stored, every node
//! that has the master key makes the same, and a nonce ends by itself.

use doorward_jose::base64url;

/// Seconds of one nonce.
const PERIOD: i64 = 60;
/// How many periods a nonce is accepted after its own.
const KEPT: i64 = 5;
/// Characters of a nonce: the period and its keyed hash.
const LENGTH: usize = 54;

/// A keyed hash with a key of the server for this purpose alone, which changes with the master key.
pub type Mac<'a> = &'a (dyn Fn(&[u8]) -> [u8; 32] + Sync);

/// Whether the second value is the [`Mac`] of the first, now or before the key changed; in constant time.
pub type IsMac<'a> = &'a (dyn Fn(&[u8], &[u8]) -> bool + Sync);

/// The nonce of this moment.
pub fn current(mac: Mac<'_>, now: i64) -> String {
    let period = now.div_euclid(PERIOD).to_be_bytes();
    base64url::encode([&period[..], &mac(&period)].concat())
}

/// Whether a nonce is one of ours and not too old. One of the next period too: the clocks of two nodes differ.
pub(super) fn is_ours(is_mac: IsMac<'_>, nonce: &str, now: i64) -> bool {
    let bytes = (nonce.len() == LENGTH).then(|| base64url::decode(nonce).ok()).flatten();
    let Some((period, mac)) = bytes.as_deref().and_then(<[u8]>::split_first_chunk::<8>) else {
        return false;
    };
    let age = now.div_euclid(PERIOD).saturating_sub(i64::from_be_bytes(*period));
    (-1..=KEPT).contains(&age) && is_mac(period, mac)
}

#[cfg(test)]
mod tests {
    use doorward_jose::sha256;

    use super::*;

    #[test]
    fn a_nonce_is_good_for_minutes_and_for_the_server_that_made_it() {
        let mac = |bytes: &[u8]| sha256(&[b"ours", bytes].concat());
        let is_mac = |bytes: &[u8], given: &[u8]| mac(bytes) == given;
        let other = |bytes: &[u8], given: &[u8]| sha256(&[b"other", bytes].concat()) == given;
        let nonce = current(&mac, 6_000);
        assert_eq!(nonce.len(), LENGTH);
        assert!(is_ours(&is_mac, &nonce, 6_000));
        assert!(is_ours(&is_mac, &nonce, 6_359));
        assert!(!is_ours(&is_mac, &nonce, 6_360), "six minutes later");
        assert!(is_ours(&is_mac, &nonce, 5_990), "another node's clock is behind");
        assert!(!is_ours(&is_mac, &nonce, 5_930));
        assert!(!is_ours(&other, &nonce, 6_000));
        for bad in [
            "",
            "x",
            "AAAA",
            &"A".repeat(32),
            &"A".repeat(LENGTH),
            &"é".repeat(LENGTH / 2),
            &nonce[..32],
            &nonce[1..],
            &format!("{nonce}A"),
        ] {
            assert!(!is_ours(&is_mac, bad, 6_000), "{bad}");
        }
    }
}
