//! The second step of a login.

use doorward_web::pages::{self, *};
use jiff::{SignedDuration, Timestamp};

use super::{Sample, Scene};

const NOW: &str = "2026-11-22T02:30:00Z";
const URI: &str = "otpauth://totp/Example%20GmbH:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example%20GmbH&algorithm=SHA1&digits=6&period=30";

/// A secret as people see it.
fn set_up<'a>(scene: &Scene<'a>) -> SetUp<'a> {
    SetUp {
        uri: URI,
        typed: (scene.w)("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"),
        draft: (scene.w)("AQIDBAUG"),
        problem: None,
    }
}

/// Recovery codes.
fn codes(scene: &Scene<'_>) -> Vec<String> {
    (0..10).map(|_| (scene.w)("k7m2q-xw9tb").to_owned()).collect()
}

pub(super) fn samples(scene: &Scene<'_>) -> Vec<Sample> {
    let Scene {
        out, within, netbox, w, ..
    } = *scene;
    let now: Timestamp = NOW.parse().unwrap();
    let second = Second {
        app: Some(netbox),
        action: "/login/second",
        half: w("AQk3fU0"),
        username: w("anna"),
        asks_code: true,
        has_recovery: true,
        passkey: None,
        remember_days: 30,
        problem: None,
        other: "/login?attempt=AZ3kq1c&other=1",
    };
    let set_up = set_up(scene);
    let enrol = EnrolFactor {
        app: None,
        action: "/login/second/enrol",
        later: None,
        half: w("AQk3fU0"),
        username: w("anna"),
        passkey: Some(EnrolPasskey {
            action: "/login/enrol-passkey",
            options: "/login/enrol-passkey/options",
            user_agent: w("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
            problem: None,
        }),
        app_codes: Some(set_up),
        now,
    };
    let codes = codes(scene);
    let factors = Factors {
        app_since: Some(now - SignedDuration::from_hours(24 * 40)),
        recovery_left: Some(8),
        is_demanded: false,
        now,
        csrf: w("c5f2"),
        notice: None,
    };
    let add = AddApp {
        set_up,
        replaces: false,
        csrf: w("c5f2"),
    };
    vec![
        ("factors", pages::factors(&factors, &within)),
        (
            "factors-none",
            pages::factors(
                &Factors {
                    app_since: None,
                    recovery_left: None,
                    is_demanded: true,
                    notice: Some(FactorsNotice::Removed),
                    ..factors
                },
                &within,
            ),
        ),
        ("add-app", pages::add_app(&add, &within)),
        (
            "add-app-wrong",
            pages::add_app(
                &AddApp {
                    set_up: SetUp {
                        problem: Some(CodeProblem::Empty),
                        ..set_up
                    },
                    replaces: true,
                    ..add
                },
                &within,
            ),
        ),
        (
            "new-recovery-codes-passkey",
            pages::new_recovery_codes(
                &NewRecoveryCodes {
                    codes: &codes,
                    first: true,
                    passkey: true,
                },
                &within,
            ),
        ),
        (
            "new-recovery-codes",
            pages::new_recovery_codes(
                &NewRecoveryCodes {
                    codes: &codes,
                    first: false,
                    passkey: false,
                },
                &within,
            ),
        ),
        ("second", pages::second(&second, &out)),
        (
            "second-wrong",
            pages::second(
                &Second {
                    app: None,
                    has_recovery: false,
                    remember_days: 0,
                    problem: Some(CodeProblem::Wrong),
                    ..second
                },
                &out,
            ),
        ),
        (
            "second-recovery",
            pages::second(
                &Second {
                    asks_code: false,
                    passkey: Some(("/login/second/passkey", "/login/second/passkey/options")),
                    remember_days: 1,
                    problem: Some(CodeProblem::Throttled { seconds: 240 }),
                    ..second
                },
                &out,
            ),
        ),
        ("enrol-factor", pages::enrol_factor(&enrol, &out)),
        (
            "enrol-factor-wrong",
            pages::enrol_factor(
                &EnrolFactor {
                    app: Some(netbox),
                    later: Some(("/login/second/later", now + SignedDuration::from_hours(24 * 12))),
                    app_codes: Some(SetUp {
                        problem: Some(CodeProblem::Wrong),
                        ..set_up
                    }),
                    ..enrol
                },
                &out,
            ),
        ),
        (
            "enrol-factor-passkey",
            pages::enrol_factor(
                &EnrolFactor {
                    app_codes: None,
                    passkey: enrol.passkey.map(|passkey| EnrolPasskey {
                        problem: Some(CodeProblem::UntrustedPasskey),
                        ..passkey
                    }),
                    ..enrol
                },
                &out,
            ),
        ),
        (
            "enrol-factor-nothing",
            pages::enrol_factor(
                &EnrolFactor {
                    app_codes: None,
                    passkey: None,
                    ..enrol
                },
                &out,
            ),
        ),
        (
            "enrol-factor-app-alone",
            pages::enrol_factor(&EnrolFactor { passkey: None, ..enrol }, &out),
        ),
        (
            "recovery-codes",
            pages::recovery_codes(
                &RecoveryCodes {
                    codes: &codes,
                    on: "/login/on?attempt=AZ3kq1c",
                    username: w("anna"),
                },
                &out,
            ),
        ),
    ]
}
