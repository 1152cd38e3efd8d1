//! Stylesheet, pictures, font and the few scripts: embedded, named by their content, cached for a year.

use std::sync::LazyLock;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::HeaderValue;
use http::header;

use crate::pages::Brand;

/// One file as it is served.
#[derive(Debug, Clone)]
pub struct Asset {
    stem: &'static str,
    extension: &'static str,
    file: String,
    bytes: Bytes,
}

impl Asset {
    pub(crate) fn named(stem: &'static str, extension: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        let mut hash = HEXLOWER.encode(digest.as_ref());
        hash.truncate(HASH_LENGTH);
        Self {
            stem,
            extension,
            file: format!("{stem}-{hash}.{extension}"),
            bytes,
        }
    }

    /// The name below [`crate::pages::path::ASSETS`]: `doorward-1f0c2a9b3d.css`.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The content.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    fn media_type(&self) -> &'static str {
        match self.extension {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            "woff2" => "font/woff2",
            "png" => "image/png",
            "webp" => "image/webp",
            "jpg" => "image/jpeg",
            _ => "application/octet-stream",
        }
    }

    fn is_called(&self, file: &str) -> bool {
        file.strip_suffix(self.extension)
            .and_then(|rest| rest.strip_suffix('.'))
            .and_then(|rest| rest.strip_prefix(self.stem))
            .is_some_and(|rest| {
                rest.is_empty()
                    || rest
                        .strip_prefix('-')
                        .is_some_and(|hash| hash.len() == HASH_LENGTH && hash.bytes().all(|b| b.is_ascii_hexdigit()))
            })
    }
}

const HASH_LENGTH: usize = 10;

/// A file under its right name never changes.
const FOR_A_YEAR: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// A file under the name of another version: two nodes of a cluster are being upgraded one after the other.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
/// Whoever opens a picture by itself gets a picture, whatever is written in it.
const PICTURE_ONLY: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// The embedded files. Pictures and font come before the stylesheet, which names them by their hashes.
static EMBEDDED: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let mut files = vec![
        Asset::named("door", "svg", include_bytes!("../assets/door.svg").as_slice()),
        Asset::named("door-shut", "svg", include_bytes!("../assets/door-shut.svg").as_slice()),
        Asset::named("icon", "svg", include_bytes!("../assets/icon.svg").as_slice()),
        Asset::named(
            "marcellus",
            "woff2",
            include_bytes!("../assets/marcellus.woff2").as_slice(),
        ),
        Asset::named(
            "marcellus-ext",
            "woff2",
            include_bytes!("../assets/marcellus-ext.woff2").as_slice(),
        ),
        Asset::named("live", "js", include_bytes!("../assets/live.js").as_slice()),
        Asset::named("session", "js", include_bytes!("../assets/session.js").as_slice()),
        Asset::named("submit", "js", include_bytes!("../assets/submit.js").as_slice()),
        Asset::named("passkey", "js", include_bytes!("../assets/passkey.js").as_slice()),
    ];
    let mut stylesheet = concat!(
        include_str!("../assets/doorward.css"),
        include_str!("../assets/console.css")
    )
    .to_owned();
    for file in &files {
        stylesheet = stylesheet.replace(
            &format!("url({}.{})", file.stem, file.extension),
            &format!("url({})", file.file),
        );
    }
    files.push(Asset::named("doorward", "css", stylesheet));
    files
});

/// All files that pages with this brand refer to.
pub fn all(brand: &Brand) -> impl Iterator<Item = &Asset> {
    EMBEDDED.iter().chain([brand.stylesheet()]).chain(brand.logo())
}

/// The hashed name of an embedded file, by its plain one: `doorward.css`.
pub(crate) fn file(name: &str) -> &'static str {
    EMBEDDED
        .iter()
        .find(|asset| asset.is_called(name))
        .map_or("missing", |asset| asset.file())
}

/// Answers GET (and HEAD, which axum derives) for `file`, the path below `/assets/`; `None` when there is no such file.
/// A file under its content-hashed name may be cached for a year; under its plain name (`brand.css`), or with the hash
/// of another version, it has to be asked for again. The caller adds compression.
pub fn respond(file: &str, brand: &Brand) -> Option<Response> {
    let asset = all(brand).find(|asset| asset.is_called(file))?;
    let mut response = Response::new(Body::from(asset.bytes.clone()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type()));
    headers.insert(
        header::CACHE_CONTROL,
        if asset.file == file { FOR_A_YEAR } else { ASK_AGAIN },
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if asset.extension == "svg" {
        headers.insert(header::CONTENT_SECURITY_POLICY, PICTURE_ONLY);
    }
    Some(response)
}
