//! Presets: data files that know one application each, and print the configuration to paste into it.

mod catalogue;
mod data;
mod keys;
mod render;
mod template;

pub use catalogue::{Presets, presets};
pub use data::{Logout, Note, PkcePolicy, Preset, PresetError, Snippet, SnippetWay};
pub use render::{Endpoints, RenderedNote, RenderedPreset, RenderedSnippet, Rendering, check_ca_file};
