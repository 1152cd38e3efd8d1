//! `doorward overview`

use doorward_api::Overview;

use crate::{caller::Caller, failure::Failure, output::instant};

/// Figures, why logins failed, and what wants attention.
pub(super) async fn run(caller: &Caller<'_>) -> Result<(), Failure> {
    let reply = caller.get::<Overview>(&["overview"]).await?;
    caller.show(&reply, |overview, output| {
        let number = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        output.fields(&[
            ("people", number(overview.people)),
            ("groups", number(overview.groups)),
            ("applications", number(overview.apps)),
            ("sessions", number(overview.sessions)),
        ])?;
        if let Some(logins) = &overview.logins {
            output.line(format!(
                "\nLogins since {}: {} worked, {} were refused{}.",
                instant(overview.since),
                logins.good,
                logins.refused,
                if logins.capped {
                    ", of the latest events alone"
                } else {
                    ""
                }
            ))?;
            let rows = logins
                .reasons
                .iter()
                .map(|reason| vec![reason.code.clone(), reason.count.to_string()])
                .collect();
            if !logins.reasons.is_empty() {
                output.table(&["REFUSED BECAUSE", "TIMES"], rows, "")?;
            }
        }
        for item in &overview.attention {
            output.line(format!(
                "\n{}{}",
                item.subject
                    .as_ref()
                    .map(|name| format!("{name}: "))
                    .unwrap_or_default(),
                item.sentence
            ))?;
            if let Some(remedy) = &item.remedy {
                output.line(format!("  {remedy}"))?;
            }
        }
        Ok(())
    })
}
