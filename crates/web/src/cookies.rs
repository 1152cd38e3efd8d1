//! Our cookies: the session, the login under way, the browser that has logged in before, and its theme (RFC 6265,
//! `__Host-`).
//!
//! All but the theme are opaque tickets of constant size. Reading finds one cookie in the header without owning the others: this
//! runs on every request.

use doorward_jose::sha256;
use http::{HeaderMap, HeaderValue, header};

/// Names and attributes, decided once from the public URL.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    secure: bool,
}

/// Before the name of a cookie that binds login attempts to the browser that began them, so that nobody can be logged in as
/// somebody else. A browser without one gets one with each answer, so that several tabs of a fresh browser get several: each has
/// a name of its own, and all of them count.
const fn binding_prefix(secure: bool) -> &'static str {
    if secure {
        "__Host-doorward-binding-"
    } else {
        "doorward-binding-"
    }
}

/// Bindings of one browser that are looked at: so many tabs begin at the same time.
const MOST_BINDINGS: usize = 16;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Who is logged in.
    Session,
    /// A browser that has logged in before: it has a throttling budget of its own.
    Browser,
    /// How pages look in this browser while nobody is logged in: `light` or `dark`.
    Theme,
    /// What the frame of session management knows the session by. It opens nothing: scripts of ours read it, in other sites' pages
    /// too.
    State,
}

impl Kind {
    const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-doorward-session",
            (Self::Session, false) => "doorward-session",
            (Self::Browser, true) => "__Host-doorward-browser",
            (Self::Browser, false) => "doorward-browser",
            (Self::Theme, true) => "__Host-doorward-theme",
            (Self::Theme, false) => "doorward-theme",
            // `web/assets/session.js` has these names too.
            (Self::State, true) => "__Host-doorward-state",
            (Self::State, false) => "doorward-state",
        }
    }
}

impl Cookies {
    /// `secure` when the public URL is `https`. Plain names exist for loopback demonstrations only.
    pub const fn new(secure: bool) -> Self {
        Self { secure }
    }

    /// Whether the public URL is `https`.
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The cookie's value, if the request has exactly one of that name. Two of one name are a sign of cookie tossing
    /// from another application on the same site; then neither is believed.
    pub fn read<'h>(&self, headers: &'h HeaderMap, kind: Kind) -> Option<&'h str> {
        let name = kind.name(self.secure).as_bytes();
        let mut found = None;
        for header in headers.get_all(header::COOKIE) {
            // Bytes, not text: a neighbour on the same site may have set whatever it likes beside ours.
            for pair in header.as_bytes().split(|byte| *byte == b';') {
                let Some(value) = pair
                    .trim_ascii_start()
                    .strip_prefix(name)
                    .and_then(|rest| rest.strip_prefix(b"="))
                else {
                    continue;
                };
                if found.replace(value.trim_ascii_end()).is_some() {
                    return None;
                }
            }
        }
        std::str::from_utf8(found?).ok()
    }

    /// The browser's bindings, each under its own name once.
    pub fn bindings<'h>(&self, headers: &'h HeaderMap) -> Vec<&'h str> {
        let prefix = binding_prefix(self.secure).as_bytes();
        let mut found: Vec<(&[u8], &str)> = Vec::new();
        for header in headers.get_all(header::COOKIE) {
            for pair in header.as_bytes().split(|byte| *byte == b';') {
                let pair = pair.trim_ascii();
                let Some(at) = pair
                    .iter()
                    .position(|byte| *byte == b'=')
                    .filter(|_| pair.starts_with(prefix))
                else {
                    continue;
                };
                let (name, value) = pair.split_at(at);
                let Ok(value) = std::str::from_utf8(value.get(1..).unwrap_or_default()) else {
                    continue;
                };
                if found.len() < MOST_BINDINGS
                    && binding_suffix(value).as_bytes() == name.get(prefix.len()..).unwrap_or_default()
                {
                    found.push((name, value));
                }
            }
        }
        let is_twice = |name: &[u8]| found.iter().filter(|(other, _)| *other == name).count() > 1;
        let once = found.iter().filter(|(name, _)| !is_twice(name));
        once.map(|(_, value)| *value).collect()
    }

    /// A `Set-Cookie` for a new binding, a ticket.
    pub fn bind(&self, binding: &str) -> HeaderValue {
        let name = format!("{}{}", binding_prefix(self.secure), binding_suffix(binding));
        self.set_named(&name, binding, None)
    }

    /// A `Set-Cookie` for `value`, which must be of the cookie alphabet (tickets are). `max_age` in seconds;
    /// `None` for a session cookie of the browser.
    pub fn set(&self, kind: Kind, value: &str, max_age: Option<i64>) -> HeaderValue {
        if kind == Kind::State {
            return self.set_state(value, max_age);
        }
        self.set_named(kind.name(self.secure), value, max_age)
    }

    /// Without TLS browsers take no cookie for other sites' pages, and there are none: that is a demonstration on one machine.
    fn set_state(self, value: &str, max_age: Option<i64>) -> HeaderValue {
        let site = if self.secure { "None; Secure" } else { "Lax" };
        let age = max_age
            .map(|seconds| format!("; Max-Age={seconds}"))
            .unwrap_or_default();
        let name = Kind::State.name(self.secure);
        HeaderValue::try_from(format!("{name}={value}; Path=/; SameSite={site}{age}"))
            .unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    fn set_named(self, name: &str, value: &str, max_age: Option<i64>) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let age = max_age
            .map(|seconds| format!("; Max-Age={seconds}"))
            .unwrap_or_default();
        HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"))
            .unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// Removes the cookie.
    pub fn clear(&self, kind: Kind) -> HeaderValue {
        self.set(kind, "", Some(0))
    }
}

/// What tells the name of one binding from that of another.
fn binding_suffix(binding: &str) -> String {
    let digest = sha256(binding.as_bytes());
    data_encoding::HEXLOWER.encode(digest.get(..4).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_of_several_tabs_all_count_and_no_other_cookie_is_one() {
        for cookies in [Cookies::new(true), Cookies::new(false)] {
            let set: Vec<String> = ["one", "two"]
                .iter()
                .map(|binding| cookies.bind(binding).to_str().unwrap().to_owned())
                .collect();
            let pair = |set: &String| set.split(';').next().unwrap().to_owned();
            let jar = format!("a=1; {}; {}; doorward-binding-0=three", pair(&set[0]), pair(&set[1]));
            assert_eq!(cookies.bindings(&headers(&[&jar])), ["one", "two"]);
            let twice = format!("{}; {}", pair(&set[0]), pair(&set[0]));
            assert!(
                cookies.bindings(&headers(&[&twice])).is_empty(),
                "tossed by a neighbour"
            );
        }
        assert!(
            Cookies::new(true)
                .bindings(&headers(&["doorward-binding-0=x"]))
                .is_empty()
        );
    }

    fn headers(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, cookie.parse().unwrap());
        }
        headers
    }

    #[test]
    fn one_cookie_is_found_among_others() {
        let cookies = Cookies::new(true);
        let request = headers(&["a=1; __Host-doorward-session=ticket; b=2"]);
        assert_eq!(cookies.read(&request, Kind::Session), Some("ticket"));
        assert_eq!(cookies.read(&request, Kind::Browser), None);
        assert_eq!(Cookies::new(false).read(&request, Kind::Session), None);
    }

    #[test]
    fn a_cookie_sent_twice_is_not_believed() {
        let request = headers(&["doorward-session=mine; doorward-session=planted"]);
        assert_eq!(Cookies::new(false).read(&request, Kind::Session), None);
    }

    #[test]
    fn a_neighbours_cookie_that_is_not_text_does_no_harm() {
        let mut request = HeaderMap::new();
        for planted in [
            &b"theme=gr\xc3\xbcn; doorward-session=ticket; x=\xff\xfe"[..],
            b"\xe9=1",
        ] {
            request.append(header::COOKIE, HeaderValue::from_bytes(planted).unwrap());
        }
        let cookies = Cookies::new(false);
        assert_eq!(cookies.read(&request, Kind::Session), Some("ticket"));
        request.append(
            header::COOKIE,
            HeaderValue::from_bytes(b"doorward-session=\xff").unwrap(),
        );
        assert_eq!(
            cookies.read(&request, Kind::Session),
            None,
            "two of one name, even when one is no text"
        );
    }

    #[test]
    fn a_name_that_only_begins_like_ours_is_another_cookie() {
        let request = headers(&["doorward-session2=x"]);
        assert_eq!(Cookies::new(false).read(&request, Kind::Session), None);
    }

    #[test]
    fn the_one_cookie_that_scripts_read_is_not_the_one_that_opens_a_session() {
        let set = |secure, kind| Cookies::new(secure).set(kind, "v", None);
        assert_eq!(
            set(true, Kind::State),
            "__Host-doorward-state=v; Path=/; SameSite=None; Secure"
        );
        assert_eq!(set(false, Kind::State), "doorward-state=v; Path=/; SameSite=Lax");
        for kind in [Kind::Session, Kind::Browser, Kind::Theme] {
            for secure in [true, false] {
                let set = set(secure, kind);
                assert!(set.to_str().unwrap().contains("HttpOnly; SameSite=Lax"), "{set:?}");
            }
        }
    }

    #[test]
    fn secure_cookies_carry_the_host_prefix_and_its_conditions() {
        let set = Cookies::new(true).set(Kind::Session, "v", None);
        assert_eq!(set, "__Host-doorward-session=v; Path=/; HttpOnly; SameSite=Lax; Secure");
    }
}
