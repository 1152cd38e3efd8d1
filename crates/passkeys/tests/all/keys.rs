//! Public keys: what is one, and what only looks like one.

use doorward_passkeys::{CoseKey, testing::SoftwareAuthenticator};
use minicbor::Encoder;

fn key(pairs: &[(i64, Part)]) -> Vec<u8> {
    let mut out = Encoder::new(Vec::new());
    out.map(pairs.len() as u64).unwrap();
    for (label, part) in pairs {
        out.i64(*label).unwrap();
        match part {
            Part::Int(value) => out.i64(*value).unwrap(),
            Part::Bytes(bytes) => out.bytes(bytes).unwrap(),
            Part::Bool(is) => out.bool(*is).unwrap(),
        };
    }
    out.into_writer()
}

enum Part {
    Int(i64),
    Bytes(Vec<u8>),
    Bool(bool),
}
use Part::{Bool, Bytes, Int};

fn code(bytes: &[u8]) -> &'static str {
    CoseKey::parse(bytes).unwrap_err().code()
}

#[test]
fn a_key_is_read_to_its_last_byte() {
    let mut good = SoftwareAuthenticator::new("https://a.example", "a.example").cose_key();
    assert_eq!(CoseKey::parse(&good).unwrap().encoded(), good);
    for length in 0..good.len() {
        assert!(CoseKey::parse(&good[..length]).is_err(), "{length} bytes of it");
    }
    good.push(0);
    assert_eq!(code(&good), "passkey_cbor");
}

#[test]
fn what_was_not_offered_is_not_supported() {
    let zeros = || Bytes(vec![0; 32]);
    assert_eq!(
        code(&key(&[(1, Int(2)), (3, Int(-35)), (-1, Int(2))])),
        "passkey_unsupported_key"
    );
    assert_eq!(
        code(&key(&[(1, Int(2)), (3, Int(-7)), (-1, Int(2))])),
        "passkey_unsupported_key"
    );
    assert_eq!(
        code(&key(&[(1, Int(1)), (3, Int(-7)), (-1, Int(1))])),
        "passkey_unsupported_key"
    );
    assert_eq!(
        code(&key(&[(1, Int(1)), (3, Int(-8)), (-1, Int(7))])),
        "passkey_unsupported_key"
    );
    assert_eq!(code(&key(&[(1, Int(2)), (-1, Int(1))])), "passkey_invalid_key");
    let compressed = key(&[(1, Int(2)), (3, Int(-7)), (-1, Int(1)), (-2, zeros()), (-3, Bool(true))]);
    assert_eq!(code(&compressed), "passkey_invalid_key");
}

#[test]
fn a_point_off_the_curve_is_no_key() {
    let ones = || Bytes(vec![1; 32]);
    let off = key(&[(1, Int(2)), (3, Int(-7)), (-1, Int(1)), (-2, ones()), (-3, ones())]);
    assert_eq!(code(&off), "passkey_invalid_key");
    let short = key(&[
        (1, Int(2)),
        (3, Int(-7)),
        (-1, Int(1)),
        (-2, Bytes(vec![1; 31])),
        (-3, ones()),
    ]);
    assert_eq!(code(&short), "passkey_invalid_key");
}

#[test]
fn weak_rsa_keys_are_refused() {
    let rsa = |n: Vec<u8>, e: &[u8]| key(&[(1, Int(3)), (3, Int(-257)), (-1, Bytes(n)), (-2, Bytes(e.to_vec()))]);
    let odd = |length: usize| {
        let mut n = vec![0xff; length];
        n[length - 1] = 0xfd;
        n
    };
    assert_eq!(code(&rsa(odd(128), &[1, 0, 1])), "passkey_invalid_key", "1024 bits");
    assert_eq!(code(&rsa(odd(1024), &[1, 0, 1])), "passkey_invalid_key", "8192 bits");
    assert_eq!(code(&rsa(odd(256), &[1])), "passkey_invalid_key", "exponent 1");
    assert_eq!(code(&rsa(vec![0xfe; 256], &[1, 0, 1])), "passkey_invalid_key", "even");
    let mut padded = odd(256);
    padded.insert(0, 0);
    assert_eq!(code(&rsa(padded, &[1, 0, 1])), "passkey_invalid_key", "leading zero");
    assert!(CoseKey::parse(&rsa(odd(256), &[1, 0, 1])).is_ok());
}

#[test]
fn a_label_that_stands_twice_is_refused() {
    let twice = key(&[(1, Int(2)), (1, Int(2)), (3, Int(-7))]);
    assert_eq!(code(&twice), "passkey_cbor");
}
