//! An attempt for a page of ours, carried by the browser: nothing is stored for it, so that strangers who open our
//! pages write nothing. A keyed hash binds it to the browser's binding cookie and to its end.

use doorward_audit::Reference;
use doorward_jose::sha256;
use doorward_store::MasterKey;
use jiff::Timestamp;

use crate::{pages::path, upstream::preview};

const PURPOSE: &str = "login attempt for a page";
/// Where such an attempt may lead; its value names the place in this list.
const PAGES: [&str; 5] = [
    path::START,
    path::SESSIONS,
    path::PASSWORD,
    path::LOGINS,
    path::PASSKEYS,
];

/// Before the name of an upstream whose preview it leads to.
const PREVIEW: char = '~';

/// What names a path in the value. One that is neither in the list nor a preview leads to the start page.
fn place(path: &str) -> String {
    if let Some(upstream) = preview::upstream_of(path) {
        return format!("{PREVIEW}{upstream}");
    }
    let page = PAGES.iter().position(|known| *known == path).unwrap_or_default();
    page.to_string()
}

fn path_of(place: &str) -> Option<String> {
    match place.strip_prefix(PREVIEW) {
        Some(upstream) => Some(preview::place(upstream)),
        None => PAGES.get(place.parse::<usize>().ok()?).map(|page| (*page).to_owned()),
    }
}

/// The value for the URL and the form.
pub(super) fn seal(master: &MasterKey, binding: &str, path: &str, reference: Reference, expires: Timestamp) -> String {
    let said = format!("{}.{}.{reference}", place(path), expires.as_second());
    let mac = mac(master, binding, &said);
    format!("{said}.{mac}")
}

/// The page and the trace of a value, if it is ours, this browser's, and lives.
pub(super) fn open(master: &MasterKey, binding: &str, value: &str, now: Timestamp) -> Option<(String, Reference)> {
    let (said, given) = value.rsplit_once('.')?;
    // Digests of both are compared, so that the time it takes tells nothing of the right one.
    if sha256(given.as_bytes()) != sha256(mac(master, binding, said).as_bytes()) {
        return None;
    }
    let mut parts = said.split('.');
    let page = path_of(parts.next()?)?;
    let expires: i64 = parts.next()?.parse().ok()?;
    let reference = parts.next()?.parse().ok()?;
    (now.as_second() < expires).then_some((page, reference))
}

fn mac(master: &MasterKey, binding: &str, said: &str) -> String {
    let mac = master.keyed_hash(PURPOSE, format!("{said}\n{binding}").as_bytes());
    data_encoding::BASE64URL_NOPAD.encode(&mac)
}

#[cfg(test)]
mod tests {
    use doorward_jose::Secret;

    use super::*;

    #[test]
    fn a_value_counts_for_its_browser_until_its_end_and_unchanged() {
        let master = MasterKey::from_bytes(&Secret::new([7; 32]));
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let later = Timestamp::from_second(1_700_000_060).unwrap();
        let reference: Reference = "7K3Q-9FZM".parse().unwrap();
        let value = seal(&master, "mine", path::PASSWORD, reference, later);
        assert_eq!(
            open(&master, "mine", &value, now),
            Some((path::PASSWORD.to_owned(), reference))
        );
        assert_eq!(open(&master, "another's", &value, now), None);
        assert_eq!(open(&master, "mine", &value, later), None);
        let moved = value.replacen('2', "1", 1);
        assert_ne!(moved, value);
        assert_eq!(open(&master, "mine", &moved, now), None);
        let other = MasterKey::from_bytes(&Secret::new([8; 32]));
        assert_eq!(open(&other, "mine", &value, now), None);
        assert_eq!(open(&master, "mine", "", now), None);
    }

    #[test]
    fn a_preview_is_a_place_and_any_other_path_is_the_start_page() {
        let there_and_back = |path: &str| path_of(&place(path)).unwrap();
        assert_eq!(there_and_back("/upstream/corp/preview"), "/upstream/corp/preview");
        let others = [
            "/upstream/a.b/preview",
            "/upstream/corp/callback",
            "//evil.example",
            "/upstream//preview",
        ];
        for path in others {
            assert_eq!(there_and_back(path), path::START, "{path}");
        }
    }
}
