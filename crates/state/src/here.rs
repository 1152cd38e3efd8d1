//! What is here, as forms.

use std::collections::BTreeMap;

use doorward_directory::LoginPolicy;
use doorward_store::Tx;

use crate::{Form, Path, UnitError, Weaker, carry_out::Unit, forms};

/// One thing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    /// What its file says.
    pub(crate) form: Form,
    /// The same with everything that would be so anyway.
    pub(crate) full: Form,
    /// What is weaker than the default, or than it looks.
    pub(crate) weak: Vec<Weaker>,
    /// What is asked of logins, of what can ask.
    pub(crate) policy: LoginPolicy,
}

/// Everything but people.
pub(crate) type Here = BTreeMap<Path, Entry>;

pub(crate) fn read(tx: &mut Tx<'_>, unit: &Unit) -> Result<Here, UnitError> {
    let mut here = Here::new();
    let names = forms::names::Names::read(tx)?;
    here.extend(forms::single::entries(tx, unit)?);
    here.extend(forms::groups::entries(tx, &names)?);
    here.extend(forms::services::entries(tx, &names)?);
    here.extend(forms::upstreams::entries(tx, unit)?);
    here.extend(forms::apps::entries(tx, unit, &names)?);
    Ok(here)
}
