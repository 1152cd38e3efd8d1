//! A colour, as a setting and as the contrast formula sees it.

use std::fmt;
use std::str::FromStr;

use super::oklch::linear;
use super::shades::Shades;

/// Stated once, since the dark begins in two places: by the browser's preference, and by the person's choice.
const NIGHT: &str = include_str!("../../assets/night.css");

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Red, green, blue.
    pub rgb: [u8; 3],
}

/// The text is not a colour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a colour as six hexadecimal digits such as #1f5f5b, got {0:?}")]
pub struct ColourError(String);

impl Colour {
    /// What Doorward's own door is painted with.
    pub const DOOR: Colour = Colour {
        rgb: [0x0e, 0x4f, 0x5c],
    };

    pub(super) const WHITE: Colour = Colour {
        rgb: [0xff, 0xff, 0xff],
    };
    /// Inside it is warm, whatever colour the house has.
    pub(super) const ROOM_BY_DAY: Colour = Colour {
        rgb: [0xff, 0xfd, 0xf9],
    };
    pub(super) const ROOM_BY_NIGHT: Colour = Colour {
        rgb: [0x2b, 0x27, 0x24],
    };
    /// The room where `--glow` of `doorward.css` is brightest.
    pub(super) const LIT_BY_DAY: Colour = Colour {
        rgb: [0xff, 0xf4, 0xd7],
    };
    pub(super) const LIT_BY_NIGHT: Colour = Colour {
        rgb: [0x4b, 0x3d, 0x2d],
    };
    pub(super) const INK: Colour = Colour {
        rgb: [0x14, 0x1a, 0x21],
    };

    /// The custom properties that depend on the accent, for both themes, and those of the house that differ in the dark.
    pub(super) fn stylesheet(self) -> String {
        let light = Shades::light(self).properties();
        let dark = format!("{};{NIGHT}", Shades::dark(self).properties());
        format!(
            ":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root:not([data-theme=\"light\"]){{{dark}}}}}\n\
             :root[data-theme=\"dark\"]{{{dark}}}\n"
        )
    }

    /// Background and letters of a button by day.
    pub(super) fn button(self) -> (Colour, Colour) {
        Shades::light(self).button()
    }

    /// WCAG 2 contrast ratio, 1 to 21.
    pub(super) fn contrast(self, other: Colour) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [r, g, b] = self.rgb.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.rgb;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let wrong = || ColourError(text.chars().take(32).collect());
        let digits = text.strip_prefix('#').unwrap_or(text);
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
        let [_, r, g, b] = value.to_be_bytes();
        Ok(Colour { rgb: [r, g, b] })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A grid over all of sRGB.
    pub(in crate::pages) fn accents() -> impl Iterator<Item = Colour> {
        let steps = [0, 51, 102, 153, 204, 255];
        steps.into_iter().flat_map(move |r| {
            steps
                .into_iter()
                .flat_map(move |g| steps.into_iter().map(move |b| Colour { rgb: [r, g, b] }))
        })
    }

    #[test]
    fn what_is_no_colour_is_refused_with_an_example() {
        for bad in ["", "red", "#12345", "#1234567", "#gggggg", "url(x)", "#12345é"] {
            assert!(
                bad.parse::<Colour>().is_err_and(|e| e.to_string().contains("#1f5f5b")),
                "{bad}"
            );
        }
        assert_eq!("#0E4F5C".parse(), Ok(Colour::DOOR));
        assert_eq!("0e4f5c".parse(), Ok(Colour::DOOR));
    }
}
