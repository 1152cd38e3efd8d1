//! An attempt for a page of ours, carried by the browser: nothing is stored for it, so that strangers who open our
//! pages write nothing. A keyed hash binds it to the browser's binding cookie and to its end.

use data_encoding::BASE64URL_NOPAD;
use doorward_audit::Reference;
use doorward_directory::Level;
use doorward_store::MasterKey;
use jiff::Timestamp;

use crate::{pages::path, upstream::preview};

const PURPOSE: &str = "login attempt for a page";
/// Where such an attempt may lead; its value names the place in this list.
const PAGES: [&str; 6] = [
    path::START,
    path::SESSIONS,
    path::PASSWORD,
    path::LOGINS,
    path::PASSKEYS,
    path::FACTORS,
];

/// Before the name of an upstream whose preview it leads to.
const PREVIEW: char = '~';

/// Before a level and an encoded path: somebody who is logged in proves more and comes back.
const STEP_UP: char = '!';
/// Where a step-up may lead back to: pages of people and of administrators, the page behind a letter's link, and questions that
/// began somewhere else.
const STEPS: [&str; 5] = ["/account", "/admin", "/confirm", "/device", "/asked"];

/// Where an attempt without an application leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: String,
    /// How strong the login must be.
    pub(super) level: Level,
}

fn is_for_steps(path: &str) -> bool {
    let is_below = |base: &&str| {
        path.strip_prefix(*base)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    };
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    is_plain && STEPS.iter().any(is_below)
}

/// What names a path in the value. One that is neither in the list nor a preview leads to the start page.
fn place(place: &Place) -> String {
    let path = place.path.as_str();
    if place.level > Level::Any || (is_for_steps(path) && !PAGES.contains(&path)) {
        let path = if is_for_steps(path) { path } else { path::START };
        let path = data_encoding::BASE64URL_NOPAD.encode(path.as_bytes());
        return format!("{STEP_UP}{}!{path}", place.level.as_str());
    }
    if let Some(upstream) = preview::upstream_of(path) {
        return format!("{PREVIEW}{upstream}");
    }
    let page = PAGES.iter().position(|known| *known == path).unwrap_or_default();
    page.to_string()
}

fn place_of(named: &str) -> Option<Place> {
    if let Some((level, path)) = named.strip_prefix(STEP_UP).and_then(|rest| rest.split_once('!')) {
        let path = data_encoding::BASE64URL_NOPAD.decode(path.as_bytes()).ok()?;
        return Some(Place {
            path: String::from_utf8(path).ok()?,
            level: Level::from_word(level)?,
        });
    }
    let path = match named.strip_prefix(PREVIEW) {
        Some(upstream) => preview::place(upstream),
        None => (*PAGES.get(named.parse::<usize>().ok()?)?).to_owned(),
    };
    Some(Place {
        path,
        level: Level::Any,
    })
}

/// The value for the URL and the form.
pub(super) fn seal(master: &MasterKey, binding: &str, to: &Place, reference: Reference, expires: Timestamp) -> String {
    let said = format!("{}.{}.{reference}", place(to), expires.as_second());
    let mac = master.mac(PURPOSE, bound(&said, binding).as_bytes());
    format!("{said}.{}", BASE64URL_NOPAD.encode(&mac))
}

/// The page and the trace of a value, if it is ours, this browser's, and lives.
pub(super) fn open(master: &MasterKey, binding: &str, value: &str, now: Timestamp) -> Option<(Place, Reference)> {
    let (said, given) = value.rsplit_once('.')?;
    let given = BASE64URL_NOPAD.decode(given.as_bytes()).ok()?;
    if !master.is_mac(PURPOSE, bound(said, binding).as_bytes(), &given) {
        return None;
    }
    let mut parts = said.split('.');
    let page = place_of(parts.next()?)?;
    let expires: i64 = parts.next()?.parse().ok()?;
    let reference = parts.next()?.parse().ok()?;
    (now.as_second() < expires).then_some((page, reference))
}

fn bound(said: &str, binding: &str) -> String {
    format!("{said}\n{binding}")
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
        let to = Place {
            path: path::PASSWORD.to_owned(),
            level: Level::Any,
        };
        let value = seal(&master, "mine", &to, reference, later);
        assert_eq!(open(&master, "mine", &value, now), Some((to, reference)));
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
        let there_and_back = |path: &str| {
            let to = Place {
                path: path.to_owned(),
                level: Level::Any,
            };
            place_of(&place(&to)).unwrap().path
        };
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

    #[test]
    fn a_step_up_leads_back_to_pages_of_ours_only() {
        let there_and_back = |path: &str| {
            let to = Place {
                path: path.to_owned(),
                level: Level::Second,
            };
            place_of(&place(&to)).unwrap()
        };
        for path in [
            "/admin/people/alice?page=2",
            "/admin",
            "/account/factors",
            "/device?user_code=WDJB-MJHT",
            "/asked?request=1",
        ] {
            let back = there_and_back(path);
            assert_eq!((back.path.as_str(), back.level), (path, Level::Second));
        }
        for path in [
            "//evil.example",
            "https://evil.example",
            "/administrator",
            "/admin\\x",
            "/admin/\r\nx",
        ] {
            assert_eq!(there_and_back(path).path, path::START, "{path:?}");
        }
    }
}
