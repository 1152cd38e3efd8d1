//! What there is once: settings, the policy of everybody, registration of people and of applications, terms.

use doorward_apps::{ClientRegistrationEdit, RegistrationMode};
use doorward_directory::{Actor, LoginPolicy, PolicyTarget, RegistrationEdit, TermsText, within};
use doorward_store::Tx;
use serde::{Deserialize, Serialize};

use crate::{
    Form, Kind, Path, Schema, UnitError, Weaker,
    carry_out::Unit,
    form::{object, over, strictly, without},
    here::Entry,
    refusals::invalid,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationForm {
    open: bool,
    domains: Vec<String>,
    approval: bool,
    groups: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientRegistrationForm {
    mode: Mode,
    groups: Vec<String>,
    unused_days: u32,
    most_unused: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    Off,
    Token,
    /// Anybody: as loud as on the command line.
    WeakenOpen,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TermsForm {
    texts: Vec<TermsText>,
}

/// Each of them that is not as usual.
pub(crate) fn entries(tx: &mut Tx<'_>, unit: &Unit) -> Result<Vec<(Path, Entry)>, UnitError> {
    let mut list = Vec::new();
    for kind in Kind::SINGLE {
        let full = full(tx, unit, kind)?;
        let form = without(&full, &usual(unit, kind)?);
        if !form.is_empty() {
            let is_open =
                kind == Kind::ClientRegistration && form.get("mode").is_some_and(|mode| mode == "weaken-open");
            let weak = is_open.then(|| {
                Weaker::new(
                    "weaken-open",
                    "anybody who reaches this server registers applications, under any name",
                )
            });
            let policy = match kind {
                Kind::Policies => within::policies(tx)?.default,
                _ => LoginPolicy::default(),
            };
            let entry = Entry {
                form,
                full,
                weak: weak.into_iter().collect(),
                policy,
            };
            list.push((Path::single(kind), entry));
        }
    }
    Ok(list)
}

fn full(tx: &mut Tx<'_>, unit: &Unit, kind: Kind) -> Result<Form, UnitError> {
    let full = match kind {
        Kind::Settings => return Ok(unit.server.read(tx)?),
        Kind::Policies => object(&within::policies(tx)?.default),
        Kind::Registration => {
            let (policy, groups) = within::registration(tx)?;
            let mut groups: Vec<String> = groups.into_iter().map(|group| group.name.to_string()).collect();
            groups.sort();
            object(&RegistrationForm {
                open: policy.open,
                domains: policy.domains,
                approval: policy.approval,
                groups,
            })
        }
        Kind::ClientRegistration => {
            let (policy, mut groups) = unit.apps.client_registration(tx)?;
            groups.sort();
            object(&of_clients(&policy, groups))
        }
        _ => object(&TermsForm {
            texts: within::terms(tx)?.unwrap_or_default(),
        }),
    };
    full.map_err(UnitError::Failed)
}

fn of_clients(policy: &doorward_apps::ClientRegistration, groups: Vec<String>) -> ClientRegistrationForm {
    ClientRegistrationForm {
        mode: match policy.mode {
            RegistrationMode::Off => Mode::Off,
            RegistrationMode::Token => Mode::Token,
            RegistrationMode::Open => Mode::WeakenOpen,
        },
        groups,
        unused_days: policy.unused_days,
        most_unused: policy.most_unused,
    }
}

fn usual(unit: &Unit, kind: Kind) -> Result<Form, UnitError> {
    let usual = match kind {
        Kind::Settings => return Ok(unit.server.usual()),
        Kind::Policies => object(&LoginPolicy::default()),
        Kind::Registration => object(&RegistrationForm {
            open: false,
            domains: Vec::new(),
            approval: true,
            groups: Vec::new(),
        }),
        Kind::ClientRegistration => object(&of_clients(&doorward_apps::ClientRegistration::default(), Vec::new())),
        _ => object(&TermsForm::default()),
    };
    usual.map_err(UnitError::Failed)
}

/// Everything that a file means.
fn meant(unit: &Unit, path: &Path, form: &Form) -> Result<Form, UnitError> {
    over(&usual(unit, path.kind)?, form).map_err(|problem| invalid(path, problem).into())
}

pub(crate) fn canonical(unit: &Unit, path: &Path, form: &Form) -> Result<Form, UnitError> {
    Ok(without(&meant(unit, path, form)?, &usual(unit, path.kind)?))
}

pub(crate) fn put(tx: &mut Tx<'_>, unit: &Unit, actor: &Actor, path: &Path, form: &Form) -> Result<(), UnitError> {
    let full = meant(unit, path, form)?;
    let wrong = |problem: String| UnitError::from(invalid(path, problem));
    match path.kind {
        Kind::Settings => unit.server.write(tx, actor, &full),
        Kind::Policies => {
            let policy: LoginPolicy = strictly(&full).map_err(wrong)?;
            Ok(within::set_policy(tx, actor, PolicyTarget::Default, &policy)?)
        }
        Kind::Registration => {
            let wanted: RegistrationForm = strictly(&full).map_err(wrong)?;
            let edit = RegistrationEdit {
                open: Some(wanted.open),
                domains: Some(wanted.domains),
                approval: Some(wanted.approval),
                groups: Some(wanted.groups),
            };
            Ok(within::set_registration(tx, actor, &unit.outbox, &edit)?)
        }
        Kind::ClientRegistration => {
            let wanted: ClientRegistrationForm = strictly(&full).map_err(wrong)?;
            let edit = ClientRegistrationEdit {
                mode: Some(match wanted.mode {
                    Mode::Off => RegistrationMode::Off,
                    Mode::Token => RegistrationMode::Token,
                    Mode::WeakenOpen => RegistrationMode::Open,
                }),
                groups: Some(wanted.groups),
                unused_days: Some(wanted.unused_days),
                most_unused: Some(wanted.most_unused),
            };
            Ok(unit.apps.set_client_registration(tx, actor.into(), edit)?)
        }
        _ => {
            let wanted: TermsForm = strictly(&full).map_err(wrong)?;
            let texts = Some(wanted.texts).filter(|texts| !texts.is_empty());
            Ok(within::set_terms(tx, actor, texts)?)
        }
    }
}

/// What a file may say.
pub(crate) fn schema(kind: Kind) -> Schema {
    match kind {
        Kind::Registration => Schema::of::<RegistrationForm>(),
        Kind::ClientRegistration => Schema::of::<ClientRegistrationForm>(),
        _ => Schema::of::<TermsForm>(),
    }
}
