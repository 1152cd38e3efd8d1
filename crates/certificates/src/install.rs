//! What hosts and programs must be told so that they trust the private authority.

/// How one kind of host or program learns to trust the authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Install {
    /// A word to choose it by: `debian`.
    pub name: &'static str,
    /// For a heading.
    pub title: &'static str,
    /// Commands and settings; lines that begin with `#` are comments. The certificate is in the file `doorward-ca.crt`.
    pub text: &'static str,
}

/// All of them. The certificate goes to each host as `doorward-ca.crt` first: `doorward ca show --pem > doorward-ca.crt`.
pub fn install() -> &'static [Install] {
    INSTALL
}

const INSTALL: &[Install] = &[
    Install {
        name: "debian",
        title: "Debian, Ubuntu",
        text: "sudo cp doorward-ca.crt /usr/local/share/ca-certificates/doorward-ca.crt\n\
               sudo update-ca-certificates",
    },
    Install {
        name: "redhat",
        title: "RHEL, Fedora, Rocky, Alma",
        text: "sudo cp doorward-ca.crt /etc/pki/ca-trust/source/anchors/doorward-ca.crt\n\
               sudo update-ca-trust",
    },
    Install {
        name: "alpine",
        title: "Alpine",
        text: "cp doorward-ca.crt /usr/local/share/ca-certificates/doorward-ca.crt\n\
               update-ca-certificates",
    },
    Install {
        name: "python",
        title: "Python (requests, httpx, Django applications such as NetBox)",
        text: "# requests brings its own list and does not look at the system's: point it there, after the step for the system.\n\
               # In the service's environment, for example with systemctl edit netbox:\n\
               REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt\n\
               SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt\n\
               # RHEL: /etc/pki/tls/certs/ca-bundle.crt in both",
    },
    Install {
        name: "node",
        title: "Node.js",
        text: "# In the service's environment; it is added to the list that Node brings:\n\
               NODE_EXTRA_CA_CERTS=/usr/local/share/ca-certificates/doorward-ca.crt",
    },
    Install {
        name: "java",
        title: "Java",
        text: "sudo keytool -importcert -noprompt -cacerts -storepass changeit -alias doorward-ca -file doorward-ca.crt\n\
               # Debian's own Java packages follow the system's list and need only that.",
    },
    Install {
        name: "go",
        title: "Go (Grafana, Gitea, oauth2-proxy, Vault)",
        text: "# Follows the system's list: the step for the system is enough. In an image without one:\n\
               SSL_CERT_FILE=/etc/doorward-ca.crt",
    },
    Install {
        name: "container",
        title: "Containers (Docker, Podman, Compose)",
        text: "# Neither the host's list nor its settings reach into a container. On the host, after its own step:\n\
               volumes:\n\
               \x20 - /etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro\n\
               environment:\n\
               \x20 SSL_CERT_FILE: /etc/ssl/certs/ca-certificates.crt\n\
               \x20 REQUESTS_CA_BUNDLE: /etc/ssl/certs/ca-certificates.crt\n\
               \x20 NODE_EXTRA_CA_CERTS: /etc/ssl/certs/ca-certificates.crt",
    },
    Install {
        name: "windows",
        title: "Windows, for people's browsers",
        text: "certutil -addstore -f Root doorward-ca.crt",
    },
    Install {
        name: "macos",
        title: "macOS, for people's browsers",
        text: "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain doorward-ca.crt",
    },
    Install {
        name: "firefox",
        title: "Firefox on Linux, which has a list of its own",
        text: "# /etc/firefox/policies/policies.json\n\
               { \"policies\": { \"Certificates\": { \"Install\": [\"/usr/local/share/ca-certificates/doorward-ca.crt\"] } } }",
    },
];
