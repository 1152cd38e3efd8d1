//! What surrounds every page: language, brand, and who is looking at it.

use super::{Brand, Lang, Shade};

/// What surrounds every page.
#[derive(Debug, Clone, Copy)]
pub struct Chrome<'a> {
    /// The language of the page; see [`Lang::choose`].
    pub lang: Lang,
    /// Name, logo and colour of the organisation.
    pub brand: &'a Brand,
    /// Path under which the server answers, without a trailing slash: empty, or `/sso` for `https://example.com/sso`.
    /// Comes before every path of [`path`] in links; `action` fields of views are complete and get no prefix.
    pub base: &'a str,
    /// The person whose session this is, when there is one. Adds the navigation and the way out to pages that have it.
    pub viewer: Option<Viewer<'a>>,
    /// People here log in through other providers too: the navigation has the page where they are connected.
    pub has_upstreams: bool,
    /// How the page looks; as the browser prefers when absent.
    pub theme: Option<Shade>,
    /// This server sends mail: who forgot a password can ask for a letter.
    pub has_mail: bool,
}

/// The person whose session the page belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Viewer<'a> {
    /// `Anna Berger`; the user name when there is no other.
    pub display_name: &'a str,
    /// `anna`
    pub username: &'a str,
    /// How pages look to them; as the browser prefers when absent.
    pub theme: Option<Shade>,
}

/// An application as people see it.
#[derive(Debug, Clone, Copy)]
pub struct AppRef<'a> {
    /// The name that the administrator gave it: `NetBox`.
    pub name: &'a str,
    /// Where it lives, to tell two of the same name apart: `netbox.example.com`.
    pub host: Option<&'a str>,
}

/// Paths of pages that link to one another. Register handlers under these; [`Chrome::base`] comes before them.
pub mod path {
    /// The start page with the person's applications (GET).
    pub const START: &str = "/";
    /// Logging in to Doorward itself (GET).
    pub const LOGIN: &str = "/login";
    /// The terms and conditions, to read and to answer (GET; POST with `attempt`, `csrf`, `shown`, `decision`).
    pub const TERMS: &str = "/terms";
    /// Asking for a new password (GET; POST with `username`).
    pub const FORGOT: &str = "/forgot";
    /// Asking for an account of one's own (GET; POST with `email`); what the letter's link leads to is below it.
    pub const REGISTER: &str = "/register";
    /// What the person has let applications know (GET).
    pub const GRANTS: &str = "/account/grants";
    /// Takes that back: fields `csrf`, `app` (POST).
    pub const GRANTS_WITHDRAW: &str = "/account/grants/withdraw";
    /// The person's sessions (GET).
    pub const SESSIONS: &str = "/account/sessions";
    /// Ends one session: fields `csrf`, `session` (POST).
    pub const SESSION_END: &str = "/account/sessions/end";
    /// Ends all sessions but this: field `csrf` (POST).
    pub const SESSIONS_END_OTHERS: &str = "/account/sessions/end-others";
    /// Password change (GET; POST with `csrf`, `current_password`, `new_password`, `repeat_password`).
    pub const PASSWORD: &str = "/account/password";
    /// The person's passkeys (GET).
    pub const PASSKEYS: &str = "/account/passkeys";
    /// What to ask of the browser for a new one: field `csrf` (POST, from the script).
    pub const PASSKEY_OPTIONS: &str = "/account/passkeys/options";
    /// Registers one: fields `csrf`, `name`, `answer` (POST).
    pub const PASSKEY_ADD: &str = "/account/passkeys/add";
    /// Gives one another name: fields `csrf`, `passkey`, `name` (POST).
    pub const PASSKEY_RENAME: &str = "/account/passkeys/rename";
    /// Removes one: fields `csrf`, `passkey` (POST).
    pub const PASSKEY_REMOVE: &str = "/account/passkeys/remove";
    /// Logging in by passkey alone: fields `attempt`, `answer` (POST).
    pub const LOGIN_PASSKEY: &str = "/login/passkey";
    /// What to ask of the browser for that: field `attempt` (POST, from the script).
    pub const LOGIN_PASSKEY_OPTIONS: &str = "/login/passkey/options";
    /// The person's second factors (GET).
    pub const FACTORS: &str = "/account/factors";
    /// Sets up an app for one-time codes (GET; POST with `csrf`, `draft`, `code`).
    pub const FACTORS_APP: &str = "/account/factors/app";
    /// Removes it: field `csrf` (POST).
    pub const FACTORS_APP_REMOVE: &str = "/account/factors/app/remove";
    /// Makes new recovery codes: field `csrf` (POST).
    pub const FACTORS_RECOVERY: &str = "/account/factors/recovery";
    /// What the person may know and change of themselves (GET; POST with `csrf`, `display_name`, `language`,
    /// `theme`).
    pub const PROFILE: &str = "/account/profile";
    /// Asks for another address: fields `csrf`, `email` (POST).
    pub const PROFILE_EMAIL: &str = "/account/profile/email";
    /// What the person did lately and what was done to their account (GET with `before`).
    pub const ACTIVITY: &str = "/account/activity";
    /// Deletes the person's own account (GET; POST with `csrf`).
    pub const DELETE: &str = "/account/delete";
    /// What is stored about the person, as a file (GET).
    pub const EXPORT: &str = "/account/export";
    /// The person's ways in through other providers (GET).
    pub const LOGINS: &str = "/account/logins";
    /// Connects a login at another provider: fields `csrf`, `upstream` (POST).
    pub const LOGIN_CONNECT: &str = "/account/logins/connect";
    /// Says that a login which came back is one's own: fields `csrf`, `login`, `decision` (POST).
    pub const LOGIN_CONFIRM: &str = "/account/logins/confirm";
    /// Removes one: fields `csrf`, `login` (POST).
    pub const LOGIN_REMOVE: &str = "/account/logins/remove";
    /// The question whether to log out (GET).
    pub const LOGOUT: &str = "/logout";
    /// The console of those who administer (GET); its rooms are below it.
    pub const CONSOLE: &str = "/admin";
    /// Everything that [`crate::assets`] serves is below this.
    pub const ASSETS: &str = "/assets/";
}

/// Names of form fields, as the handlers read them.
pub mod field {
    /// Login: the ticket of the login attempt (hidden).
    pub const ATTEMPT: &str = "attempt";
    /// Forms of a session: what proves that the form came from our page (hidden).
    pub const CSRF: &str = "csrf";
    /// Consent: which question was answered (hidden).
    pub const SHOWN: &str = "shown";
    /// The code that a device shows.
    pub const USER_CODE: &str = "user_code";
    /// Which question is answered (hidden).
    pub const REQUEST: &str = "request";
    /// User name.
    pub const USERNAME: &str = "username";
    /// Name for people to read (first administrator).
    pub const DISPLAY_NAME: &str = "display_name";
    /// The language of letters.
    pub const LANGUAGE: &str = "language";
    /// How pages look: `browser`, `light` or `dark`.
    pub const THEME: &str = "theme";
    /// An e-mail address.
    pub const EMAIL: &str = "email";
    /// Login: which step the form was ([`NAME_STEP`], hidden).
    pub const STEP: &str = "step";
    /// Value of [`STEP`]: the form asked for the name alone.
    pub const NAME_STEP: &str = "name";
    /// Login: set when an administrator uses the backup door (hidden).
    pub const BACKUP: &str = "backup";
    /// The password of a login.
    pub const PASSWORD: &str = "password";
    /// Password change: the present one.
    pub const CURRENT_PASSWORD: &str = "current_password";
    /// The password to set.
    pub const NEW_PASSWORD: &str = "new_password";
    /// The password to set, again.
    pub const REPEAT_PASSWORD: &str = "repeat_password";
    /// Enrolment: the ticket of the link (hidden).
    pub const TOKEN: &str = "token";
    /// Which button was pressed on consent and logout: [`ALLOW`], [`DENY`].
    pub const DECISION: &str = "decision";
    /// Value of [`DECISION`].
    pub const ALLOW: &str = "allow";
    /// Value of [`DECISION`].
    pub const DENY: &str = "deny";
    /// Sessions: the one to end.
    pub const SESSION: &str = "session";
    /// Connected logins: the one to remove, or to connect.
    pub const LOGIN: &str = "login";
    /// Another provider, by name.
    pub const UPSTREAM: &str = "upstream";
    /// Passkeys: the one that is meant.
    pub const PASSKEY: &str = "passkey";
    /// Passkeys: what the person calls it.
    pub const NAME: &str = "name";
    /// Passkeys: what the browser answered, as JSON (hidden, filled by the script).
    pub const ANSWER: &str = "answer";
    /// Second step: the login so far (hidden).
    pub const HALF: &str = "half";
    /// A one-time code or a recovery code.
    pub const CODE: &str = "code";
    /// Second step: not to be asked again in this browser.
    pub const REMEMBER: &str = "remember";
    /// A secret that is shown and not yet stored (hidden).
    pub const DRAFT: &str = "draft";
    /// What is shared: the application, by its client id.
    pub const APP: &str = "app";
    /// Account chooser: the chosen account's id, or [`OTHER_ACCOUNT`].
    pub const ACCOUNT: &str = "account";
    /// Value of [`ACCOUNT`]: none of those shown.
    pub const OTHER_ACCOUNT: &str = "other";
}
