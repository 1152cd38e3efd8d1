//! The claim language from outside.

#[cfg(test)]
mod apply;
#[cfg(test)]
mod path;
#[cfg(test)]
mod pattern;
#[cfg(test)]
mod rule;
