//! The claim language from outside.

#[cfg(test)]
mod admission;
#[cfg(test)]
mod applications;
#[cfg(test)]
mod apply;
#[cfg(test)]
mod attributes;
#[cfg(test)]
mod cmdbsyncer;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod groups;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod login;
#[cfg(test)]
mod next_login;
#[cfg(test)]
mod path;
#[cfg(test)]
mod pattern;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod rule;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod times;
#[cfg(test)]
mod upstreams;
#[cfg(test)]
mod vault;
