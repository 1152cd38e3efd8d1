//! What began somewhere else: on a device, or in an application that named the person.

use doorward_web::pages::{self, *};
use jiff::{SignedDuration, Timestamp};

use super::{Sample, Scene};

pub(super) fn samples(scene: &Scene<'_>) -> Vec<Sample> {
    let Scene { within, netbox, w, .. } = *scene;
    let now: Timestamp = "2026-11-22T02:30:00Z".parse().unwrap();
    let code = DeviceCode {
        action: "/device",
        typed: "",
        problem: None,
    };
    let wrong = |problem| DeviceCode {
        typed: w("WDJB-MJHX"),
        problem: Some(problem),
        ..code
    };
    let device = Question {
        app: netbox,
        kind: QuestionKind::Device { code: w("WDJB-MJHT") },
        is_unvouched: true,
        scopes: &[w("openid"), w("profile"), w("offline_access")],
        address: w("2001:db8:4e:1c07:93f2:11ff:fe8a:7d10"),
        user_agent: w("curl/8.5.0"),
        began: now - SignedDuration::from_mins(2),
        now,
        action: "/asked/answer",
        request: w("0198"),
        csrf: w("c5f2"),
        shown: w("d1"),
    };
    let application = Question {
        kind: QuestionKind::Application {
            message: Some(w("Überweisung 4711")),
        },
        is_unvouched: false,
        scopes: &[],
        ..device
    };
    let question = |view: &Question<'_>| pages::question(view, &within);
    vec![
        ("device_code", device_code(&code, &within)),
        (
            "device_code_unknown",
            device_code(&wrong(DeviceCodeProblem::Unknown), &within),
        ),
        (
            "device_code_unreadable",
            device_code(&wrong(DeviceCodeProblem::Unreadable), &within),
        ),
        (
            "device_code_throttled",
            device_code(&wrong(DeviceCodeProblem::Throttled { seconds: 30 }), &within),
        ),
        ("question_device", question(&device)),
        ("question_application", question(&application)),
        ("question_allowed", answered(Outcome::Allowed, Some(netbox), &within)),
        ("question_denied", answered(Outcome::Denied, Some(netbox), &within)),
        ("question_over", answered(Outcome::Over, None, &within)),
    ]
}
