//! The person's own pages, the way out, and the status page.

use doorward_oidc::Refusal;
use doorward_provider::logout::POST_LOGOUT_URI_MISMATCH;
use doorward_web::pages::{self, *};
use jiff::{SignedDuration, Timestamp};

use super::{Sample, Scene};

const NOW: &str = "2026-11-22T02:30:00Z";

pub(super) fn samples(scene: &Scene<'_>) -> Vec<Sample> {
    let Scene {
        out, within, netbox, w, ..
    } = *scene;
    let now: Timestamp = NOW.parse().unwrap();
    let ago = |minutes: i64| now - SignedDuration::from_mins(minutes);
    let ahead = |minutes: i64| now + SignedDuration::from_mins(minutes);
    let parted = [
        ("NetBox", "https://netbox.example.com", Knows::Yes),
        ("Grafana", "https://grafana.example.com", Knows::Yes),
        ("Überwachung der Rechenzentrumsklimatisierung", "", Knows::NotYet),
        ("Metriken", "https://metrics.example.com", Knows::Framed),
        ("Wiki", "https://wiki.example.com", Knows::Never),
        ("Konsole", "", Knows::Never),
    ]
    .map(|(name, url, knows)| Parted {
        name: w(name).to_owned(),
        url: w(url).to_owned(),
        knows,
        // The gallery lets no frame in; in Chromium it is in e2e/browser/frames.mjs.
        frame: None,
    });
    let mismatch = Refusal::page(&POST_LOGOUT_URI_MISMATCH, w("received https://elsewhere.example"));
    let change = ChangePassword {
        action: path::PASSWORD,
        csrf: w("c5f2"),
        username: w("anna"),
        min_length: 12,
        problem: None,
        done: false,
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
    let scopes = |names: &[&'static str]| names.iter().map(|&name| w(name).to_owned()).collect::<Vec<_>>();
    let (much, little) = (
        scopes(&["openid", "profile", "email", "groups", "offline_access", "netbox:write"]),
        scopes(&["openid", "profile"]),
    );
    let connected = [
        GrantItem {
            id: w("netbox"),
            name: w("NetBox"),
            host: Some(w("netbox.example.com")),
            scopes: &much,
            since: ago(60 * 24 * 30),
            last_login: Some(ago(3)),
            asks: true,
        },
        GrantItem {
            id: w("klima"),
            name: w("Überwachung der Rechenzentrumsklimatisierung"),
            host: None,
            scopes: &little,
            since: ago(130),
            last_login: None,
            asks: false,
        },
    ];
    let granted = Grants {
        apps: &connected,
        now,
        csrf: w("c5f2"),
        withdrawn: false,
    };
    let open_questions = [
        OpenQuestion {
            app: w("Überwachung der Rechenzentrumsklimatisierung"),
            message: Some(w("Schicht 7 übernehmen")),
            href: "/asked?request=1",
        },
        OpenQuestion {
            app: w("NetBox"),
            message: None,
            href: "/asked?request=2",
        },
    ];
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
    let profile = Profile {
        csrf: w("c5f2"),
        username: w("anna"),
        display_name: w("Anna Berger"),
        may_name: true,
        language: "de",
        may_language: true,
        theme: "browser",
        email: Some(w("anna@example.com")),
        verified: true,
        may_email: true,
        pending: Some(w("anna.berger@example.org")),
        may_delete: true,
        has_terms: true,
        typed: "",
        notice: None,
        problem: None,
    };
    let confirmed = ConfirmAddress {
        action: "/confirm/AZ3kq1c",
        csrf: w("c3JmLXRva2Vu"),
        address: w("anna@example.com"),
        username: w("anna"),
        state: Confirming::Asked,
    };
    let deed = Deed {
        at: ago(3),
        action: "session.begin",
        refused: false,
        by: By::Oneself,
        about: None,
        address: Some(w("192.0.2.17")),
    };
    let deeds = [
        deed,
        Deed {
            action: "login",
            about: Some(w("Überwachung der Rechenzentrumsklimatisierung")),
            ..deed
        },
        Deed {
            at: ago(90),
            action: "login",
            refused: true,
            by: By::Somebody,
            address: Some(w("2001:db8:4e:1c07:93f2:11ff:fe8a:7d10")),
            ..deed
        },
        Deed {
            at: ago(4_000),
            action: "user.edit",
            by: By::Administrator,
            address: None,
            ..deed
        },
        Deed {
            at: ago(9_000),
            action: w("group.member.remove"),
            by: By::Office,
            ..deed
        },
    ];
    let lately = Activity {
        deeds: &deeds,
        now,
        older: Some("019a0000-0000-7000-8000-000000000000"),
        is_later: true,
    };
    let deletion = DeleteAccount {
        csrf: w("c5f2"),
        username: w("anna"),
        days: 14,
        has_role: false,
    };
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

    let laptop = PasskeyItem {
        id: w("p1"),
        name: w("Firefox on Linux"),
        created: ago(60 * 24 * 90),
        last_used: Some(ago(3)),
        synced: false,
        copied: false,
    };
    let registered = [
        laptop,
        PasskeyItem {
            id: w("p2"),
            name: w("Überall"),
            last_used: None,
            synced: true,
            ..laptop
        },
        PasskeyItem {
            id: w("p3"),
            name: w("Sicherheitsschlüssel am Schlüsselbund der Rufbereitschaft"),
            copied: true,
            ..laptop
        },
    ];
    let passkeys = Passkeys {
        passkeys: &registered,
        user_agent: w("Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"),
        full: false,
        unavailable: false,
        now,
        csrf: w("c5f2"),
        notice: None,
    };

    vec![
        ("passkeys", pages::passkeys(&passkeys, &within)),
        (
            "passkeys-none",
            pages::passkeys(
                &Passkeys {
                    passkeys: &[],
                    notice: Some(PasskeysNotice::Removed),
                    ..passkeys
                },
                &within,
            ),
        ),
        (
            "passkeys-refused",
            pages::passkeys(
                &Passkeys {
                    passkeys: &registered[..1],
                    notice: Some(PasskeysNotice::NotRegistered),
                    ..passkeys
                },
                &within,
            ),
        ),
        (
            "passkeys-unavailable",
            pages::passkeys(
                &Passkeys {
                    passkeys: &[],
                    unavailable: true,
                    ..passkeys
                },
                &within,
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
        ("profile", pages::profile(&profile, &within)),
        (
            "profile-wrong",
            pages::profile(
                &Profile {
                    typed: w("anna at example.org"),
                    problem: Some(ProfileProblem::Address),
                    ..profile
                },
                &within,
            ),
        ),
        (
            "profile-fixed",
            pages::profile(
                &Profile {
                    may_name: false,
                    may_language: false,
                    may_email: false,
                    email: None,
                    pending: None,
                    ..profile
                },
                &within,
            ),
        ),
        (
            "profile-saved",
            pages::profile(
                &Profile {
                    notice: Some(ProfileNotice::LetterSent),
                    ..profile
                },
                &within,
            ),
        ),
        ("confirm-address", pages::confirm_address(&confirmed, &scene.out)),
        (
            "confirm-address-done",
            pages::confirm_address(
                &ConfirmAddress {
                    state: Confirming::Done,
                    ..confirmed
                },
                &scene.out,
            ),
        ),
        (
            "confirm-address-other",
            pages::confirm_address(
                &ConfirmAddress {
                    state: Confirming::OtherAccount,
                    ..confirmed
                },
                &scene.out,
            ),
        ),
        ("activity", pages::activity(&lately, &within)),
        (
            "activity-none",
            pages::activity(
                &Activity {
                    deeds: &[],
                    older: None,
                    is_later: false,
                    ..lately
                },
                &within,
            ),
        ),
        ("delete-account", pages::delete_account(&deletion, &within)),
        (
            "delete-account-at-once",
            pages::delete_account(&DeleteAccount { days: 0, ..deletion }, &within),
        ),
        (
            "delete-account-administrator",
            pages::delete_account(
                &DeleteAccount {
                    has_role: true,
                    ..deletion
                },
                &within,
            ),
        ),
        (
            "account-closed",
            pages::account_closed(
                &AccountClosed {
                    gone: Some(ahead(20_000)),
                    now,
                },
                &scene.out,
            ),
        ),
        (
            "account-gone",
            pages::account_closed(&AccountClosed { gone: None, now }, &scene.out),
        ),
        ("grants", pages::grants(&granted, &within)),
        (
            "grants-withdrawn",
            pages::grants(
                &Grants {
                    apps: connected.get(1..).unwrap(),
                    withdrawn: true,
                    ..granted
                },
                &within,
            ),
        ),
        ("grants-none", pages::grants(&Grants { apps: &[], ..granted }, &within)),
        (
            "logins",
            pages::logins(
                &Logins {
                    connected: &[ConnectedLogin {
                        id: w("i1"),
                        title: w("Company account"),
                        shown_name: w("anna.berger@example.com"),
                        last_used: Some(ago(47)),
                    }],
                    others: &[OtherLogin {
                        title: w("Keycloak of the subsidiary"),
                        name: w("subsidiary"),
                    }],
                    now,
                    csrf: w("c5f2"),
                    notice: Some(LoginsNotice::Connected),
                },
                &within,
            ),
        ),
        (
            "logins-last-way",
            pages::logins(
                &Logins {
                    connected: &[ConnectedLogin {
                        id: w("i1"),
                        title: w("Company account"),
                        shown_name: w("anna.berger@example.com"),
                        last_used: None,
                    }],
                    others: &[],
                    now,
                    csrf: w("c5f2"),
                    notice: Some(LoginsNotice::LastWay),
                },
                &within,
            ),
        ),
        (
            "confirm-login",
            pages::confirm_login(
                &ConfirmLogin {
                    upstream: w("Company account"),
                    there: w("anna.berger@example.com"),
                    full_name_there: Some(w("Anna Berger")),
                    here: w("anna"),
                    full_name_here: w("Anna Berger"),
                    held: w("h3ld"),
                    csrf: w("c5f2"),
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
                    parted: &[],
                    onward: None,
                    refusal: None,
                },
                &out,
            ),
        ),
        (
            "logged-out-apps",
            pages::logged_out(
                &LoggedOut {
                    app: None,
                    back: None,
                    login: Some("/login"),
                    parted: &parted,
                    onward: None,
                    refusal: Some(&mismatch),
                },
                &out,
            ),
        ),
        (
            "start",
            pages::start(
                &Start {
                    questions: &open_questions,
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
                    questions: &[],
                    apps: &[],
                    administrator: true,
                },
                &within,
            ),
        ),
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
