//! The vocabulary of `/api/v1`: what a program sends and what it gets back.
//!
//! The server (`doorward-web`) and the command line (`doorward-cli`) both speak these types; neither depends on the
//! other. Requests refuse members that they do not know, with the list of those they do; answers may grow, so a client
//! ignores what it does not know and an older command line can talk to a newer server.
//!
//! Conventions: instants are RFC 3339 in UTC, spans are whole seconds with `_seconds` in the name, a list is
//! `{items, next}` where `next` goes back in as `cursor`, in a change `null` clears a member and an absent one is kept.

mod admins;
mod aliases;
mod apps;
mod certificates;
mod client_registration;
pub mod day;
mod doctor;
mod edit;
mod error;
mod events;
mod grants;
mod groups;
mod identities;
mod imports;
mod keys;
mod list;
mod mail;
mod overview;
mod passkeys;
mod policies;
mod presets;
mod registration;
mod services;
mod sessions;
mod settings;
mod state;
mod status;
mod terms;
mod traces;
mod upstreams;
mod users;

pub use admins::{Admin, AdminGrant, Role};
pub use aliases::{AliasForm, IssuerAlias, NewIssuerAlias};
pub use apps::{
    App, AppAdded, AppChange, AppKind, AppLogout, AppLogoutChange, AppProfile, AppSummary, Authentication, ByGroup,
    Ciba, ClaimDestination, ClaimFormat, ClaimRule, Consent, ContentEncryption, Dpop, Encrypted, ExchangeKind,
    ExchangeRule, GrantTypes, GrantTypesChange, IssuerStyle, KeySettings, KeySettingsChange, Lifetimes,
    LifetimesChange, Logout, LogoutCause, LogoutState, Logouts, LogoutsRetried, NewApp, NewScopeMapEntry, Pkce,
    Preview, PreviewRequest, PreviewStep, ProfileRequirement, RefreshTokens, RequestSettings, RequestSettingsChange,
    RotateSecret, ScopeMapChange, ScopeMapEntry, SecretShown, SenderChange, SenderSettings, SigningAlg, Snippet,
    SnippetNote, SnippetPart, SnippetQuery, SnippetWay, Usernames, Weakened,
};
pub use certificates::{
    Authority, AuthorityInstall, CertificateIssued, NewAuthority, NewCertificate, Tls, TlsCertificate, TlsProblem,
};
pub use client_registration::{
    ClientRegistration, ClientRegistrationChange, InitialAccessToken, InitialAccessTokenShown, NewInitialAccessToken,
    RegistrationMode,
};
pub use doctor::{
    Diagnosis, DoctorAppChange, DoctorChange, DoctorFinding, DoctorFix, DoctorRemedy, DoctorRequest, DoctorSent,
    DoctorSide, DoctorVisit, DoctorWeight,
};
pub use edit::Edit;
pub use error::{ErrorBody, codes};
pub use events::{Event, EventActor, EventOutcome, EventQuery, EventSubject};
pub use grants::{AppGrants, GrantsRevoked};
pub use groups::{Group, GroupChange, GroupMember, GroupQuery, GroupSummary, MemberKind, MembershipChange, NewGroup};
pub use identities::{Identity, IdentityLink, IdentityUnlink, LinkDryRun, WouldBe};
pub use imports::{DOCUMENT_BYTES, ImportCount, ImportFormat, ImportOutcome, ImportRemark, ImportReport, NewImport};
pub use keys::{Key, KeyImport, KeyState, KeyTurn, Master, MasterKey};
pub use list::{DEFAULT_LIMIT, List, MAX_LIMIT, PageQuery};
pub use mail::{Letter, LetterState, MailStatus, MailTest, MailTested};
pub use overview::{Attention, Logins, Overview, Reason};
pub use passkeys::{Passkey, PasskeyChange, PasskeysRemoved};
pub use policies::{
    BrowsersForgotten, DemandQuery, LoginDemand, LoginLevel, LoginPolicy, NamedPolicy, Policies, PolicyChange,
    UserFactors,
};
pub use presets::{Preset, PresetSummary};
pub use registration::{
    Registration, RegistrationApproval, RegistrationApproved, RegistrationChange, RegistrationRequest,
};
pub use services::{ApiToken, NewService, NewServiceKey, NewToken, Service, ServiceChange, ServiceKey, TokenShown};
pub use sessions::{Ended, Session, SessionQuery};
pub use settings::{OwnField, Settings, SettingsChange};
pub use state::{
    STATE_BYTES, STATE_FILES, STATE_FOLDERS, STATE_PEOPLE, StateChange, StateFile, StateFileQuery, StateFiles,
    StatePeople, StatePeopleQuery, StatePlan, StateRequest, StateSchemas, StateSetting, StateShown, StateWeaker,
    StateWhat,
};
pub use status::{ActorView, Status};
pub use terms::{NewTerms, Terms, TermsAcceptance, TermsAcceptanceQuery, TermsSummary, TermsText};
pub use traces::{Conclusion, StepOutcome, Trace, TraceLine, TraceOutcome, TraceQuery, TraceStep, TraceSummary};
pub use upstreams::{
    LinkRule, LookupFailure, NewUpstream, ProbeFinding, ProbeSeverity, Upstream, UpstreamAuthentication,
    UpstreamChange, UpstreamLookup, UpstreamPreset, UpstreamProbe, UpstreamRemoval, UpstreamResponseMode,
    UpstreamSaved, UpstreamSecret, UpstreamSummary,
};
pub use users::{
    DeleteQuery, Link, LinkPurpose, LinkRequest, NewUser, Theme, User, UserAdded, UserChange, UserDeleted, UserLogin,
    UserQuery, UserSummary,
};

/// Where the API lives below the public URL.
pub const BASE: &str = "/api/v1";

/// What every API token starts with, so that a leaked one can be found by a scanner.
pub const TOKEN_PREFIX: &str = "dwt_";
