//! One example of every page and of every notable state, filled through `w` so that a test can put its own text in.

use doorward_oidc::{Refusal, RefusalKind, Turn};
use doorward_web::pages::{self, *};
use jiff::{SignedDuration, Timestamp};

/// Turns the sample text of a field into what the test wants there.
pub(crate) type Words<'w> = &'w dyn Fn(&'static str) -> &'static str;

static REDIRECT: RefusalKind = RefusalKind {
    code: "redirect_uri_mismatch",
    oauth: "invalid_request",
    public: "The application asked to send you to an address that is not registered for it.",
    meaning: "",
    turn: Turn::Application,
};
static NO_PKCE: RefusalKind = RefusalKind {
    code: "sample_without_translation",
    oauth: "invalid_request",
    public: "The application left out a safeguard that this server requires.",
    meaning: "",
    turn: Turn::Application,
};
static EXPIRED: RefusalKind = RefusalKind {
    code: "sample_for_the_person",
    oauth: "invalid_request",
    public: "This login was begun too long ago.",
    meaning: "",
    turn: Turn::Person,
};

pub(crate) const NOW: &str = "2026-11-22T02:30:00Z";

/// Every page: a name fit for a file, and the document.
pub(crate) fn every_page(lang: Lang, brand: &Brand, w: Words<'_>) -> Vec<(&'static str, String)> {
    let now: Timestamp = NOW.parse().unwrap();
    let ago = |minutes: i64| now - SignedDuration::from_mins(minutes);
    let ahead = |minutes: i64| now + SignedDuration::from_mins(minutes);
    let out = Chrome {
        lang,
        brand,
        base: "",
        viewer: None,
    };
    let within = Chrome {
        viewer: Some(Viewer {
            display_name: w("Anna Berger"),
            username: w("anna"),
        }),
        ..out
    };
    let netbox = AppRef {
        name: w("NetBox"),
        host: Some(w("netbox.example.com")),
    };
    let login = Login {
        app: Some(netbox),
        action: "/login",
        attempt: w("AZ3kq1c"),
        username: "",
        again: false,
        problem: None,
        hint: None,
        cancel: None,
        backup: false,
    };
    let enrol = Enrol {
        reason: EnrolReason::Welcome,
        action: "/enrol",
        token: w("AZ3kq1c"),
        username: w("anna"),
        display_name: w("Anna Berger"),
        min_length: 12,
        problem: None,
    };
    let change = ChangePassword {
        action: path::PASSWORD,
        csrf: w("c5f2"),
        username: w("anna"),
        min_length: 12,
        problem: None,
        done: false,
    };
    let mismatch = Refusal::page(
        &REDIRECT,
        w("received https://netbox.example.com/oauth/complete/oidc, registered https://netbox.example.com/oauth/complete/oidc/"),
    )
    .with_remedy(w("doorward app edit netbox --add-redirect-uri https://netbox.example.com/oauth/complete/oidc"));
    let refused = Refused {
        refusal: &mismatch,
        app: Some(netbox),
        reference: Some(w("7K3Q-9FZM")),
        operator: false,
        difference: Some(Difference {
            received: w("https://netbox.example.com/oauth/complete/oidc"),
            registered: &[
                w("https://netbox.example.com/oauth/complete/oidc/"),
                w("https://netbox-test.example.com/oauth/complete/oidc/"),
            ],
        }),
        retry: None,
        back: Some(w("https://netbox.example.com/")),
    };
    let no_pkce = Refusal::page(&NO_PKCE, w("code_challenge is missing"));
    let expired = Refusal::page(&EXPIRED, w("attempt older than 30 minutes"));
    let no_access = NoAccess {
        app: netbox,
        missing: Missing::Groups(&[w("netbox-users")]),
        reference: Some(w("7K3Q-9FZM")),
        remedy: None,
        switch_account: Some("/login?again"),
        back: Some(w("https://netbox.example.com/")),
    };
    let devices = [
        (
            "s1",
            w("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"),
            w("192.0.2.17"),
            ago(0),
            ago(130),
            true,
        ),
        (
            "s2",
            w(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1",
            ),
            w("2001:db8:4e:1c07:93f2:11ff:fe8a:7d10"),
            ago(47),
            ago(4_500),
            false,
        ),
        (
            "s3",
            w("an agent nobody has heard of"),
            w("198.51.100.4"),
            ago(4_320),
            ago(8_000),
            false,
        ),
    ];
    let sessions: Vec<SessionItem<'_>> = devices
        .into_iter()
        .map(|(id, user_agent, address, last_seen, created, current)| SessionItem {
            id: w(id),
            user_agent,
            address,
            created,
            last_seen,
            expires: ahead(12_000),
            current,
        })
        .collect();
    let tiles = [
        ("NetBox", "https://netbox.example.com/", "netbox.example.com"),
        ("Grafana", "https://grafana.example.com/", "grafana.example.com"),
        ("Vault", "https://vault.example.com:8200/ui/", "vault.example.com:8200"),
        ("Gitea", "https://git.example.com/", "git.example.com"),
        (
            "CMDBsyncer",
            "https://cmdbsyncer.infrastructure.example.com/",
            "cmdbsyncer.infrastructure.example.com",
        ),
        (
            "Überwachung der Rechenzentrumsklimatisierung",
            "https://klima.example.com/",
            "klima.example.com",
        ),
        ("audiobookrequest", "https://books.example.com/", "books.example.com"),
    ]
    .map(|(name, url, host)| Tile {
        name: w(name),
        url: w(url),
        host: w(host),
    });
    let checks = [
        Check {
            name: "database",
            ok: true,
            detail: w("SQLite"),
        },
        Check {
            name: "signing_keys",
            ok: true,
            detail: "",
        },
        Check {
            name: w("clock_of_netbox"),
            ok: false,
            detail: w("3 s behind"),
        },
    ];

    vec![
        ("login", pages::login(&login, &out)),
        (
            "login-wrong",
            pages::login(
                &Login {
                    username: w("anna"),
                    problem: Some(LoginProblem::Wrong),
                    hint: Some(w("Use your short name, without @example.com.")),
                    cancel: Some(w("https://netbox.example.com/oauth/complete/oidc/?error=access_denied")),
                    ..login
                },
                &out,
            ),
        ),
        (
            "login-throttled",
            pages::login(
                &Login {
                    app: None,
                    username: w("anna"),
                    problem: Some(LoginProblem::Throttled { seconds: 240 }),
                    ..login
                },
                &out,
            ),
        ),
        (
            "login-again",
            pages::login(
                &Login {
                    username: w("anna"),
                    again: true,
                    ..login
                },
                &out,
            ),
        ),
        (
            "login-backup",
            pages::login(
                &Login {
                    app: None,
                    backup: true,
                    problem: Some(LoginProblem::Busy { seconds: 1 }),
                    ..login
                },
                &out,
            ),
        ),
        (
            "account-chooser",
            pages::account_chooser(
                &AccountChooser {
                    app: Some(netbox),
                    action: "/login/account",
                    attempt: w("AZ3kq1c"),
                    accounts: &[
                        AccountItem {
                            id: w("1"),
                            display_name: w("Anna Berger"),
                            username: w("anna"),
                        },
                        AccountItem {
                            id: w("2"),
                            display_name: w("Anna Berger (administrator)"),
                            username: w("anna-admin"),
                        },
                    ],
                },
                &out,
            ),
        ),
        (
            "consent",
            pages::consent(
                &Consent {
                    app: netbox,
                    scopes: &[
                        ScopeItem {
                            name: "openid",
                            values: &[],
                        },
                        ScopeItem {
                            name: "profile",
                            values: &[w("Anna Berger"), w("anna")],
                        },
                        ScopeItem {
                            name: "email",
                            values: &[w("anna@example.com")],
                        },
                        ScopeItem {
                            name: "groups",
                            values: &[w("netbox-users"), w("staff")],
                        },
                        ScopeItem {
                            name: "offline_access",
                            values: &[],
                        },
                        ScopeItem {
                            name: w("netbox:write"),
                            values: &[],
                        },
                    ],
                    action: "/consent",
                    attempt: w("AZ3kq1c"),
                },
                &within,
            ),
        ),
        ("refused", pages::refused(&refused, &out)),
        (
            "refused-operator",
            pages::refused(
                &Refused {
                    operator: true,
                    ..refused
                },
                &within,
            ),
        ),
        (
            "refused-nothing-registered",
            pages::refused(
                &Refused {
                    operator: true,
                    difference: Some(Difference {
                        received: w("http://localhost:8000/cb"),
                        registered: &[],
                    }),
                    ..refused
                },
                &within,
            ),
        ),
        (
            "refused-pkce",
            pages::refused(
                &Refused {
                    refusal: &no_pkce,
                    difference: None,
                    operator: true,
                    ..refused
                },
                &out,
            ),
        ),
        (
            "refused-retry",
            pages::refused(
                &Refused {
                    refusal: &expired,
                    app: None,
                    difference: None,
                    retry: Some("/login"),
                    back: None,
                    ..refused
                },
                &out,
            ),
        ),
        ("no-access", pages::no_access(&no_access, &within)),
        (
            "no-access-nobody",
            pages::no_access(
                &NoAccess {
                    missing: Missing::NobodyAllowed,
                    remedy: Some(w("doorward app allow netbox netbox-users openid profile email groups")),
                    ..no_access
                },
                &within,
            ),
        ),
        (
            "no-access-disabled",
            pages::no_access(
                &NoAccess {
                    missing: Missing::Disabled,
                    switch_account: None,
                    ..no_access
                },
                &within,
            ),
        ),
        ("enrol", pages::enrol(&enrol, &out)),
        (
            "enrol-short",
            pages::enrol(
                &Enrol {
                    reason: EnrolReason::Reset,
                    problem: Some(PasswordProblem::TooShort { min: 12 }),
                    ..enrol
                },
                &out,
            ),
        ),
        (
            "enrol-first",
            pages::enrol(
                &Enrol {
                    reason: EnrolReason::FirstAdministrator,
                    problem: Some(PasswordProblem::Mismatch),
                    ..enrol
                },
                &out,
            ),
        ),
        (
            "spent-link",
            pages::spent_link(
                &SpentLink {
                    reference: Some(w("7K3Q-9FZM")),
                },
                &out,
            ),
        ),
        ("change-password", pages::change_password(&change, &within)),
        (
            "change-password-wrong",
            pages::change_password(
                &ChangePassword {
                    problem: Some(PasswordProblem::CurrentWrong),
                    ..change
                },
                &within,
            ),
        ),
        (
            "change-password-done",
            pages::change_password(&ChangePassword { done: true, ..change }, &within),
        ),
        (
            "sessions",
            pages::sessions(
                &Sessions {
                    sessions: &sessions,
                    now,
                    csrf: w("c5f2"),
                    notice: None,
                },
                &within,
            ),
        ),
        (
            "sessions-ended",
            pages::sessions(
                &Sessions {
                    sessions: sessions.get(..1).unwrap(),
                    now,
                    csrf: w("c5f2"),
                    notice: Some(SessionsNotice::OthersEnded { count: 2 }),
                },
                &within,
            ),
        ),
        (
            "confirm-logout",
            pages::confirm_logout(
                &ConfirmLogout {
                    app: Some(netbox),
                    display_name: w("Anna Berger"),
                    action: path::LOGOUT,
                    csrf: w("c5f2"),
                    hidden: &[("state", w("xyz")), (w("other"), w("value"))],
                },
                &within,
            ),
        ),
        (
            "logged-out",
            pages::logged_out(
                &LoggedOut {
                    app: Some(netbox),
                    back: Some(w("https://netbox.example.com/")),
                    login: Some("/login"),
                },
                &out,
            ),
        ),
        (
            "start",
            pages::start(
                &Start {
                    apps: &tiles,
                    administrator: false,
                },
                &within,
            ),
        ),
        (
            "start-empty",
            pages::start(
                &Start {
                    apps: &[],
                    administrator: true,
                },
                &within,
            ),
        ),
        (
            "form-post",
            pages::form_post(
                &FormPost {
                    app: netbox,
                    action: w("https://netbox.example.com/oauth/complete/oidc/"),
                    fields: &[("code", w("SplxlOBeZQQYbYS6WxSbIA")), ("state", w("af0ifjsldkj"))],
                },
                &out,
            ),
        ),
        ("fault-not-found", pages::fault(&Fault::NotFound, &out)),
        ("fault-bad-request", pages::fault(&Fault::BadRequest, &out)),
        ("fault-foreign-form", pages::fault(&Fault::ForeignForm, &out)),
        (
            "fault-too-many",
            pages::fault(&Fault::TooManyRequests { seconds: 7_300 }, &out),
        ),
        (
            "fault-internal",
            pages::fault(
                &Fault::Internal {
                    reference: Some(w("7K3Q-9FZM")),
                },
                &out,
            ),
        ),
        ("fault-busy", pages::fault(&Fault::Busy { seconds: 3 }, &out)),
        (
            "status",
            pages::status(
                &Status {
                    checks: &checks,
                    now,
                    version: w("0.1.0"),
                },
                &out,
            ),
        ),
        (
            "status-works",
            pages::status(
                &Status {
                    checks: checks.get(..2).unwrap(),
                    now,
                    version: "",
                },
                &out,
            ),
        ),
    ]
}
