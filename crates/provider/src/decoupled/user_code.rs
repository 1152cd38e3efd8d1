//! The code that a device shows and a person types (RFC 8628 §6.1): eight letters of an alphabet without vowels, so that no word
//! comes of them, and without digits, so that a telephone needs one keyboard. 20^8 are 34 bits; whoever guesses has a budget.

use doorward_jose::Random;

/// Letters of a code.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// How many.
const LENGTH: usize = 8;

/// A fresh code, without its dash.
pub fn generate(random: &dyn Random) -> String {
    let mut code = String::with_capacity(LENGTH);
    while code.len() < LENGTH {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        // 240 is the largest multiple of 20 in a byte: above it the first letters would come more often.
        let letters = bytes.iter().filter(|byte| **byte < 240);
        let letters = letters.filter_map(|byte| ALPHABET.get(usize::from(byte % 20)));
        code.extend(letters.take(LENGTH - code.len()).map(|letter| char::from(*letter)));
    }
    code
}

/// As it is shown: `WDJB-MJHT`.
pub fn shown(code: &str) -> String {
    match (code.get(..4), code.get(4..)) {
        (Some(first), Some(second)) => format!("{first}-{second}"),
        _ => code.to_owned(),
    }
}

/// What somebody typed, as it was made; `None` for what cannot be a code. Case, dashes and blanks do not matter (RFC 8628 §6.1).
pub fn typed(text: &str) -> Option<String> {
    if text.len() > 64 {
        return None;
    }
    let letters = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}' | '_' | '.'));
    let code: String = letters.map(|c| c.to_ascii_uppercase()).collect();
    let fits = code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte));
    fits.then_some(code)
}

#[cfg(test)]
mod tests {
    use doorward_jose::SystemRandom;

    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for text in ["WDJB-MJHT", "wdjbmjht", " wdjb – mjht ", "WDJB_MJHT"] {
            assert_eq!(typed(text).as_deref(), Some("WDJBMJHT"), "{text}");
        }
        for bad in [
            "",
            "WDJB",
            "WDJB-MJHTX",
            "WDJA-MJHT",
            "WDJ1-MJHT",
            "ŴDJBMJHT",
            &"B".repeat(65),
        ] {
            assert_eq!(typed(bad), None, "{bad}");
        }
        assert_eq!(shown("WDJBMJHT"), "WDJB-MJHT");
    }

    #[test]
    fn codes_have_all_letters_about_equally_often() {
        let mut counts = [0_u32; 20];
        for _ in 0..2000 {
            let code = generate(&SystemRandom);
            assert_eq!(typed(&code).as_deref(), Some(code.as_str()));
            for byte in code.bytes() {
                counts[ALPHABET.iter().position(|letter| *letter == byte).unwrap()] += 1;
            }
        }
        // 800 expected of each; six standard deviations.
        assert!(counts.iter().all(|count| (630..970).contains(count)), "{counts:?}");
    }
}
