//! The query of the authorization and logout endpoints, and what an authorization response brings back.

use doorward_oidc::{
    AuthorizationDetails, AuthorizationRequest, AuthorizationResponse, EndSessionRequest, Parameters, encode,
};

pub(crate) fn run(data: &[u8]) {
    let Ok(parameters) = Parameters::parse(data) else {
        return;
    };
    let written = encode(parameters.iter());
    assert_eq!(Parameters::parse(written.as_bytes()).as_ref(), Ok(&parameters));

    // What is malformed or unsupported is remembered for the refusal and does not travel.
    if let Ok(request) = AuthorizationRequest::parse(&parameters)
        && request.malformed.is_none()
        // Numbers may be written longer than they came.
        && request.authorization_details.to_string().len() <= AuthorizationDetails::MAX_BYTES
    {
        let pairs = request.to_pairs();
        let written = encode(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        let again = Parameters::parse(written.as_bytes()).and_then(|pairs| AuthorizationRequest::parse(&pairs));
        assert_eq!(again.as_ref(), Ok(&request));
        // What is kept between the pages is what came.
        let stored = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<AuthorizationRequest>(&stored).unwrap(), request);
    }
    if let Ok(request) = EndSessionRequest::parse(&parameters) {
        let pairs = request.to_pairs();
        let written = encode(pairs.iter().map(|(name, value)| (*name, value.as_str())));
        let again = Parameters::parse(written.as_bytes()).and_then(|pairs| EndSessionRequest::parse(&pairs));
        assert_eq!(again.as_ref(), Ok(&request));
    }
    if let Ok(response) = AuthorizationResponse::parse(&parameters) {
        let location = response.location("https://app.example/callback?x=1#f");
        let query = location.split_once('?').unwrap().1;
        let query = query.split_once('#').map_or(query, |(query, _)| query);
        let again = Parameters::parse(query.as_bytes()).and_then(|pairs| AuthorizationResponse::parse(&pairs));
        assert!(again.is_ok_and(|again| again == response));
    }
}
