//! Each row of the table in docs/moving.md, and what does not come with the remedies that the report gives.

use doorward_e2e::Server;
use serde_json::{Value, json};

use super::people::State;

/// Everything that the table promises of this realm.
pub(super) async fn each_row_holds(server: &Server, state: &State, export: &Value, report: &Value) {
    everything_is_counted(export, report);
    people_and_roles(state, export);
    the_desk_is_what_it_was(server, state).await;
    other_clients(server, state).await;
    upstreams(server, state).await;
    what_stays_behind_is_said(report);
    remedies_can_be_typed(server, report).await;
}

fn everything_is_counted(export: &Value, report: &Value) {
    let count = |kind: &str| {
        let mut counts = report["counts"].as_array().expect("counts").iter();
        let count = counts.find(|count| count["kind"] == kind).expect("a count");
        (
            count["added"].as_u64(),
            count["already"].as_u64(),
            count["conflicts"].as_u64(),
        )
    };
    let none = Some(0);
    assert_eq!(count("user"), (Some(1_000), none, none));
    // Eight groups, the roles of the realm and of its clients, those of `account` that everybody has, and everybody.
    let of_realm = export["roles"]["realm"].as_array().expect("roles").len();
    let of_clients: usize = ["gopher", "wiki", "vault-dev"]
        .iter()
        .map(|client| export["roles"]["client"][client].as_array().map_or(0, Vec::len))
        .sum();
    let of_account = ["manage-account", "manage-account-links", "view-profile"].len();
    let groups = 8 + of_realm + of_clients + of_account + 1;
    assert_eq!((of_realm, of_clients), (7, 5));
    assert_eq!(count("group"), (u64::try_from(groups).ok(), none, none));
    // Without SAML, and without one that only checks tokens.
    assert_eq!(count("app"), (Some(9), none, none));
    assert_eq!(count("upstream"), (Some(2), none, none));
}

fn members(state: &State, user: &str, kind: &str) -> Vec<String> {
    let mut users = state
        .values()
        .filter(|one| one["name"] == user && one["attributes"].is_object());
    let user = users.next().unwrap_or_else(|| panic!("no {user}"));
    let list = user[kind].as_array().expect("groups").iter();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Groups with their ids inside of each other, composites around what they contain, groups inside of their roles.
fn people_and_roles(state: &State, export: &Value) {
    let around = members(state, "alice", "effective_groups");
    for group in [
        "company",
        "netops",
        "leads",
        "helpdesk",
        "realm.chief",
        "realm.auditor",
        "realm.viewer",
        "realm.offline_access",
        "wiki.editor",
        "wiki.reader",
        "gopher.editor",
        "gopher.reader",
        "vault-dev.operator",
        "account.manage-account",
        "corp.people",
    ] {
        assert!(around.iter().any(|one| one == group), "{group}: {around:?}");
    }
    for group in ["company.ops", "lab", "realm.night-shift"] {
        assert!(!around.iter().any(|one| one == group), "{group}: {around:?}");
    }
    let company = &export["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .find(|one| one["name"] == "company");
    assert_eq!(state["groups/company"]["id"], company.expect("the company")["id"]);
    let alice = state
        .values()
        .find(|one| one["name"] == "alice" && one["attributes"].is_object());
    let alice = alice.expect("alice");
    assert_eq!(
        alice["attributes"],
        json!({
            "given_name": "Alice", "family_name": "Archer", "department": "net", "floor": ["3", "4"], "desk": "12a",
            "phone_number": "+49 1", "locale": "de",
        })
    );
    assert_eq!(alice["logins"][0]["upstream"], "parent");
    assert_eq!(alice["logins"][0]["shown_name"], "1234567890");
    let dora = state
        .values()
        .find(|one| one["name"] == "dora" && one["attributes"].is_object());
    assert_eq!(
        dora.expect("dora")["attributes"]["keycloak.username"],
        "dora@example.com"
    );
}

/// The client that has everything.
async fn the_desk_is_what_it_was(server: &Server, state: &State) {
    let desk = &state["apps/desk"];
    let expected = json!({
        "name": "Service desk", "url": "https://desk.example.com", "start_url": "https://desk.example.com/start",
        "redirect_uris": ["https://desk.example.com/oidc/callback"],
        "redirect_suggestions": ["https://*.example.com/cb", "https://desk.example.com/*"],
        "post_logout_redirect_uris": ["https://desk.example.com/bye", "https://desk.example.com/gone"],
        "cors_origins": ["https://desk.example.com", "https://other.example.com"],
        "kind": "confidential", "authentication": "client_secret", "pkce": "required", "consent": "ask",
        "id_token_alg": "ES256", "access_token_alg": "PS256", "userinfo_signed_alg": "ES256",
        "lifetimes": { "code": 50, "id_token": 600, "access_token": 600, "refresh_token": 7200 },
        "client_credentials": true, "expects_refresh": false, "disabled": false,
    });
    for (name, value) in expected.as_object().expect("members") {
        let mut shown = desk[name].clone();
        if let Some(list) = shown.as_array_mut() {
            list.sort_by_key(ToString::to_string);
        }
        assert_eq!(&shown, value, "{name}");
    }
    let deeper = [
        ("/grants/device", json!(true)),
        ("/grants/ciba", json!("on")),
        ("/sender/dpop", json!("required")),
        ("/sender/certificate_bound", json!(true)),
        ("/requests/require_pushed", json!(true)),
        ("/logout/backchannel_uri", json!("https://desk.example.com/backchannel")),
        (
            "/logout/frontchannel_uri",
            json!("https://desk.example.com/frontchannel"),
        ),
        ("/scope_map/0/group", json!("corp.people")),
    ];
    for (place, value) in deeper {
        assert_eq!(desk.pointer(place), Some(&value), "{place}");
    }
    assert_eq!(
        desk["scope_map"].as_array().map(Vec::len),
        Some(1),
        "it is for the people of the realm alone"
    );
    let secret = server.json(&["app", "secret", "show", "desk"]).await;
    assert_eq!(secret["secret"], "the secret of the desk, long enough");
    // Without full scope: only roles that were mapped to it, of those that alice has.
    let rules = desk["claims"].as_array().expect("rules").iter();
    let roles: Vec<&Value> = rules.filter(|rule| rule["claim"] == "roles").collect();
    assert_eq!(roles.len(), 1, "{roles:?}");
    assert_eq!(
        roles[0]["by_group"],
        json!([{ "group": "realm.viewer", "values": ["viewer"] }])
    );
}

async fn other_clients(server: &Server, state: &State) {
    let spa = &state["apps/spa"];
    assert_eq!(
        (&spa["kind"], &spa["authentication"], &spa["pkce"], &spa["cors_origins"]),
        (&json!("public"), &json!("none"), &json!("required"), &json!([]))
    );
    let signer = &state["apps/signer"];
    assert_eq!(signer["authentication"], "private_key_jwt");
    assert_eq!(signer["keys"]["jwks_uri"], "https://signer.example.com/jwks.json");
    for (name, is_off) in [("paired", true), ("off", true), ("gopher", false), ("wiki", false)] {
        assert_eq!(state[&format!("apps/{name}")]["disabled"], is_off, "{name}");
    }
    let robot = &state["apps/robot"];
    assert_eq!(
        (&robot["client_credentials"], &robot["redirect_uris"]),
        (&json!(true), &json!([]))
    );
    let gopher = server.json(&["app", "show", "gopher"]).await;
    let audiences = gopher["audiences"].as_array().expect("audiences");
    for audience in ["gopher", "vault-dev", "https://api.example.com"] {
        assert!(audiences.iter().any(|one| one == audience), "{audience}: {audiences:?}");
    }
    for gone in ["vault-dev", "old-saml", "account", "admin-cli"] {
        assert!(!state.contains_key(&format!("apps/{gone}")), "{gone}");
    }
}

async fn upstreams(server: &Server, state: &State) {
    let parent = &state["upstreams/parent"];
    assert_eq!(
        (
            &parent["title"],
            &parent["issuer"],
            &parent["enabled"],
            &parent["client_id"]
        ),
        (
            &json!("The parent company"),
            &json!("https://idp.example.com"),
            &json!(false),
            &json!("corp")
        )
    );
    assert_eq!(state["upstreams/github"]["enabled"], false);
    assert!(!state.contains_key("upstreams/old-saml"));
    let page = doorward_e2e::Browser::new().get(&format!("{}/login", server.url)).await;
    assert!(
        !page.text().contains("The parent company"),
        "it is switched off: {}",
        page.text()
    );
}

fn what_stays_behind_is_said(report: &Value) {
    let remarks = report["remarks"].as_array().expect("remarks");
    for (outcome, about, words) in [
        ("left", "erik", "was to be changed"),
        ("left", "kira", "passkeys cannot come"),
        ("left", "kira", "the second factor cannot"),
        ("left", "service-account-robot", "service account"),
        ("left", "/company/helpdesk", "attributes of a group"),
        ("left", "desk: note", "notes of the session"),
        ("left", "desk: where people live", "addresses of people"),
        ("left", "desk", "redirect URIs with a wildcard"),
        ("left", "desk", "optional scope `department`"),
        ("left", "holder", "with a certificate"),
        ("left", "old-saml", "SAML"),
        ("left", "paired: pair", "pairwise"),
        ("left", "spa", "implicit flow"),
        ("left", "spa", "RFC 9700 §2.4"),
        ("left", "spa", "pages of every origin"),
        ("left", "old-saml", "identity providers of kind `saml`"),
        ("left", "", "mappers of identity providers"),
        ("left", "hashAlgorithm(pbkdf2-sha512)", "rules for new passwords"),
        ("left", "", "mail server"),
        ("left", "", "register themselves"),
        ("translated", "dora@example.com → dora", "the user name becomes"),
        ("translated", "erik", "not verified"),
        ("translated", "erik", "terms"),
        ("translated", "/lab/Räume 1 → R-ume-1", "the group gets a name"),
        ("translated", "gopher", "groups go into tokens as before"),
        ("translated", "wiki", "roles are groups here"),
        ("translated", "vault-dev", "bearer-only"),
        ("left", "off", "secret is too short"),
        ("translated", "github", "switched off"),
    ] {
        let said = remarks.iter().any(|remark| {
            let names = remark["names"].as_array().expect("names");
            remark["outcome"] == outcome
                && remark["what"].as_str().is_some_and(|what| what.contains(words))
                && (about.is_empty() || names.iter().any(|name| name == about))
        });
        assert!(said, "{outcome} {about}: {words}\n{report:#}");
    }
    for remark in remarks {
        let names = remark["names"].as_array().expect("names");
        let once: std::collections::BTreeSet<&str> = names.iter().filter_map(Value::as_str).collect();
        assert_eq!(once.len(), names.len(), "each is named once: {remark}");
    }
}

/// Each command that a remedy names is one, with the options that it says.
async fn remedies_can_be_typed(server: &Server, report: &Value) {
    let mut tried = 0;
    for remark in report["remarks"].as_array().expect("remarks") {
        let remedy = remark["remedy"].as_str().unwrap_or_default();
        for typed in remedy.split("doorward ").skip(1) {
            let typed = typed.split([';', ',']).next().unwrap_or_default();
            let is_word =
                |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
            let command: Vec<&str> = typed.split(' ').take_while(is_word).collect();
            let depth = if command.first() == Some(&"app") && command.get(1) == Some(&"secret") {
                3
            } else {
                2
            };
            let command = &command[..command.len().min(depth)];
            let help = server.cli(&[command, &["--help"]].concat()).await;
            assert_eq!(help.code, 0, "{remedy}: {}", help.err);
            assert!(
                help.out.contains(&format!("Usage: doorward {} ", command.join(" "))),
                "{remedy}: {}",
                help.out
            );
            for option in typed.split(' ').filter(|word| word.starts_with("--")) {
                assert!(
                    help.out.contains(&format!("{option} ")) || help.out.contains(&format!("{option}\n")),
                    "{remedy}: {option}\n{}",
                    help.out
                );
            }
            tried += 1;
        }
    }
    assert!(tried > 15, "{tried} commands");
}
