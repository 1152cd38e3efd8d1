//! The `claims` parameter (OpenID Connect Core §5.5).

#![no_main]

use doorward_oidc::ClaimsRequest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(request) = ClaimsRequest::parse(text) {
        let written = serde_json::to_string(&request).unwrap();
        assert_eq!(ClaimsRequest::parse(&written).as_ref(), Ok(&request), "{written}");
    }
});
