//! What error messages mean: those that many applications share, and those of each preset.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{KnownError, Preset, Presets, WrongSetting, mentions, template};

/// The messages of libraries, which many applications show.
const SHARED: &str = include_str!("../../../../presets/doctor/errors.toml");

/// A message that was found, or a setting that is known to be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The message or setting as it is known; `…` stands for anything.
    pub message: String,
    /// The preset that knows it; none when libraries share it.
    pub preset: Option<String>,
    /// Where such a message is read.
    pub place: Option<String>,
    /// What happened.
    pub cause: String,
    /// What to do, and on which side.
    pub remedy: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    #[serde(rename = "error")]
    errors: Vec<KnownError>,
    #[serde(rename = "wrong")]
    wrong: Vec<WrongSetting>,
}

static DICTIONARY: LazyLock<Result<Shared, String>> = LazyLock::new(|| {
    let shared: Shared = toml::from_str(SHARED).map_err(|error| error.to_string())?;
    for error in &shared.errors {
        for text in [&error.cause, &error.remedy] {
            template::check(text, &template::PLACEHOLDERS)?;
        }
    }
    Ok(shared)
});

/// What is known of the messages and settings in a text: the messages of `preset` first, then those of libraries, then those
/// of other applications; of each, the longest message first. `value` fills placeholders in; where it has none, the
/// placeholder becomes a word like `CLIENT_ID`.
///
/// # Errors
/// The dictionary that is built in cannot be read: found by this crate's own test.
pub fn explain<'v>(
    presets: &Presets,
    text: &str,
    preset: Option<&Preset>,
    value: impl Fn(&str) -> Option<&'v str>,
) -> Result<Vec<Explanation>, String> {
    let shared = DICTIONARY.as_ref().map_err(Clone::clone)?;
    let mut found = Vec::new();
    if let Some(preset) = preset {
        of_preset(preset, text, &mut found);
    }
    collect(None, &shared.errors, &shared.wrong, text, &mut found);
    for other in presets
        .iter()
        .filter(|other| preset.is_none_or(|one| one.id != other.id))
    {
        of_preset(other, text, &mut found);
    }
    let mut said: Vec<Explanation> = Vec::new();
    for mut one in found {
        // What one message says in more words than another needs no second answer.
        if said
            .iter()
            .any(|other| other.message.to_lowercase().contains(&one.message.to_lowercase()))
        {
            continue;
        }
        for text in [&mut one.cause, &mut one.remedy] {
            *text = filled(text, &value);
        }
        said.push(one);
    }
    Ok(said)
}

fn of_preset(preset: &Preset, text: &str, found: &mut Vec<Explanation>) {
    collect(Some(&preset.id), &preset.errors, &preset.wrong, text, found);
}

fn collect(
    preset: Option<&str>,
    errors: &[KnownError],
    wrong: &[WrongSetting],
    text: &str,
    found: &mut Vec<Explanation>,
) {
    let mut ours: Vec<Explanation> = errors
        .iter()
        .filter(|error| mentions(text, &error.text))
        .map(|error| Explanation {
            message: error.text.clone(),
            preset: preset.map(str::to_owned),
            place: error.place.clone(),
            cause: error.cause.clone(),
            remedy: error.remedy.clone(),
        })
        .collect();
    let settings = wrong.iter().filter(|wrong| mentions(text, &wrong.setting));
    ours.extend(settings.map(|wrong| Explanation {
        message: wrong.setting.clone(),
        preset: preset.map(str::to_owned),
        place: None,
        cause: wrong.why.clone(),
        remedy: wrong.instead.clone().unwrap_or_else(|| "take it out".to_owned()),
    }));
    ours.sort_by_key(|one| std::cmp::Reverse(one.message.len()));
    found.append(&mut ours);
}

fn filled<'v>(text: &str, value: &impl Fn(&str) -> Option<&'v str>) -> String {
    let words: Vec<(&str, String)> = template::PLACEHOLDERS
        .iter()
        .map(|name| (*name, value(name).map_or_else(|| name.to_uppercase(), str::to_owned)))
        .collect();
    let word = |name: &str| {
        words
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, word)| word.as_str())
    };
    template::fill(text.trim_end(), word)
}

#[cfg(test)]
mod tests {
    use super::{DICTIONARY, explain};
    use crate::Presets;

    fn said(text: &str, preset: Option<&str>) -> Vec<String> {
        let presets = Presets::built_in();
        let preset = preset.map(|id| presets.find(id).unwrap());
        let value = |name: &str| (name == "client_id").then_some("our-netbox");
        let all = explain(&presets, text, preset, value).unwrap();
        all.into_iter()
            .map(|one| format!("{}: {} → {}", one.message, one.cause, one.remedy))
            .collect()
    }

    #[test]
    fn the_dictionary_can_be_read() {
        let shared = DICTIONARY.as_ref().unwrap();
        assert!(shared.errors.len() >= 25, "{}", shared.errors.len());
        for error in &shared.errors {
            assert!(!error.cause.is_empty() && !error.remedy.is_empty(), "{error:?}");
        }
    }

    #[test]
    fn every_message_in_it_is_found_by_itself_and_is_the_first_that_is() {
        let presets = Presets::built_in();
        let shared = DICTIONARY.as_ref().unwrap();
        let of_presets = presets
            .iter()
            .flat_map(|preset| preset.errors.iter().map(move |error| (Some(preset), error)));
        for (preset, error) in shared.errors.iter().map(|error| (None, error)).chain(of_presets) {
            let text = error.text.replace('…', "something else");
            let all = explain(&presets, &format!("x {text} y"), preset, |_| None).unwrap();
            assert_eq!(all.first().map(|one| &one.message), Some(&error.text));
        }
    }

    #[test]
    fn what_a_clock_that_is_behind_says_is_told_with_what_to_type() {
        let all = said("jwt.exceptions: The token is not yet valid (iat)", Some("netbox"));
        assert!(all.first().unwrap().contains("behind"), "{all:?}");
        assert!(
            all.iter().any(|one| one.contains("SOCIAL_AUTH_OIDC_JWT_LEEWAY")),
            "{all:?}"
        );
    }

    #[test]
    fn a_setting_that_does_nothing_is_named_in_a_pasted_configuration() {
        let all = said("SOCIAL_AUTH_REQUESTS_EXTRA_ARGUMENTS = {'verify': '/ca.pem'}", None);
        assert!(all.first().unwrap().contains("SOCIAL_AUTH_VERIFY_SSL"), "{all:?}");
    }

    #[test]
    fn the_client_id_of_the_installation_is_filled_in_and_what_is_unknown_is_a_word() {
        let all = said("The specified alg value is not allowed", None);
        assert!(all.first().unwrap().contains("doorward app edit our-netbox"), "{all:?}");
        assert!(!all.first().unwrap().contains('{'), "{all:?}");
    }

    #[test]
    fn nothing_is_said_of_what_nobody_knows() {
        assert!(said("all is well", None).is_empty());
        assert!(said("", None).is_empty());
    }
}
