//! `doorward doctor issuer` and `doorward doctor explain`, where no server of ours is asked. Real providers are in the end-to-end
//! tests.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use serde_json::{Value, json};

use crate::terminal::{Told, run};

/// A provider that answers two addresses. Gives its issuer.
#[expect(clippy::disallowed_methods, reason = "a Date header is the clock of whoever answers")]
fn provider(change: impl FnOnce(&mut Value)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/logout"),
        "backchannel_logout_supported": true,
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email", "groups"],
        "claims_supported": ["sub", "email", "preferred_username", "groups"],
    });
    change(&mut metadata);
    let keys = json!({"keys": [{
        "kty": "EC", "crv": "P-256", "kid": "1", "alg": "ES256", "use": "sig",
        // RFC 7515, appendix A.3.
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }]});
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let (status, body) = match request.split(' ').nth(1) {
                Some("/.well-known/openid-configuration") => ("200 OK", metadata.to_string()),
                Some("/jwks") => ("200 OK", keys.to_string()),
                _ => ("404 Not Found", "{}".to_owned()),
            };
            let now = std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap()
                .as_secs();
            let date = jiff::Timestamp::from_second(i64::try_from(now).unwrap()).unwrap();
            let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT");
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ndate: {date}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    issuer
}

fn findings(told: &Told) -> Vec<(String, String)> {
    let body: Value = serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{told:?}"));
    let list = body["findings"].as_array().unwrap();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    list.iter()
        .map(|one| (text(one, "code"), text(one, "weight")))
        .collect()
}

fn weight<'f>(findings: &'f [(String, String)], code: &str) -> &'f str {
    findings
        .iter()
        .find(|(one, _)| one == code)
        .map_or("not there", |(_, weight)| weight)
}

#[test]
fn a_provider_that_is_well_ends_with_0_and_its_clock_in_milliseconds() {
    let told = run(["doctor", "issuer", &provider(|_| {}), "--for", "bookstack"]);
    assert_eq!(told.code, "0", "{told:?}");
    for said in [
        "good   discovery_reached",
        "good   issuer_equal",
        "good   keys",
        "good   pkce",
        "good   logout: ",
        "good   secret_methods",
        "good   claims: 4 claims",
        "good   app: nothing that BookStack would refuse",
        "look   tls: expected https, got plain HTTP",
        " ms ",
        "Logins can work.",
    ] {
        assert!(told.out.contains(said), "{said}: {}", told.out);
    }
}

#[test]
fn what_an_application_would_refuse_is_a_problem_that_names_it() {
    let issuer = provider(|metadata| {
        metadata["id_token_signing_alg_values_supported"] = json!(["EdDSA", "HS256", "none"]);
        metadata["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
        metadata["claims_supported"] = json!(["sub"]);
        metadata["backchannel_logout_supported"] = json!(false);
        metadata.as_object_mut().unwrap().remove("end_session_endpoint");
    });
    let told = run(["doctor", "issuer", &issuer, "--for", "bookstack", "--json"]);
    assert_eq!(told.code, "1", "{told:?}");
    let all = findings(&told);
    assert_eq!(weight(&all, "app_algorithm"), "problem", "{all:?}");
    assert_eq!(weight(&all, "app_authentication"), "problem", "{all:?}");
    for advice in [
        "app_claims",
        "rs256",
        "weak_algorithms",
        "secret_methods",
        "logout",
        "logout_told",
        "claims",
    ] {
        assert_eq!(weight(&all, advice), "advice", "{advice}: {all:?}");
    }
    let body: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(body["usable"], false);
    assert!(body["clock_offset_ms"].as_i64().unwrap().abs() < 1_500, "{body}");
}

#[test]
fn another_issuer_than_the_one_that_was_meant_is_found() {
    let issuer = provider(|_| {});
    let told = run([
        "doctor",
        "issuer",
        &format!("{issuer}/.well-known/openid-configuration"),
    ]);
    assert_eq!(told.code, "1", "{told:?}");
    assert!(told.out.contains(&format!("The right issuer: {issuer}\n")), "{told:?}");
    let told = run(["doctor", "issuer", "http://127.0.0.1:9", "--json"]);
    assert_eq!(told.code, "1", "{told:?}");
    assert_eq!(weight(&findings(&told), "upstream_unreachable"), "problem", "{told:?}");
}

#[test]
fn what_cannot_be_asked_is_a_mistake_in_the_command() {
    let refused = |words: [&str; 5]| {
        let told = run(words);
        assert_eq!(told.code, "2", "{told:?}");
        told.err
    };
    let issuer = "https://sso.example.com";
    assert!(refused(["doctor", "issuer", issuer, "--for", "netbx"]).contains("did you mean netbox?"));
    assert!(
        refused(["doctor", "issuer", issuer, "--ca-file", "/nowhere"]).contains("cannot read the CA file /nowhere")
    );
    assert!(refused(["doctor", "issuer", issuer, "--scopes", "a\"b"]).contains("scope"));
    assert!(refused(["doctor", "explain", "--file", "/nowhere", "--json"]).contains("cannot read the text"));
    assert!(refused(["doctor", "explain", "x", "--for", "netbx"]).contains("did you mean netbox?"));
}

#[test]
fn a_message_is_explained_without_a_server() {
    let told = run([
        "doctor",
        "explain",
        "jwt: The token is not yet valid (iat)",
        "--for",
        "netbox",
    ]);
    assert_eq!(told.code, "0", "{told:?}");
    assert!(told.out.contains("The application's clock is behind"), "{told:?}");
    assert!(
        told.out.contains("→ ") && told.out.contains("chronyc makestep"),
        "{told:?}"
    );
    let told = run(["doctor", "explain", "--json", "errorCode=422", "no_email_claim"]);
    let body: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(body[0]["preset"], "cmdbsyncer", "{told:?}");
    assert!(
        body[0]["remedy"].as_str().unwrap().starts_with("doorward user edit"),
        "{told:?}"
    );
}

#[test]
fn a_configuration_is_looked_through_for_settings_that_are_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("configuration.py");
    let text = "SOCIAL_AUTH_REQUESTS_EXTRA_ARGUMENTS = {'verify': '/ca.pem'}\n\
                SOCIAL_AUTH_JWT_DECODE_OPTIONS = {'verify_iat': False}\n";
    std::fs::write(&file, text).unwrap();
    let told = run(["doctor", "explain", "--file", file.to_str().unwrap()]);
    assert_eq!(told.code, "0", "{told:?}");
    assert!(
        told.out.contains("SOCIAL_AUTH_VERIFY_SSL = '/path/to/ca.pem'"),
        "{told:?}"
    );
    assert!(told.out.contains("SOCIAL_AUTH_OIDC_JWT_LEEWAY = 30"), "{told:?}");
    std::fs::write(&file, [0xff, b'\n', 0xfe]).unwrap();
    assert_eq!(run(["doctor", "explain", "--file", file.to_str().unwrap()]).code, "1");
}

#[test]
fn what_nobody_knows_ends_with_1_and_says_where_to_look() {
    let told = run(["doctor", "explain", "all is well"]);
    assert_eq!((told.code.as_str(), told.out.as_str()), ("1", ""), "{told:?}");
    assert!(told.err.contains("doorward trace --refused"), "{told:?}");
}
