//! What a provider offers, judged by what applications need: the presets know that.

use doorward_apps::{Pkce, Presets};
use doorward_login::{Offered, Weight};

use super::finding::Finding;

/// Claims that applications look for in the list of discovery, or read.
const CLAIMS: [&str; 4] = ["sub", "email", "preferred_username", "groups"];

pub(super) fn judge(offered: &Offered, presets: &Presets, found: &mut Vec<Finding>) {
    found.push(tls(offered));
    found.extend(algorithms(offered, presets));
    found.push(methods(offered, presets));
    found.extend(logout(offered));
    found.push(claims(offered));
    found.extend(pkce(offered, presets));
}

fn tls(offered: &Offered) -> Finding {
    if offered.issuer.starts_with("https://") {
        return Finding::good("tls", "https, with a certificate that this machine trusts");
    }
    Finding::bad(
        "tls",
        Weight::Advice,
        "https",
        "plain HTTP",
        "anybody in between reads codes and secrets; it is for trying things out on one machine",
    )
}

/// RS256 is what every library accepts, and signatures that clients could make themselves are none.
fn algorithms(offered: &Offered, presets: &Presets) -> Vec<Finding> {
    let mut found = Vec::new();
    let list = &offered.algorithms;
    if !list.is_empty() && !list.iter().any(|one| one == "RS256") {
        let strict: Vec<&str> = presets
            .iter()
            .filter(|preset| {
                let accepted = &preset.doctor.id_token_algs;
                !accepted.is_empty() && !accepted.iter().any(|one| list.iter().any(|other| other == one.name()))
            })
            .map(|preset| preset.title.as_str())
            .collect();
        found.push(Finding::bad(
            "rs256",
            Weight::Advice,
            "RS256 among the algorithms of ID tokens",
            list.join(", "),
            format!("applications that accept none of these: {}", few(&strict)),
        ));
    }
    let weak: Vec<&str> = list
        .iter()
        .map(String::as_str)
        .filter(|one| *one == "none" || one.starts_with("HS"))
        .collect();
    if !weak.is_empty() {
        found.push(Finding::bad(
            "weak_algorithms",
            Weight::Advice,
            "signatures with the provider's own key",
            weak.join(", "),
            "choose RS256 or ES256 for every client at the provider; `none` is no signature, and HS256 is one that the client can make",
        ));
    }
    found
}

fn methods(offered: &Offered, presets: &Presets) -> Finding {
    let list = &offered.auth_methods;
    let lacks = |method: &str| !list.is_empty() && !list.iter().any(|one| one == method);
    let missing: Vec<&str> = ["client_secret_basic", "client_secret_post"]
        .into_iter()
        .filter(|method| lacks(method))
        .collect();
    if missing.is_empty() {
        let both = "client_secret_basic and client_secret_post, which is all that applications send";
        return Finding::good("secret_methods", both);
    }
    let hurt: Vec<&str> = presets
        .iter()
        .filter(|preset| {
            let sends = preset.doctor.authentication.as_deref();
            sends.is_some_and(|method| missing.contains(&method))
        })
        .map(|preset| preset.title.as_str())
        .collect();
    Finding::bad(
        "secret_methods",
        Weight::Advice,
        missing.join(" and "),
        list.join(", "),
        format!("applications that send their secret this way: {}", few(&hurt)),
    )
}

fn logout(offered: &Offered) -> Vec<Finding> {
    let mut found = vec![match offered.endpoints.get("end_session_endpoint") {
        Some(url) => Finding::good("logout", url.clone()),
        None => Finding::bad(
            "logout",
            Weight::Advice,
            "an end_session_endpoint",
            "none",
            "a logout in an application ends that application's session alone; the next login passes without a password",
        ),
    }];
    found.push(match (offered.back_channel_logout, offered.front_channel_logout) {
        (true, _) => Finding::good("logout_told", "applications are told of logouts by a back channel"),
        (false, true) => Finding::bad(
            "logout_told",
            Weight::Advice,
            "back-channel logout",
            "front-channel logout alone",
            "it works in frames of the browser, which browsers cut off from their cookies: do not rely on it",
        ),
        (false, false) => Finding::bad(
            "logout_told",
            Weight::Advice,
            "back-channel logout",
            "none",
            "applications do not learn of a logout or a closed account: keep their sessions short",
        ),
    });
    found
}

fn claims(offered: &Offered) -> Finding {
    let missing: Vec<&str> = CLAIMS
        .into_iter()
        .filter(|claim| !offered.claims.iter().any(|one| one == claim))
        .collect();
    if missing.is_empty() {
        return Finding::good("claims", format!("{} claims are named", offered.claims.len()));
    }
    if offered.claims.is_empty() {
        return Finding::bad(
            "claims",
            Weight::Advice,
            "claims_supported",
            "none named",
            "most applications do not mind; AudioBookRequest refuses such a provider",
        );
    }
    Finding::bad(
        "claims",
        Weight::Advice,
        format!("{} among the claims", missing.join(", ")),
        offered.claims.join(", "),
        "many providers leave claims out of the list and send them all the same: log in once and look at the token",
    )
}

fn pkce(offered: &Offered, presets: &Presets) -> Option<Finding> {
    if offered.pkce_methods.iter().any(|one| one == "S256") {
        return None;
    }
    let able = presets
        .iter()
        .filter(|preset| preset.pkce.policy == Pkce::Required)
        .count();
    Some(Finding::bad(
        "pkce_unused",
        Weight::Advice,
        "S256 in code_challenge_methods_supported",
        "not there",
        format!("some applications send PKCE only when it is offered; {able} of those that are known here can"),
    ))
}

/// A handful of names, and how many more.
fn few(names: &[&str]) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    match names.len().saturating_sub(SHOWN) {
        0 if shown.is_empty() => "none that is known here".to_owned(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
