//! Moving in.

use doorward_api as api;
use doorward_web::pages::console::{self, *};

use super::{Sample, console::Words};

pub(super) fn samples(words: &Words<'_>, frame: &Frame<'_>, error: &api::ErrorBody) -> Vec<Sample> {
    let remark = |outcome, kind: &str, count| api::ImportRemark {
        outcome,
        kind: kind.to_owned(),
        what: words.text("redirect URIs with a wildcard are not registered"),
        remedy: words.some("doorward app pair NAME"),
        names: words.texts(&["wiki", "spa"]),
        count,
    };
    let report = api::ImportReport {
        written: true,
        counts: vec![api::ImportCount {
            kind: "user".to_owned(),
            added: 1_000,
            already: 3,
            conflicts: 1,
        }],
        remarks: vec![
            remark(api::ImportOutcome::Conflict, "user", 1),
            remark(api::ImportOutcome::Left, "app", 120),
            remark(api::ImportOutcome::Translated, "group", 2),
            remark(api::ImportOutcome::Already, "upstream", 2),
            remark(api::ImportOutcome::AsIs, "realm", 2),
        ],
        more_remarks: 0,
    };
    let empty = api::ImportReport {
        written: false,
        counts: Vec::new(),
        remarks: Vec::new(),
        more_remarks: 0,
    };
    let shown = |report, dry_run| Import {
        report: Some(report),
        dry_run,
        error: None,
    };
    let refused = Import {
        error: Some(error),
        ..Import::default()
    };
    vec![
        ("console-import", console::import(&Import::default(), frame)),
        ("console-import-written", console::import(&shown(&report, false), frame)),
        ("console-import-tried", console::import(&shown(&empty, true), frame)),
        (
            "console-import-not-written",
            console::import(&shown(&empty, false), frame),
        ),
        ("console-import-refused", console::import(&refused, frame)),
    ]
}
