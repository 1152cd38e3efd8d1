//! Preset files and application addresses, as an administrator types them.

use doorward_apps::{AppUrl, Preset};

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let _ = Preset::parse("fuzz", text);
    if let Ok(url) = AppUrl::parse(text) {
        assert_eq!(AppUrl::parse(url.as_str()).unwrap().as_str(), url.as_str());
    }
}
