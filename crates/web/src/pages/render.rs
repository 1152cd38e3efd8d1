//! From template to document.

use askama::Template;

use super::Chrome;

/// The document of a template. A template that cannot be rendered is a defect of ours, but the person still has to be told.
pub(super) fn render(page: &impl Template) -> String {
    page.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a page could not be rendered");
        "<!DOCTYPE html><title>Error</title><p>This page could not be shown.".to_owned()
    })
}

impl Chrome<'_> {
    /// The address of an embedded file, by its plain name.
    pub(super) fn asset(&self, name: &str) -> String {
        self.asset_file(crate::assets::file(name))
    }

    pub(super) fn brand_stylesheet(&self) -> String {
        self.asset_file(self.brand.stylesheet().file())
    }

    pub(super) fn logo(&self) -> Option<String> {
        self.brand.logo().map(|logo| self.asset_file(logo.file()))
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn asset_file(&self, file: &str) -> String {
        format!("{}{}{file}", self.base, super::path::ASSETS)
    }
}
