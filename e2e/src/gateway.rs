//! A real Apache with `mod_auth_openidc`: a gateway in front of an application that knows nothing of logins.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    process::{Running, free_port},
    server::Server,
    tools::{Tools, output_folder},
};

/// Where the gateway takes answers and logout tokens, below the pages that it guards.
const CALLBACK: &str = "/protected/callback";

/// A running gateway. Everything that it writes is in a folder of its own.
pub struct Gateway {
    _running: Running,
    _folder: TempDir,
    port: u16,
}

impl Gateway {
    /// One that lets in whoever logs in at `server`, which learns of it as the application `id`.
    pub async fn start(server: &Server, id: &str) -> Self {
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let callback = format!("{base}{CALLBACK}");
        let told = format!("{callback}?logout=backchannel");
        let registration = server
            .add_relying_party(id, &callback, &["--backchannel-logout-uri", &told])
            .await;
        let folder = tempfile::Builder::new()
            .prefix("doorward-gateway-")
            .tempdir()
            .expect("a temporary folder");
        let pages = folder.path().join("pages/protected");
        fs::create_dir_all(&pages).expect("the folder can be written");
        fs::write(pages.join("index.html"), "<title>Wiki</title><p>Behind the gateway")
            .expect("the page can be written");
        // It serves as another user than whoever starts it.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        let lines = [
            format!(
                "OIDCProviderMetadataURL {}/.well-known/openid-configuration",
                registration.issuer
            ),
            format!("OIDCClientID {}", registration.client_id),
            format!("OIDCClientSecret {}", registration.secret),
            format!("OIDCRedirectURI {callback}"),
        ];
        let configuration = configuration(folder.path(), port, &lines.join("\n"));
        let file = folder.path().join("apache.conf");
        fs::write(&file, configuration).expect("the folder can be written");
        let mut command = Command::new(Tools::apache());
        // One process, so that ending it ends all of it.
        command.args(["-X", "-f"]).arg(&file);
        let mut running = Running::start(&format!("gateway-{port}"), command, &output_folder("logs"));
        running.answers(&format!("{base}/")).await;
        Self {
            _running: running,
            _folder: folder,
            port,
        }
    }

    /// A page behind it. Its header `x-user` says who the gateway takes the visitor for.
    pub fn page(&self) -> String {
        format!("http://127.0.0.1:{}/protected/", self.port)
    }
}

fn configuration(folder: &Path, port: u16, provider: &str) -> String {
    let folder = folder.display();
    let modules = [
        "mpm_event",
        "authn_core",
        "authz_core",
        "authz_user",
        "dir",
        "headers",
        "mime",
        "auth_openidc",
    ]
    .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
    .concat();
    format!(
        "{modules}ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {folder}/apache.pid\nUser www-data\n\
         Group www-data\nErrorLog /dev/stderr\nLogLevel auth_openidc:info\nDefaultRuntimeDir {folder}\nMutex sem\nDocumentRoot {folder}/pages\nTypesConfig /dev/null\nAddType text/html .html\n\
         DirectoryIndex index.html\n{provider}\nOIDCCryptoPassphrase a-passphrase-for-one-test\nOIDCScope \"openid profile\"\n\
         OIDCPKCEMethod S256\nOIDCRemoteUserClaim preferred_username\n<Location /protected>\nAuthType openid-connect\nRequire valid-user\n\
         Header always set X-User \"expr=%{{REMOTE_USER}}\"\n</Location>\n"
    )
}
