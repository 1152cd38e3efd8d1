//! Names that nobody gives themselves: those of a domain's own mailboxes (RFC 2142 §2 to §5), and those by which
//! applications call an administrator of their own, who a newcomer would be taken for.

const RESERVED: &[&str] = &[
    "abuse",
    "admin",
    "administrator",
    "admins",
    "anonymous",
    "backup",
    "daemon",
    "doorward",
    "ftp",
    "guest",
    "help",
    "helpdesk",
    "hostmaster",
    "info",
    "mail",
    "mailer-daemon",
    "marketing",
    "me",
    "news",
    "no-reply",
    "nobody",
    "noc",
    "noreply",
    "operator",
    "owner",
    "postmaster",
    "root",
    "sales",
    "security",
    "self",
    "service",
    "staff",
    "su",
    "sudo",
    "superuser",
    "support",
    "sysadmin",
    "sysop",
    "system",
    "test",
    "usenet",
    "user",
    "uucp",
    "webmaster",
    "www",
];

/// Whether a newcomer cannot choose it; an administrator can give it.
pub(super) fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    RESERVED.binary_search(&name.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_read_without_regard_to_case() {
        assert!(RESERVED.is_sorted());
        assert!(is_reserved("Admin") && is_reserved("root") && !is_reserved("anna"));
    }
}
