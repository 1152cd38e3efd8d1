//! The catalogue: every kind of refusal of this crate, in the order of a login.

use doorward_oidc::RefusalKind;

use crate::authorize::{
    self, client, id_token_hint, pkce, prompt, protection, redirect_uri, request_object, response_type,
};
use crate::decoupled::{self, ciba};
use crate::{
    access, access_token, alias, client_authentication as client_auth, confirmation, dpop, extent, introspection,
    logout, revocation, rotation::by_hand, token, userinfo,
};

/// All kinds, for the generated documentation.
pub const REFUSALS: &[&RefusalKind] = &[
    &client::CLIENT_UNKNOWN,
    &alias::ISSUER_OF_ANOTHER,
    &redirect_uri::REDIRECT_URI_MISMATCH,
    &redirect_uri::REDIRECT_URI_MISSING,
    &request_object::REQUEST_NOT_SUPPORTED,
    &request_object::REQUEST_OBJECT_INVALID,
    &request_object::REQUEST_URI_NOT_SUPPORTED,
    &request_object::REQUEST_URI_INVALID,
    &protection::PUSHED_REQUEST_REQUIRED,
    &protection::SIGNED_REQUEST_REQUIRED,
    &protection::SIGNED_RESPONSE_REQUIRED,
    &protection::PUSHED_TOO_OFTEN,
    &extent::RESOURCE_UNKNOWN,
    &extent::DETAIL_TYPE_UNKNOWN,
    &extent::DETAILS_NOT_GRANTED,
    &extent::TOKEN_FOR_ANOTHER_RESOURCE,
    &response_type::RESPONSE_TYPE_MISSING,
    &response_type::RESPONSE_TYPE_UNSUPPORTED,
    &pkce::PKCE_REQUIRED,
    &prompt::PROMPT_INCONSISTENT,
    &id_token_hint::ID_TOKEN_HINT_INVALID,
    &id_token_hint::SUBJECT_CONTRADICTORY,
    &authorize::LOGIN_REQUIRED,
    &authorize::OTHER_PERSON,
    &authorize::CONTEXT_NOT_REACHED,
    &authorize::TERMS_REQUIRED,
    &authorize::TERMS_DECLINED,
    &authorize::CONSENT_REQUIRED,
    &authorize::CONSENT_DENIED,
    &access::PERSON_DISABLED,
    &client_auth::CLIENT_AUTHENTICATION_MISSING,
    &client_auth::CLIENT_ID_UNKNOWN,
    &client_auth::CLIENT_DISABLED,
    &client_auth::CLIENT_METHOD_WRONG,
    &client_auth::CLIENT_SECRET_WRONG,
    &client_auth::ASSERTION_INVALID,
    &client_auth::ASSERTION_REPLAYED,
    &client_auth::CLIENT_CERTIFICATE_WRONG,
    &dpop::DPOP_PROOF_MISSING,
    &dpop::DPOP_PROOF_INVALID,
    &dpop::DPOP_PROOF_REPLAYED,
    &dpop::DPOP_NONCE_WANTED,
    &dpop::DPOP_KEY_MISMATCH,
    &token::CODE_UNKNOWN,
    &token::CODE_EXPIRED,
    &token::CODE_REPLAYED,
    &token::CODE_OF_ANOTHER_CLIENT,
    &token::TOKEN_REDIRECT_URI_MISMATCH,
    &token::PKCE_MISMATCH,
    &token::PKCE_VERIFIER_MISSING,
    &token::PKCE_UNEXPECTED,
    &token::REFRESH_UNKNOWN,
    &token::REFRESH_EXPIRED,
    &token::REFRESH_REPLAYED,
    &token::REFRESH_OF_ANOTHER_CLIENT,
    &token::GRANT_REVOKED,
    &token::ACCESS_WITHDRAWN,
    &token::CLIENT_CREDENTIALS_NOT_ALLOWED,
    &token::SCOPE_NOT_GRANTED,
    &token::EXCHANGE_NOT_ALLOWED,
    &token::EXCHANGE_TYPE_UNSUPPORTED,
    &token::EXCHANGE_TOKEN_INVALID,
    &token::EXCHANGE_NOT_COVERED,
    &token::JWT_BEARER_NOT_ALLOWED,
    &token::JWT_BEARER_INVALID,
    &decoupled::DEVICE_NOT_ALLOWED,
    &decoupled::AUTHORIZATION_PENDING,
    &decoupled::SLOW_DOWN,
    &decoupled::REQUEST_DENIED,
    &decoupled::REQUEST_EXPIRED,
    &decoupled::REQUEST_UNKNOWN,
    &ciba::CIBA_NOT_ALLOWED,
    &ciba::CIBA_REQUEST_INVALID,
    &ciba::CIBA_SCOPE,
    &ciba::CIBA_HINT_UNUSABLE,
    &ciba::CIBA_PERSON_UNKNOWN,
    &ciba::CIBA_MESSAGE_INVALID,
    &ciba::CIBA_TOO_MANY,
    &access_token::ACCESS_TOKEN_INVALID,
    &confirmation::CERTIFICATE_MISSING,
    &confirmation::TOKEN_KEY_NOT_SHOWN,
    &userinfo::NO_PERSON_IN_TOKEN,
    &introspection::INTROSPECTION_NOT_ALLOWED,
    &revocation::TOKEN_OF_ANOTHER_CLIENT,
    &logout::POST_LOGOUT_URI_MISMATCH,
    &by_hand::NO_SUCH_KEY,
    &by_hand::KEY_UNUSABLE,
    &by_hand::KEY_EXISTS,
    &by_hand::MASTER_KEY_ELSEWHERE,
    &by_hand::MASTER_KEYS_FULL,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_code_of_this_crate_or_its_neighbours_stands_for_two_things() {
        let all: Vec<&str> = REFUSALS
            .iter()
            .chain(doorward_oidc::REFUSALS)
            .chain(doorward_apps::REFUSALS)
            .chain(doorward_directory::REFUSALS)
            .map(|kind| kind.code)
            .collect();
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn public_sentences_fit_into_an_error_description_and_end_with_a_stop() {
        for kind in REFUSALS {
            assert!(kind.public.ends_with('.'), "{}", kind.code);
            let allowed = |c: char| c.is_ascii() && !c.is_ascii_control() && c != '"' && c != '\\';
            assert!(kind.public.chars().all(allowed), "{}", kind.code);
        }
    }
}
