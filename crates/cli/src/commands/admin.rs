//! `doorward admin …`

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use doorward_api::{Admin, AdminGrant, List, MemberKind, Role};

use crate::{caller::Caller, failure::Failure};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Give a role to somebody: full, apps, people, read-only or group-manager
    Grant(Grant),
    /// Take a role away again
    Revoke(Grant),
    /// List who has which role
    List,
}

#[derive(Debug, Args)]
pub(crate) struct Grant {
    /// The role
    #[arg(value_parser = PossibleValuesParser::new(Role::ALL.map(Role::as_str)))]
    role: String,
    /// The person or service account
    #[arg(required_unless_present = "group", conflicts_with = "group")]
    user: Option<String>,
    /// Instead of a person: every member of this group
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// For group-manager: the group to manage
    #[arg(long, value_name = "GROUP", required_if_eq("role", "group-manager"))]
    of: Option<String>,
}

impl Grant {
    fn request(self) -> Result<AdminGrant, Failure> {
        let role = Role::ALL.into_iter().find(|role| role.as_str() == self.role);
        let role = role.ok_or_else(|| Failure::usage(format!("there is no role {:?}", self.role)))?;
        if role != Role::GroupManager && self.of.is_some() {
            return Err(Failure::usage(format!(
                "--of belongs to group-manager, not to {}",
                self.role
            )));
        }
        Ok(AdminGrant {
            role,
            user: self.user,
            group: self.group,
            manages: self.of,
        })
    }
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Grant(grant) => {
                let reply = caller.post::<Admin>(&["admins"], &grant.request()?).await?;
                caller.show(&reply, |admin, output| {
                    output.line(format!("{} is now {}.", admin.name, title(admin)))
                })
            }
            Self::Revoke(grant) => {
                let reply = caller.post::<Admin>(&["admins", "revoke"], &grant.request()?).await?;
                caller.show(&reply, |admin, output| {
                    output.line(format!("{} is no longer {}.", admin.name, title(admin)))
                })
            }
            Self::List => {
                let reply = caller.get::<List<Admin>>(&["admins"]).await?;
                caller.show(&reply, |list, output| {
                    let row = |admin: &Admin| {
                        let kind = match admin.kind {
                            MemberKind::Person => "person",
                            MemberKind::Service => "service",
                            MemberKind::Group => "group",
                        };
                        vec![
                            admin.role.as_str().to_owned(),
                            admin.name.clone(),
                            kind.to_owned(),
                            admin.manages.clone().unwrap_or_default(),
                        ]
                    };
                    output.list(
                        list,
                        &["ROLE", "WHO", "KIND", "OF"],
                        row,
                        "Nobody has a role. Try: doorward admin grant full <user>",
                    )
                })
            }
        }
    }
}

fn title(admin: &Admin) -> String {
    let of = admin
        .manages
        .as_deref()
        .map(|group| format!(" of {group}"))
        .unwrap_or_default();
    match admin.role {
        Role::Full => "a full administrator".to_owned(),
        Role::Apps => "an administrator of applications".to_owned(),
        Role::People => "an administrator of people".to_owned(),
        Role::ReadOnly => "a read-only administrator".to_owned(),
        Role::GroupManager => format!("a manager{of}"),
    }
}
