//! The vocabulary from outside: what is read, what is refused, and in which words.

#[cfg(test)]
mod authorization;
#[cfg(test)]
mod client_authentication;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod parameters;
#[cfg(test)]
mod pkce;
#[cfg(test)]
mod redirect_uri;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod scope;
