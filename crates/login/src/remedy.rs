//! What to do about a failed login, and on which side.

use crate::LoginError;

impl LoginError {
    /// What to do, where one thing can be said that usually helps. `None` where the text of the error says it, or where it
    /// passes by itself.
    pub fn remedy(&self) -> Option<&'static str> {
        Some(match self.code() {
            "setup_error" => {
                "the issuer is the address before `/.well-known/openid-configuration`; compare it with the provider's pages"
            }
            "upstream_unreachable" => {
                "see that the provider is running and that this machine reaches it (DNS, firewall, proxy)"
            }
            "tls_untrusted" => {
                "give the certificate of the CA that signed the provider's (`ca_pem`), or have the provider send its whole chain"
            }
            "answer_too_slow" => "try again; when it stays slow, look at the provider's load",
            "answer_redirected" => "use the address that it redirects to: none is followed, since it may lead anywhere",
            "address_not_allowed" => {
                "allow private addresses for this provider, if it is meant to be in a private network"
            }
            "issuer_mismatch" => "set the issuer to exactly what the provider names, slash for slash",
            "endpoint_insecure" => {
                "have the provider publish https addresses; behind a proxy it may not know that it is on https"
            }
            "attempt_unknown" | "attempt_expired" => "log in again",
            "attempt_of_another_browser" => {
                "log in again in one browser; when it happens always, the cookie does not come back: compare the address in the \
                 browser with the configured one"
            }
            "response_issuer_mismatch" | "attempt_of_another_issuer" => {
                "log in again; when it happens always, two providers share one redirect URI"
            }
            "token_exchange_failed" => {
                "compare client id, secret, redirect URI and authentication method with what is registered at the provider"
            }
            "id_token_missing" => "let the provider grant `openid` to this client",
            "algorithm_not_allowed" => {
                "choose a signing algorithm at the provider that it also advertises, RS256 or ES256"
            }
            "key_not_found" | "signature_invalid" => {
                "when the provider changed its keys just now, log in again after half a minute; else compare `jwks_uri`"
            }
            "key_ambiguous" => "give each key of the provider its own `kid`",
            "key_unusable" => "replace the key at the provider: RSA with 2048 bits or more, P-256 or Ed25519",
            "key_in_token" | "key_issuer_mismatch" => {
                "somebody else may have signed this: do not allow it, and ask whoever runs the provider"
            }
            "token_expired" | "clock_skew" => "let both machines set their clocks by NTP",
            "audience_mismatch" | "authorized_party_mismatch" => {
                "compare the client id with the one registered at the provider"
            }
            "nonce_mismatch" | "code_mismatch" | "access_token_mismatch" => {
                "log in again; when it happens always, something between here and the provider mixes answers up"
            }
            "tenant_not_allowed" => "add the tenant to those whose people may log in, if it is meant to be",
            "authentication_too_old" => "let the provider send `auth_time` and honour `max_age`",
            "no_userinfo" => "let the provider answer the userinfo endpoint for this client, or leave userinfo out",
            "userinfo_subject_mismatch" => "have the provider use one subject for this client in ID token and userinfo",
            "subject_invalid" => "name the claim that identifies a person at this provider",
            _ => return None,
        })
    }
}
