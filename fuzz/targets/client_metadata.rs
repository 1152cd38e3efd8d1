//! What a client says of itself when it registers.

use doorward_apps::ClientMetadata;

pub(crate) fn run(data: &[u8]) {
    if let Ok(metadata) = ClientMetadata::parse(data) {
        let told = serde_json::to_vec(&metadata).unwrap();
        assert_eq!(ClientMetadata::parse(&told).unwrap(), metadata);
    }
}
