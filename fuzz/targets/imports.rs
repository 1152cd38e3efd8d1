//! Documents of other providers: read within bounds, whatever they hold, and nothing of a person beyond its own bounds.

use doorward_moving::{Intake, csv, keycloak, ldif};

fn bounded(intake: &Intake) {
    for person in &intake.people {
        assert!(person.arrival.user.groups.len() <= 200_000);
    }
    assert!(intake.report.remarks.len() <= 2_000);
    for remark in &intake.report.remarks {
        assert!(remark.names.len() <= 50);
    }
}

pub(crate) fn run(data: &[u8]) {
    for read in [keycloak::read(data), csv::read(data), ldif::read(data)] {
        match read {
            Ok(intake) => bounded(&intake),
            Err(unreadable) => assert!(unreadable.received.len() < 1_000),
        }
    }
}
