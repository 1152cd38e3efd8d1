//! What people may change of themselves: a setting of the server.

use doorward_store::{StoreError, Tx, settings};

/// The setting's name.
const SETTING: &str = "own_profile";

/// Something of a person that they may change themselves, if the server allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnField {
    /// The full name.
    Name,
    /// The e-mail address, after it was proved.
    Email,
    /// The language of letters.
    Language,
}

impl OwnField {
    /// All of them: what people may change unless set otherwise.
    pub const ALL: [Self; 3] = [Self::Name, Self::Email, Self::Language];

    /// The word in the setting.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Language => "language",
        }
    }

    /// The field of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == word)
    }
}

/// What people may change of themselves.
pub fn fields(tx: &mut Tx<'_>) -> Result<Vec<OwnField>, StoreError> {
    Ok(match settings::get(tx, SETTING)? {
        None => OwnField::ALL.to_vec(),
        // A word of a later version is none that this one can allow.
        Some(words) => words.split(',').filter_map(OwnField::from_word).collect(),
    })
}

/// Sets it. The caller has checked the right and records the event.
pub fn set_fields(tx: &mut Tx<'_>, fields: &[OwnField]) -> Result<(), StoreError> {
    let words: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
    settings::set(tx, SETTING, &words.join(","))
}
