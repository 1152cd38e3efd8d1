//! The accent colour and the shades that the pages derive from it, each readable whatever the accent is.

use std::fmt;
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
        rgb: [0x0e, 0x4f, 0x5c],
    };

    const WHITE: Colour = Colour {
        rgb: [0xff, 0xff, 0xff],
    };
    /// Inside it is warm, whatever colour the house has.
    const ROOM_BY_DAY: Colour = Colour {
        rgb: [0xff, 0xfd, 0xf9],
    };
    const ROOM_BY_NIGHT: Colour = Colour {
        rgb: [0x2b, 0x27, 0x24],
    };
    const INK: Colour = Colour {
        rgb: [0x14, 0x1a, 0x21],
    };

    /// The custom properties that depend on the accent, for both themes.
    pub(super) fn stylesheet(self) -> String {
        format!(
            ":root{{{}}}\n@media (prefers-color-scheme:dark){{:root{{{}}}}}\n",
            Shades::light(self).properties(),
            Shades::dark(self).properties()
        )
    }

    /// WCAG 2 contrast ratio, 1 to 21.
    fn contrast(self, other: Colour) -> f64 {
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

/// Text is readable from 4.5 (WCAG 2.2 §1.4.3); the rest is for rounding.
const READABLE: f64 = 4.7;

/// The shades of one theme.
#[derive(Debug)]
struct Shades {
    wall: Colour,
    floor: Colour,
    room: Colour,
    frame: Colour,
    accent: Colour,
    accent_strong: Colour,
    on_accent: Colour,
    link: Colour,
}

impl Shades {
    fn light(accent: Colour) -> Self {
        let own = Lch::of(accent);
        let tint = own.chroma.min(0.09);
        let wall = own.at(0.905, tint * 0.22);
        let floor = own.at(0.83, tint * 0.32);
        let room = Colour::ROOM_BY_DAY;
        // A bright accent stays what it is and carries dark text; one in the middle is darkened until white is readable on it.
        let bright = accent.contrast(Colour::INK) >= 7.0;
        let (accent, on_accent) = if bright {
            (accent, Colour::INK)
        } else {
            (
                own.until(-0.01, |c| c.contrast(Colour::WHITE) >= READABLE),
                Colour::WHITE,
            )
        };
        let accent_strong = Lch::of(accent).shifted(if bright { 0.05 } else { -0.06 });
        let link = own.until(-0.01, |c| {
            [wall, floor, room].iter().all(|on| c.contrast(*on) >= READABLE)
        });
        Self {
            wall,
            floor,
            room,
            frame: accent,
            accent,
            accent_strong,
            on_accent,
            link,
        }
    }

    fn dark(accent: Colour) -> Self {
        let own = Lch::of(accent);
        let tint = own.chroma.min(0.09);
        let wall = own.at(0.215, tint * 0.26);
        let floor = own.at(0.165, tint * 0.24);
        let room = Colour::ROOM_BY_NIGHT;
        let fill = Lch {
            lightness: own.lightness.max(0.74),
            ..own
        }
        .until(0.01, |c| c.contrast(Colour::INK) >= 6.0);
        let link = Lch::of(fill).until(0.01, |c| {
            [wall, floor, room].iter().all(|on| c.contrast(*on) >= READABLE)
        });
        Self {
            wall,
            floor,
            room,
            frame: own.at(0.43, own.chroma * 0.85),
            accent: fill,
            accent_strong: Lch::of(fill).shifted(0.05),
            on_accent: Colour::INK,
            link,
        }
    }

    fn properties(&self) -> String {
        let Self {
            wall,
            floor,
            room,
            frame,
            accent,
            accent_strong,
            on_accent,
            link,
        } = self;
        format!(
            "--wall:{wall};--floor:{floor};--room:{room};--frame:{frame};--accent:{accent};\
             --accent-strong:{accent_strong};--on-accent:{on_accent};--link:{link}"
        )
    }
}

/// A colour in OKLCH, where equal steps of lightness look equal for every hue.
#[derive(Debug, Clone, Copy)]
struct Lch {
    lightness: f64,
    chroma: f64,
    hue: f64,
}

impl Lch {
    fn of(colour: Colour) -> Self {
        let [r, g, b] = colour.rgb.map(linear);
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        let a = 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s;
        let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s;
        Self {
            lightness: 0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
            chroma: a.hypot(b),
            hue: b.atan2(a),
        }
    }

    /// This hue at another lightness and chroma.
    fn at(self, lightness: f64, chroma: f64) -> Colour {
        Self {
            lightness,
            chroma,
            ..self
        }
        .to_colour()
    }

    fn shifted(self, by: f64) -> Colour {
        self.at((self.lightness + by).clamp(0.0, 1.0), self.chroma)
    }

    /// Steps the lightness until `fits`; ends at black or white, which fit whatever can be fitted.
    fn until(mut self, step: f64, fits: impl Fn(Colour) -> bool) -> Colour {
        loop {
            let colour = self.to_colour();
            if fits(colour) || self.lightness <= 0.0 || self.lightness >= 1.0 {
                return colour;
            }
            self.lightness = (self.lightness + step).clamp(0.0, 1.0);
        }
    }

    /// The nearest sRGB colour of the same lightness and hue: chroma gives way.
    fn to_colour(self) -> Colour {
        let mut chroma = self.chroma;
        loop {
            let channels = Self { chroma, ..self }.to_linear();
            if chroma <= 0.001 || channels.iter().all(|c| (-0.0005..=1.0005).contains(c)) {
                return Colour {
                    rgb: channels.map(encoded),
                };
            }
            chroma *= 0.96;
        }
    }

    fn to_linear(self) -> [f64; 3] {
        let (a, b) = (self.chroma * self.hue.cos(), self.chroma * self.hue.sin());
        let l = (self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (self.lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
        ]
    }
}

/// An sRGB channel as light (IEC 61966-2-1).
fn linear(channel: u8) -> f64 {
    let c = f64::from(channel) / 255.0;
    if c <= 0.040_45 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255 and rounded just before"
)]
fn encoded(light: f64) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let c = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    (c * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text colours of `doorward.css`, which do not depend on the accent.
    const LIGHT_TEXT: [[u8; 3]; 2] = [[0x17, 0x1f, 0x27], [0x47, 0x50, 0x5a]];
    const DARK_TEXT: [[u8; 3]; 2] = [[0xee, 0xf1, 0xf1], [0xb4, 0xbc, 0xc2]];

    fn accents() -> impl Iterator<Item = Colour> {
        let steps = [0, 51, 102, 153, 204, 255];
        steps.into_iter().flat_map(move |r| {
            steps
                .into_iter()
                .flat_map(move |g| steps.into_iter().map(move |b| Colour { rgb: [r, g, b] }))
        })
    }

    #[test]
    fn every_accent_gives_readable_text_in_both_themes() {
        for accent in accents() {
            for (shades, text) in [(Shades::light(accent), LIGHT_TEXT), (Shades::dark(accent), DARK_TEXT)] {
                let Shades {
                    wall,
                    floor,
                    room,
                    accent: fill,
                    accent_strong,
                    on_accent,
                    link,
                    ..
                } = shades;
                let mut pairs = vec![(on_accent, fill), (on_accent, accent_strong)];
                for ground in [wall, floor, room] {
                    pairs.push((link, ground));
                    pairs.extend(text.map(|rgb| (Colour { rgb }, ground)));
                }
                for (text, ground) in pairs {
                    assert!(
                        text.contrast(ground) >= 4.5,
                        "{accent}: {text} on {ground} is {:.2}",
                        text.contrast(ground)
                    );
                }
            }
        }
    }

    #[test]
    fn a_colour_survives_the_way_through_oklch() {
        for colour in accents() {
            let back = Lch::of(colour).to_colour();
            for (a, b) in colour.rgb.into_iter().zip(back.rgb) {
                assert!(a.abs_diff(b) <= 3, "{colour} became {back}");
            }
        }
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
