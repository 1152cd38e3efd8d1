//! Every rule of token exchange.

use doorward_apps::ExchangeRule;
use doorward_jose::Secret;
use uuid::Uuid;

use super::*;
use crate::issue;
use crate::testing::{self, NOW, World, scope as scopes};

fn request(audience: &str) -> ExchangeRequest {
    ExchangeRequest {
        subject: TokenAndType {
            token: Secret::new("token".to_owned()),
            kind: ACCESS_TOKEN_TYPE.to_owned(),
        },
        actor: None,
        requested: None,
        audiences: vec![audience.to_owned()],
        scope: None,
    }
}

struct Case {
    world: World,
    gateway: App,
    apps: Snapshot,
    presented: AccessToken,
    shown: Confirmation,
}

/// A gateway that may exchange tokens of netbox for the api.
fn case(kind: ExchangeKind) -> Case {
    let world = World::new();
    let netbox = testing::app();
    let named = |id: u128, name: &str| App {
        id: Uuid::from_u128(id),
        client_id: name.to_owned(),
        ..testing::app()
    };
    let mut gateway = named(2, "gateway");
    gateway.grants.exchange = vec![ExchangeRule {
        kind,
        from: "netbox".to_owned(),
        audience: "api".to_owned(),
    }];
    let issued = world.issued(&netbox, "openid profile email");
    let presented = crate::access_token::verify(&issued.access_token, &world.server, &world.keys, |_| None).unwrap();
    let apps = Snapshot::new(vec![netbox, gateway.clone(), named(3, "api")]);
    Case {
        world,
        gateway,
        apps,
        presented,
        shown: Confirmation::default(),
    }
}

impl Case {
    fn plan(&self, request: &ExchangeRequest) -> Result<AccessToken, Refusal> {
        self.plan_with(request, None)
    }

    fn plan_with(&self, request: &ExchangeRequest, actor: Option<&AccessToken>) -> Result<AccessToken, Refusal> {
        let mut steps = Steps::new();
        may_ask(&self.gateway, request, &mut steps)?;
        let facts = testing::facts();
        let situation = Situation {
            app: &self.gateway,
            apps: &self.apps,
            server: &self.world.server,
            facts: &facts,
            presented: &self.presented,
            actor,
            shown: &self.shown,
            now: NOW,
        };
        let planned = plan(request, situation, &mut steps)?;
        let mint = issue::Mint {
            confirmation: &self.shown,
            ..self.world.mint()
        };
        let issued = issue::exchange(mint, planned).unwrap();
        Ok(crate::access_token::verify(&issued.access_token, &self.world.server, &self.world.keys, |_| None).unwrap())
    }
}

#[test]
fn delegation_names_who_acts_and_impersonation_does_not() {
    let token = case(ExchangeKind::Delegate).plan(&request("api")).unwrap();
    assert_eq!(token.act, Some(json!({"sub": "gateway"})));
    assert_eq!(token.client_id, "gateway");
    assert!(token.aud.contains("api") && !token.aud.contains("gateway"));
    assert_eq!(token.scope, scopes("profile email"));
    assert_eq!(token.sub, testing::facts().user.id.to_string());
    assert!(token.exchanged);
    let token = case(ExchangeKind::Impersonate).plan(&request("api")).unwrap();
    assert_eq!(token.act, None);
}

#[test]
fn nothing_is_exchanged_that_no_rule_names() {
    let case = case(ExchangeKind::Delegate);
    for (audiences, code) in [
        (vec!["netbox"], "exchange_not_covered"),
        (vec![], "exchange_not_covered"),
        (vec!["api", "api"], "exchange_not_covered"),
    ] {
        let request = ExchangeRequest {
            audiences: audiences.into_iter().map(str::to_owned).collect(),
            ..request("")
        };
        assert_eq!(case.plan(&request).unwrap_err().kind.code, code);
    }
    let mut other = case;
    other.presented.client_id = "grafana".to_owned();
    assert_eq!(other.plan(&request("api")).unwrap_err().kind, &EXCHANGE_NOT_COVERED);
    other.gateway.grants.exchange.clear();
    assert_eq!(other.plan(&request("api")).unwrap_err().kind, &EXCHANGE_NOT_ALLOWED);
}

#[test]
fn an_exchange_neither_widens_nor_prolongs() {
    let mut case = case(ExchangeKind::Delegate);
    case.presented.exp = NOW + 7;
    assert_eq!(case.plan(&request("api")).unwrap().exp, NOW + 7);
    let with = |list: &str| ExchangeRequest {
        scope: Some(scopes(list)),
        ..request("api")
    };
    assert_eq!(case.plan(&with("email")).unwrap().scope, scopes("email"));
    for beyond in ["groups", "email groups", "admin"] {
        assert_eq!(
            case.plan(&with(beyond)).unwrap_err().kind,
            &SCOPE_NOT_GRANTED,
            "{beyond}"
        );
    }
}

#[test]
fn a_scope_of_one_application_is_none_of_another() {
    let mut case = case(ExchangeKind::Delegate);
    // In the application of the token `email` is granted; in the api the person may read profiles and no more.
    let mut api = App::clone(case.apps.find("api").unwrap());
    for map in &mut api.scope_maps {
        map.scopes = scopes("openid profile");
    }
    case.apps = Snapshot::new(vec![testing::app(), case.gateway.clone(), api]);
    assert_eq!(case.plan(&request("api")).unwrap().scope, scopes("profile"));
    let by_name = ExchangeRequest {
        scope: Some(scopes("email")),
        ..request("api")
    };
    assert_eq!(case.plan(&by_name).unwrap_err().kind, &SCOPE_NOT_GRANTED);
}

#[test]
fn whoever_acted_before_stays_named_and_a_loop_ends() {
    let mut case = case(ExchangeKind::Delegate);
    case.presented.act = Some(json!({"sub": "portal"}));
    let token = case.plan(&request("api")).unwrap();
    assert_eq!(token.act, Some(json!({"sub": "gateway", "act": {"sub": "portal"}})));
    for _ in 0..4 {
        case.presented.act = Some(json!({"sub": "x", "act": case.presented.act.clone().unwrap()}));
    }
    assert_eq!(case.plan(&request("api")).unwrap_err().kind, &EXCHANGE_TOKEN_INVALID);
}

#[test]
fn an_actor_token_is_of_the_application_that_asks_and_never_with_impersonation() {
    let case_of = |kind| {
        let case = case(kind);
        let own = AccessToken {
            client_id: "gateway".to_owned(),
            sub: "service-7".to_owned(),
            ..case.presented.clone()
        };
        (case, own)
    };
    let (case, own) = case_of(ExchangeKind::Delegate);
    let token = case.plan_with(&request("api"), Some(&own)).unwrap();
    assert_eq!(token.act, Some(json!({"sub": "service-7"})));
    let stolen = case.presented.clone();
    let refused = case.plan_with(&request("api"), Some(&stolen)).unwrap_err();
    assert_eq!(refused.kind, &EXCHANGE_TOKEN_INVALID);
    let (case, own) = case_of(ExchangeKind::Impersonate);
    assert!(case.plan_with(&request("api"), Some(&own)).is_err());
}

#[test]
fn a_bound_token_is_exchanged_by_its_own_key_alone_and_stays_bound() {
    let jkt = |key: &str| Confirmation {
        jkt: Some(key.to_owned()),
        x5t: None,
    };
    let certificate = Confirmation {
        jkt: None,
        x5t: Some("a".to_owned()),
    };
    for bound in [jkt("a"), certificate] {
        let mut case = case(ExchangeKind::Delegate);
        case.presented.cnf = bound.clone();
        for shown in [Confirmation::default(), jkt("b")] {
            case.shown = shown;
            assert_eq!(case.plan(&request("api")).unwrap_err().kind, &EXCHANGE_TOKEN_INVALID);
        }
        case.shown = bound.clone();
        assert_eq!(case.plan(&request("api")).unwrap().cnf, bound);
    }
    // The same of the token that says who acts.
    let mut case = case(ExchangeKind::Delegate);
    let own = AccessToken {
        client_id: "gateway".to_owned(),
        cnf: jkt("a"),
        ..case.presented.clone()
    };
    let refused = case.plan_with(&request("api"), Some(&own)).unwrap_err();
    assert_eq!(refused.kind, &EXCHANGE_TOKEN_INVALID);
    case.shown = jkt("a");
    assert!(case.plan_with(&request("api"), Some(&own)).is_ok());
}

#[test]
fn a_token_that_was_narrowed_is_exchanged_by_those_it_is_for_alone() {
    use crate::access_token::Audience;

    let mut case = case(ExchangeKind::Delegate);
    case.gateway.url = "https://gateway.example.com".to_owned();
    let one = |audience: &str| Audience::One(audience.to_owned());
    for elsewhere in [
        one("https://files.example.com"),
        one("api"),
        one(""),
        Audience::Many(vec!["https://files.example.com".to_owned(), "grafana".to_owned()]),
    ] {
        case.presented.aud = elsewhere;
        assert_eq!(case.plan(&request("api")).unwrap_err().kind, &EXCHANGE_TOKEN_INVALID);
    }
    for ours in [
        one("netbox"),
        one("https://sso.example.com"),
        one("gateway"),
        one("https://gateway.example.com/"),
        Audience::Many(vec!["https://files.example.com".to_owned(), "gateway".to_owned()]),
    ] {
        case.presented.aud = ours;
        assert!(case.plan(&request("api")).is_ok(), "{:?}", case.presented.aud);
    }
    // An application without an address is at home nowhere.
    case.gateway.url = String::new();
    case.presented.aud = one("/");
    assert!(case.plan(&request("api")).is_err());
}

#[test]
fn a_token_for_single_things_is_not_exchanged() {
    let mut case = case(ExchangeKind::Delegate);
    let details = r#"[{"type":"payment","amount":"12.00"}]"#;
    case.presented.authorization_details = doorward_oidc::AuthorizationDetails::parse(details).unwrap();
    assert_eq!(case.plan(&request("api")).unwrap_err().kind, &EXCHANGE_TOKEN_INVALID);
}

#[test]
fn other_kinds_of_token_are_refused_by_name() {
    let case = case(ExchangeKind::Delegate);
    let mut id_token = request("api");
    id_token.subject.kind = "urn:ietf:params:oauth:token-type:id_token".to_owned();
    let mut refresh = request("api");
    refresh.requested = Some("urn:ietf:params:oauth:token-type:refresh_token".to_owned());
    for request in [id_token, refresh] {
        assert_eq!(case.plan(&request).unwrap_err().kind, &EXCHANGE_TYPE_UNSUPPORTED);
    }
}
