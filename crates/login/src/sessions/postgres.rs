//! The store in PostgreSQL.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::types::ToSql;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::SessionStore;
use super::sql::{Engine, Parameter, Row, Sql, TABLES};
use crate::LoginError;
use crate::network::Pending;

const CONNECTIONS: usize = 8;
const WAIT: Duration = Duration::from_secs(5);

/// Sessions in PostgreSQL, shared by any number of processes and machines: connects to
/// `postgres://user:password@host/database` and makes its tables, whose names begin with `login_`, in the first schema of
/// the search path. With `sslmode=require` the server's certificate must be for its host name and by an authority that the
/// machine trusts, or by one in the PEM file that `sslrootcert` names; without it the connection is not encrypted.
///
/// Whoever reads the tables learns how many sessions there are and when they end, and nothing else: see
/// [what a stolen database tells](crate#what-a-stolen-database-tells).
///
/// # Errors
/// [`LoginError::Sessions`] with what is wrong with the address, or what the server says. The password is in neither.
pub async fn connect_postgres(url: &str) -> Result<Arc<dyn SessionStore>, LoginError> {
    let (config, tls) = configured(url)?;
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let pool = Pool::builder(Manager::from_config(config, tls, recycling))
        .max_size(CONNECTIONS)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .build()
        .map_err(|error| LoginError::Sessions(error.to_string()))?;
    let client = pool.get().await.map_err(|error| of_pool(&error))?;
    // Two that make the same table at once fail; they take turns.
    let turn = "SELECT pg_advisory_xact_lock(hashtext('doorward login'), hashtext(current_schema()::text))";
    client
        .batch_execute(&format!("BEGIN; {turn}; {TABLES} COMMIT"))
        .await
        .map_err(|error| failed(&error))?;
    drop(client);
    Ok(Arc::new(Sql::new(Server(pool))))
}

struct Server(Pool);

/// `sslmode` and `sslrootcert` as in the address; what is left is the driver's.
fn configured(url: &str) -> Result<(tokio_postgres::Config, MakeRustlsConnect), LoginError> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut is_demanded, mut roots, mut kept) = (false, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", "require" | "verify-ca" | "verify-full")) => is_demanded = true,
            Some(("sslrootcert", path)) => roots = Some(PathBuf::from(path)),
            _ => kept.push(pair),
        }
    }
    // Without a demand the server may be spoken to in the clear: to believe any certificate then protects from nobody, so
    // nothing but a verified one is encrypted to.
    kept.push(if is_demanded {
        "sslmode=require"
    } else {
        "sslmode=disable"
    });
    let url = format!("{base}?{}", kept.join("&"));
    let config: tokio_postgres::Config = url.parse().map_err(|error| failed(&error))?;
    Ok((config, MakeRustlsConnect::new(tls(roots)?)))
}

fn tls(roots: Option<PathBuf>) -> Result<ClientConfig, LoginError> {
    let unusable = |detail: String| LoginError::Sessions(format!("TLS cannot be set up: {detail}"));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?;
    let Some(path) = roots else {
        let builder = builder
            .with_platform_verifier()
            .map_err(|error| unusable(error.to_string()))?;
        return Ok(builder.with_no_client_auth());
    };
    let mut store = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(&path).map_err(|error| unusable(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        store.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    Ok(builder.with_root_certificates(store).with_no_client_auth())
}

fn failed(error: &tokio_postgres::Error) -> LoginError {
    let said = error.as_db_error().map(ToString::to_string);
    let cause = || std::error::Error::source(error).map(|cause| format!("{error}: {cause}"));
    LoginError::Sessions(said.or_else(cause).unwrap_or_else(|| error.to_string()))
}

fn of_pool(error: &deadpool_postgres::PoolError) -> LoginError {
    match error {
        deadpool_postgres::PoolError::Backend(error) => failed(error),
        other => LoginError::Sessions(other.to_string()),
    }
}

impl Parameter {
    fn as_sql(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::MaybeBytes(bytes) => bytes,
            Self::Number(number) => number,
        }
    }
}

impl Engine for Server {
    fn execute(&self, sql: &'static str, parameters: Vec<Parameter>) -> Pending<'_, Result<u64, LoginError>> {
        Box::pin(async move {
            let client = self.0.get().await.map_err(|error| of_pool(&error))?;
            let statement = client.prepare_cached(sql).await.map_err(|error| failed(&error))?;
            let parameters: Vec<_> = parameters.iter().map(Parameter::as_sql).collect();
            client
                .execute(&statement, &parameters)
                .await
                .map_err(|error| failed(&error))
        })
    }

    fn row(
        &self,
        sql: &'static str,
        parameters: Vec<Parameter>,
        numbers: usize,
    ) -> Pending<'_, Result<Option<Row>, LoginError>> {
        Box::pin(async move {
            let client = self.0.get().await.map_err(|error| of_pool(&error))?;
            let statement = client.prepare_cached(sql).await.map_err(|error| failed(&error))?;
            let parameters: Vec<_> = parameters.iter().map(Parameter::as_sql).collect();
            let found = client
                .query_opt(&statement, &parameters)
                .await
                .map_err(|error| failed(&error))?;
            let Some(row) = found else { return Ok(None) };
            let numbers_of = (0..numbers).map(|column| row.try_get(column)).collect::<Result<_, _>>();
            let bytes_of = (numbers..row.len())
                .map(|column| row.try_get(column))
                .collect::<Result<_, _>>();
            Ok(Some(Row {
                numbers: numbers_of.map_err(|error| failed(&error))?,
                bytes: bytes_of.map_err(|error| failed(&error))?,
            }))
        })
    }
}
