//! Preset files and application addresses, as an administrator types them.

#![no_main]

use doorward_apps::{AppUrl, Preset};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let _ = Preset::parse("fuzz", text);
    if let Ok(url) = AppUrl::parse(text) {
        assert_eq!(AppUrl::parse(url.as_str()).unwrap().as_str(), url.as_str());
    }
});
