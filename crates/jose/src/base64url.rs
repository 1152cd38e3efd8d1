//! base64url without padding (RFC 7515 §2), strict: no padding, no line breaks, and the unused bits of the last
//! character are zero, so that a value has exactly one encoding.

use data_encoding::BASE64URL_NOPAD;

use crate::JoseError;

/// Encodes without padding.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(bytes.as_ref())
}

/// Appends the encoding of `bytes` to `out`.
pub fn encode_append(bytes: &[u8], out: &mut String) {
    BASE64URL_NOPAD.encode_append(bytes, out);
}

/// Decodes the one canonical encoding; anything else is [`JoseError::Encoding`] with the position of the first
/// character that is wrong.
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, JoseError> {
    BASE64URL_NOPAD
        .decode(text.as_ref())
        .map_err(|error| JoseError::Encoding {
            position: error.position,
        })
}
