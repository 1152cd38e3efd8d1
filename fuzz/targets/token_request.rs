//! The token endpoint: first line the `Authorization` header, the rest the form.

use doorward_oidc::{ClientAuthMethod, ClientAuthentication, Parameters, PresentedToken, TokenRequest, access_token};

pub(crate) fn run(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (authorization, form) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let authorization = (!authorization.is_empty()).then_some(authorization);
    let Ok(form) = Parameters::parse(form) else {
        return;
    };
    let _ = access_token(authorization, Some(&form));
    let _ = PresentedToken::parse(&form);
    if let Ok(request) = TokenRequest::parse(&form) {
        assert!(form.find("grant_type").is_some());
        let _ = request.grant_type();
    }
    if let Ok(Some(client)) = ClientAuthentication::parse(authorization, &form) {
        let method = client.method();
        // A header with an empty password names a public client, so it may mean either; nothing else may come from one.
        let by_header = method == ClientAuthMethod::ClientSecretBasic;
        assert!(!by_header || authorization.is_some());
        assert!(authorization.is_none() || by_header || method == ClientAuthMethod::None);
        assert!(method == ClientAuthMethod::PrivateKeyJwt || !client.client_ids().is_empty());
        // Secrets do not get into logs by way of Debug, unless the client id holds them too.
        if let Some(secret) = form.find("client_secret").filter(|secret| secret.len() > 20)
            && !client.client_ids().iter().any(|id| id.contains(secret))
        {
            assert!(!format!("{client:?}").contains(secret));
        }
    }
}
