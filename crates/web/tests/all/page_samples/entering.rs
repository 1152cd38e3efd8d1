//! The way in: login, consent, enrolment, and on to the application.

use doorward_web::pages::{self, *};

use super::{Sample, Scene};

pub(super) fn samples(scene: &Scene<'_>) -> Vec<Sample> {
    let Scene {
        out, within, netbox, w, ..
    } = *scene;
    let forgotten = Forgotten {
        action: "/forgot",
        username: w("anna"),
        sent: false,
        problem: None,
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
        ways: &[],
        asks: Asks::NameAndPassword,
        passkey: true,
        register: false,
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

    vec![
        ("login", pages::login(&login, &out)),
        (
            "login-register",
            pages::login(
                &Login {
                    register: true,
                    ..login
                },
                &out,
            ),
        ),
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
            "login-account-expired",
            pages::login(
                &Login {
                    username: w("anna"),
                    problem: Some(LoginProblem::AccountExpired),
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
            "login-ways",
            pages::login(
                &Login {
                    ways: &[
                        UpstreamWay {
                            title: w("Company account"),
                            href: "/login/upstream?upstream=entra&attempt=AZ3kq1c",
                        },
                        UpstreamWay {
                            title: w("Keycloak of the subsidiary in Heidelberg-Rohrbach"),
                            href: "/login/upstream?upstream=keycloak&attempt=AZ3kq1c",
                        },
                    ],
                    ..login
                },
                &out,
            ),
        ),
        (
            "login-name",
            pages::login(
                &Login {
                    ways: &[UpstreamWay {
                        title: w("Company account"),
                        href: "/login/upstream?upstream=entra&attempt=AZ3kq1c",
                    }],
                    asks: Asks::Name,
                    ..login
                },
                &out,
            ),
        ),
        (
            "login-elsewhere",
            pages::login(
                &Login {
                    ways: &[UpstreamWay {
                        title: w("Company account"),
                        href: "/login/upstream?upstream=entra&attempt=AZ3kq1c",
                    }],
                    asks: Asks::Nothing,
                    ..login
                },
                &out,
            ),
        ),
        (
            "onward",
            pages::onward(
                &Onward {
                    title: w("Company account"),
                    href: "/login/upstream?upstream=entra&attempt=AZ3kq1c",
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
                    unvouched: Some(w("https://netbox.example.com")),
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
                    details: &[],
                    action: "/consent",
                    attempt: w("AZ3kq1c"),
                    csrf: w("c3JmLXRva2Vu"),
                    shown: w("c2hvd24"),
                },
                &within,
            ),
        ),
        (
            "consent-details",
            pages::consent(
                &Consent {
                    app: netbox,
                    unvouched: None,
                    scopes: &[ScopeItem {
                        name: "openid",
                        values: &[],
                    }],
                    details: &[DetailItem {
                        kind: w("payment_initiation").to_owned(),
                        members: vec![
                            (w("creditorName").to_owned(), w("Harbour Office").to_owned()),
                            (
                                w("instructedAmount").to_owned(),
                                w(r#"{"amount":"123.50","currency":"EUR"}"#).to_owned(),
                            ),
                        ],
                    }],
                    action: "/consent",
                    attempt: w("AZ3kq1c"),
                    csrf: w("c3JmLXRva2Vu"),
                    shown: w("c2hvd24"),
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
        ("forgotten", pages::forgotten(&forgotten, &out)),
        (
            "forgotten-empty",
            pages::forgotten(
                &Forgotten {
                    problem: Some(ForgottenProblem::Empty),
                    ..forgotten
                },
                &out,
            ),
        ),
        (
            "forgotten-sent",
            pages::forgotten(
                &Forgotten {
                    sent: true,
                    ..forgotten
                },
                &out,
            ),
        ),
        (
            "forgotten-off",
            pages::forgotten(&forgotten, &Chrome { has_mail: false, ..out }),
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
    ]
}

/// Coming by oneself.
pub(super) fn registering(scene: &Scene<'_>) -> Vec<Sample> {
    let Scene { out, w, .. } = *scene;
    let domains = [w("example.com").to_owned(), w("example.org").to_owned()];
    let register = Register {
        action: "/register",
        email: "",
        domains: &domains,
        approval: true,
        sent: false,
        problem: None,
    };
    let wrong = |problem| {
        let view = Register {
            email: w("anna@elsewhere.example"),
            domains: &[],
            approval: false,
            problem: Some(problem),
            ..register
        };
        pages::register(&view, &out)
    };
    let join = Join {
        action: "/register/AZ3kq1c",
        token: w("AZ3kq1c"),
        email: w("anna@example.com"),
        username: w("anna"),
        display_name: w("Anna Berger"),
        asks_password: true,
        min_length: 12,
        problem: None,
        waits: false,
    };
    let joining = |view: Join<'_>| pages::join(&view, &out);
    let sent = Register { sent: true, ..register };
    vec![
        ("register", pages::register(&register, &out)),
        ("register-sent", pages::register(&sent, &out)),
        ("register-bad-address", wrong(RegisterProblem::Address)),
        ("register-bad-domain", wrong(RegisterProblem::Domain)),
        (
            "register-elsewhere",
            wrong(RegisterProblem::Elsewhere {
                title: w("Company account"),
            }),
        ),
        ("register-throttled", wrong(RegisterProblem::Throttled { seconds: 40 })),
        ("join", joining(join)),
        (
            "join-taken",
            joining(Join {
                problem: Some(PasswordProblem::UsernameTaken),
                ..join
            }),
        ),
        (
            "join-approval",
            joining(Join {
                asks_password: false,
                problem: Some(PasswordProblem::Throttled { seconds: 40 }),
                ..join
            }),
        ),
        ("join-waits", joining(Join { waits: true, ..join })),
    ]
}
