//! What the provider's groups mean here: groups, roles, flags, and lists among the attributes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::evaluation::Run;
use crate::grants::{Grants, Kind, Target};
use crate::login_rules::{LoginRules, check_rows, check_text, wrong};
use crate::mapping::{OnLogin, OnMissing};
use crate::names::{self, Case, Found, GroupFormat, GroupPath, Reading};
use crate::reason::{Code, Effect, one_of};
use crate::{ClaimError, ClaimPath, Pattern};

/// The groups claim: how it is read, who must be in which group, and what membership brings.
///
/// An empty `map` keeps its hands off. Otherwise what the rows give adds up, and what an earlier login was given by a row
/// that `replace`s and is no longer given is taken away. What no row gives is never touched, unless `owns` says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupRules {
    /// Where it is.
    pub claim: ClaimPath,
    /// How it is written.
    pub format: GroupFormat,
    /// Whether capital letters count, in the rows and in `required`.
    pub case: Case,
    /// Which part of a name counts.
    pub path: GroupPath,
    /// Whether numbers in the list are names, as their texts. Otherwise they refuse the login.
    #[serde(skip_serializing_if = "is_false")]
    pub numbers: bool,
    /// What happens without the claim. `clear` takes it as an empty list, which is how Keycloak says it; `keep` leaves what
    /// earlier logins gave, and gives nothing at the first.
    pub on_missing: OnMissing,
    /// What happens when the provider says that the groups are elsewhere and nobody fetched them. Never an empty list.
    pub on_elsewhere: OnElsewhere,
    /// Whoever is in none of these is refused. Empty asks for nothing.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub required: BTreeSet<String>,
    /// Which of the rows that apply count.
    pub pick: Pick,
    /// What is replaced as a whole, with what was given by hand.
    #[serde(skip_serializing_if = "Owns::is_nothing")]
    pub owns: Owns,
    /// What membership brings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<GroupRow>,
}

/// What happens when the groups are elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnElsewhere {
    /// What earlier logins gave stays.
    Keep,
    /// The login is refused.
    #[default]
    Deny,
}

/// Which rows count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pick {
    /// All that apply: what they give adds up.
    #[default]
    All,
    /// The first that applies.
    First,
}

/// What the mapping owns as a whole: what no row gives is taken away there, whoever gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Owns {
    /// All groups that the person is in directly.
    pub groups: bool,
    /// All roles.
    pub roles: bool,
    /// All flags.
    pub flags: bool,
    /// All texts in these lists.
    pub attributes: BTreeSet<String>,
}

/// What membership in a group brings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupRow {
    /// The provider's group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// In place of a group: everybody who comes in.
    #[serde(skip_serializing_if = "is_false")]
    pub everybody: bool,
    /// Whether the group is a name or a pattern.
    #[serde(rename = "match")]
    pub compare: NameMatch,
    /// The groups here that are called like the groups there that fit.
    #[serde(skip_serializing_if = "is_false")]
    pub same_name: bool,
    /// Groups here.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
    /// Roles here.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub roles: BTreeSet<String>,
    /// Flags here.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<String>,
    /// Texts in attributes that are lists.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, BTreeSet<String>>,
    /// What later logins do.
    pub on_login: OnLogin,
}

/// How the name of a group is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameMatch {
    /// The same name.
    #[default]
    Exact,
    /// Each `*` stands for any run of characters.
    Glob,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Owns {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a target of this kind is among it.
    pub(crate) fn contains(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Group => self.groups,
            Kind::Role => self.roles,
            Kind::Flag => self.flags,
            Kind::Attribute(name) => self.attributes.contains(name),
        }
    }
}

impl Default for GroupRules {
    fn default() -> Self {
        Self {
            claim: ClaimPath::fixed("groups"),
            format: GroupFormat::default(),
            case: Case::default(),
            path: GroupPath::default(),
            numbers: false,
            on_missing: OnMissing::Clear,
            on_elsewhere: OnElsewhere::default(),
            required: BTreeSet::new(),
            pick: Pick::default(),
            owns: Owns::default(),
            map: Vec::new(),
        }
    }
}

impl GroupRow {
    /// What it gives to whoever it applies to, beside `same_name`.
    pub(crate) fn targets(&self) -> impl Iterator<Item = Target> {
        let of = |kind: Kind, names: &BTreeSet<String>| {
            let all: Vec<Target> = names.iter().map(|name| Target(kind.clone(), name.clone())).collect();
            all
        };
        let lists = self.attributes.iter();
        of(Kind::Group, &self.groups)
            .into_iter()
            .chain(of(Kind::Role, &self.roles))
            .chain(of(Kind::Flag, &self.flags))
            .chain(lists.flat_map(move |(name, texts)| of(Kind::Attribute(name.clone()), texts)))
    }

    /// What the provider's group must be called, in the form in which names are compared; nothing for everybody.
    pub(crate) fn pattern(&self, case: Case) -> Option<Pattern> {
        let group = case.fold(self.group.as_deref()?);
        Some(match self.compare {
            NameMatch::Exact => Pattern::Exact(group),
            NameMatch::Glob => Pattern::Glob(group),
        })
    }

    fn check(&self, place: &str, rules: &GroupRules) -> Result<(), ClaimError> {
        match (&self.group, self.everybody) {
            (Some(_), true) | (None, false) => {
                return Err(wrong(place, "either `group` or `everybody = true`", "both or neither"));
            }
            (None, true) if self.same_name => {
                return Err(wrong(place, "`same_name` with a `group`", "`same_name` for everybody"));
            }
            (Some(group), false) => {
                check_text(place, group)?;
                if self.compare == NameMatch::Exact {
                    check_segment(place, rules.path, group)?;
                }
            }
            (None, true) => {}
        }
        let mut count = usize::from(self.same_name);
        for Target(kind, text) in self.targets() {
            if let Kind::Attribute(name) = &kind {
                check_text(place, name)?;
            }
            check_text(place, &text)?;
            count += 1;
            if rules.owns.contains(&kind) && self.on_login != OnLogin::Replace {
                return Err(wrong(
                    format!("{place}.on_login"),
                    "`replace`, because `owns` replaces all of that kind",
                    "another",
                ));
            }
        }
        if count == 0 {
            return Err(wrong(
                place,
                "at least one of `groups`, `roles`, `flags`, `attributes`, `same_name`",
                "a row that gives nothing",
            ));
        }
        check_rows(place, count)
    }
}

/// A name with a slash is never the last segment of anything.
fn check_segment(place: &str, path: GroupPath, name: &str) -> Result<(), ClaimError> {
    if path == GroupPath::LastSegment && name.contains('/') {
        let expected = "a name without a slash, because `path` is `last-segment`";
        return Err(wrong(place, expected, format!("`{name}`, which no group has")));
    }
    Ok(())
}

impl GroupRules {
    /// The attributes that it sets.
    pub(crate) fn attributes(&self) -> BTreeSet<&str> {
        let rows = self.map.iter().flat_map(|row| row.attributes.keys());
        rows.chain(&self.owns.attributes).map(String::as_str).collect()
    }

    pub(crate) fn check(&self) -> Result<(), ClaimError> {
        check_rows("groups.required", self.required.len())?;
        for name in &self.required {
            check_text("groups.required", name)?;
            check_segment("groups.required", self.path, name)?;
        }
        check_rows("groups.map", self.map.len())?;
        check_rows("groups.owns.attributes", self.owns.attributes.len())?;
        if self.map.is_empty() && !self.owns.is_nothing() {
            return Err(wrong(
                "groups.owns",
                "rows in `groups.map`",
                "none, so that nothing is touched",
            ));
        }
        let mut given: BTreeMap<Target, OnLogin> = BTreeMap::new();
        let mut all = false;
        for (row, rule) in self.map.iter().enumerate() {
            let place = format!("groups.map[{row}]");
            rule.check(&place, self)?;
            if all {
                return Err(wrong(
                    place,
                    "no row behind one for everybody, because `pick` is `first`",
                    "a row that is never reached",
                ));
            }
            all = self.pick == Pick::First && rule.everybody;
            for target in rule.targets() {
                let what = target.to_string();
                if *given.entry(target).or_insert(rule.on_login) != rule.on_login {
                    let expected = format!("the same `on_login` for {what} in all rows");
                    return Err(wrong(place, expected, "two that contradict each other"));
                }
            }
        }
        check_rows("groups.map, all it gives together", given.len().div_ceil(4))?;
        self.check_same_names(&given)
    }

    /// A row that gives groups by their names contradicts a row that gives one of them and never takes it away.
    fn check_same_names(&self, given: &BTreeMap<Target, OnLogin>) -> Result<(), ClaimError> {
        let rows = self.map.iter().enumerate().filter(|(_, row)| row.same_name);
        let mut first = None;
        for (row, rule) in rows {
            let place = format!("groups.map[{row}].on_login");
            let pattern = rule.pattern(self.case);
            let fits = |name: &str| {
                pattern
                    .as_ref()
                    .is_some_and(|pattern| pattern.matches(&self.case.fold(name)))
            };
            let clash = given.iter().find(|(Target(kind, name), on_login)| {
                *kind == Kind::Group && **on_login != rule.on_login && fits(name)
            });
            if clash.is_some() || *first.get_or_insert(rule.on_login) != rule.on_login {
                let expected = "the same `on_login` for a group in all rows that may give it";
                return Err(wrong(place, expected, "two that contradict each other"));
            }
            if self.owns.groups && rule.on_login != OnLogin::Replace {
                return Err(wrong(place, "`replace`, because `owns` replaces all groups", "another"));
            }
        }
        Ok(())
    }

    pub(crate) fn read(&self, run: &mut Run<'_>) {
        let names = self.names(run);
        self.require(names.as_ref(), run);
        if self.map.is_empty() {
            let expected = "rows in `groups.map`";
            run.say("groups.map", Code::HandsOff, Effect::Kept, Vec::new(), expected, "none");
        } else if let Some(names) = names {
            Grants::new(self, &names, run.local).carry_out(run);
        }
    }

    /// The person's groups; nothing when they are not known, so that everything stays.
    fn names(&self, run: &mut Run<'_>) -> Option<BTreeSet<String>> {
        let reading = Reading {
            format: self.format,
            path: self.path,
            numbers: self.numbers,
        };
        // At the first login there is nothing to keep: no groups, and with them nothing but what everybody gets.
        let kept = || run.local.is_first_login.then(BTreeSet::new);
        let (code, effect, names) = match reading.read(&self.claim, run) {
            Found::Names(names) => (Code::GroupsRead, Effect::Passed, Some(names)),
            Found::Missing => match self.on_missing {
                OnMissing::Keep => (Code::GroupsMissing, Effect::Kept, kept()),
                OnMissing::Clear => (Code::GroupsMissing, Effect::Cleared, Some(BTreeSet::new())),
                OnMissing::Deny => (Code::GroupsMissing, Effect::Denied, None),
            },
            Found::Elsewhere => match self.on_elsewhere {
                OnElsewhere::Keep => (Code::GroupsElsewhere, Effect::Kept, kept()),
                OnElsewhere::Deny => (Code::GroupsElsewhere, Effect::Denied, None),
            },
            Found::Wrong(code) => (code, Effect::Denied, None),
        };
        let expected = format!("{} in `{}`", self.format.expected(), self.claim);
        let received = names::received(&self.claim, run);
        run.say("groups", code, effect, Vec::new(), expected, received);
        names
    }

    fn require(&self, names: Option<&BTreeSet<String>>, run: &mut Run<'_>) {
        if self.required.is_empty() {
            return;
        }
        let required: BTreeSet<String> = self.required.iter().map(|name| self.case.fold(name)).collect();
        let none = BTreeSet::new();
        let names = names.unwrap_or(&none);
        let (code, effect) = if names.iter().any(|name| required.contains(&self.case.fold(name))) {
            (Code::RequiredGroupPresent, Effect::Passed)
        } else {
            (Code::RequiredGroupMissing, Effect::Denied)
        };
        let expected = format!("one of {}", one_of(self.required.iter().map(String::as_str)));
        let received = if names.is_empty() {
            "no group".to_owned()
        } else {
            one_of(names.iter().map(String::as_str))
        };
        run.say("groups.required", code, effect, Vec::new(), expected, received);
    }
}

impl LoginRules {
    /// Most group names that are read from a claim.
    pub const MAX_GROUPS: usize = names::MAX_GROUPS;
}
