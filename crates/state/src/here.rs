//! What is here, as forms.

use std::collections::BTreeMap;

use doorward_store::Tx;

use crate::{Form, Path, StateError, carry_out::Unit, forms};

/// One thing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    /// What its file says.
    pub(crate) form: Form,
    /// The same with everything that would be so anyway.
    pub(crate) full: Form,
    /// Loud names of what is weaker than the default.
    pub(crate) weak: Vec<String>,
}

/// Everything but people.
pub(crate) type Here = BTreeMap<Path, Entry>;

pub(crate) fn read(tx: &mut Tx<'_>, unit: &Unit) -> Result<Here, StateError> {
    let mut here = Here::new();
    let names = forms::names::Names::read(tx)?;
    here.extend(forms::single::entries(tx, unit)?);
    here.extend(forms::groups::entries(tx, &names)?);
    here.extend(forms::services::entries(tx, &names)?);
    here.extend(forms::upstreams::entries(tx, unit)?);
    here.extend(forms::apps::entries(tx, unit, &names)?);
    Ok(here)
}
