//! Stylesheet, pictures, font and the one script: embedded, named by their content, cached for a year.

use axum::response::Response;

use crate::pages::Brand;

/// One file as it is served.
#[derive(Debug, Clone)]
pub struct Asset {
    file: String,
    bytes: bytes::Bytes,
}

impl Asset {
    pub(crate) fn named(stem: &str, extension: &str, bytes: Vec<u8>) -> Self {
        Self {
            file: format!("{stem}.{extension}"),
            bytes: bytes.into(),
        }
    }

    /// The name below [`crate::pages::path::ASSETS`]: `doorward-1f0c2a9b3d.css`.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The content.
    pub fn bytes(&self) -> &bytes::Bytes {
        &self.bytes
    }
}

/// Answers GET (and HEAD, which axum derives) for `file`, the path below `/assets/`; `None` when there is no such file.
/// A file under its content-hashed name may be cached for a year; `brand.css` without hash is always asked for again.
/// The caller adds compression.
pub fn respond(_file: &str, _brand: &Brand) -> Option<Response> {
    unimplemented!("assets")
}
