//! What is asked of logins, of people who register and of everybody, inside a unit of work.

use doorward_mail::Outbox;
use doorward_store::{StoreError, Tx};

use crate::{
    Actor, Group, LoginPolicy, Policies, PolicyEdit, PolicyTarget, RegistrationEdit, RegistrationPolicy, TermsText,
    directory::Result, policy, registration, terms,
};

/// Every policy.
pub fn policies(tx: &mut Tx<'_>) -> Result<Policies, StoreError> {
    policy::load(tx)
}

/// Sets the policy of one place. Right: full.
pub fn set_policy(tx: &mut Tx<'_>, actor: &Actor, target: PolicyTarget, wanted: &LoginPolicy) -> Result<()> {
    policy::change(tx, actor, target, &PolicyEdit::to(wanted)).map(|_| ())
}

/// Whether and how people register themselves, with the groups as they are called now.
pub fn registration(tx: &mut Tx<'_>) -> Result<(RegistrationPolicy, Vec<Group>)> {
    registration::named(tx)
}

/// Changes that. Right: full.
pub fn set_registration(tx: &mut Tx<'_>, actor: &Actor, outbox: &Outbox, edit: &RegistrationEdit) -> Result<()> {
    registration::change(tx, actor, outbox, edit).map(|_| ())
}

/// What people are asked to accept; `None` when nothing is asked.
pub fn terms(tx: &mut Tx<'_>) -> Result<Option<Vec<TermsText>>> {
    terms::asked(tx)
}

/// From now on people are asked to accept these texts, or nothing. Right: full.
pub fn set_terms(tx: &mut Tx<'_>, actor: &Actor, texts: Option<Vec<TermsText>>) -> Result<()> {
    terms::ask(tx, actor, texts)
}
