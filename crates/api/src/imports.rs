//! Moving in from another provider.

use serde::{Deserialize, Serialize};

/// Bytes of a document at most.
pub const DOCUMENT_BYTES: usize = 64 * 1024 * 1024;

/// A document to import. Whatever it holds is written in one unit of work, or nothing of it.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImport {
    /// What kind of document it is.
    pub format: ImportFormat,
    /// The document as text, at most 64 MiB.
    pub document: String,
    /// The issuer that the applications of the document had there: this server answers at it too, and they keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Everything is tried and reported, and nothing is written.
    #[serde(default)]
    pub dry_run: bool,
    /// What something is in the way of stays out; otherwise nothing is written then.
    #[serde(default)]
    pub skip_conflicts: bool,
}

impl std::fmt::Debug for NewImport {
    /// Without the document: it holds secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewImport")
            .field("format", &self.format)
            .field("bytes", &self.document.len())
            .field("issuer", &self.issuer)
            .field("dry_run", &self.dry_run)
            .field("skip_conflicts", &self.skip_conflicts)
            .finish()
    }
}

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportFormat {
    /// The export of a Keycloak realm with its users (`kc.sh export --users same_file`), version 20 or later.
    Keycloak,
    /// A table of people in UTF-8 whose first line names the columns.
    Csv,
    /// Entries of a directory (RFC 2849), as `ldapsearch -LLL` prints them.
    Ldif,
}

/// What comes of an import, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportReport {
    /// Whether it has been written.
    pub written: bool,
    /// How many there are of each kind.
    pub counts: Vec<ImportCount>,
    /// What there is to know, the most important first.
    pub remarks: Vec<ImportRemark>,
    /// Further remarks that are not here because there are too many different ones.
    pub more_remarks: usize,
}

/// How many of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportCount {
    /// `user`, `group`, `app` or `upstream`.
    pub kind: String,
    /// That are added.
    pub added: usize,
    /// That are here already and stay as they are.
    pub already: usize,
    /// That cannot be added because something here is in their way.
    pub conflicts: usize,
}

/// One thing to know, about everything of which it is to be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ImportRemark {
    /// What becomes of it.
    pub outcome: ImportOutcome,
    /// `user`, `group`, `app`, `upstream` or `realm`.
    pub kind: String,
    /// What there is to know.
    pub what: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// About whom or what; the first fifty.
    pub names: Vec<String>,
    /// How many.
    pub count: usize,
}

/// What becomes of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// Something here is in its way.
    Conflict,
    /// It cannot come.
    Left,
    /// It becomes something else that does the same.
    Translated,
    /// It is here already, and stays as it is.
    Already,
    /// It comes as it is.
    AsIs,
}
