//! OKLCH (Björn Ottosson's OKLab in polar form; CSS Color 4 §9.2), in which equal steps of lightness look equal.

use super::colour::Colour;

/// A colour by lightness (0 to 1), chroma (from 0) and hue (in radians).
#[derive(Debug, Clone, Copy)]
pub(super) struct Lch {
    pub(super) lightness: f64,
    pub(super) chroma: f64,
    pub(super) hue: f64,
}

impl Lch {
    #[expect(clippy::many_single_char_names, reason = "the names of the definition")]
    pub(super) fn of(colour: Colour) -> Self {
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
    pub(super) fn at(self, lightness: f64, chroma: f64) -> Colour {
        Self {
            lightness,
            chroma,
            ..self
        }
        .to_colour()
    }

    pub(super) fn shifted(self, by: f64) -> Colour {
        self.at((self.lightness + by).clamp(0.0, 1.0), self.chroma)
    }

    /// Steps the lightness until `fits`; ends at black or white, which fit whatever can be fitted.
    pub(super) fn until(mut self, step: f64, fits: impl Fn(Colour) -> bool) -> Colour {
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

    #[expect(clippy::many_single_char_names, reason = "the names of the definition")]
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
pub(super) fn linear(channel: u8) -> f64 {
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
    use super::super::colour::tests::accents;
    use super::*;

    #[test]
    fn a_colour_survives_the_way_through_oklch() {
        for colour in accents() {
            let back = Lch::of(colour).to_colour();
            for (a, b) in colour.rgb.into_iter().zip(back.rgb) {
                assert!(a.abs_diff(b) <= 3, "{colour} became {back}");
            }
        }
    }
}
