//! The relying party from outside: a browser, an application, and a provider that can be made to misbehave.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod conformance_basic;
#[cfg(test)]
mod conformance_config;
#[cfg(test)]
mod conformance_dynamic;
#[cfg(test)]
mod conformance_logout;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod guards;
#[cfg(test)]
mod hostile_network;
#[cfg(test)]
mod id_token;
#[cfg(test)]
mod lifetimes;
#[cfg(test)]
mod logging_in;
#[cfg(test)]
mod logging_out;
#[cfg(test)]
mod oauth_alone;
#[cfg(test)]
mod private_ca;
#[cfg(test)]
mod probing;
#[cfg(test)]
mod provider_cache;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod refreshing;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod stores;
#[cfg(test)]
mod stub;
#[cfg(test)]
mod told_to_log_out;
