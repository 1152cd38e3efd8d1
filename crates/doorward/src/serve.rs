//! `doorward serve`: opens everything, listens, works in the background, stops cleanly.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::{Context, Result, bail};
use doorward_apps::Apps;
use doorward_audit::{Tracer, export};
use doorward_directory::{Directory, Hasher, HasherSettings, Settings};
use doorward_jose::{Random, SystemRandom, base64url};
use doorward_passkeys::RelyingParty;
use doorward_provider::{PairwiseSalt, Server};
use doorward_store::{Location, MasterKey, Store, StoreError, settings};
use doorward_upstreams::{Public, Upstreams};
use doorward_web::{
    ClientKeys, Cookies, Documents, Door, Keys, MasterKeys, MasterSource, RequestObjects, SeenTokens, SessionLimits,
    Strangers,
    clock::{Clock, SystemClock},
    front,
    pages::{Brand, Colour, Logo, LogoType},
    server::{Listener, Shutdown, TrustedProxies, serve as accept},
    telemetry,
};
use jiff::Timestamp;

use crate::{certificates, config::Config, data_directory, first_link, housekeeping};

/// Where and what to serve: the configuration file with the command line's words over it.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) config: Config,
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: String,
}

impl Plan {
    /// Decides and checks what can be checked before anything is opened.
    pub(crate) fn new(config: Config) -> Result<Self> {
        let data = config.data.clone().unwrap_or_else(|| PathBuf::from("./data"));
        let listen = config
            .listen
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let public_url = match &config.public_url {
            Some(url) => url.clone(),
            None if listen.ip().is_loopback() => format!("http://localhost:{}", listen.port()),
            None => bail!(
                "--public-url is missing: the address under which browsers and applications reach this server, for \
                 example https://sso.example.com. It becomes the issuer and cannot change later"
            ),
        };
        let plan = Self {
            public_url: checked_url(&public_url)?,
            config,
            data,
            listen,
        };
        plan.check_exposure()?;
        Ok(plan)
    }

    /// Plain HTTP may be heard on loopback, or by a reverse proxy that is listed.
    fn check_exposure(&self) -> Result<()> {
        let is_private = self.listen.ip().is_loopback() || !self.config.proxies.trusted.is_empty();
        if self.config.tls.is_none() && !is_private {
            bail!(
                "plain HTTP on {} would carry passwords in the clear. Set [tls] acme = \"you@example.com\" or ca = true, or \
                 certificate and key; listen on 127.0.0.1, or list the reverse proxy in front under [proxies] trusted",
                self.listen
            );
        }
        Ok(())
    }
}

/// An issuer: scheme and host, no query, no path (OpenID Connect Discovery §3).
fn checked_url(text: &str) -> Result<String> {
    let url = url::Url::parse(text).with_context(|| format!("--public-url: expected a URL, found {text:?}"))?;
    let is_local = url
        .host_str()
        .is_some_and(|host| host == "localhost" || host.ends_with(".localhost"))
        || matches!(url.host(), Some(url::Host::Ipv4(address)) if address.is_loopback())
        || matches!(url.host(), Some(url::Host::Ipv6(address)) if address.is_loopback());
    match url.scheme() {
        "https" => {}
        "http" if is_local => {}
        _ => bail!("--public-url: expected https://…, found {text:?} (http is for localhost only)"),
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        bail!("--public-url: expected scheme and host alone, like https://sso.example.com, found {text:?}");
    }
    Ok(url.origin().ascii_serialization())
}

/// A server that is set up and has not begun to listen.
pub(crate) struct Opened {
    pub(crate) door: Arc<Door>,
    pub(crate) shutdown: Shutdown,
    plan: Plan,
    /// The certificates that are trusted at addresses of applications.
    trusted: Option<Vec<u8>>,
}

/// What is listened to: the server itself, and where plain HTTP is sent on.
pub(crate) struct Listeners {
    own: Vec<Listener>,
    plain: Vec<Listener>,
    /// Those that ask clients for certificates.
    asking: Vec<Listener>,
}

/// Opens database, keys and services.
pub(crate) async fn open(plan: Plan) -> Result<Opened> {
    let clock = SystemClock;
    let now = clock.now();
    data_directory::make_private(&plan.data)?;
    own_presets(&plan.config)?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let (master, source) = master_key(&plan, &*random)?;
    let master = Arc::new(master);
    let location = match &plan.config.database {
        Some(url) => Location::Postgres(url.clone()),
        None => Location::Sqlite(plan.data.join("doorward.db")),
    };
    let store = Store::open(&location, now).await.context("cannot open the database")?;
    same_issuer(&store, &plan.public_url, now).await?;
    let master_keys = MasterKeys::new(store.clone(), Arc::clone(&master), Arc::clone(&random), source);
    master_keys
        .settle(now)
        .await
        .context("cannot open what the database has sealed")?;
    let salt = pairwise_salt(&store, &master, &*random, now).await?;
    let server = Server::new(&plan.public_url)
        .with_mtls(crate::mtls::published(&plan.config))
        .with_client_authorities(crate::mtls::has_authorities(&plan.config))
        .with_pairwise(salt);
    let brand = brand(&plan.config)?;
    let outbox = crate::mail::outbox(&plan.config, &plan.public_url, &brand, &master, &random);
    let postman = crate::mail::postman(&plan.config, &store, &outbox, &*random)?;
    let settings = Settings {
        outbox: outbox.clone(),
        domain: Some(server.domain().to_owned()),
        common_passwords: crate::passwords::common(plan.config.passwords.common.as_deref())?,
        ..Settings::default()
    };
    let hasher = Hasher::start(&HasherSettings::default()).context("cannot start the password threads")?;
    let directory = Directory::with_settings(store.clone(), hasher, Arc::clone(&random), settings);
    let apps = Apps::new(store.clone(), Arc::clone(&master), Arc::clone(&random));
    let upstreams = Upstreams::new(
        store.clone(),
        Arc::clone(&master),
        Arc::clone(&random),
        Public::new(&plan.public_url),
        || SystemClock.now(),
    );
    let keys = Keys::new(store.clone(), Arc::clone(&master), Arc::clone(&random));
    keys.rotate(now).await.context("cannot prepare the signing keys")?;
    let tracer = Tracer::new(store.clone(), &*random);
    let certificates = certificates::open(&plan, &store, &master, &random, now).await?;
    let trusted = crate::logout::trusted(&certificates, &plan.config).await?;
    let sessions = &plan.config.sessions;
    let door = Arc::new(Door {
        snapshots: apps.snapshots().clone(),
        sessions: SessionLimits {
            idle: sessions.idle,
            absolute: sessions.absolute,
        },
        relying_party: relying_party(&plan.public_url, &plan.config.brand.name),
        cookies: Cookies::new(plan.public_url.starts_with("https://")),
        brand,
        proxies: TrustedProxies::new(plan.config.proxies.trusted.clone()),
        mtls: crate::mtls::settings(&plan.config)?,
        origin: plan.public_url.clone(),
        strangers: Strangers::default(),
        request_objects: RequestObjects::new(trusted.as_deref()).context(crate::logout::CA)?,
        client_keys: ClientKeys::new(trusted.as_deref()).context(crate::logout::CA)?,
        doctor: doorward_doctor::Doctor::new(
            trusted.clone(),
            doorward_doctor::Place {
                data: Some(plan.data.clone()),
                trusted: plan.config.proxies.trusted.clone(),
                backups: plan.config.backup.folder.clone(),
            },
        ),
        documents: Documents::default(),
        seen_tokens: SeenTokens::default(),
        metrics: telemetry::install(),
        clock: Arc::new(clock),
        store,
        directory,
        outbox,
        postman,
        apps,
        upstreams,
        certificates,
        keys,
        tracer,
        master,
        master_keys,
        random,
        server,
    });
    Ok(Opened {
        door,
        shutdown: Shutdown::default(),
        plan,
        trusted,
    })
}

/// Those of the configured directory: a file that cannot be used stops the start, with its name and what is wrong with it.
fn own_presets(config: &Config) -> Result<()> {
    let Some(directory) = &config.presets.directory else {
        return Ok(());
    };
    let added = doorward_apps::add_own_presets(directory).context("presets.directory")?;
    tracing::info!(presets = added.join(", "), directory = %directory.display(), "presets of this installation");
    Ok(())
}

/// From the environment, the configured file, a systemd credential, or the data directory, where the first start makes it.
fn master_key(plan: &Plan, random: &dyn Random) -> Result<(MasterKey, MasterSource)> {
    if let Ok(text) = std::env::var("DOORWARD_MASTER_KEY") {
        let variable = "the environment variable DOORWARD_MASTER_KEY";
        let key = MasterKey::parse(&text).with_context(|| format!("in {variable}"))?;
        return Ok((key, MasterSource::elsewhere(variable)));
    }
    if let Some(file) = &plan.config.master_key {
        let key = MasterKey::read(file).with_context(|| format!("in {}", file.display()))?;
        return Ok((key, MasterSource::elsewhere(format!("the file {}", file.display()))));
    }
    if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") {
        let file = PathBuf::from(folder).join("doorward-master-key");
        if file.exists() {
            let key = MasterKey::read(&file).with_context(|| format!("in {}", file.display()))?;
            return Ok((
                key,
                MasterSource::elsewhere("the systemd credential doorward-master-key"),
            ));
        }
    }
    let file = plan.data.join("master.key");
    let key = MasterKey::read_or_create(&file, random).with_context(|| format!("in {}", file.display()))?;
    let source = MasterSource {
        shown: format!("the file {}", file.display()),
        // A database server may have other nodes, which read another file.
        own_file: plan.config.database.is_none().then_some(file),
    };
    Ok((key, source))
}

/// The issuer is what every application has stored with its users; another one would orphan them all.
async fn same_issuer(store: &Store, public_url: &str, now: Timestamp) -> Result<()> {
    let wanted = public_url.to_owned();
    let issuer = store
        .write::<_, StoreError>(now, move |tx| settings::set_once(tx, "issuer", &wanted))
        .await?;
    if issuer != public_url {
        bail!(
            "this database belongs to the issuer {issuer}, the server was started as {public_url}. The issuer cannot \
             change: every application would take its users for strangers. Start with --public-url {issuer}"
        );
    }
    Ok(())
}

/// The key of pairwise subjects, which the first start makes: sealed, and the same for every node and for good.
async fn pairwise_salt(store: &Store, master: &MasterKey, random: &dyn Random, now: Timestamp) -> Result<PairwiseSalt> {
    const NAME: &str = "pairwise_salt";
    let found = store.read::<_, StoreError>(|tx| settings::get(tx, NAME)).await?;
    let stored = if let Some(stored) = found {
        stored
    } else {
        let mut fresh = [0; 32];
        random.fill(&mut fresh);
        let fresh = base64url::encode(master.seal(random, NAME.as_bytes(), &fresh));
        store
            .write::<_, StoreError>(now, move |tx| settings::set_once(tx, NAME, &fresh))
            .await?
    };
    let sealed = base64url::decode(&stored).context("the key of pairwise subjects is damaged")?;
    let salt = master
        .open(NAME.as_bytes(), &sealed)
        .context("the key of pairwise subjects cannot be opened")?;
    Ok(PairwiseSalt::new(&salt))
}

/// This server as passkeys know it, or `None` with a line in the log: everything else works at such an address.
fn relying_party(public_url: &str, name: &str) -> Option<RelyingParty> {
    let url = url::Url::parse(public_url).ok()?;
    RelyingParty::at(&url, name)
        .inspect_err(|reason| tracing::info!(%reason, "no passkeys at this address"))
        .ok()
}

fn brand(config: &Config) -> Result<Brand> {
    let accent = match &config.brand.accent {
        Some(text) => text
            .parse::<Colour>()
            .map_err(|error| anyhow::anyhow!("brand.accent: {error}"))?,
        None => Colour::DOOR,
    };
    let logo = match &config.brand.logo {
        Some(path) => Some(logo(path)?),
        None => None,
    };
    let brand = Brand::new(config.brand.name.clone(), accent, logo);
    Ok(match &config.brand.contact {
        Some(contact) => brand.with_contact(contact.clone()),
        None => brand,
    })
}

fn logo(path: &std::path::Path) -> Result<Logo> {
    let kind = path
        .extension()
        .and_then(|extension| extension.to_str())
        .and_then(LogoType::from_name);
    let kind = kind.with_context(|| {
        format!(
            "brand.logo: expected .svg, .png, .webp or .jpg, found {}",
            path.display()
        )
    })?;
    let bytes = std::fs::read(path).with_context(|| format!("brand.logo: cannot read {}", path.display()))?;
    Ok(Logo { bytes, kind })
}

impl Opened {
    /// Listens and returns the bound address with what to await.
    pub(crate) async fn listen(&self) -> Result<(SocketAddr, Listeners)> {
        let tls = self.plan.config.tls.as_ref();
        let certificate = tls.map(|tls| certificates::presented(tls, &self.door));
        // The socket first: whoever finds the address answering may count on the command line, too.
        let unix = Listener::unix(&self.plan.data.join("doorward.sock"))?;
        let tcp = Listener::tcp(self.plan.listen, certificate, self.door.proxies.clone()).await?;
        let address = tcp.local_address().unwrap_or(self.plan.listen);
        let plain = match tls.and_then(|tls| tls.http) {
            Some(http) => vec![Listener::tcp(http, None, self.door.proxies.clone()).await?],
            None => Vec::new(),
        };
        let asking = crate::mtls::listeners(&self.plan.config, &self.door).await?;
        let own = vec![tcp, unix];
        Ok((address, Listeners { own, plain, asking }))
    }

    /// Serves until told to stop, with the background work beside it.
    pub(crate) async fn run(self, listeners: Listeners) -> Result<()> {
        let background = self.background()?;
        tokio::task::spawn_blocking(doorward_jose::prepare_to_sign);
        let front = front(Arc::clone(&self.door), crate::api::router(&self.door, &self.shutdown));
        let sent_on = doorward_web::plain::router(Arc::clone(&self.door));
        let for_certificates = doorward_web::for_certificates(Arc::clone(&self.door));
        tokio::join!(
            accept(listeners.own, front, self.shutdown.clone()),
            accept(listeners.plain, sent_on, self.shutdown.clone()),
            accept(listeners.asking, for_certificates, self.shutdown.clone()),
        );
        for task in background {
            let _ = task.await;
        }
        self.door.store.close().await;
        Ok(())
    }

    fn background(&self) -> Result<Vec<tokio::task::JoinHandle<()>>> {
        let door = Arc::clone(&self.door);
        let shutdown = self.shutdown.clone();
        let traces = tokio::spawn(async move {
            let clock = Arc::clone(&door.clock);
            door.tracer.run(move || clock.now(), shutdown.requested()).await;
        });
        let (door, shutdown) = (Arc::clone(&self.door), self.shutdown.clone());
        let housekeeping = tokio::spawn(async move {
            tokio::select! {
                () = housekeeping::keep_house(&door) => {}
                () = housekeeping::fold_timings(&door) => {}
                () = certificates::keep(&door) => {}
                () = housekeeping::give_back(&door) => {}
                () = crate::logout::watch(&door) => {}
                () = shutdown.requested() => {}
            }
        });
        let mut tasks = vec![traces, housekeeping];
        if let Some(postman) = self.door.postman.clone() {
            let shutdown = self.shutdown.clone();
            tasks.push(tokio::spawn(async move { postman.run(shutdown.requested()).await }));
            let (door, shutdown) = (Arc::clone(&self.door), self.shutdown.clone());
            tasks.push(tokio::spawn(crate::mail::answer_askers(door, async move {
                shutdown.requested().await;
            })));
        }
        let (courier, shutdown) = (
            crate::logout::courier(&self.door, self.trusted.as_deref())?,
            self.shutdown.clone(),
        );
        tasks.push(tokio::spawn(async move { courier.run(shutdown.requested()).await }));
        if let Some(target) = &self.plan.config.audit.syslog {
            tasks.push(self.export(target)?);
        }
        Ok(tasks)
    }

    /// Sends events to syslog as well.
    fn export(&self, target: &str) -> Result<tokio::task::JoinHandle<()>> {
        let target = target
            .parse::<export::Target>()
            .map_err(|error| anyhow::anyhow!("audit.syslog: {error}"))?;
        let (door, shutdown) = (Arc::clone(&self.door), self.shutdown.clone());
        let now = door.clock.now();
        let exporter = export::Export::new(door.store.clone(), target, door.server.domain(), &*door.random, now);
        Ok(tokio::spawn(async move {
            let clock = Arc::clone(&door.clock);
            exporter.run(move || clock.now(), shutdown.requested()).await;
        }))
    }
}

/// The command: everything above, and signals.
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let opened = open(plan).await?;
    let stop = stop_signal();
    let (address, listeners) = opened.listen().await?;
    let url = opened.door.server.public_url().to_owned();
    tracing::info!(%address, public_url = url, "doorward serves");
    if let Some(waiting) = first_link::offer(&opened.door, &opened.plan.data).await? {
        // Ends with the process: a file that is left then is removed at the next start.
        tokio::spawn(waiting.remove_when_used(Arc::clone(&opened.door)));
    }
    let shutdown = opened.shutdown.clone();
    tokio::spawn(async move {
        stop.await;
        tracing::info!("stopping: open requests may finish");
        shutdown.stop();
    });
    opened.run(listeners).await
}

/// Signals are heard from the call on, not only from the first poll: a server that can be reached can be asked to stop.
pub(crate) fn stop_signal() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let heard = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        let (Ok(mut term), Ok(mut int)) = heard else {
            tracing::warn!("signals cannot be heard; stop the process by killing it");
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    }
}
