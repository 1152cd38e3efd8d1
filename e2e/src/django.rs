//! Real Django applications: a project of this repository, with what `doorward` printed pasted in.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    browser::{Browser, Page},
    process::{Running, free_port},
    server::{Person, Server},
    tools::{Tools, output_folder},
};

/// Which libraries, by the preset that prints their configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Package {
    /// The versions that NetBox 4.6 pins, set up as NetBox does.
    NetBox,
    /// The newest social-auth.
    SocialAuth,
    /// mozilla-django-oidc.
    Mozilla,
    /// django-allauth.
    Allauth,
}

/// An application in a folder of its own.
pub struct Site {
    package: Package,
    folder: TempDir,
    port: u16,
    running: Option<Running>,
    /// Where people open it.
    pub url: String,
}

impl Package {
    /// The preset's name, which is the client id too.
    pub fn preset(self) -> &'static str {
        match self {
            Self::NetBox => "netbox",
            Self::SocialAuth => "social-auth",
            Self::Mozilla => "mozilla-django-oidc",
            Self::Allauth => "django-allauth",
        }
    }

    /// Where it wants its answers, below its address.
    pub fn callback(self) -> &'static str {
        match self {
            Self::NetBox => "/oauth/complete/oidc/",
            Self::SocialAuth => "/complete/oidc/",
            Self::Mozilla => "/oidc/callback/",
            Self::Allauth => "/accounts/oidc/doorward/login/callback/",
        }
    }

    /// The setting that turns PKCE off: what the printed one says the other way round.
    pub fn without_pkce(self) -> &'static str {
        match self {
            Self::NetBox | Self::SocialAuth => "SOCIAL_AUTH_OIDC_USE_PKCE = False",
            Self::Mozilla => "OIDC_USE_PKCE = False",
            Self::Allauth => "SOCIALACCOUNT_PROVIDERS['openid_connect']['OAUTH_PKCE_ENABLED'] = False",
        }
    }

    fn python(self) -> std::path::PathBuf {
        match self {
            Self::NetBox => Tools::netbox_python(),
            _ => Tools::python(),
        }
    }
}

impl Site {
    /// Adds the application to the server by its preset, for members of `group`, and sets the project up with what was printed.
    pub async fn add(server: &Server, package: Package, group: &str) -> Self {
        let site = Self::bare(package);
        let command = ["app", "add", package.preset(), &site.url, "--group", group];
        let added = server.json(&command).await;
        for part in added["snippet"]["parts"].as_array().expect("parts of a snippet") {
            site.paste(part).await;
        }
        match package {
            // These two have tables of their own before single sign-on, so nothing is printed about them.
            Package::NetBox | Package::Mozilla => site.type_in("python manage.py migrate").await,
            // Without this middleware every refusal is a bare 500; each guide to social-auth has it.
            Package::SocialAuth => site.set(
                "MIDDLEWARE += ['social_django.middleware.SocialAuthExceptionMiddleware']\n\
                 SOCIAL_AUTH_LOGIN_ERROR_URL = '/trouble/'",
            ),
            Package::Allauth => {}
        }
        site
    }

    /// One that an administrator has set up by hand, for a provider that printed nothing: what is added to which file.
    pub async fn by_hand(package: Package, files: &[(&str, &str)]) -> Self {
        let site = Self::bare(package);
        for (place, text) in files {
            site.append(place, text);
        }
        site.type_in("python manage.py migrate").await;
        site
    }

    /// What is in a file of the project.
    pub fn content(&self, place: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(place)).expect("it can be read")
    }

    fn bare(package: Package) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-e2e-site-")
            .tempdir()
            .expect("a temporary folder");
        let project = if package == Package::NetBox { "netbox" } else { "site" };
        copy(&Tools::sources("python").join(project), folder.path());
        let port = free_port();
        Self {
            package,
            folder,
            port,
            running: None,
            // Another host than the server's: no cookie of one reaches the other.
            url: format!("http://localhost:{port}"),
        }
    }

    /// What the administrator does with a printed part.
    async fn paste(&self, part: &Value) {
        let text = part["text"].as_str().expect("a part has text");
        match part["way"].as_str() {
            Some("file") => {
                let place = part["place"].as_str().expect("a file has a place");
                self.append(place, text);
            }
            Some("cli") if text.contains("manage.py") => {
                for line in text.lines().filter(|line| line.starts_with("python ")) {
                    self.type_in(line).await;
                }
            }
            // Packages are installed already, and a service is not there to restart.
            _ => {}
        }
    }

    /// Appends to a file of the project, named as the snippet names it: a path of NetBox's installation, or `x.py, beside manage.py`.
    fn append(&self, place: &str, text: &str) {
        let place = place.split(',').next().unwrap_or(place);
        let place = place.strip_prefix("/opt/netbox/netbox/").unwrap_or(place);
        let file = self.folder.path().join(place);
        fs::create_dir_all(file.parent().expect("it is in a folder")).expect("the folder can be made");
        let before = fs::read_to_string(&file).unwrap_or_default();
        fs::write(&file, format!("{before}\n{text}\n")).expect("the file can be written");
    }

    /// Further lines of the administrator's own after the printed settings.
    pub fn set(&self, lines: &str) {
        let file = match self.package {
            Package::NetBox => "netbox/configuration.py",
            _ => "settings.py",
        };
        self.append(file, lines);
    }

    async fn type_in(&self, line: &str) {
        let mut words = line.split_whitespace().skip(1);
        let mut command = self.python();
        command.args(&mut words);
        let output = command.output().await.expect("python can be started");
        assert!(
            output.status.success(),
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn python(&self) -> Command {
        let mut command = Command::new(self.package.python());
        command
            .current_dir(self.folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(std::process::Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs code in the project's shell.
    pub async fn shell(&self, code: &str) {
        let mut command = self.python();
        command.args(["manage.py", "shell", "-c", code]);
        let output = command.output().await.expect("python can be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Starts it.
    pub async fn start(self) -> Self {
        self.start_at("").await
    }

    /// Starts it with its clock off by so much, such as `-5s`.
    pub async fn start_at(mut self, clock: &str) -> Self {
        self.restart_at(clock).await;
        self
    }

    /// Ends it, if it runs, and starts it with its settings of now and its clock off by so much.
    pub async fn restart_at(&mut self, clock: &str) {
        if let Some(mut running) = self.running.take() {
            running.kill().await;
        }
        let mut command = self.python();
        command.args(["manage.py", "runserver", "--noreload"]);
        command.arg(format!("127.0.0.1:{}", self.port));
        if !clock.is_empty() {
            command.env("LD_PRELOAD", Tools::libfaketime()).env("FAKETIME", clock);
        }
        let name = format!("{}-{}", self.package.preset(), self.port);
        let mut running = Running::start(&name, command, &output_folder("logs"));
        running.answers(&format!("{}/", self.url)).await;
        self.running = Some(running);
    }

    /// Its log.
    pub fn log(&self) -> String {
        self.running.as_ref().map(Running::log).unwrap_or_default()
    }

    /// Presses its button for single sign-on.
    pub async fn begin(&self, browser: &mut Browser) -> Page {
        match self.package {
            Package::NetBox => browser.get(&format!("{}/oauth/login/oidc/?next=/", self.url)).await,
            Package::SocialAuth => {
                let page = browser.get(&format!("{}/login/", self.url)).await;
                browser.submit(&page, "/login/oidc/", &[]).await
            }
            Package::Mozilla => browser.get(&format!("{}/oidc/authenticate/", self.url)).await,
            Package::Allauth => {
                let page = browser
                    .get(&format!("{}/accounts/oidc/doorward/login/", self.url))
                    .await;
                browser.submit(&page, "", &[]).await
            }
        }
    }

    /// The whole login, with the password if it is asked for.
    pub async fn log_in(&self, browser: &mut Browser, person: &Person) -> Page {
        let page = self.begin(browser).await;
        if page.is_login() && page.url.port() != Some(self.port) {
            return browser.log_in(&page, person).await;
        }
        page
    }

    /// Whom it takes the browser for.
    pub async fn who(&self, browser: &mut Browser) -> Value {
        browser.get(&format!("{}/", self.url)).await.json()
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the project can be read").flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == "__pycache__" {
            continue;
        }
        if source.is_dir() {
            fs::create_dir_all(&target).expect("a folder can be made");
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).expect("a file can be copied");
        }
    }
}
