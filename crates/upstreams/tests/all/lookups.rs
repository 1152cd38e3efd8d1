//! What an upstream keeps elsewhere. The stand-ins answer as the documents say: Microsoft Graph, "List a user's memberships";
//! GitHub REST API, "List email addresses", "List organizations", "List teams for the authenticated user".

use doorward_jose::Secret;
use doorward_login::{Tokens, Verified};
use doorward_store::testing::START;
use doorward_upstreams::{Context, Edit, LookupFailure, NewUpstream, Probing, Upstream};
use serde_json::{Value, json};

use crate::fixture::{Fixture, generic, on_both_engines, refusal, root};

const GRAPH: &str = "https://graph.microsoft.com/v1.0/me/transitiveMemberOf/microsoft.graph.group?$select=id&$top=999";
const TENANT: &str = "https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0";

fn verified(issuer: &str, claims: Value) -> Verified {
    let Value::Object(claims) = claims else {
        panic!("claims are an object")
    };
    Verified {
        sub: claims.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned(),
        issuer: issuer.to_owned(),
        claims,
        id_token: None,
        tokens: Tokens {
            access_token: Secret::new("an-access-token".to_owned()),
            refresh_token: None,
            expires: None,
            scope: None,
            token_type: "Bearer".to_owned(),
        },
        return_to: String::new(),
        sid: None,
        auth_time: None,
        acr: None,
        amr: Vec::new(),
    }
}

async fn upstream(f: &Fixture, preset: &str, issuer: Option<&str>, edits: Vec<Edit>) -> Upstream {
    let new = NewUpstream {
        preset: preset.to_owned(),
        issuer: issuer.map(str::to_owned),
        edits,
        ..generic(preset)
    };
    f.upstreams.add(&root(), new, Probing::Skipped, START).await.unwrap().0
}

/// Both forms of the note (Microsoft identity platform, "Groups overage claim").
fn overage() -> Vec<Value> {
    vec![
        json!({"sub": "s", "oid": "o", "_claim_names": {"groups": "src1"},
               "_claim_sources": {"src1": {"endpoint": "https://graph.windows.net/t/users/o/getMemberObjects"}}}),
        json!({"sub": "s", "oid": "o", "hasgroups": true}),
    ]
}

#[test]
fn groups_that_did_not_fit_are_asked_at_graph_page_by_page() {
    on_both_engines(|f| async move {
        let entra = upstream(&f, "entra", Some(TENANT), vec![]).await;
        let next = format!("{GRAPH}&$skiptoken=x");
        f.network.answer(
            GRAPH,
            200,
            json!({"value": [{"id": "g1"}, {"id": "g2"}], "@odata.nextLink": next}),
        );
        f.network.answer(next, 200, json!({"value": [{"id": "g3"}]}));
        for claims in overage() {
            let arrival = f.upstreams.arrive(&entra, &verified(TENANT, claims)).await.unwrap();
            assert_eq!(arrival.claims["groups"], json!(["g1", "g2", "g3"]));
            assert!(!arrival.claims.contains_key("_claim_names") && !arrival.claims.contains_key("hasgroups"));
            assert_eq!(arrival.groups_unknown, None);
        }
        let asked = f.network.asked.lock().unwrap().join(" ");
        assert!(
            !asked.contains("graph.windows.net"),
            "where the note points nothing is sent: {asked}"
        );
    });
}

#[test]
fn groups_in_the_token_are_taken_as_they_are() {
    on_both_engines(|f| async move {
        let entra = upstream(&f, "entra", Some(TENANT), vec![]).await;
        let claims = json!({"sub": "s", "oid": "o", "groups": ["g1"]});
        let arrival = f.upstreams.arrive(&entra, &verified(TENANT, claims)).await.unwrap();
        assert_eq!(arrival.claims["groups"], json!(["g1"]));
        assert!(f.network.asked.lock().unwrap().is_empty());
    });
}

#[test]
fn a_graph_that_fails_refuses_the_login_or_keeps_the_last_groups() {
    on_both_engines(|f| async move {
        f.group("ops").await;
        let mapped = Edit::MapGroup("g1".to_owned(), Some("ops".to_owned()));
        let entra = upstream(&f, "entra", Some(TENANT), vec![mapped]).await;
        f.network
            .answer(GRAPH, 403, json!({"error": {"code": "Authorization_RequestDenied"}}));
        let login = verified(TENANT, overage().remove(0));
        let refused = refusal(f.upstreams.arrive(&entra, &login).await.unwrap_err());
        assert_eq!(refused.kind.code, "lookup_failed");
        assert!(refused.remedy.unwrap().contains("GroupMember.Read.All"));

        let keep = vec![Edit::LookupFailure(LookupFailure::Keep)];
        let entra = f
            .upstreams
            .edit(&root(), "entra", keep, Probing::Skipped, START)
            .await
            .unwrap()
            .0;
        let arrival = f.upstreams.arrive(&entra, &login).await.unwrap();
        assert!(arrival.groups_unknown.is_some());
        assert_eq!(
            f.refused(&arrival).await.kind.code,
            "lookup_failed",
            "a first login has none to keep"
        );
        let before = json!({"sub": "s", "oid": "o", "groups": ["g1"]});
        let before = f.upstreams.arrive(&entra, &verified(TENANT, before)).await.unwrap();
        let user = f.accept(&before).await.unwrap().user.id;
        assert_eq!(f.accept(&arrival).await.unwrap().user.id, user);
        assert_eq!(f.groups_of(user).await, ["ops"]);

        // What was kept is not known anew: a day after the groups were last said it is over.
        let later = |hours| START + jiff::SignedDuration::from_hours(hours);
        let context = Context::default();
        let at = |now| f.upstreams.accept(&arrival, None, &context, now, |_, _| Ok(()));
        at(later(23)).await.unwrap();
        assert_eq!(
            refusal(at(later(25)).await.unwrap_err()).kind.code,
            "lookup_failed",
            "older than a day"
        );
    });
}

#[test]
fn groups_that_were_none_are_not_kept_from_before() {
    on_both_engines(|f| async move {
        f.group("ops").await;
        let edits = vec![
            Edit::MapGroup("g1".to_owned(), Some("ops".to_owned())),
            Edit::LookupFailure(LookupFailure::Keep),
        ];
        let entra = upstream(&f, "entra", Some(TENANT), edits).await;
        f.network.answer(GRAPH, 403, json!({"error": {}}));
        let arrive = |claims| {
            let (upstreams, entra) = (f.upstreams.clone(), entra.clone());
            async move { upstreams.arrive(&entra, &verified(TENANT, claims)).await.unwrap() }
        };
        let member = arrive(json!({"sub": "s", "oid": "o", "groups": ["g1"]})).await;
        let user = f.accept(&member).await.unwrap().user.id;
        let thrown_out = arrive(json!({"sub": "s", "oid": "o"})).await;
        f.accept(&thrown_out).await.unwrap();
        assert!(f.groups_of(user).await.is_empty());
        let unknown = arrive(overage().remove(0)).await;
        f.accept(&unknown).await.unwrap();
        assert!(f.groups_of(user).await.is_empty(), "they do not come back");
    });
}

#[test]
fn half_a_list_is_no_list() {
    on_both_engines(|f| async move {
        let entra = upstream(&f, "entra", Some(TENANT), vec![]).await;
        let endless = json!({"value": [{"id": "g"}], "@odata.nextLink": GRAPH});
        f.network.answer(GRAPH, 200, endless);
        let login = verified(TENANT, overage().remove(1));
        let refused = refusal(f.upstreams.arrive(&entra, &login).await.unwrap_err());
        assert_eq!(refused.kind.code, "lookup_failed");
        let elsewhere = json!({"value": [{"id": "g"}], "@odata.nextLink": "https://evil.example/next"});
        f.network.answer(GRAPH, 200, elsewhere);
        let refused = refusal(f.upstreams.arrive(&entra, &login).await.unwrap_err());
        assert!(refused.detail.contains("elsewhere"), "{}", refused.detail);
        let asked = f.network.asked.lock().unwrap().join(" ");
        assert!(!asked.contains("evil.example"), "the token goes nowhere else: {asked}");
    });
}

#[test]
fn github_says_its_verified_address_and_its_teams() {
    on_both_engines(|f| async move {
        let github = upstream(&f, "github", None, vec![]).await;
        let api = "https://api.github.com/user";
        f.network.answer(
            format!("{api}/emails?per_page=100"),
            200,
            json!([{"email": "old@example.org", "verified": true, "primary": false},
                   {"email": "mona@example.org", "verified": true, "primary": true}]),
        );
        f.network
            .answer(format!("{api}/orgs?per_page=100"), 200, json!([{"login": "acme"}]));
        f.network.answer(
            format!("{api}/teams?per_page=100"),
            200,
            json!([{"slug": "ops", "organization": {"login": "acme"}}]),
        );
        let claims = json!({"id": 583_231, "login": "mona", "name": "Mona", "email": "shown@elsewhere.example"});
        let mut login = verified("https://github.com", claims);
        "583231".clone_into(&mut login.sub);
        let arrival = f.upstreams.arrive(&github, &login).await.unwrap();
        assert_eq!(
            arrival.claims["email"], "mona@example.org",
            "not the one that the profile shows"
        );
        assert_eq!(arrival.claims["email_verified"], true);
        assert_eq!(arrival.claims["groups"], json!(["acme", "acme:ops"]));
        let accepted = f.accept(&arrival).await.unwrap();
        assert_eq!(
            (accepted.subject.as_str(), accepted.user.name.as_str()),
            ("583231", "mona")
        );

        f.network.answer(
            format!("{api}/teams?per_page=100"),
            403,
            json!({"message": "forbidden"}),
        );
        let refused = refusal(f.upstreams.arrive(&github, &login).await.unwrap_err());
        assert_eq!(refused.kind.code, "lookup_failed");
    });
}

#[test]
fn a_github_of_ones_own_is_asked_at_its_own_address() {
    on_both_engines(|f| async move {
        let own = upstream(&f, "github", Some("https://git.example.org"), vec![]).await;
        let endpoints = own.endpoints.unwrap();
        assert_eq!(endpoints.authorization, "https://git.example.org/login/oauth/authorize");
        assert_eq!(endpoints.user, "https://git.example.org/api/v3/user");
    });
}

#[test]
fn a_national_cloud_has_its_own_graph_and_an_administrator_may_name_another() {
    on_both_engines(|f| async move {
        for (name, issuer, graph) in [
            (
                "a",
                "https://login.microsoftonline.com/t/v2.0",
                "https://graph.microsoft.com",
            ),
            (
                "b",
                "https://login.microsoftonline.us/t/v2.0",
                "https://graph.microsoft.us",
            ),
            (
                "c",
                "https://login.partner.microsoftonline.cn/t/v2.0",
                "https://microsoftgraph.chinacloudapi.cn",
            ),
        ] {
            let new = NewUpstream {
                preset: "entra".to_owned(),
                issuer: Some(issuer.to_owned()),
                ..generic(name)
            };
            let entra = f.upstreams.add(&root(), new, Probing::Skipped, START).await.unwrap().0;
            assert_eq!(entra.lookup_url.as_deref(), Some(graph), "{issuer}");
            assert!(entra.scopes.contains(&format!("{graph}/User.Read")), "{}", entra.scopes);
        }
        let dod = "https://dod-graph.microsoft.us";
        let edit = async |edit| {
            f.upstreams
                .edit(&root(), "b", vec![edit], Probing::Skipped, START)
                .await
        };
        let entra = edit(Edit::LookupUrl(format!("{dod}/"))).await.unwrap().0;
        assert!(entra.scopes.contains(&format!("{dod}/User.Read")), "{}", entra.scopes);
        let groups = format!("{dod}/v1.0/me/transitiveMemberOf/microsoft.graph.group?$select=id&$top=999");
        f.network.answer(groups, 200, json!({"value": [{"id": "g1"}]}));
        let arrival = f.upstreams.arrive(&entra, &verified(TENANT, overage().remove(0))).await;
        assert_eq!(arrival.unwrap().claims["groups"], json!(["g1"]));
        // What somebody named stays when the issuer is written differently.
        let issuer = "https://login.microsoftonline.us/u/v2.0".to_owned();
        assert_eq!(
            edit(Edit::Issuer(issuer)).await.unwrap().0.lookup_url.as_deref(),
            Some(dod)
        );
        for wrong in [
            "http://graph.example",
            "graph.microsoft.us",
            "https://graph.microsoft.us?a=b",
        ] {
            let refused = refusal(edit(Edit::LookupUrl(wrong.to_owned())).await.unwrap_err());
            assert_eq!(refused.kind.code, "upstream_setting_invalid", "{wrong}");
        }
        let corp = f.corp(vec![]).await;
        let edit = vec![Edit::LookupUrl(dod.to_owned())];
        let refused = f.edit(edit).await.unwrap_err();
        assert!(refusal(refused).detail.contains("Microsoft Graph"), "{}", corp.name);
    });
}

#[test]
fn github_enterprise_answers_where_each_edition_does() {
    on_both_engines(|f| async move {
        for (name, issuer, user) in [
            ("a", "https://github.com", "https://api.github.com/user"),
            ("b", "https://acme.ghe.com", "https://api.acme.ghe.com/user"),
            ("c", "https://ghe.example.com", "https://ghe.example.com/api/v3/user"),
        ] {
            let new = NewUpstream {
                preset: "github".to_owned(),
                issuer: Some(issuer.to_owned()),
                ..generic(name)
            };
            let hub = f.upstreams.add(&root(), new, Probing::Skipped, START).await.unwrap().0;
            let endpoints = hub.endpoints.unwrap();
            assert_eq!(endpoints.user, user);
            assert_eq!(endpoints.token, format!("{issuer}/login/oauth/access_token"));
        }
    });
}
