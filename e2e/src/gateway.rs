//! A real Apache with `mod_auth_openidc`, set up with what was printed for it: a gateway in front of an application that knows nothing of logins.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use tokio::process::Command;

use crate::{
    process::Running,
    rigs::{Ground, Printed},
    server::Server,
    tools::{Tools, output_folder},
};

/// Its own part of the configuration, which is there before anything is printed: one site, and a place for one group alone.
const SITE: &str = "\
ServerName localhost
User www-data
Group www-data
ErrorLog /dev/stderr
LogLevel auth_openidc:info
Mutex sem
TypesConfig /dev/null
AddType text/html .html
DirectoryIndex index.html
Header always set X-User \"expr=%{REMOTE_USER}\"
";

/// A running gateway. Everything that it writes is in a folder of its own.
pub struct Gateway {
    running: Running,
    ground: Ground,
    printed: String,
}

impl Gateway {
    /// One that lets in the members of `group` who log in at `server`, with these lines of its administrator's own.
    pub async fn start(server: &Server, group: &str, lines: &str) -> Self {
        let ground = Ground::of("gateway");
        let printed = Printed::add(server, "mod-auth-openidc", &ground.url, group).await;
        let folder = ground.path("");
        // It serves as another user than whoever starts it.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        for page in ["pages/index.html", "pages/ops/index.html"] {
            let page = ground.path(page);
            fs::create_dir_all(page.parent().expect("it is in a folder")).expect("the folder can be written");
            fs::write(page, "<title>Wiki</title><p>Behind the gateway").expect("the page can be written");
        }
        ground.write("oidc-passphrase", "a-passphrase-for-one-test");
        let printed = printed
            .only("file")
            .replace("/etc/apache2", &folder.display().to_string());
        let running = serve(&ground, &format!("{printed}\n{lines}\n"), "").await;
        Self {
            running,
            ground,
            printed,
        }
    }

    /// Ends it, and starts it with the printed file and this line after it, whose settings count.
    pub async fn restart_with(&mut self, line: &str) {
        self.restart_at(line, "").await;
    }

    /// The same with its clock off by so much, such as `-5s`.
    pub async fn restart_at(&mut self, line: &str, clock: &str) {
        self.running.kill().await;
        self.running = serve(&self.ground, &format!("{}\n{line}\n", self.printed), clock).await;
    }

    /// An address of it. A page's header `x-user` says who the gateway takes the visitor for.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.ground.url)
    }
}

async fn serve(ground: &Ground, printed: &str, clock: &str) -> Running {
    let file = ground.write("apache.conf", &configuration(&ground.path(""), ground.port, printed));
    let mut command = Command::new(Tools::apache());
    // One process, so that ending it ends all of it.
    command.args(["-X", "-f"]).arg(&file);
    if !clock.is_empty() {
        command.env("LD_PRELOAD", Tools::libfaketime()).env("FAKETIME", clock);
    }
    let mut running = Running::start(&format!("gateway-{}", ground.port), command, &output_folder("logs"));
    running.answers(&format!("{}/", ground.url)).await;
    running
}

fn configuration(folder: &Path, port: u16, printed: &str) -> String {
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
        "{modules}{SITE}ServerRoot {folder}\nListen 127.0.0.1:{port}\nPidFile {folder}/apache.pid\nDefaultRuntimeDir {folder}\n\
         DocumentRoot {folder}/pages\n{printed}"
    )
}
