//! Making the private authority and issuing to other hosts. That certificates are good is for openssl and browsers to say, in
//! the end-to-end tests.

use doorward_certificates::{Certificates, CertificatesError, NewAuthority, NewCertificate, Source};
use doorward_directory::{Actor, Role};
use doorward_store::StoreError;
use doorward_store::testing::START;

use crate::fixture::{node, on_both_engines, recorded};

fn admin() -> Actor {
    Actor::local("root")
}

fn auditor() -> Actor {
    Actor {
        roles: vec![Role::ReadOnly],
        ..admin()
    }
}

fn code(error: &CertificatesError) -> &str {
    error.refusal().map_or("no refusal", |refusal| refusal.kind.code)
}

async fn issue(node: &Certificates, names: &[&str], days: Option<u32>) -> Result<Vec<String>, String> {
    let new = NewCertificate {
        names: names.iter().map(|&name| name.to_owned()).collect(),
        days,
        request: None,
    };
    let issued = node.issue(&admin(), new, START).await;
    issued
        .map(|issued| issued.names)
        .map_err(|error| code(&error).to_owned())
}

#[test]
fn it_vouches_for_what_is_around_the_public_url_unless_told_otherwise() {
    on_both_engines(async |store| {
        let node = node(&store, Source::Off);
        let made = node
            .make_authority(&admin(), NewAuthority::default(), START)
            .await
            .unwrap();
        assert_eq!(made.permitted, ["home.lan"]);
        assert_eq!(node.authority().await.unwrap().unwrap(), made);
        let again = node
            .make_authority(&admin(), NewAuthority::default(), START)
            .await
            .unwrap_err();
        assert_eq!(code(&again), "authority_exists");
        let other = NewAuthority {
            permitted: vec!["Example.org".to_owned(), "10.1.2.3/8".to_owned()],
            replace: true,
            ..NewAuthority::default()
        };
        let other = node.make_authority(&admin(), other, START).await.unwrap();
        assert_eq!(other.permitted, ["example.org", "10.0.0.0/8"]);
        assert_ne!(other.fingerprint, made.fingerprint);
        assert_eq!(recorded(&store, "authority.make").await.len(), 2);
    });
}

#[test]
fn only_a_full_administrator_makes_it_and_issues() {
    on_both_engines(async |store| {
        let node = node(&store, Source::Off);
        let refused = node
            .make_authority(&auditor(), NewAuthority::default(), START)
            .await
            .unwrap_err();
        assert_eq!(code(&refused), "missing_right");
        node.make_authority(&admin(), NewAuthority::default(), START)
            .await
            .unwrap();
        let new = NewCertificate {
            names: vec!["a.home.lan".to_owned()],
            ..NewCertificate::default()
        };
        assert_eq!(
            code(&node.issue(&auditor(), new, START).await.err().unwrap()),
            "missing_right"
        );
        assert!(recorded(&store, "certificate.issue").await.is_empty());
    });
}

#[test]
fn what_it_does_not_vouch_for_is_refused() {
    on_both_engines(async |store| {
        let node = node(&store, Source::Off);
        assert_eq!(
            issue(&node, &["a.home.lan"], None).await.unwrap_err(),
            "authority_missing"
        );
        node.make_authority(&admin(), NewAuthority::default(), START)
            .await
            .unwrap();
        assert_eq!(
            issue(&node, &["a.home.lan", "*.b.home.lan"], None).await.unwrap().len(),
            2
        );
        for names in [
            &["www.example.com"][..],
            &["a.home.lan", "lan"],
            &["10.0.0.1"],
            &["*.lan.home"],
        ] {
            assert_eq!(
                issue(&node, names, None).await.unwrap_err(),
                "certificate_name_not_permitted",
                "{names:?}"
            );
        }
        for names in [&[][..], &["a b"], &["*"]] {
            assert_eq!(
                issue(&node, names, None).await.unwrap_err(),
                "certificate_name_invalid",
                "{names:?}"
            );
        }
        for days in [0, 398] {
            assert_eq!(
                issue(&node, &["a.home.lan"], Some(days)).await.unwrap_err(),
                "certificate_lifetime_invalid"
            );
        }
        let hostile = NewCertificate {
            names: vec!["a.home.lan".to_owned()],
            days: None,
            request: Some("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n".to_owned()),
        };
        let refused = node.issue(&admin(), hostile, START).await.err().unwrap();
        assert_eq!(code(&refused), "certificate_request_invalid");
    });
}

#[test]
fn keys_stand_sealed_in_the_database_and_those_of_others_not_at_all() {
    on_both_engines(async |store| {
        let node = node(&store, Source::Authority);
        node.open(START).await.unwrap();
        issue(&node, &["a.home.lan"], None).await.unwrap();
        let secrets = store
            .scan::<_, StoreError>(|tx| {
                let sql = "SELECT host, secret FROM certificates ORDER BY host";
                tx.all(sql, &[], |row| {
                    Ok((row.get::<String>(0)?, row.get::<Option<Vec<u8>>>(1)?))
                })
            })
            .await
            .unwrap();
        assert_eq!(secrets[0], ("a.home.lan".to_owned(), None));
        let own = secrets[1].1.as_ref().unwrap();
        // The algorithm's identifier, which every PKCS#8 key of this kind has.
        let p256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
        assert!(!own.windows(p256.len()).any(|bytes| bytes == p256));
    });
}
