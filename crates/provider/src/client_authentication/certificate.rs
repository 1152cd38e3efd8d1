//! The certificate is the client's (RFC 8705 §2): one that a configured authority vouches for and that has the registered
//! name, or one with a registered key, whoever signed it.

use doorward_apps::ClientAuthentication as Registered;
use doorward_oidc::{ClientAuthMethod, ClientCertificate, Refusal, RefusalKind, Turn};

use super::{Attempt, Authenticated, PUBLIC};

/// The certificate is not the client's.
pub static CLIENT_CERTIFICATE_WRONG: RefusalKind = RefusalKind {
    code: "client_certificate_wrong",
    oauth: "invalid_client",
    public: PUBLIC,
    meaning: "With mutual TLS the certificate says who the client is: vouched for by an authority that is configured for \
              clients and with the registered name, or with a registered key (RFC 8705 §2.1, §2.2).",
    turn: Turn::Application,
};

/// The method by which a request authenticates that has nothing but a client id in it: by its certificate, where the
/// application is set up for that.
pub(super) fn method(app: &doorward_apps::App, certificate: Option<&ClientCertificate>) -> ClientAuthMethod {
    match (app.authentication, certificate) {
        (Registered::TlsClientAuth, Some(_)) => ClientAuthMethod::TlsClientAuth,
        (Registered::SelfSignedTlsClientAuth, Some(_)) => ClientAuthMethod::SelfSignedTlsClientAuth,
        _ => ClientAuthMethod::None,
    }
}

pub(super) fn is_the_apps(attempt: Attempt<'_>, authenticated: &mut Authenticated) -> Result<(), Refusal> {
    let is_by_name = match authenticated.method {
        ClientAuthMethod::TlsClientAuth => true,
        ClientAuthMethod::SelfSignedTlsClientAuth => false,
        _ => return Ok(()),
    };
    let (app, id) = (attempt.app, &attempt.app.client_id);
    let refuse = |detail: String| Refusal::response(&CLIENT_CERTIFICATE_WRONG, detail);
    let Some(certificate) = attempt.certificate else {
        return Err(refuse(format!("{id} presented no certificate")));
    };
    let subject = &certificate.subject;
    if !certificate.is_current {
        return Err(refuse(format!(
            "{id} presented a certificate of {subject} that is not within its time"
        )));
    }
    if is_by_name {
        let Some(name) = &app.sender.certificate_name else {
            return Err(
                refuse(format!("no name of a certificate is registered for {id}")).with_remedy(format!(
                    "doorward app edit {id} --certificate-name subject_dn={subject}"
                )),
            );
        };
        if !certificate.is_vouched_for {
            return Err(refuse(format!(
                "{id} presented a certificate of {subject} that no configured authority vouches for as a client's"
            ))
            .with_remedy("in doorward.toml: [mtls] authorities = the file with the authority's certificate"));
        }
        if !name.is_in(certificate) {
            return Err(refuse(format!(
                "{id} presented a certificate of {subject}, expected {name}"
            )));
        }
        return Ok(());
    }
    let keys = attempt.keys.map(doorward_jose::JwkSet::keys).unwrap_or_default();
    let is_registered = certificate
        .key
        .as_ref()
        .is_some_and(|key| keys.iter().any(|known| known.is_same_key(key)));
    if is_registered {
        return Ok(());
    }
    Err(refuse(format!(
        "{id} presented a certificate of {subject} whose key is not among its registered keys"
    ))
    .with_remedy(format!("doorward app edit {id} --jwks FILE")))
}

#[cfg(test)]
mod tests {
    use doorward_apps::{App, SecretMatch};
    use doorward_jose::{Algorithm, JwkSet, SigningKey};
    use doorward_oidc::{CertificateName, ClientAuthentication, Parameters};

    use super::super::authenticate;
    use super::*;
    use crate::testing;
    use crate::{Server, Steps};

    fn certificate(key: Option<doorward_jose::Jwk>) -> ClientCertificate {
        ClientCertificate {
            thumbprint: "thumbprint".to_owned(),
            subject: "CN=netbox".to_owned(),
            names: Vec::new(),
            key,
            is_current: true,
            is_vouched_for: true,
        }
    }

    fn by_name() -> App {
        let mut app = testing::app();
        app.authentication = Registered::TlsClientAuth;
        app.sender.certificate_name = Some(CertificateName::parse("subject_dn=CN=netbox").unwrap());
        app
    }

    fn judged(app: &App, form: &str, certificate: Option<&ClientCertificate>) -> Result<&'static str, &'static str> {
        let form = Parameters::parse(form.as_bytes()).unwrap();
        let presented = ClientAuthentication::parse(None, &form).unwrap();
        let server = Server::new("https://sso.example.com");
        let wrong = |_: &App, _: &str| SecretMatch::Current;
        authenticate(
            presented.as_ref(),
            Some(app.into()),
            &server,
            testing::NOW,
            &wrong,
            certificate,
            &mut Steps::new(),
        )
        .map(|authenticated| authenticated.method.as_str())
        .map_err(|refusal| refusal.kind.code)
    }

    #[test]
    fn a_certificate_with_the_registered_name_authenticates() {
        let good = certificate(None);
        assert_eq!(
            judged(&by_name(), "client_id=netbox", Some(&good)),
            Ok("tls_client_auth")
        );
        let wrong = Err("client_certificate_wrong");
        for bad in [
            ClientCertificate {
                subject: "CN=other".to_owned(),
                ..good.clone()
            },
            ClientCertificate {
                is_vouched_for: false,
                ..good.clone()
            },
            ClientCertificate {
                is_current: false,
                ..good.clone()
            },
        ] {
            assert_eq!(judged(&by_name(), "client_id=netbox", Some(&bad)), wrong);
        }
        let mut nameless = by_name();
        nameless.sender.certificate_name = None;
        assert_eq!(judged(&nameless, "client_id=netbox", Some(&good)), wrong);
    }

    #[test]
    fn nothing_else_stands_in_for_the_certificate_and_it_stands_in_for_nothing_else() {
        let good = certificate(None);
        let method = Err("client_method_wrong");
        assert_eq!(judged(&by_name(), "client_id=netbox", None), method);
        assert_eq!(
            judged(&by_name(), "client_id=netbox&client_secret=s", Some(&good)),
            method
        );
        assert_eq!(
            judged(&testing::app(), "client_id=netbox", Some(&good)),
            method,
            "a secret is expected"
        );
    }

    #[test]
    fn a_certificate_with_a_registered_key_authenticates_whoever_signed_it() {
        let key = SigningKey::generate(Algorithm::ES256).unwrap().key;
        let other = SigningKey::generate(Algorithm::ES256).unwrap().key;
        let mut app = testing::app();
        app.authentication = Registered::SelfSignedTlsClientAuth;
        app.jwks = Some(JwkSet::new([key.public_jwk().clone()]).unwrap());
        let own = ClientCertificate {
            is_vouched_for: false,
            ..certificate(Some(key.public_jwk().clone()))
        };
        assert_eq!(
            judged(&app, "client_id=netbox", Some(&own)),
            Ok("self_signed_tls_client_auth")
        );
        let wrong = Err("client_certificate_wrong");
        let foreign = certificate(Some(other.public_jwk().clone()));
        assert_eq!(judged(&app, "client_id=netbox", Some(&foreign)), wrong);
        assert_eq!(judged(&app, "client_id=netbox", Some(&certificate(None))), wrong);
        let ended = ClientCertificate {
            is_current: false,
            ..own
        };
        assert_eq!(judged(&app, "client_id=netbox", Some(&ended)), wrong);
    }
}
