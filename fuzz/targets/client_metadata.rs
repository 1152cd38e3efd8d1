//! What a client says of itself when it registers.

#![no_main]

use doorward_apps::ClientMetadata;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(metadata) = ClientMetadata::parse(data) {
        let told = serde_json::to_vec(&metadata).unwrap();
        assert_eq!(ClientMetadata::parse(&told).unwrap(), metadata);
    }
});
