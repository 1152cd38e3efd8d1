//! Everything that is looked at, in the order in which it stops a login: what is named first is decided here and nowhere else.

macro_rules! causes {
    ($($(#[$about:meta])* $name:ident = $code:literal,)*) => {
        /// What is looked at. One that stands earlier stops a login earlier, and is named first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Cause {
            $($(#[$about])* $name,)*
        }

        impl Cause {
            /// Every one of them, in order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its stable name, snake case. What is the same for people has one name, though it may come to light twice.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

causes! {
    // An application: what this server decides whatever the application does.
    /// The application is switched on.
    Disabled = "disabled",
    /// Somebody may use it.
    Nobody = "nobody",
    /// The person may use it.
    Access = "access",
    // On the way to its login.
    /// It answers this server.
    Reach = "reach",
    /// Its login is at its own address.
    Address = "address",
    /// A login can be found.
    Login = "login",
    /// It trusts the private authority of this server's certificate, without which it does not read the discovery document.
    PrivateCa = "private_ca",
    /// Its own login leads here.
    LoginFails = "login_fails",
    // What it asks for, in the order of the checks of an authorization request.
    /// It asks this server.
    Issuer = "issuer",
    /// It names itself.
    ClientId = "client_id",
    /// Where it wants its answer.
    RedirectUri = "redirect_uri",
    /// What it wants as an answer.
    ResponseType = "response_type",
    /// What it asks for.
    Scope = "scope",
    /// PKCE.
    Pkce = "pkce",
    /// Any other check of a request, which has a code of its own.
    Request = "request",
    /// What is not to be seen of a request.
    RequestElsewhere = "request_elsewhere",
    /// `state`.
    RequestUnbound = "request_unbound",
    /// `nonce`.
    RequestUnboundNonce = "request_unbound_nonce",
    // When it redeems its code.
    /// It never came to redeem one: it does not trust the private authority.
    Untrusted = "private_ca",
    /// There is a secret that it could prove itself with.
    Secret = "secret",
    /// How it proves itself.
    Authentication = "authentication",
    /// The rest of that request.
    TokenRequest = "token_request",
    // When it reads the ID token.
    /// What ID tokens are signed with.
    Algorithm = "algorithm",
    /// Its clock.
    Clock = "clock",
    /// For whom its tokens are.
    Audience = "audience",
    // When it takes somebody in.
    /// A claim that it cannot do without.
    Claim = "claim",
    /// Userinfo as it reads it.
    UserinfoForm = "userinfo_form",
    /// Groups where it reads them.
    Groups = "groups",
    /// The whole token.
    Token = "token",
    /// What its last login came to, when nothing more exact is known.
    LastLogin = "last_login",
    // After the login.
    /// Where it takes logouts.
    Logout = "logout",

    // The installation.
    /// Its public URL leads here.
    PublicUrl = "public_url",
    /// Machines trust its certificate.
    TlsChain = "tls_chain",
    /// Its certificate, and the next one.
    Certificate = "certificate",
    /// Keys that sign.
    Keys = "keys",
    /// This machine's clock.
    OwnClock = "clock",
    /// Room on its disk.
    Disk = "disk",
    /// Whose word on where somebody comes from counts.
    Proxies = "proxies",
    /// What the proxy in front makes of headers.
    Headers = "headers",
    /// What has ended.
    Expired = "expired",
    /// What the overview says.
    Attention = "attention",
    /// Letters.
    Mail = "mail",
    /// What ends soon.
    Expires = "expires",
    /// The database.
    Database = "database",
    /// Copies of it.
    Backup = "backup",
    /// Files that were applied, and what was changed since.
    Drift = "drift",
    /// Settings that are weaker than the default.
    Weakened = "weakened",
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the order of two is what people rely on.
    #[test]
    fn causes_stand_in_the_order_in_which_they_stop_a_login() {
        let at = |cause: Cause| Cause::ALL.iter().position(|one| *one == cause).unwrap();
        let login = [
            Cause::Disabled,
            Cause::LoginFails,
            Cause::Issuer,
            Cause::ClientId,
            Cause::RedirectUri,
            Cause::ResponseType,
            Cause::Scope,
            Cause::Pkce,
            Cause::Authentication,
            Cause::Algorithm,
            Cause::Clock,
            Cause::Audience,
            Cause::Claim,
            Cause::LastLogin,
            Cause::Logout,
        ];
        assert!(login.is_sorted_by_key(|cause| at(*cause)), "{login:?}");
        assert!(Cause::ALL.is_sorted(), "the list and the order are one");
    }

    #[test]
    fn names_are_snake_case() {
        for cause in Cause::ALL {
            let is_snake = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(
                !cause.code().is_empty() && cause.code().chars().all(is_snake),
                "{cause:?}"
            );
        }
    }
}
