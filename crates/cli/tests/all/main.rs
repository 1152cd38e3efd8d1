//! Commands that ask no server of ours.

#[cfg(test)]
mod claims;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod login;
#[cfg(test)]
mod preset;
#[cfg(test)]
mod terminal;
