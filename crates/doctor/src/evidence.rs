//! What the application's last login says: the one thing that was seen from both sides.

use doorward_audit::{Conclusion, Verdict};

use crate::Finding;

/// The finding of a conclusion. A login that is going on says nothing.
pub fn judge(conclusion: &Conclusion, reference: &str) -> Option<Finding> {
    let received = format!("{} ({reference})", conclusion.sentence);
    match conclusion.verdict {
        Verdict::Good => Some(Finding::good("last_login", received)),
        Verdict::Open => None,
        Verdict::Bad => {
            let (code, rank) = match conclusion.code {
                "id_token_clock" => ("clock", 50),
                "id_token_algorithm" => ("algorithm", 51),
                "id_token_audience" => ("audience", 52),
                "private_ca" => ("private_ca", 48),
                _ => ("last_login", 62),
            };
            let finding = Finding::problem(code, rank, "a login that is completed", received);
            Some(match &conclusion.remedy {
                Some(remedy) => finding.there(remedy.clone()),
                None => finding,
            })
        }
    }
}
