//! What the registration alone says, and what became of the walk to the application's login.

use doorward_apps::{App, ClientAuthentication, Preset, Unchecked};
use doorward_login::LoginError;
use doorward_provider::Server;

use crate::{
    Cause, Finding, Fix,
    logout::{UNTOLD, unreachable},
    page, script,
    walk::End,
    word::word,
};

/// What must hold whatever the application sends.
pub(crate) fn judge(app: &App, preset: Option<&Preset>) -> Vec<Finding> {
    let mut found = Vec::new();
    let id = &app.client_id;
    if app.disabled {
        let finding = Finding::problem(Cause::Disabled, "an application that is switched on", "it is disabled");
        found.push(finding.here(format!("doorward app enable {id}")).fix(Fix::Enable));
    }
    if app.scope_maps.is_empty() {
        let finding = Finding::problem(
            Cause::Nobody,
            "a group whose members may use it",
            "none: nobody gets in",
        );
        found.push(finding.here(format!("doorward app allow {id} GROUP")));
    }
    if app.redirect_uris.is_empty() {
        let finding = Finding::problem(Cause::RedirectUri, "a registered redirect URI", "none");
        found.push(finding.here(format!("doorward app pair {id}")));
    }
    if app.authentication == ClientAuthentication::ClientSecret && app.secrets.is_empty() {
        let finding = Finding::problem(Cause::Secret, "a client secret", "none");
        found.push(finding.here(format!("doorward app secret rotate {id}")));
    }
    if let Some(preset) = preset {
        found.push(algorithm(app, preset));
        found.extend(authentication(app, preset));
    }
    found
}

fn algorithm(app: &App, preset: &Preset) -> Finding {
    let signed = app.id_token_alg;
    let accepted: Vec<&str> = preset.doctor.id_token_algs.iter().map(|one| one.name()).collect();
    let (name, id) = (&app.name, &app.client_id);
    if preset.doctor.unchecked.contains(&Unchecked::Signature) {
        return Finding::good(Cause::Algorithm, signed.name());
    }
    if !accepted.is_empty() && !accepted.contains(&signed.name()) {
        let usual = preset.id_token_alg.name();
        return Finding::problem(
            Cause::Algorithm,
            format!(
                "ID tokens signed with {}, which is what {name} accepts",
                accepted.join(" or ")
            ),
            signed.name(),
        )
        .here(format!("doorward app edit {id} --id-token-alg {usual}"))
        .fix(Fix::SignWith(preset.id_token_alg));
    }
    if signed != preset.id_token_alg {
        return Finding::advice(
            Cause::Algorithm,
            format!(
                "{}, which is what is printed for {name} unless somebody chose",
                preset.id_token_alg
            ),
            format!("{signed}: {name} refuses ID tokens if its configuration still names the other"),
        )
        .there(format!(
            "doorward app show {id} --snippet prints its configuration with {signed}"
        ))
        .here(format!(
            "or: doorward app edit {id} --id-token-alg {}",
            preset.id_token_alg
        ))
        .fix(Fix::SignWith(preset.id_token_alg));
    }
    Finding::good(Cause::Algorithm, signed.name())
}

fn authentication(app: &App, preset: &Preset) -> Option<Finding> {
    let sends = preset.doctor.authentication.as_deref()?;
    let allowed = app.authentication.method_names();
    if allowed.contains(&sends) {
        return None;
    }
    let finding = Finding::problem(
        Cause::Authentication,
        format!("{sends}, which is what {} sends", app.name),
        allowed.join(" or "),
    );
    Some(finding.here(format!("doorward app edit {} --authentication …", app.client_id)))
}

/// What the walk means when no authorization request came of it. `private_ca` is what the preset says to do about a private
/// authority, when this server's certificate is from one.
pub(crate) fn of_walk(end: &End, app: &App, private_ca: Option<&str>, server: &Server) -> Vec<Finding> {
    let (name, id, public_url) = (&app.name, &app.client_id, server.public_url());
    vec![match end {
        End::Asked(_) => return Vec::new(),
        End::Script { url, configured } => return script::judge(url, configured, app, server),
        End::TooLarge { url } => Finding::advice(
            Cause::Login,
            format!("a page of {} KiB at most", page::LARGEST / 1024),
            format!("{url} is larger, and is not read"),
        )
        .there(by_hand(app)),
        End::NoAddress => {
            Finding::advice(Cause::Login, "an address of the application", "none is registered").here(format!(
                "doorward app edit {id} --url URL; what it sends at a login is in its trace: doorward trace --app {id}"
            ))
        }
        End::Elsewhere(other) => {
            let finding = Finding::problem(
                Cause::Address,
                format!("a login at {}", app.url),
                format!("it leads to {}, which is registered nowhere for it", other.origin),
            );
            // Names of hosts may hold most of what a shell reads.
            match word(&other.origin) {
                Some(origin) => finding.here(format!("if that is its address: doorward app edit {id} --url {origin}")),
                None => finding,
            }
            .there(format!("in {name}, set its own address"))
        }
        End::Broken { url, status } => fails(
            format!(
                "{url} answers {}: its own login fails before anybody is sent here",
                status.map_or_else(|| "an error".to_owned(), |status| status.to_string())
            ),
            app,
            private_ca,
            public_url,
        ),
        End::Returned { url } => fails(
            format!("{url} leads back to its own pages: its own login fails before anybody is sent here"),
            app,
            private_ca,
            public_url,
        ),
        End::NoWay => Finding::advice(
            Cause::Login,
            "a page or redirect that leads to this server",
            "none was found",
        )
        .there(by_hand(app)),
        End::Unreachable { url, error } => {
            let why = error.as_ref().map_or_else(|| UNTOLD.to_owned(), unreachable);
            let finding = Finding::advice(Cause::Reach, "an answer to this server", format!("{url}: {why}"));
            match error.as_ref().map(LoginError::code) {
                None => finding.here(format!(
                    "why not is told only of a private network that somebody has named: {}",
                    in_private(app)
                )),
                Some("address_not_allowed") => finding
                    .here(format!(
                        "if it is meant to be in a private network: {}",
                        in_private(app)
                    ))
                    .fix(Fix::WeakenPrivateAddress),
                Some("tls_untrusted") => finding
                    .here("name its authority in the server's configuration: [applications] ca = \"/path/to/ca.pem\""),
                _ => finding.there("browsers may reach it where this server does not: then look at its login by hand"),
            }
        }
        End::TooLong => Finding::advice(
            Cause::Login,
            "a login within 30 seconds",
            "redirects or answers without end",
        )
        .there(format!(
            "in {name}, see that its own address is right: it may send browsers in a circle"
        )),
    }]
}

/// What shows a login that cannot be found from here.
pub(crate) fn by_hand(app: &App) -> String {
    let id = &app.client_id;
    format!(
        "open its login in a browser once: doorward trace --app {id} --follow shows what it sends, and doorward doctor app {id} \
         reads it afterwards"
    )
}

/// What says that the application is in a private network.
pub(crate) fn in_private(app: &App) -> String {
    format!(
        "doorward app edit {} --weaken-logout-private-address true",
        app.client_id
    )
}

/// It asks for our discovery document before it sends anybody, so that is what it stumbles over.
fn fails(what: String, app: &App, private_ca: Option<&str>, public_url: &str) -> Finding {
    let expected = "a redirect to this server";
    let Some(private_ca) = private_ca else {
        return Finding::problem(Cause::LoginFails, expected, what).there(format!(
            "on its machine, curl {public_url}/.well-known/openid-configuration must answer; then look into its log, and give what \
             it says to: doorward doctor explain --app {}",
            app.client_id
        ));
    };
    let received = format!(
        "{what}. It asks this server for its discovery document first, whose certificate is from a private authority: its machine \
         has to trust that"
    );
    Finding::problem(Cause::PrivateCa, expected, received).there(private_ca)
}
