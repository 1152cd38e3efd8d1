//! The shades that the pages derive from the accent, each readable whatever the accent is.

use super::colour::Colour;
use super::oklch::Lch;

/// Text is readable from 4.5 (WCAG 2.2 §1.4.3); the rest is for rounding.
const READABLE: f64 = 4.7;

/// The shades of one theme.
#[derive(Debug)]
pub(super) struct Shades {
    wall: Colour,
    floor: Colour,
    room: Colour,
    frame: Colour,
    on_frame: Colour,
    accent: Colour,
    accent_strong: Colour,
    on_accent: Colour,
    link: Colour,
}

impl Shades {
    pub(super) fn light(accent: Colour) -> Self {
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
            [wall, floor, room, Colour::LIT_BY_DAY]
                .iter()
                .all(|on| c.contrast(*on) >= READABLE)
        });
        Self {
            wall,
            floor,
            room,
            frame: accent,
            on_frame: on_accent,
            accent,
            accent_strong,
            on_accent,
            link,
        }
    }

    pub(super) fn dark(accent: Colour) -> Self {
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
            [wall, floor, room, Colour::LIT_BY_NIGHT]
                .iter()
                .all(|on| c.contrast(*on) >= READABLE)
        });
        Self {
            wall,
            floor,
            room,
            frame: own.at(0.43, own.chroma * 0.85),
            on_frame: Colour::WHITE,
            accent: fill,
            accent_strong: Lch::of(fill).shifted(0.05),
            on_accent: Colour::INK,
            link,
        }
    }

    /// Background and letters.
    pub(super) fn button(&self) -> (Colour, Colour) {
        (self.accent, self.on_accent)
    }

    pub(super) fn properties(&self) -> String {
        let Self {
            wall,
            floor,
            room,
            frame,
            on_frame,
            accent,
            accent_strong,
            on_accent,
            link,
        } = self;
        format!(
            "--wall:{wall};--floor:{floor};--room:{room};--frame:{frame};--on-frame:{on_frame};--accent:{accent};\
             --accent-strong:{accent_strong};--on-accent:{on_accent};--link:{link}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::colour::tests::accents;
    use super::*;

    /// The text colours of `doorward.css`, which do not depend on the accent.
    const LIGHT_TEXT: [[u8; 3]; 2] = [[0x17, 0x1f, 0x27], [0x47, 0x50, 0x5a]];
    const DARK_TEXT: [[u8; 3]; 2] = [[0xee, 0xf1, 0xf1], [0xb4, 0xbc, 0xc2]];

    #[test]
    fn every_accent_gives_readable_text_in_both_themes() {
        for accent in accents() {
            for (shades, text, lit) in [
                (Shades::light(accent), LIGHT_TEXT, Colour::LIT_BY_DAY),
                (Shades::dark(accent), DARK_TEXT, Colour::LIT_BY_NIGHT),
            ] {
                let Shades {
                    frame,
                    on_frame,
                    wall,
                    floor,
                    room,
                    accent: fill,
                    accent_strong,
                    on_accent,
                    link,
                    ..
                } = shades;
                let mut pairs = vec![(on_accent, fill), (on_accent, accent_strong), (on_frame, frame)];
                for ground in [wall, floor, room, lit] {
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
}
