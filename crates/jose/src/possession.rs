//! A proof of possession: a token that carries the very key it was signed with (RFC 9449 §4.2). It says that whoever made
//! it has the private half, and nothing of who that is.

use serde_json::Value;

use crate::verify::{Parts, UnknownMembers, VerificationPolicy, VerifiedJws};
use crate::{Algorithm, Header, JoseError, Jwk, Typ, base64url, strict_json};

/// Verifies a proof with the key in its own header, and gives that key. `typ` keeps every other kind of token out: none of
/// ours and none of a client's is made with this type, so that no signature made for another purpose passes here.
///
/// # Errors
/// The first rule that does not hold; nothing of the payload is read before the signature holds.
pub fn verify_possession(
    proof: &str,
    typ: &'static str,
    algorithms: &[Algorithm],
    max_bytes: usize,
) -> Result<(Jwk, VerifiedJws), JoseError> {
    let types = [typ];
    let policy = VerificationPolicy::new(Typ::Required(&types), algorithms)
        .with_max_bytes(max_bytes)
        .with_unknown_members(UnknownMembers::RefusedExcept(&["jwk"]));
    let parts = Parts::split(proof, policy.max_bytes)?;
    let header = Header::parse(&base64url::decode(parts.header)?, policy.algorithms)?;
    header.obeys(&policy)?;
    let Some(Value::Object(members)) = header.extra.get("jwk") else {
        return Err(JoseError::HeaderMember {
            member: "jwk",
            expected: "a public key",
        });
    };
    let key = Jwk::from_members(members)?;
    let payload = base64url::decode(parts.payload)?;
    let signature = base64url::decode(parts.signature)?;
    key.verify(header.alg, parts.signed.as_bytes(), &signature)?;
    let claims = strict_json::parse_object(&payload, "payload")?;
    Ok((key, VerifiedJws::new(header, payload, claims)))
}
