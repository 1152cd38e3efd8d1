//! Tests of the faces through their public surface.

mod catalogue;
mod escaping;
mod gallery;
mod page_samples;
mod policy;
mod served_assets;
mod structure;
