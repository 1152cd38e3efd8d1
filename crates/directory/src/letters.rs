//! Letters to people of the directory.

use doorward_mail::{Addressee, Lang, Letter, Message, Notice, Outbox};
use doorward_store::{StoreError, Tx};

use crate::User;

/// Where and in which language a person reads: the standard claim `locale` says it. `None` without an address.
pub fn addressee(person: &User) -> Option<Addressee> {
    let locale = person.attributes.get("locale").and_then(|locale| locale.as_str());
    Some(Addressee {
        address: person.email.clone()?,
        name: Some(person.display_name.clone()),
        lang: locale.map(Lang::from_tag).unwrap_or_default(),
    })
}

/// Tells people of a change of their account, in the unit of work that makes it. `false` when they cannot be written to: they
/// have no address, or this server has no mail.
pub fn tell(tx: &mut Tx<'_>, outbox: &Outbox, person: &User, notice: Notice) -> Result<bool, StoreError> {
    let Some(to) = addressee(person) else { return Ok(false) };
    let message = Message::Notice(notice);
    outbox.put(tx, &Letter { to, message })
}

/// Tells whoever reads the old address that another one counts now, in the unit of work that changes it.
pub(crate) fn tell_of_address(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    before: &User,
    after: &User,
) -> Result<bool, StoreError> {
    let new = after.email.as_deref().map_or_else(|| "—".to_owned(), shortened);
    tell(tx, outbox, before, Notice::AddressChanged { new })
}

/// Enough for its owner to know it, and no more for whoever reads the old address's mail.
fn shortened(address: &str) -> String {
    match address.split_once('@') {
        Some((local, domain)) => format!("{}…@{domain}", local.chars().take(2).collect::<String>()),
        None => address.to_owned(),
    }
}
