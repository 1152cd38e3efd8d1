//! Who logs in: the user claim, and the names and the address that come with it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::evaluation::{Change, Email, Run};
use crate::login_rules::wrong;
use crate::mapping::{OnLogin, OnMissing};
use crate::reason::{Code, Effect, shown};
use crate::{ClaimError, ClaimPath};

/// Longest name, address or identifier that is read, in bytes.
const MAX_TEXT: usize = 512;

/// Where the short name comes from. Only the first login takes it unless the rule says otherwise: a name that the provider
/// lets people choose must never reach into an account that is here already.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UsernameRule {
    /// The claim, usually `preferred_username`.
    pub claim: ClaimPath,
    /// Which part of it.
    pub form: UsernameForm,
    /// Whether capital letters stay.
    pub letters: Letters,
    /// What later logins do.
    pub on_login: OnLogin,
    /// What happens without the claim.
    pub on_missing: OnMissing,
}

/// Which part of a user name is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UsernameForm {
    /// All of it.
    #[default]
    Whole,
    /// What is before the first `@`: `alice` of `alice@id.example.com`.
    BeforeAt,
}

/// What becomes of capital letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Letters {
    /// They stay.
    #[default]
    AsIs,
    /// They become small.
    Lower,
}

/// Where the e-mail address comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EmailRule {
    /// The claim, usually `email`.
    pub claim: ClaimPath,
    /// The claim that says whether the address belongs to the person.
    pub verified: ClaimPath,
    /// Whether the texts "true" and "false" are booleans there, as Apple writes them.
    pub text_booleans: bool,
    /// What later logins do.
    pub on_login: OnLogin,
    /// What happens without the claim.
    pub on_missing: OnMissing,
}

/// Where the full name comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NameRule {
    /// The claim, usually `name`.
    pub claim: ClaimPath,
    /// What later logins do.
    pub on_login: OnLogin,
    /// What happens without the claim.
    pub on_missing: OnMissing,
}

impl From<ClaimPath> for UsernameRule {
    fn from(claim: ClaimPath) -> Self {
        Self {
            claim,
            form: UsernameForm::default(),
            letters: Letters::default(),
            on_login: OnLogin::FirstLoginOnly,
            on_missing: OnMissing::Keep,
        }
    }
}

impl From<ClaimPath> for EmailRule {
    fn from(claim: ClaimPath) -> Self {
        Self {
            claim,
            verified: ClaimPath::fixed("email_verified"),
            text_booleans: false,
            on_login: OnLogin::Replace,
            on_missing: OnMissing::Keep,
        }
    }
}

impl From<ClaimPath> for NameRule {
    fn from(claim: ClaimPath) -> Self {
        Self {
            claim,
            on_login: OnLogin::Replace,
            on_missing: OnMissing::Keep,
        }
    }
}

impl UsernameRule {
    pub(crate) fn check(&self) -> Result<(), ClaimError> {
        if self.on_missing == OnMissing::Clear {
            return Err(wrong(
                "username.on_missing",
                "`keep` or `deny`: nobody is without a name",
                "`clear`",
            ));
        }
        check("username", self.on_login, self.on_missing)
    }

    pub(crate) fn read(&self, run: &mut Run<'_>) {
        let value = Single {
            rule: "username",
            claim: &self.claim,
            on_login: self.on_login,
            on_missing: self.on_missing,
            read: Code::ClaimRead,
            missing: Code::ClaimMissing,
        };
        let form = |text: &str| {
            let part = match self.form {
                UsernameForm::Whole => text,
                UsernameForm::BeforeAt => text.split('@').next().unwrap_or_default(),
            };
            match self.letters {
                Letters::AsIs => part.to_owned(),
                Letters::Lower => part.to_lowercase(),
            }
        };
        run.changes.username = value.change(run, |text| Some(form(text)).filter(|name| !name.is_empty()));
    }
}

impl EmailRule {
    pub(crate) fn check(&self) -> Result<(), ClaimError> {
        check("email", self.on_login, self.on_missing)
    }

    pub(crate) fn read(&self, run: &mut Run<'_>) {
        let value = Single {
            rule: "email",
            claim: &self.claim,
            on_login: self.on_login,
            on_missing: self.on_missing,
            read: Code::EmailRead,
            missing: Code::EmailMissing,
        };
        let verified = match self.verified.find(run.claims) {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(text)) => self.text_booleans && text == "true",
            _ => false,
        };
        run.changes.email = value.change(run, |address| {
            Some(Email {
                address: address.to_owned(),
                verified,
            })
        });
        if run.changes.email.value().is_some() {
            let (expected, received) = (
                format!("`{}` true", self.verified),
                shown(self.verified.find(run.claims)),
            );
            let on = vec![
                if verified {
                    "email is verified"
                } else {
                    "email is not verified"
                }
                .to_owned(),
            ];
            run.say("email.verified", Code::ClaimRead, Effect::Set, on, expected, received);
        }
    }
}

impl NameRule {
    pub(crate) fn check(&self) -> Result<(), ClaimError> {
        check("name", self.on_login, self.on_missing)
    }

    pub(crate) fn read(&self, run: &mut Run<'_>) {
        let value = Single {
            rule: "name",
            claim: &self.claim,
            on_login: self.on_login,
            on_missing: self.on_missing,
            read: Code::ClaimRead,
            missing: Code::ClaimMissing,
        };
        run.changes.name = value.change(run, |text| Some(text.to_owned()));
    }
}

fn check(rule: &str, on_login: OnLogin, on_missing: OnMissing) -> Result<(), ClaimError> {
    match (on_login, on_missing) {
        (OnLogin::Add, _) => Err(wrong(
            format!("{rule}.on_login"),
            "`replace` or `first-login-only`: there is one value only",
            "`add`",
        )),
        (OnLogin::FirstLoginOnly, OnMissing::Clear) => Err(wrong(
            format!("{rule}.on_missing"),
            "`keep` or `deny`, because later logins change nothing",
            "`clear`",
        )),
        _ => Ok(()),
    }
}

/// The person's identifier: text, or a whole number as its text, as GitHub has it.
pub(crate) fn read_user(claim: &ClaimPath, run: &mut Run<'_>) {
    let received = present(claim.find(run.claims));
    let user = match received {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    };
    let (code, effect, on) = match (received, user.filter(|user| user.len() <= MAX_TEXT)) {
        (None, _) => (Code::UserMissing, Effect::Denied, Vec::new()),
        (Some(_), None) => (Code::UserWrong, Effect::Denied, Vec::new()),
        (Some(_), Some(user)) => {
            let on = vec![format!("user {user}")];
            run.changes.user = user;
            (Code::UserRead, Effect::Set, on)
        }
    };
    let expected = format!("text or a whole number of at most {MAX_TEXT} bytes in `{claim}`");
    run.say("user", code, effect, on, expected, shown(received));
}

/// A rule for one text.
struct Single<'r> {
    rule: &'static str,
    claim: &'r ClaimPath,
    on_login: OnLogin,
    on_missing: OnMissing,
    read: Code,
    missing: Code,
}

impl Single<'_> {
    fn change<T>(&self, run: &mut Run<'_>, form: impl FnOnce(&str) -> Option<T>) -> Change<T> {
        let received = present(self.claim.find(run.claims));
        let is_late = self.on_login == OnLogin::FirstLoginOnly && !run.local.is_first_login;
        let (code, effect, change) = match received {
            None => match self.on_missing {
                OnMissing::Deny => (self.missing, Effect::Denied, Change::Keep),
                OnMissing::Clear if !is_late => (self.missing, Effect::Cleared, Change::Clear),
                OnMissing::Keep | OnMissing::Clear => (self.missing, Effect::Kept, Change::Keep),
            },
            Some(_) if is_late => (Code::NotFirstLogin, Effect::Kept, Change::Keep),
            Some(Value::String(text)) if text.len() > MAX_TEXT => (Code::ClaimTooLarge, Effect::Denied, Change::Keep),
            Some(Value::String(text)) => match form(text) {
                Some(value) => (self.read, Effect::Set, Change::Set(value)),
                None => (Code::ClaimWrongType, Effect::Denied, Change::Keep),
            },
            Some(_) => (Code::ClaimWrongType, Effect::Denied, Change::Keep),
        };
        let on = vec![self.rule.to_owned()];
        let expected = format!("text in `{}`", self.claim);
        run.say(self.rule, code, effect, on, expected, shown(received));
        change
    }
}

/// Null and the empty text are ways of saying nothing (OpenID Connect Core 5.3.2).
pub(crate) fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null() && value.as_str() != Some(""))
}

/// A rule may be written as its claim alone, `email = "mail"`, or as a table.
macro_rules! short_form {
    ($rule:ident { $($field:ident: $type:ty),+ }) => {
        impl<'de> Deserialize<'de> for $rule {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Table {
                    claim: ClaimPath,
                    $(#[serde(default)] $field: Option<$type>,)+
                }
                struct Form;
                impl<'de> Visitor<'de> for Form {
                    type Value = $rule;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a claim, or a table with `claim`")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                        text.parse::<ClaimPath>().map(Into::into).map_err(E::custom)
                    }

                    fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Self::Value, A::Error> {
                        let mut segments = Vec::new();
                        while let Some(name) = names.next_element()? {
                            segments.push(name);
                        }
                        ClaimPath::from_segments(segments).map(Into::into).map_err(serde::de::Error::custom)
                    }

                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
                        let mut rule = $rule::from(table.claim);
                        $(if let Some(value) = table.$field { rule.$field = value; })+
                        Ok(rule)
                    }
                }
                deserializer.deserialize_any(Form)
            }
        }
    };
}

short_form!(UsernameRule {
    form: UsernameForm,
    letters: Letters,
    on_login: OnLogin,
    on_missing: OnMissing
});
short_form!(EmailRule {
    verified: ClaimPath,
    text_booleans: bool,
    on_login: OnLogin,
    on_missing: OnMissing
});
short_form!(NameRule {
    on_login: OnLogin,
    on_missing: OnMissing
});
