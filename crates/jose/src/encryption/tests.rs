//! The vector of RFC 7518 Appendix C, and what is encrypted, decrypted again with the library's other half.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey};

use super::*;
use crate::SystemRandom;

fn bytes(text: &str) -> Vec<u8> {
    base64url::decode(text).unwrap()
}

#[test]
fn the_agreed_key_of_rfc_7518_appendix_c() {
    let alice = "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo";
    let (x, y) = (
        "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
    );
    let private = agreement::PrivateKey::from_private_key(&ECDH_P256, &bytes(alice)).unwrap();
    let point = [&[4][..], &bytes(x), &bytes(y)].concat();
    let peer = agreement::UnparsedPublicKey::new(&ECDH_P256, point);
    let derived = agreement::agree(&private, peer, (), |secret| {
        Ok(concat_kdf(secret, "A128GCM", b"Alice", b"Bob", 16))
    });
    assert_eq!(base64url::encode(&*derived.unwrap()), "VqqN6vgjbSBcIijNcacQGg");
}

/// The five parts, decoded.
fn parts(token: &str) -> (Value, Vec<Vec<u8>>) {
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 5, "{token}");
    let header = serde_json::from_slice(&bytes(parts[0])).unwrap();
    (header, parts[1..].iter().map(|part| bytes(part)).collect())
}

fn opened(enc: ContentEncryption, key: &[u8], token: &str) -> Option<Vec<u8>> {
    let rest: Vec<Vec<u8>> = token.split('.').skip(1).map(bytes).collect();
    let nonce = Nonce::try_assume_unique_for_key(&rest[1]).unwrap();
    let header = token.split('.').next().unwrap();
    let mut sealed = [&rest[2][..], &rest[3]].concat();
    let key = enc.key(key).unwrap();
    let opened = key
        .open_in_place(nonce, Aad::from(header.as_bytes()), &mut sealed)
        .ok()?;
    Some(opened.to_vec())
}

#[test]
fn what_was_encrypted_for_an_rsa_key_is_read_with_its_private_half_alone() {
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let key = rsa_key(&private);
    for enc in ContentEncryption::ALL {
        let token = key
            .encrypt(
                KeyManagement::RsaOaep256,
                *enc,
                Some("JWT"),
                b"the token",
                &SystemRandom,
            )
            .unwrap();
        let (header, rest) = parts(&token);
        assert_eq!(
            header,
            json!({"alg": "RSA-OAEP-256", "enc": enc.name(), "cty": "JWT", "kid": "mine"})
        );
        let decrypting = OaepPrivateDecryptingKey::new(private.clone()).unwrap();
        let mut out = vec![0; decrypting.min_output_size()];
        let content_key = decrypting
            .decrypt(&OAEP_SHA256_MGF1SHA256, &rest[0], &mut out, None)
            .unwrap();
        assert_eq!(opened(*enc, content_key, &token).unwrap(), b"the token");
        let other = format!("A{}", &token[1..]);
        assert_eq!(opened(*enc, content_key, &other), None, "the header is authenticated");
    }
    assert!(
        key.encrypt(
            KeyManagement::EcdhEs,
            ContentEncryption::A256GCM,
            None,
            b"",
            &SystemRandom
        )
        .is_err()
    );
}

fn rsa_key(private: &PrivateDecryptingKey) -> EncryptionKey {
    let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = private.public_key().as_der().unwrap();
    // SEQUENCE { algorithm, BIT STRING { SEQUENCE { n, e } } }: for 2048 bits always at the same place.
    let n = der.as_ref().get(33..33 + 256).unwrap();
    let jwk = json!({"kty": "RSA", "use": "enc", "kid": "mine", "n": base64url::encode(n), "e": "AQAB"});
    EncryptionKey::parse(jwk.to_string().as_bytes()).unwrap()
}

#[test]
fn what_was_encrypted_for_a_curve_key_is_read_with_its_private_half_alone() {
    let private = agreement::PrivateKey::generate(&ECDH_P256).unwrap();
    let point = private.compute_public_key().unwrap();
    let (x, y) = point.as_ref()[1..].split_at(32);
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": base64url::encode(x), "y": base64url::encode(y)});
    let key = EncryptionKey::parse(json!({"keys": [{"kty": "oct", "k": "AA"}, jwk]}).to_string().as_bytes()).unwrap();
    for alg in [KeyManagement::EcdhEs, KeyManagement::EcdhEsA256Kw] {
        for enc in ContentEncryption::ALL {
            let token = key.encrypt(alg, *enc, None, b"the claims", &SystemRandom).unwrap();
            let (header, rest) = parts(&token);
            assert_eq!(header["epk"]["crv"], "P-256");
            let epk = [
                &[4][..],
                &bytes(header["epk"]["x"].as_str().unwrap()),
                &bytes(header["epk"]["y"].as_str().unwrap()),
            ]
            .concat();
            let peer = agreement::UnparsedPublicKey::new(&ECDH_P256, epk);
            let (purpose, size) = match alg {
                KeyManagement::EcdhEs => (enc.name(), enc.key_bytes()),
                _ => (alg.name(), 32),
            };
            let agreed = agreement::agree(&private, peer, (), |secret| {
                Ok(concat_kdf(secret, purpose, b"", b"", size))
            })
            .unwrap();
            let content_key = if alg == KeyManagement::EcdhEs {
                agreed.to_vec()
            } else {
                let mut out = vec![0; rest[0].len()];
                let unwrapped = AesKek::new(&AES_256, &agreed).unwrap().unwrap(&rest[0], &mut out);
                unwrapped.unwrap().to_vec()
            };
            assert_eq!(
                opened(*enc, &content_key, &token).unwrap(),
                b"the claims",
                "{alg:?} {enc:?}"
            );
        }
    }
}

#[test]
fn keys_that_are_weak_private_or_for_something_else_are_refused() {
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let good = serde_json::to_value(rsa_key(&private)).unwrap();
    let with = |member: &str, value: Value| {
        let mut key = good.clone();
        key[member] = value;
        EncryptionKey::parse(key.to_string().as_bytes())
    };
    assert!(with("kid", json!("other")).is_ok());
    for (member, value) in [
        ("use", json!("sig")),
        ("alg", json!("RSA1_5")),
        ("alg", json!("RSA-OAEP")),
        ("alg", json!("ECDH-ES")),
        ("d", json!("AQAB")),
        ("n", json!("AQAB")),
        ("n", json!("")),
        ("e", json!("AQ")),
        ("kty", json!("OKP")),
        ("kid", json!(5)),
    ] {
        assert!(with(member, value.clone()).is_err(), "{member} {value}");
    }
    let off = json!({"kty": "EC", "crv": "P-256", "x": base64url::encode([1; 32]), "y": base64url::encode([1; 32])});
    assert!(
        EncryptionKey::parse(off.to_string().as_bytes()).is_err(),
        "not on the curve"
    );
    for text in ["", "[]", "{}", "{\"keys\":[]}", "{\"keys\":[5]}"] {
        assert!(EncryptionKey::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_key_comes_back_from_its_json_as_it_was() {
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let key = rsa_key(&private);
    let json = serde_json::to_string(&key).unwrap();
    assert_eq!(serde_json::from_str::<EncryptionKey>(&json).unwrap(), key);
}
