//! The schema and its history. Every migration is embedded, applied once, in order, all that are missing in one
//! transaction; its checksum says whether the database was built by the text that this program knows.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use jiff::Timestamp;

use crate::{Row, StoreError, Value};

pub(crate) use crate::dialect::Dialect;

/// One step of the schema.
#[derive(Debug)]
pub(crate) struct Migration {
    number: i64,
    name: &'static str,
    script: &'static str,
}

/// In order. Each crate that has tables has its own files.
const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "protocol",
        script: include_str!("../migrations/0001_protocol.sql"),
    },
    Migration {
        number: 2,
        name: "directory",
        script: include_str!("../migrations/0002_directory.sql"),
    },
    Migration {
        number: 3,
        name: "apps",
        script: include_str!("../migrations/0003_apps.sql"),
    },
    Migration {
        number: 4,
        name: "audit",
        script: include_str!("../migrations/0004_audit.sql"),
    },
    Migration {
        number: 5,
        name: "upstreams",
        script: include_str!("../migrations/0005_upstreams.sql"),
    },
    Migration {
        number: 6,
        name: "factors",
        script: include_str!("../migrations/0006_factors.sql"),
    },
    Migration {
        number: 7,
        name: "passkeys",
        script: include_str!("../migrations/0007_passkeys.sql"),
    },
    Migration {
        number: 8,
        name: "mail",
        script: include_str!("../migrations/0008_mail.sql"),
    },
    Migration {
        number: 9,
        name: "certificates",
        script: include_str!("../migrations/0009_certificates.sql"),
    },
    Migration {
        number: 10,
        name: "life",
        script: include_str!("../migrations/0010_life.sql"),
    },
    Migration {
        number: 11,
        name: "joining",
        script: include_str!("../migrations/0011_joining.sql"),
    },
    Migration {
        number: 12,
        name: "terms",
        script: include_str!("../migrations/0012_terms.sql"),
    },
    Migration {
        number: 13,
        name: "logout",
        script: include_str!("../migrations/0013_logout.sql"),
    },
    Migration {
        number: 14,
        name: "requests",
        script: include_str!("../migrations/0014_requests.sql"),
    },
    Migration {
        number: 16,
        name: "grants",
        script: include_str!("../migrations/0016_grants.sql"),
    },
    Migration {
        number: 17,
        name: "moving",
        script: include_str!("../migrations/0017_moving.sql"),
    },
    Migration {
        number: 18,
        name: "aliases",
        script: include_str!("../migrations/0018_aliases.sql"),
    },
    Migration {
        number: 19,
        name: "foreign_passwords",
        script: include_str!("../migrations/0019_foreign_passwords.sql"),
    },
];

const HISTORY: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/// The question whose rows are [`Applied`].
pub(crate) const APPLIED: &str = "SELECT number, name, checksum FROM schema_migrations ORDER BY number";

/// A migration that the database has.
#[derive(Debug)]
pub(crate) struct Applied {
    number: i64,
    name: String,
    checksum: String,
}

impl Applied {
    pub(crate) fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            number: row.get(0)?,
            name: row.get(1)?,
            checksum: row.get(2)?,
        })
    }
}

/// The connection of an engine, with whatever lock it needs taken already.
pub(crate) trait Target {
    /// How to write the schema.
    const DIALECT: Dialect;

    /// Runs schema statements, separated by semicolons.
    fn run(&mut self, statements: &str) -> Result<(), StoreError>;

    /// Runs one statement with parameters.
    fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError>;

    /// Runs [`APPLIED`].
    fn applied(&mut self) -> Result<Vec<Applied>, StoreError>;
}

/// What has to be done to a database.
#[derive(Debug)]
pub(crate) struct Plan {
    from: i64,
    missing: &'static [Migration],
}

/// Compares a database with this program, of whose migrations the first `newest` count.
pub(crate) fn plan<T: Target>(target: &mut T, newest: usize) -> Result<Plan, StoreError> {
    let known = MIGRATIONS.get(..newest).unwrap_or(MIGRATIONS);
    target.run(&T::DIALECT.statements(HISTORY).join(";\n"))?;
    let applied = target.applied()?;
    let newest = known.last().map_or(0, |migration| migration.number);
    if let Some(found) = applied.last().map(|last| last.number)
        && found > newest
    {
        return Err(StoreError::Newer { found, known: newest });
    }
    for (index, applied) in applied.iter().enumerate() {
        let same = known
            .get(index)
            .is_some_and(|migration| migration.number == applied.number && migration.checksum() == applied.checksum);
        if !same {
            return Err(StoreError::Changed {
                number: applied.number,
                name: applied.name.clone(),
            });
        }
    }
    Ok(Plan {
        from: applied.last().map_or(0, |last| last.number),
        missing: known.get(applied.len()..).unwrap_or_default(),
    })
}

impl Plan {
    /// Whether nothing is to be done.
    pub(crate) fn is_empty(&self) -> bool {
        self.missing.is_empty()
    }

    /// Whether a database that is in use already will change.
    pub(crate) fn is_upgrade(&self) -> bool {
        self.from > 0 && !self.is_empty()
    }

    /// The newest migration that the database has.
    pub(crate) fn from(&self) -> i64 {
        self.from
    }

    /// Applies what is missing. The caller holds one transaction around it.
    pub(crate) fn apply<T: Target>(&self, target: &mut T, now: Timestamp) -> Result<(), StoreError> {
        for migration in self.missing {
            migration.apply(target, now).map_err(|cause| StoreError::Migration {
                number: migration.number,
                name: migration.name.to_owned(),
                cause: cause.to_string(),
            })?;
            tracing::info!(
                number = migration.number,
                name = migration.name,
                "migrated the database"
            );
        }
        Ok(())
    }
}

impl Migration {
    fn apply<T: Target>(&self, target: &mut T, now: Timestamp) -> Result<(), StoreError> {
        target.run(&T::DIALECT.statements(self.script).join(";\n"))?;
        target.execute(
            "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
            &[
                self.number.into(),
                self.name.into(),
                (&self.checksum()).into(),
                now.into(),
            ],
        )?;
        Ok(())
    }

    // Without carriage returns, so that a checkout that adds them is not another schema.
    fn checksum(&self) -> String {
        let text: Vec<u8> = self.script.bytes().filter(|&byte| byte != b'\r').collect();
        HEXLOWER.encode(digest(&SHA256, &text).as_ref())
    }
}
