//! The cookies of one walk, as far as a login needs them: by host, whatever their path.

use std::collections::BTreeMap;

use cookie::Cookie;
use http::{HeaderMap, header};
use url::Url;

/// Most cookies that are kept of one host.
const MOST: usize = 50;
/// Largest name and value together, in bytes (RFC 6265 §6.1).
const LARGEST: usize = 4096;

#[derive(Default)]
pub(crate) struct Jar(BTreeMap<String, BTreeMap<String, String>>);

impl Jar {
    /// Takes what an answer of `url` sets, and forgets what it deletes.
    pub(crate) fn take(&mut self, url: &Url, headers: &HeaderMap) {
        let Some(host) = url.host_str() else { return };
        let of_host = self.0.entry(host.to_owned()).or_default();
        for value in headers.get_all(header::SET_COOKIE) {
            let Some(cookie) = value.to_str().ok().and_then(|text| Cookie::parse(text).ok()) else {
                continue;
            };
            let is_gone = cookie.value().is_empty() || matches!(cookie.max_age(), Some(age) if age.is_zero());
            if is_gone {
                of_host.remove(cookie.name());
            } else if cookie.name().len() + cookie.value().len() <= LARGEST
                && (of_host.len() < MOST || of_host.contains_key(cookie.name()))
            {
                of_host.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
    }

    /// The header for a request to `url`; `None` without any.
    pub(crate) fn header(&self, url: &Url) -> Option<String> {
        let cookies = self.0.get(url.host_str()?)?;
        let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(jar: &mut Jar, url: &Url, cookies: &[&str]) {
        let mut headers = HeaderMap::new();
        for one in cookies {
            headers.append(header::SET_COOKIE, one.parse().unwrap());
        }
        jar.take(url, &headers);
    }

    #[test]
    fn cookies_go_back_to_the_host_that_set_them_and_to_no_other() {
        let here = Url::parse("https://app.example/login").unwrap();
        let other = Url::parse("https://other.example/").unwrap();
        let mut jar = Jar::default();
        set(
            &mut jar,
            &here,
            &["csrftoken=abc; Path=/; HttpOnly", "session=1; Max-Age=60"],
        );
        assert_eq!(jar.header(&here).as_deref(), Some("csrftoken=abc; session=1"));
        assert_eq!(jar.header(&other), None);
        set(&mut jar, &here, &["session=; Max-Age=0"]);
        assert_eq!(jar.header(&here).as_deref(), Some("csrftoken=abc"));
    }

    #[test]
    fn a_host_that_sets_very_many_or_very_large_cookies_is_not_followed_into_it() {
        let here = Url::parse("https://app.example/").unwrap();
        let mut jar = Jar::default();
        for nth in 0..500 {
            set(&mut jar, &here, &[&format!("c{nth}=1")]);
        }
        set(&mut jar, &here, &[&format!("c1={}", "x".repeat(5000))]);
        let sent = jar.header(&here).unwrap();
        assert_eq!(sent.split("; ").count(), MOST);
        assert!(sent.len() < 1000);
    }
}
