//! Presets: data files that know one application each, and print the configuration to paste into it.

mod catalogue;
mod data;
mod dictionary;
mod keys;
mod knowledge;
mod lint;
mod own;
mod render;
mod template;

pub use catalogue::{Presets, presets};
pub use data::{Logout, Note, PkcePolicy, Preset, PresetError, Snippet, SnippetWay};
pub use dictionary::{Explanation, explain};
pub use knowledge::{Expectations, KnownError, Pairing, Proof, Reads, Unchecked, WrongSetting, mentions};
pub use own::add_own_presets;
pub use render::{Endpoints, RenderedNote, RenderedPreset, RenderedSnippet, Rendering, check_ca_file};
