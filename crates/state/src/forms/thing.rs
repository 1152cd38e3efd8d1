//! What the files of groups, services and people have in common: a type says what stands there, and what is as usual is left out.

use doorward_directory::LoginPolicy;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Form, Path, UnitError, Weaker,
    form::{object, over, strictly, without},
    here::Entry,
    refusals::invalid,
};

/// A thing as its file says it.
pub(crate) trait Thing: Serialize + DeserializeOwned {
    /// What a file means that says nothing.
    fn usual(name: &str) -> Self;

    /// Its lists of which the order says nothing.
    fn sets(&mut self) -> [&mut Vec<String>; 2];

    /// What is weaker than the default, or than it looks.
    fn weak(&self, name: &str) -> Vec<Weaker>;

    /// What it asks of logins.
    fn policy(&self) -> LoginPolicy {
        LoginPolicy::default()
    }

    /// It as what is here is compared.
    fn entry(&self, name: &str) -> Result<Entry, UnitError> {
        let full = object(self).map_err(UnitError::Failed)?;
        let usual = object(&Self::usual(name)).map_err(UnitError::Failed)?;
        Ok(Entry {
            form: without(&full, &usual),
            full,
            weak: self.weak(name),
            policy: self.policy(),
        })
    }

    /// What a file says.
    fn read(path: &Path, form: &Form) -> Result<Self, UnitError> {
        let usual = object(&Self::usual(&path.name)).map_err(UnitError::Failed)?;
        let full = over(&usual, form).map_err(|problem| invalid(path, problem))?;
        let mut read: Self = strictly(&full).map_err(|problem| invalid(path, problem))?;
        for list in read.sets() {
            list.sort();
            list.dedup();
        }
        Ok(read)
    }

    /// What a file says, in the form in which what is here is compared.
    fn canonical(path: &Path, form: &Form) -> Result<Form, UnitError> {
        Ok(Self::read(path, form)?.entry(&path.name)?.form)
    }
}
