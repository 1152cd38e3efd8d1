//! The accent colour and the shades that the pages derive from it.

use std::str::FromStr;

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
        rgb: [0x14, 0x5a, 0x63],
    };

    pub(super) fn stylesheet(self) -> String {
        let [r, g, b] = self.rgb;
        format!(":root{{--accent:#{r:02x}{g:02x}{b:02x}}}")
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
