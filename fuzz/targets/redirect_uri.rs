//! First line what is registered, second what a request brings.

use doorward_oidc::{RedirectUri, RedirectUris};
use url::Url;

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (registered, received) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(uri) = RedirectUri::register(registered) else {
        return;
    };
    assert!(uri.matches(registered));
    let parsed = Url::parse(registered).unwrap();
    assert!(parsed.fragment().is_none() && parsed.username().is_empty() && parsed.password().is_none());
    let _ = uri.origin();

    let uris = RedirectUris::register([registered]).unwrap();
    assert_eq!(uris.find(received).is_some(), uri.matches(received));
    if let Some((_, difference)) = uris.closest(received) {
        let _ = difference.to_string();
    }
    if uri.matches(received) && received != registered {
        // Only the port may differ, and only on this device: judged by a browser's parser, not by ours.
        let other = Url::parse(received).unwrap();
        assert!(matches!(other.host_str(), Some("127.0.0.1" | "[::1]" | "localhost")));
        assert_eq!((parsed.scheme(), other.scheme()), ("http", "http"));
        assert_eq!(parsed.host_str(), other.host_str());
        assert_eq!((parsed.path(), parsed.query()), (other.path(), other.query()));
        assert!(other.username().is_empty() && other.password().is_none() && other.fragment().is_none());
    }
}
