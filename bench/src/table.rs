//! The table that the README quotes.

use crate::load::Figures;

/// One scenario.
pub(crate) struct Row {
    name: String,
    ours: Figures,
    peer: Option<Figures>,
    limit: Option<(String, f64)>,
}

impl Row {
    pub(crate) fn new(name: &str, ours: Figures) -> Self {
        Self {
            name: name.to_owned(),
            ours,
            peer: None,
            limit: None,
        }
    }

    pub(crate) fn peer(mut self, peer: Figures) -> Self {
        self.peer = Some(peer);
        self
    }

    /// What bounds the scenario, and how many per core-second that would be.
    pub(crate) fn limit(mut self, name: &str, per_core_second: f64) -> Self {
        self.limit = Some((name.to_owned(), per_core_second));
        self
    }
}

/// All rows.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        eprintln!("{:<28}{:>9.0} per core-second", row.name, row.ours.per_core_second());
        self.0.push(row);
    }

    /// Markdown.
    pub(crate) fn print(&self) {
        println!(
            "| scenario | per core-second | seen/s | p50 | p99 | RSS | oidc-provider per core-second | ratio | of the limit |"
        );
        println!("|---|---:|---:|---:|---:|---:|---:|---:|---|");
        for row in &self.0 {
            let ours = row.ours.per_core_second();
            let peer = row.peer.as_ref().map(Figures::per_core_second);
            println!(
                "| {} | {:.0} | {:.0} | {:.1} ms | {:.1} ms | {:.0} MiB | {} | {} | {} |",
                row.name,
                ours,
                row.ours.per_second(),
                row.ours.p50.as_secs_f64() * 1e3,
                row.ours.p99.as_secs_f64() * 1e3,
                row.ours.resident,
                peer.map_or("–".into(), |peer| format!("{peer:.0}")),
                peer.map_or("–".into(), |peer| format!("{:.1}×", ours / peer)),
                row.limit
                    .as_ref()
                    .map_or("–".into(), |(name, limit)| format!("{:.2} of {name}", ours / limit)),
            );
        }
        println!();
    }
}
