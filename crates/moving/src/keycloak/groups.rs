//! Groups, roles and what roles contain, as groups: members of the one inside are members of the one around it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::export::{self, Realm};
use crate::{Group, Kind, Outcome, Report, names::Names};

/// Clients that every realm has. They do not become applications.
pub(super) const BUILT_IN: &[&str] = &[
    "account",
    "account-console",
    "admin-cli",
    "broker",
    "realm-management",
    "security-admin-console",
];

/// A role: of the realm, or of a client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RoleName {
    /// The client; none is the realm.
    pub(super) client: Option<String>,
    /// The role.
    pub(super) name: String,
}

/// Names here for what is there.
#[derive(Debug, Default)]
pub(super) struct Structure {
    /// Groups by path: the name there, the name here.
    pub(super) groups: Vec<(String, String, String)>,
    by_path: HashMap<String, usize>,
    /// Roles that come, and the group that stands for each.
    pub(super) roles: BTreeMap<RoleName, String>,
    /// What each role contains.
    contains: HashMap<RoleName, Vec<RoleName>>,
    /// What becomes a group.
    pub(super) made: Vec<Group>,
    /// The group of everybody in the realm: its applications are for these people, and not for others who are here.
    pub(super) everybody: String,
}

impl Structure {
    /// Reads groups and roles.
    pub(super) fn read(realm: &Realm, report: &mut Report) -> Self {
        let mut all = Self::default();
        let mut names = Names::default();
        all.read_contents(realm);
        all.read_roles(realm, &mut names);
        let mut short: HashMap<String, usize> = HashMap::new();
        count_names(&realm.groups, &mut short);
        for group in &realm.groups {
            all.read_group(group, "", None, &short, &mut names, report);
        }
        all.nest_roles();
        all.everybody = names.give(&format!("{}.people", realm.realm), "realm");
        all.made.push(Group {
            id: Uuid::parse_str(&realm.id).ok(),
            name: all.everybody.clone(),
            description: format!("Keycloak: everybody of the realm {}", realm.realm)
                .chars()
                .take(900)
                .collect(),
            inside: Vec::new(),
        });
        all
    }

    /// The group here for a path there.
    pub(super) fn group(&self, path: &str) -> Option<&str> {
        let at = *self.by_path.get(path)?;
        self.groups.get(at).map(|(_, _, here)| here.as_str())
    }

    /// The group here for a role there.
    pub(super) fn role(&self, client: Option<&str>, name: &str) -> Option<&str> {
        let role = RoleName {
            client: client.map(str::to_owned),
            name: name.to_owned(),
        };
        self.roles.get(&role).map(String::as_str)
    }

    /// These roles with everything that they contain.
    pub(super) fn with_contents(&self, roles: impl IntoIterator<Item = RoleName>) -> BTreeSet<RoleName> {
        let mut found = BTreeSet::new();
        let mut waiting: Vec<RoleName> = roles.into_iter().collect();
        while let Some(role) = waiting.pop() {
            if found.contains(&role) {
                continue;
            }
            waiting.extend(self.contains.get(&role).into_iter().flatten().cloned());
            found.insert(role);
        }
        found
    }

    fn read_contents(&mut self, realm: &Realm) {
        let of_realm = realm.roles.realm.iter().map(|role| (None, role));
        let of_clients = realm
            .roles
            .client
            .iter()
            .flat_map(|(client, roles)| roles.iter().map(move |role| (Some(client.clone()), role)));
        for (client, role) in of_realm.chain(of_clients) {
            let inner = named(&role.composites.realm, &role.composites.client);
            if !inner.is_empty() {
                let name = role.name.clone();
                self.contains.insert(RoleName { client, name }, inner);
            }
        }
    }

    fn read_roles(&mut self, realm: &Realm, names: &mut Names) {
        let held = self.held(realm);
        for role in &realm.roles.realm {
            let name = RoleName {
                client: None,
                name: role.name.clone(),
            };
            self.make_role(name, &role.id, names);
        }
        for (client, roles) in &realm.roles.client {
            for role in roles {
                let name = RoleName {
                    client: Some(client.clone()),
                    name: role.name.clone(),
                };
                // The many rights within Keycloak itself come only where somebody has them: tokens carry them.
                if !BUILT_IN.contains(&client.as_str()) || held.contains(&name) {
                    self.make_role(name, &role.id, names);
                }
            }
        }
    }

    /// Roles that somebody has, in whatever way.
    fn held(&self, realm: &Realm) -> BTreeSet<RoleName> {
        let mut direct = BTreeSet::new();
        for user in &realm.users {
            direct.extend(named(&user.realm_roles, &user.client_roles));
        }
        let mut waiting: Vec<&export::Group> = realm.groups.iter().collect();
        while let Some(group) = waiting.pop() {
            direct.extend(named(&group.realm_roles, &group.client_roles));
            waiting.extend(&group.sub_groups);
        }
        self.with_contents(direct)
    }

    fn make_role(&mut self, role: RoleName, id: &str, names: &mut Names) {
        let wanted = format!("{}.{}", role.client.as_deref().unwrap_or("realm"), role.name);
        let name = names.give(&wanted, "role");
        let of = role.client.as_deref().unwrap_or("the realm");
        self.made.push(Group {
            id: Uuid::parse_str(id).ok(),
            name: name.clone(),
            description: format!("Keycloak: role {} of {of}", role.name)
                .chars()
                .take(900)
                .collect(),
            inside: Vec::new(),
        });
        self.roles.insert(role, name);
    }

    fn nest_roles(&mut self) {
        let place: HashMap<String, usize> = self
            .made
            .iter()
            .enumerate()
            .map(|(at, group)| (group.name.clone(), at))
            .collect();
        for (role, inner) in &self.contains {
            let Some(at) = self.roles.get(role).and_then(|name| place.get(name)) else {
                continue;
            };
            let outer: Vec<String> = inner.iter().filter_map(|role| self.roles.get(role)).cloned().collect();
            if let Some(group) = self.made.get_mut(*at) {
                group.inside.extend(outer);
            }
        }
    }

    fn read_group(
        &mut self,
        group: &export::Group,
        above: &str,
        parent: Option<&str>,
        short: &HashMap<String, usize>,
        names: &mut Names,
        report: &mut Report,
    ) {
        let path = format!("{above}/{}", group.name);
        let is_alone = short.get(&group.name.to_lowercase()).is_none_or(|count| *count == 1);
        let long = path.trim_start_matches('/').replace('/', ".");
        let name = names.give(if is_alone { &group.name } else { &long }, "group");
        if name != group.name {
            let what = "the group gets a name of letters (a-z), digits, `.`, `_` and `-`, or its path when others are called \
                        like it; tokens keep the name and path of before";
            report.note(
                Outcome::Translated,
                Kind::Group,
                what,
                None,
                &format!("{path} → {name}"),
            );
        }
        if !group.attributes.is_empty() {
            let what = "attributes of a group cannot come: here only people have attributes";
            let remedy = "A claim rule `by_group` of the application gives members of the group what it needs.";
            report.note(Outcome::Left, Kind::Group, what, Some(remedy), &path);
        }
        let roles = named(&group.realm_roles, &group.client_roles);
        let roles = roles.iter().filter_map(|role| self.roles.get(role)).cloned();
        self.made.push(Group {
            id: Uuid::parse_str(&group.id).ok(),
            name: name.clone(),
            description: format!("Keycloak: group {path}").chars().take(900).collect(),
            inside: parent.map(str::to_owned).into_iter().chain(roles).collect(),
        });
        self.by_path.insert(path.clone(), self.groups.len());
        self.groups.push((path.clone(), group.name.clone(), name.clone()));
        for inner in &group.sub_groups {
            self.read_group(inner, &path, Some(&name), short, names, report);
        }
    }
}

fn count_names(groups: &[export::Group], found: &mut HashMap<String, usize>) {
    for group in groups {
        *found.entry(group.name.to_lowercase()).or_default() += 1;
        count_names(&group.sub_groups, found);
    }
}

/// Role names of the two members in which an export has them.
pub(super) fn named(realm: &[String], client: &BTreeMap<String, Vec<String>>) -> Vec<RoleName> {
    let of_realm = realm.iter().map(|name| RoleName {
        client: None,
        name: name.clone(),
    });
    let of_clients = client.iter().flat_map(|(client, roles)| {
        roles.iter().map(|name| RoleName {
            client: Some(client.clone()),
            name: name.clone(),
        })
    });
    of_realm.chain(of_clients).collect()
}
