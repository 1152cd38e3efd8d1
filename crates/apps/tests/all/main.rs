//! What applications are, through the public surface, on both engines.

mod access;
mod adding;
mod editing;
mod fixture;
mod presets;
mod scope_maps;
mod secrets;
mod snapshot;
mod snippets;
mod weakened;
