//! `doorward group …`

use clap::{Args, Subcommand};
use doorward_api::{Edit, Group, GroupChange, GroupQuery, GroupSummary, List, MemberKind, MembershipChange, NewGroup};

use super::{Page, confirm::Confirm};
use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a group, with people in it if you like
    Add(Add),
    /// List groups
    List {
        /// Beginning of a name
        search: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// Show a group and who is in it
    Show {
        /// Its name
        name: String,
        /// As a file of `doorward export`
        #[arg(long)]
        toml: bool,
    },
    /// Change a group
    Edit {
        /// Its name
        name: String,
        /// Another name; applications see it from the next token on
        #[arg(long, value_name = "NEW NAME")]
        rename: Option<String>,
        /// What it is for; empty for nothing
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
    },
    /// Delete a group; its members stay
    Delete {
        /// Its name
        name: String,
        #[command(flatten)]
        confirm: Confirm,
    },
    /// Who is in a group
    #[command(subcommand)]
    Member(Member),
    /// The same as `group member add`
    #[command(hide = true)]
    AddMember(Members),
    /// The same as `group member remove`
    #[command(hide = true)]
    RemoveMember(Members),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Member {
    /// Put people, service accounts or groups into a group
    Add(Members),
    /// Take them out again
    Remove(Members),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Its name, as applications will see it: netbox_users
    name: String,
    /// People to put into it
    users: Vec<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Group to put into it; several times for several
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Members {
    /// The group
    group: String,
    /// People and service accounts
    #[arg(required_unless_present = "groups")]
    users: Vec<String>,
    /// A group, whose members then count as members; several times for several
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Add(add) => {
                let request = NewGroup {
                    name: add.name,
                    description: add.description,
                    users: add.users,
                    groups: add.groups,
                };
                let reply = caller.post::<Group>(&["groups"], &request).await?;
                caller.show(&reply, |group, output| {
                    output.line(format!("Added {}{}.", group.name, with(group)))
                })
            }
            Self::List { search, page } => {
                let query = GroupQuery {
                    search,
                    cursor: page.cursor,
                    limit: page.limit,
                };
                let reply = caller.query::<List<GroupSummary>>(&["groups"], &query).await?;
                caller.show(&reply, |list, output| {
                    let row = |group: &GroupSummary| {
                        vec![
                            group.name.clone(),
                            group.member_count.to_string(),
                            group.description.clone().unwrap_or_default(),
                        ]
                    };
                    output.list(
                        list,
                        &["NAME", "MEMBERS", "FOR"],
                        row,
                        "There is no group. Try: doorward group add <name>",
                    )
                })
            }
            Self::Show { name, toml: true } => super::state::print(caller, format!("groups/{name}.toml")).await,
            Self::Show { name, toml: false } => {
                let reply = caller.get::<Group>(&["groups", &name]).await?;
                caller.show(&reply, show)
            }
            Self::Edit {
                name,
                rename,
                description,
            } => {
                let change = GroupChange {
                    name: rename,
                    description: Edit::from_given(description, String::is_empty),
                };
                if change == GroupChange::default() {
                    return Err(Failure::usage_with(
                        "nothing to change was given",
                        "doorward group edit --help",
                    ));
                }
                let reply = caller.patch::<Group>(&["groups", &name], &change).await?;
                caller.show(&reply, |group, output| output.line(format!("Changed {}.", group.name)))
            }
            Self::Delete { name, confirm } => {
                confirm.ask(&format!(
                    "Delete the group {name}? Its members lose what it let them use."
                ))?;
                caller.delete(&["groups", &name]).await?;
                caller.output.line(format!("Deleted {name}."))
            }
            Self::Member(Member::Add(members)) | Self::AddMember(members) => {
                let change = MembershipChange {
                    add_users: members.users,
                    add_groups: members.groups,
                    ..MembershipChange::default()
                };
                change_members(caller, &members.group, &change).await
            }
            Self::Member(Member::Remove(members)) | Self::RemoveMember(members) => {
                let change = MembershipChange {
                    remove_users: members.users,
                    remove_groups: members.groups,
                    ..MembershipChange::default()
                };
                change_members(caller, &members.group, &change).await
            }
        }
    }
}

async fn change_members(caller: &Caller<'_>, group: &str, change: &MembershipChange) -> Result<(), Failure> {
    let reply = caller.patch::<Group>(&["groups", group, "members"], change).await?;
    caller.show(&reply, |group, output| {
        let who = names(group, |_| true);
        output.line(if who.is_empty() {
            format!("Nobody is in {} now.", group.name)
        } else {
            format!("In {} now: {who}.", group.name)
        })
    })
}

fn names(group: &Group, of: impl Fn(MemberKind) -> bool) -> String {
    let mut names: Vec<String> = group
        .members
        .iter()
        .filter(|member| of(member.kind))
        .map(|member| match member.kind {
            MemberKind::Group => format!("{} (group)", member.name),
            MemberKind::Service => format!("{} (service)", member.name),
            MemberKind::Person => member.name.clone(),
        })
        .collect();
    let more = group
        .member_count
        .saturating_sub(u64::try_from(group.members.len()).unwrap_or(u64::MAX));
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}

fn with(group: &Group) -> String {
    let who = names(group, |_| true);
    if who.is_empty() {
        String::new()
    } else {
        format!(" with {who}")
    }
}

fn show(group: &Group, output: &Output) -> Result<(), Failure> {
    output.fields(&[
        ("name", group.name.clone()),
        ("for", group.description.clone().unwrap_or_default()),
        (
            "members",
            if group.members.is_empty() {
                "nobody".to_owned()
            } else {
                names(group, |_| true)
            },
        ),
        ("itself in", group.member_of.join(", ")),
        ("added", instant(group.created)),
    ])
}
