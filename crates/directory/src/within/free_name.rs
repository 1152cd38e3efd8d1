//! Names for people whose names elsewhere cannot be theirs here.

use doorward_jose::Random;
use doorward_store::Tx;
use uuid::Uuid;

use crate::{UserName, directory::Result, users};

/// The longest name that [`free_name`] begins with: what makes it free must fit behind.
const LONGEST_STEM: usize = 54;
/// How many numbers are tried before something random.
const MOST_NUMBERS: u32 = 99;

/// A name that nobody has, as near to `wanted` as the rules for names allow: what stands before an `@`, every other
/// character than letters (a-z), digits, `.`, `_` and `-` replaced by `-`, at most 54 characters; if it is taken, `-2` to `-99`
/// behind it, then eight random hexadecimal digits. Without anything to begin with it is `user`, and an id gets `user-` before it.
pub fn free_name(tx: &mut Tx<'_>, wanted: &str, random: &dyn Random) -> Result<UserName> {
    let stem = stem(wanted);
    if users::by_name(tx, &stem)?.is_none() {
        return Ok(UserName::parse(&stem)?);
    }
    for number in 2..=MOST_NUMBERS {
        let name = format!("{stem}-{number}");
        if users::by_name(tx, &name)?.is_none() {
            return Ok(UserName::parse(&name)?);
        }
    }
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    Ok(UserName::parse(&format!("{stem}-{:08x}", u32::from_be_bytes(bytes)))?)
}

fn stem(wanted: &str) -> String {
    let local = wanted.split('@').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let text: String = local
        .chars()
        .map(|c| if plain(c) { c } else { '-' })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(LONGEST_STEM)
        .collect();
    let text = text.trim_end_matches('-');
    if text.is_empty() {
        "user".to_owned()
    } else if Uuid::parse_str(text).is_ok() {
        // Nobody is called like somebody's id.
        format!("user-{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_name_is_made_of_what_names_may_consist_of() {
        assert_eq!(stem("alice"), "alice");
        assert_eq!(stem("Alice.Smith@example.com"), "Alice.Smith");
        assert_eq!(stem("müller anna"), "m-ller-anna");
        assert_eq!(stem("-_alice"), "alice");
        assert_eq!(stem("@"), "user");
        assert_eq!(stem("日本"), "user");
        assert_eq!(stem(&"x".repeat(200)).len(), 54);
        assert_eq!(stem("spn@idm.example@other"), "spn");
        for id in [
            "0198c0de-0000-7000-8000-000000000001",
            "0198C0DE000070008000000000000001@example.com",
        ] {
            let name = stem(id);
            assert!(name.starts_with("user-0198"), "{name}");
            assert!(name.len() <= super::LONGEST_STEM && uuid::Uuid::parse_str(&name).is_err());
        }
    }
}
