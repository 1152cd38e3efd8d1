//! Every page that a person meets: one view model per page, rendered to a whole HTML document.
//!
//! A page is a function of its view and of the [`Chrome`] around it; it reads no clock, no store and no request. Every
//! page works without JavaScript; send it with the header from [`csp`] ([`csp_form_post`] for the form_post page,
//! [`csp_passkeys`] for those with passkeys, which no browser does without a script).

mod activity;
mod brand;
mod chrome;
mod colour;
mod consent;
pub mod console;
mod csp;
mod decoupled;
mod deletion;
mod device;
mod factors;
mod fault;
mod forgotten;
mod form_post;
mod grants;
mod lang;
mod link;
mod login;
mod logins;
mod logout;
mod moment;
mod no_access;
mod oklch;
mod passkeys;
mod password;
mod profile;
mod refused;
mod register;
mod render;
mod scope;
mod second;
mod sessions;
mod shades;
mod start;
mod status;
mod terms;
mod text;
mod theme;
mod upstream_preview;

pub use activity::{Activity, By, Deed, activity};
pub use brand::{Brand, Logo, LogoType};
pub use chrome::{AppRef, Chrome, Viewer, field, path};
pub use colour::{Colour, ColourError};
pub use consent::{Consent, DetailItem, ScopeItem, consent};
pub use csp::{csp, csp_form_post, csp_framed, csp_frames, csp_live, csp_passkeys};
pub use decoupled::{DeviceCode, DeviceCodeProblem, Outcome, Question, QuestionKind, answered, device_code, question};
pub use deletion::{AccountClosed, DeleteAccount, account_closed, delete_account};
pub use factors::{AddApp, Factors, FactorsNotice, NewRecoveryCodes, add_app, factors, new_recovery_codes};
pub use fault::{Fault, fault};
pub use forgotten::{Forgotten, ForgottenProblem, forgotten};
pub use form_post::{FormPost, form_post};
pub use grants::{GrantItem, Grants, grants};
pub use lang::Lang;
pub use login::{
    AccountChooser, AccountItem, Asks, Login, LoginProblem, Onward, UpstreamWay, account_chooser, login, onward,
};
pub use logins::{ConfirmLogin, ConnectedLogin, Logins, LoginsNotice, OtherLogin, confirm_login, logins};
pub use logout::{ConfirmLogout, Knows, LoggedOut, Parted, confirm_logout, logged_out};
pub use no_access::{Missing, NoAccess, no_access};
pub use passkeys::{PasskeyItem, Passkeys, PasskeysNotice, passkeys};
pub use password::{
    ChangePassword, Enrol, EnrolReason, PasswordProblem, SpentLink, change_password, enrol, spent_link,
};
pub use profile::{ConfirmAddress, Confirming, Profile, ProfileNotice, ProfileProblem, confirm_address, profile};
pub use refused::{Difference, Refused, refused};
pub use register::{Join, Register, RegisterProblem, join, register};
pub use second::{
    CodeProblem, EnrolFactor, EnrolPasskey, RecoveryCodes, Second, SetUp, enrol_factor, recovery_codes, second,
};
pub use sessions::{SessionItem, Sessions, SessionsNotice, sessions};
pub use start::{OpenQuestion, Start, Tile, start};
pub use status::{Check, Status, status};
pub use terms::{AskedTerms, Terms, terms};
pub use theme::Shade;
pub use upstream_preview::{Judgement, UpstreamPreview, upstream_preview};
