//! Addresses that are fit for a link.

/// `url` when following it can only mean going there: a path of ours, `http(s)`, or a private-use scheme of a native
/// application (RFC 8252 §7.1, which has a dot in it). `javascript:` and its kin have none and are dropped.
pub(super) fn link(url: &str) -> Option<&str> {
    if url.chars().any(char::is_control) {
        return None;
    }
    if url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\") {
        return Some(url);
    }
    let (scheme, _) = url.split_once(':')?;
    let is_private_use =
        scheme.contains('.') && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") || is_private_use).then_some(url)
}

/// Whom to ask, as a link where it can be one.
pub(super) fn contact_link(contact: &str) -> Option<String> {
    if contact.starts_with("https://") {
        return link(contact).map(str::to_owned);
    }
    let is_address = contact.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && contact.bytes().all(|b| b.is_ascii_graphic() && !b"?&%<>".contains(&b))
    });
    is_address.then(|| format!("mailto:{contact}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_would_run_something_is_no_link() {
        for bad in [
            "javascript:alert(1)",
            "JavaScript:x",
            "data:text/html,x",
            "//elsewhere.example",
            "/\\elsewhere",
            "",
            "java\nscript:x",
        ] {
            assert_eq!(link(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn web_addresses_own_paths_and_private_use_schemes_are_links() {
        for good in [
            "https://netbox.example.com/",
            "http://localhost:8000/x",
            "/login?next=1",
            "com.example.app:/done",
        ] {
            assert_eq!(link(good), Some(good));
        }
    }

    #[test]
    fn a_contact_is_a_link_when_it_is_an_address() {
        assert_eq!(contact_link("it@example.com").as_deref(), Some("mailto:it@example.com"));
        assert_eq!(
            contact_link("https://help.example.com").as_deref(),
            Some("https://help.example.com")
        );
        assert_eq!(contact_link("extension 4711"), None);
        assert_eq!(contact_link("it@example.com?bcc=x@y.example"), None);
    }
}
