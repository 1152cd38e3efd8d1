//! WebAuthn relying party: what a browser says of an authenticator, read strictly and verified.
