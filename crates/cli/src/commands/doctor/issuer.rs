//! `doorward doctor issuer`: a look at any provider, as an application would take it.

use std::{io::Read, path::PathBuf, time::Duration};

use clap::Args;
use doorward_apps::Presets;
use doorward_login::{Login, Offered, ProbeOptions, Report, Weight};
use doorward_oidc::ScopeSet;
use serde::Serialize;

use super::{
    dialect,
    finding::{self, Finding},
    offers,
};
use crate::{failure::Failure, output::Output};

#[derive(Debug, Args)]
pub(crate) struct Issuer {
    /// The issuer, or the address that you have for it
    #[arg(value_name = "URL")]
    address: String,
    /// Also say whether it is good enough for this application; run it on the application's machine, whose clock counts
    #[arg(long = "for", value_name = "PRESET")]
    preset: Option<String>,
    /// The client id there; some providers have an issuer for each
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Scopes that logins will ask for, separated by spaces
    #[arg(long, value_name = "SCOPES", default_value = "openid profile email")]
    scopes: String,
    /// PEM file of a private certificate authority
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// How far the clocks may be apart, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(..=3600))]
    leeway: u64,
}

/// What is printed with `--json`.
#[derive(Serialize)]
struct Looked<'a> {
    issuer: &'a str,
    suggestion: Option<&'a str>,
    usable: bool,
    clock_offset_ms: Option<i64>,
    clock_accuracy_ms: Option<i64>,
    offered: Option<&'a Offered>,
    findings: &'a [Finding],
}

/// Largest CA file in bytes.
const MAX_CA: u64 = 1024 * 1024;

impl Issuer {
    pub(super) async fn run(self, output: &Output) -> Result<(), Failure> {
        let presets = Presets::built_in();
        let preset = match &self.preset {
            None => None,
            Some(name) => Some(presets.require(name).map_err(|refusal| Failure::Usage {
                text: refusal.detail,
                remedy: refusal.remedy,
            })?),
        };
        let options = self.options()?;
        if !output.json {
            output.aside(format!("Looking at {}; the clock takes six seconds.", self.address))?;
        }
        let mut report = Login::probe(&self.address, options).await;
        let mut findings: Vec<Finding> = std::mem::take(&mut report.findings)
            .into_iter()
            .map(Finding::from)
            .collect();
        if let Some(offered) = &report.offered {
            offers::judge(offered, &presets, &mut findings);
        }
        if let Some(preset) = preset {
            dialect::judge(&report, preset, &mut findings);
        }
        let usable = report.offered.is_some() && findings.iter().all(|finding| finding.weight != Weight::Problem);
        if output.json {
            let body = serde_json::to_vec_pretty(&looked(&report, usable, &findings));
            output.raw(&body.map_err(|error| Failure::Local(error.into()))?)?;
        }
        finding::print(&findings, output)?;
        if let Some(issuer) = &report.suggestion {
            output.line(format!("\nThe right issuer: {issuer}"))?;
        }
        if usable {
            output.line("\nLogins can work.")
        } else {
            Err(Failure::found("logins through this provider would fail"))
        }
    }

    fn options(&self) -> Result<ProbeOptions, Failure> {
        let scopes = ScopeSet::parse(&self.scopes).map_err(|refusal| Failure::usage(refusal.detail))?;
        let ca_pem = match &self.ca_file {
            None => None,
            Some(path) => {
                let mut pem = Vec::new();
                let read = std::fs::File::open(path).and_then(|file| file.take(MAX_CA).read_to_end(&mut pem));
                read.map_err(|error| Failure::usage(format!("cannot read the CA file {}: {error}", path.display())))?;
                Some(pem)
            }
        };
        Ok(ProbeOptions {
            client_id: self.client_id.clone(),
            scopes: Some(scopes),
            ca_pem,
            // Whoever typed the address means it, wherever it leads: nothing is sent there but questions for what is public.
            allow_private: Some(true),
            leeway: Duration::from_secs(self.leeway),
            ..ProbeOptions::default()
        })
    }
}

fn looked<'a>(report: &'a Report, usable: bool, findings: &'a [Finding]) -> Looked<'a> {
    Looked {
        issuer: &report.issuer,
        suggestion: report.suggestion.as_deref(),
        usable,
        clock_offset_ms: report.clock_offset_ms,
        clock_accuracy_ms: report.clock_accuracy_ms,
        offered: report.offered.as_ref(),
        findings,
    }
}
