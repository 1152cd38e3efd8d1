//! The organisation's name, logo and colour.

use super::Colour;

/// How the pages look as this organisation's own. Built once at start and when the setting changes.
#[derive(Debug, Clone)]
pub struct Brand {
    name: String,
    contact: Option<String>,
    accent: Colour,
    stylesheet: crate::assets::Asset,
    logo: Option<crate::assets::Asset>,
}

/// A picture for the brand.
#[derive(Debug, Clone)]
pub struct Logo {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it is.
    pub kind: LogoType,
}

/// The kinds of picture that a logo may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoType {
    /// `image/svg+xml`; shown as an image only, so that a script in it never runs.
    Svg,
    /// `image/png`
    Png,
    /// `image/webp`
    Webp,
    /// `image/jpeg`
    Jpeg,
}

impl Default for Brand {
    fn default() -> Self {
        Brand::new("Doorward", Colour::DOOR, None)
    }
}

impl Brand {
    /// A brand from its settings. The accent is darkened or lightened per theme until text on it is readable (WCAG AA).
    pub fn new(name: impl Into<String>, accent: Colour, logo: Option<Logo>) -> Self {
        Self {
            name: name.into(),
            contact: None,
            accent,
            stylesheet: crate::assets::Asset::named("brand", "css", accent.stylesheet().into_bytes()),
            logo: logo.map(|logo| crate::assets::Asset::named("logo", logo.kind.extension(), logo.bytes)),
        }
    }

    /// Adds whom to ask: an e-mail address, a telephone number or a name, or an `https://` address that becomes a link.
    pub fn with_contact(mut self, contact: impl Into<String>) -> Self {
        self.contact = Some(contact.into());
        self
    }

    /// `Example Ltd`
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whom to ask.
    pub fn contact(&self) -> Option<&str> {
        self.contact.as_deref()
    }

    /// Background and letters of a button where the stylesheet does not reach: in mail.
    pub fn button(&self) -> (Colour, Colour) {
        self.accent.button()
    }

    /// The generated stylesheet with the colours.
    pub fn stylesheet(&self) -> &crate::assets::Asset {
        &self.stylesheet
    }

    /// The picture, when there is one.
    pub fn logo(&self) -> Option<&crate::assets::Asset> {
        self.logo.as_ref()
    }
}

impl LogoType {
    /// By the media type of an upload, or by a file's extension (`svg`).
    pub fn from_name(name: &str) -> Option<LogoType> {
        match name {
            "image/svg+xml" | "svg" => Some(LogoType::Svg),
            "image/png" | "png" => Some(LogoType::Png),
            "image/webp" | "webp" => Some(LogoType::Webp),
            "image/jpeg" | "jpeg" | "jpg" => Some(LogoType::Jpeg),
            _ => None,
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            LogoType::Svg => "svg",
            LogoType::Png => "png",
            LogoType::Webp => "webp",
            LogoType::Jpeg => "jpg",
        }
    }
}
