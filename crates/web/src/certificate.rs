//! The certificate that a client presented: at our own listener for that, or to a proxy that passes it on (RFC 9440).

use std::sync::Arc;

use data_encoding::BASE64;
use doorward_apps::ClientAuthentication;
use doorward_certificates::ClientAuthorities;
use doorward_oidc::ClientCertificate;
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, pem::PemObject};

/// Longest header with a certificate, in bytes.
const MAX_HEADER: usize = 32 * 1024;
/// Most certificates of a chain that are looked at.
pub(crate) const MAX_CHAIN: usize = 8;
/// What a certificate in PEM begins with.
const BEGIN: &[u8] = b"-----BEGIN";
/// What a proxy passes the rest of the chain in (RFC 9440 §2.3).
const CHAIN: HeaderName = HeaderName::from_static("client-cert-chain");

/// Mutual TLS as it was set up.
#[derive(Debug, Clone, Default)]
pub struct Mtls {
    /// Whose certificates `tls_client_auth` accepts.
    pub authorities: ClientAuthorities,
    /// The header in which listed proxies pass the certificate on.
    pub header: Option<HeaderName>,
    /// The name, with a port that is not 443, under which the proxy asks for certificates: under any other the header means
    /// nothing, because there nobody may have replaced what a client sent.
    pub host: Option<String>,
}

/// The chain that a connection presented, put into each of its requests by the accept loop. Leaf first, DER.
#[derive(Debug, Clone)]
pub struct PresentedChain(pub(crate) Arc<Vec<Vec<u8>>>);

impl Mtls {
    /// What was presented: by the connection itself, or according to a proxy if `is_from_proxy`. A header that anybody else
    /// sends means nothing.
    pub(crate) fn presented(
        &self,
        connection: Option<&PresentedChain>,
        (uri, headers): (&Uri, &HeaderMap),
        is_from_proxy: bool,
    ) -> Option<PresentedChain> {
        if let Some(chain) = connection {
            return Some(chain.clone());
        }
        let name = self.header.as_ref().filter(|_| is_from_proxy)?;
        if self.host.as_deref().is_some_and(|ours| !is_host(uri, headers, ours)) {
            return None;
        }
        let mut values = headers.get_all(name).iter();
        let value = values.next()?;
        // Two of them: the proxy added its own to one that the client sent.
        if values.next().is_some() || value.len() > MAX_HEADER {
            return None;
        }
        let mut chain = decoded(value.to_str().ok()?)?;
        let more = headers.get_all(CHAIN).iter().filter_map(|value| value.to_str().ok());
        let more = more.flat_map(|value| value.split(',')).map(str::trim);
        chain.extend(more.take(MAX_CHAIN).map_while(byte_sequence));
        chain.truncate(MAX_CHAIN);
        Some(PresentedChain(Arc::new(chain)))
    }

    /// What the certificate says, to an application that authenticates by one. Whatever is none authenticates nobody.
    pub(crate) fn read(
        &self,
        chain: &PresentedChain,
        by: ClientAuthentication,
        now: Timestamp,
    ) -> Option<ClientCertificate> {
        let chain = match by {
            ClientAuthentication::TlsClientAuth => &chain.0[..],
            // Nobody is asked to vouch for it.
            ClientAuthentication::SelfSignedTlsClientAuth => chain.0.get(..1)?,
            _ => return None,
        };
        self.authorities
            .read(chain, now)
            .inspect_err(|reason| tracing::debug!(reason, "what was presented is no certificate"))
            .ok()
    }
}

/// Whether the request was made under this name and no other: HTTP/2 has it in the address, HTTP/1 in the header.
fn is_host(uri: &Uri, headers: &HeaderMap, ours: &str) -> bool {
    let addressed = uri.authority().map(|authority| authority.as_str().as_bytes());
    let named = headers.get_all(header::HOST).iter().map(HeaderValue::as_bytes);
    let mut all = addressed.into_iter().chain(named).peekable();
    all.peek().is_some()
        && all.all(|one| {
            one.strip_suffix(b":443")
                .unwrap_or(one)
                .eq_ignore_ascii_case(ours.as_bytes())
        })
}

/// RFC 9440 `:base64 of DER:`, or PEM as it is or with percent signs, which is nginx's `$ssl_client_escaped_cert`.
fn decoded(value: &str) -> Option<Vec<Vec<u8>>> {
    let value = value.trim();
    if value.starts_with(':') {
        return byte_sequence(value).map(|der| vec![der]);
    }
    let pem = unescaped(value)?;
    // The leaf alone: of two, the first may be one that the client sent. A beginning that stands within a line counts too,
    // which the parser passes over.
    let beginnings = pem.windows(BEGIN.len()).filter(|window| *window == BEGIN).count();
    if beginnings != 1 {
        return None;
    }
    let mut all = CertificateDer::pem_slice_iter(&pem);
    match (all.next(), all.next()) {
        (Some(Ok(leaf)), None) => Some(vec![leaf.to_vec()]),
        _ => None,
    }
}

fn byte_sequence(item: &str) -> Option<Vec<u8>> {
    let inner = item.strip_prefix(':')?.strip_suffix(':')?;
    BASE64.decode(inner.as_bytes()).ok().filter(|der| !der.is_empty())
}

/// Percent signs alone: a plus sign in base64 is one.
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(bytes.next())? * 16 + digit(bytes.next())?;
        out.push(u8::try_from(value).ok()?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DER: &[u8] = b"not looked into here";

    fn mtls() -> Mtls {
        Mtls {
            header: Some(HeaderName::from_static("client-cert")),
            ..Mtls::default()
        }
    }

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("client-cert", HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn presented(values: &[&str], is_from_proxy: bool) -> Option<Vec<Vec<u8>>> {
        let chain = mtls().presented(None, (&Uri::default(), &headers(values)), is_from_proxy)?;
        Some((*chain.0).clone())
    }

    fn escaped_pem() -> String {
        let pem = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            BASE64.encode(DER)
        );
        pem.replace(' ', "%20").replace('\n', "%0A")
    }

    #[test]
    fn a_listed_proxy_passes_the_certificate_on_in_either_form() {
        let sequence = format!(":{}:", BASE64.encode(DER));
        assert_eq!(presented(&[&sequence], true), Some(vec![DER.to_vec()]));
        assert_eq!(presented(&[&escaped_pem()], true), Some(vec![DER.to_vec()]));
        let mut with_chain = headers(&[&sequence]);
        with_chain.append("client-cert-chain", HeaderValue::from_static(":YQ==:, :Yg==:"));
        let chain = mtls().presented(None, (&Uri::default(), &with_chain), true).unwrap();
        assert_eq!(*chain.0, [DER.to_vec(), b"a".to_vec(), b"b".to_vec()]);
    }

    #[test]
    fn nobody_else_can_name_a_certificate() {
        let sequence = format!(":{}:", BASE64.encode(DER));
        assert_eq!(presented(&[&sequence], false), None);
        assert_eq!(
            presented(&[&sequence, &sequence], true),
            None,
            "one that the client sent and one of the proxy"
        );
        let off = Mtls::default().presented(None, (&Uri::default(), &headers(&[&sequence])), true);
        assert!(off.is_none(), "where no header was set up none counts");
        let own = PresentedChain(Arc::new(vec![b"own".to_vec()]));
        let both = mtls()
            .presented(Some(&own), (&Uri::default(), &headers(&[&sequence])), true)
            .unwrap();
        assert_eq!(
            *both.0,
            [b"own".to_vec()],
            "what the connection itself has shown comes first"
        );
    }

    #[test]
    fn under_another_name_than_the_one_that_asks_for_certificates_the_header_means_nothing() {
        let mtls = Mtls {
            host: Some("mtls.example.com".to_owned()),
            ..mtls()
        };
        let sequence = format!(":{}:", BASE64.encode(DER));
        let under = |hosts: &[&'static str]| {
            let mut headers = headers(&[&sequence]);
            for host in hosts {
                headers.append("host", HeaderValue::from_static(host));
            }
            mtls.presented(None, (&Uri::default(), &headers), true).is_some()
        };
        assert!(under(&["mtls.example.com"]) && under(&["MTLS.example.com:443"]));
        for hosts in [
            &["sso.example.com"][..],
            &["mtls.example.com:8443"],
            &["mtls.example.com", "sso.example.com"],
            &["mtls.example.com.evil.example"],
            &[],
        ] {
            assert!(!under(hosts), "{hosts:?}");
        }
        let at = |uri: &'static str| {
            let uri = Uri::from_static(uri);
            mtls.presented(None, (&uri, &headers(&[&sequence])), true).is_some()
        };
        assert!(at("https://mtls.example.com/token") && !at("https://sso.example.com/token"));
    }

    #[test]
    fn of_two_certificates_in_one_header_none_counts() {
        let two = format!("{}{}", escaped_pem(), escaped_pem());
        assert_eq!(presented(&[&two], true), None);
        assert_eq!(
            presented(&[&format!("{}%20,%20{}", escaped_pem(), escaped_pem())], true),
            None
        );
    }

    #[test]
    fn rubbish_is_no_certificate() {
        let long = "x".repeat(MAX_HEADER + 1);
        for value in ["", ":", "::", ":YQ", "YQ==", ":*:", "%", "%zz", "-----BEGIN", &long] {
            assert_eq!(presented(&[value], true), None, "{value}");
        }
    }
}
