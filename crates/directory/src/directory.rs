//! The service: every operation on people and groups, each in one unit of work.

use std::{sync::Arc, time::Duration};

use doorward_jose::{Random, Secret};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, ApiToken, DirectoryError, Facts, Group, GroupEdit, GroupMembers, GroupQuery, Hasher, Link, LinkKind,
    LinkPurpose, LoginRefusal, NewApiToken, NewGroup, NewUser, Origin, Page, Role, RoleGrant, RoleHolder, User,
    UserEdit, UserQuery, Verified, Via,
};

type Result<T, E = DirectoryError> = std::result::Result<T, E>;

/// What an installation may set.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The domain of full user names: with `example.com`, `alice@example.com` logs in as `alice`.
    pub domain: Option<String>,
}

/// People, groups, credentials and rights. Cheap to clone. See the crate's documentation.
#[derive(Clone)]
pub struct Directory {
    inner: Arc<(Hasher, Arc<dyn Random>, Settings)>,
}

#[expect(clippy::unused_async, unused_variables, reason = "the bodies land next")]
impl Directory {
    // --- people -------------------------------------------------------------------------------------------------------

    /// Adds a user. Right: change-people; joining a group follows [`Directory::add_member`].
    pub async fn add_user(&self, actor: &Actor, new: NewUser, now: Timestamp) -> Result<User> {
        unimplemented!("lands next")
    }

    /// Changes a user. Right: change-people, or full for a user with a role. Disabling ends sessions and revokes grants.
    pub async fn edit_user(&self, actor: &Actor, id: Uuid, edit: UserEdit, now: Timestamp) -> Result<User> {
        unimplemented!("lands next")
    }

    /// Removes a user with credentials, sessions, grants and memberships. Rights as for editing.
    pub async fn remove_user(&self, actor: &Actor, id: Uuid, now: Timestamp) -> Result<()> {
        unimplemented!("lands next")
    }

    /// A user by id.
    pub async fn user(&self, id: Uuid) -> Result<Option<User>> {
        unimplemented!("lands next")
    }

    /// A user by name (any case), by `name@domain`, or by id as text.
    pub async fn find_user(&self, name: &str) -> Result<Option<User>> {
        unimplemented!("lands next")
    }

    /// Users in pages.
    pub async fn list_users(&self, query: UserQuery) -> Result<Page<User>> {
        unimplemented!("lands next")
    }

    // --- groups -------------------------------------------------------------------------------------------------------

    /// Adds a group. Right: change-people.
    pub async fn add_group(&self, actor: &Actor, new: NewGroup, now: Timestamp) -> Result<Group> {
        unimplemented!("lands next")
    }

    /// Changes a group. Right: change-people, or full when a role is gained through it.
    pub async fn edit_group(&self, actor: &Actor, id: Uuid, edit: GroupEdit, now: Timestamp) -> Result<Group> {
        unimplemented!("lands next")
    }

    /// Removes a group; its members lose what they had through it. Rights as for editing.
    pub async fn remove_group(&self, actor: &Actor, id: Uuid, now: Timestamp) -> Result<()> {
        unimplemented!("lands next")
    }

    /// A group by id.
    pub async fn group(&self, id: Uuid) -> Result<Option<Group>> {
        unimplemented!("lands next")
    }

    /// A group by name (any case) or by id as text.
    pub async fn find_group(&self, name: &str) -> Result<Option<Group>> {
        unimplemented!("lands next")
    }

    /// Groups in pages.
    pub async fn list_groups(&self, query: GroupQuery) -> Result<Page<Group>> {
        unimplemented!("lands next")
    }

    /// What a group is connected to. Its users come from [`Directory::list_users`] with `group`.
    pub async fn group_members(&self, id: Uuid) -> Result<GroupMembers> {
        unimplemented!("lands next")
    }

    /// Groups a user is a direct member of, by name. All of them, nesting included, are in [`Facts::groups`].
    pub async fn direct_groups(&self, user: Uuid) -> Result<Vec<Group>> {
        unimplemented!("lands next")
    }

    /// Puts a user into a group; false when they were in it already. Right: change-members of the group, full when a
    /// role is gained through it.
    pub async fn add_member(&self, actor: &Actor, group: Uuid, user: Uuid, now: Timestamp) -> Result<bool> {
        unimplemented!("lands next")
    }

    /// Takes a user out of a group; false when they were not in it directly. Rights as for adding.
    pub async fn remove_member(&self, actor: &Actor, group: Uuid, user: Uuid, now: Timestamp) -> Result<bool> {
        unimplemented!("lands next")
    }

    /// Makes the members of `child` members of `parent`; false when it was so already. A cycle is refused. Right:
    /// change-members of both, full when a role is gained through `parent`.
    pub async fn nest_group(&self, actor: &Actor, parent: Uuid, child: Uuid, now: Timestamp) -> Result<bool> {
        unimplemented!("lands next")
    }

    /// Undoes [`Directory::nest_group`].
    pub async fn unnest_group(&self, actor: &Actor, parent: Uuid, child: Uuid, now: Timestamp) -> Result<bool> {
        unimplemented!("lands next")
    }

    // --- roles and facts ----------------------------------------------------------------------------------------------

    /// Grants a role; granting it again changes nothing. Right: full.
    pub async fn grant_role(&self, actor: &Actor, role: Role, holder: RoleHolder, now: Timestamp) -> Result<RoleGrant> {
        unimplemented!("lands next")
    }

    /// Withdraws a role. Right: full; the last full administrator stays.
    pub async fn withdraw_role(&self, actor: &Actor, role: Role, holder: RoleHolder, now: Timestamp) -> Result<()> {
        unimplemented!("lands next")
    }

    /// All granted roles.
    pub async fn roles(&self) -> Result<Vec<RoleGrant>> {
        unimplemented!("lands next")
    }

    /// What a token may say of a user, from a cache that every change clears. Also for disabled users: the caller looks at
    /// `user.disabled`.
    pub async fn facts(&self, user: Uuid) -> Result<Option<Arc<Facts>>> {
        unimplemented!("lands next")
    }

    /// A user as an actor, with the roles they hold now; `None` when there is no such user or it is disabled.
    pub async fn actor(&self, user: Uuid, via: Via) -> Result<Option<Actor>> {
        unimplemented!("lands next")
    }

    // --- passwords ----------------------------------------------------------------------------------------------------

    /// Checks a name and a password. Unknown, disabled and password-less users cost exactly one run of the queue.
    pub async fn verify_password(
        &self,
        name: &str,
        password: Secret<String>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Verified, LoginRefusal> {
        unimplemented!("lands next")
    }

    /// Sets a password on somebody's behalf: ends their sessions, revokes their grants and links. Rights as for editing.
    pub async fn set_password(
        &self,
        actor: &Actor,
        user: Uuid,
        password: Secret<String>,
        now: Timestamp,
    ) -> Result<()> {
        unimplemented!("lands next")
    }

    /// A person changes their own password: the current one is checked as at a login; other sessions than `keep_session`
    /// end.
    pub async fn change_password(
        &self,
        user: Uuid,
        current: Secret<String>,
        new: Secret<String>,
        keep_session: Option<Uuid>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), LoginRefusal> {
        unimplemented!("lands next")
    }

    // --- links --------------------------------------------------------------------------------------------------------

    /// Makes an enrolment or reset link and ends earlier ones of the user. Rights as for editing.
    pub async fn create_link(
        &self,
        actor: &Actor,
        user: Uuid,
        kind: LinkKind,
        lifetime: Duration,
        now: Timestamp,
    ) -> Result<Link> {
        unimplemented!("lands next")
    }

    /// Makes the link of the first start and ends an earlier one; `None` when a full administrator exists.
    pub async fn first_admin_link(&self, lifetime: Duration, now: Timestamp) -> Result<Option<Link>> {
        unimplemented!("lands next")
    }

    /// What a link is for, without using it. Refused as `link_ended` when it no longer works.
    pub async fn link(&self, ticket: &str, now: Timestamp) -> Result<LinkPurpose> {
        unimplemented!("lands next")
    }

    /// Uses an enrolment or reset link: sets the password. The person counts as logged in, in this browser.
    pub async fn redeem(
        &self,
        ticket: &str,
        password: Secret<String>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Verified> {
        unimplemented!("lands next")
    }

    /// Uses the link of the first start: adds the person with the role `full`.
    pub async fn redeem_first_admin(
        &self,
        ticket: &str,
        person: NewUser,
        password: Secret<String>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Verified> {
        unimplemented!("lands next")
    }

    // --- API tokens ---------------------------------------------------------------------------------------------------

    /// Makes an API token of a service account. Right: change-people, or full when the account has a role.
    pub async fn create_api_token(
        &self,
        actor: &Actor,
        user: Uuid,
        label: &str,
        expires: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<NewApiToken> {
        unimplemented!("lands next")
    }

    /// The live API tokens of a service account.
    pub async fn api_tokens(&self, user: Uuid) -> Result<Vec<ApiToken>> {
        unimplemented!("lands next")
    }

    /// Revokes an API token. Rights as for making one.
    pub async fn revoke_api_token(&self, actor: &Actor, token: Uuid, now: Timestamp) -> Result<()> {
        unimplemented!("lands next")
    }

    /// The actor behind an API token, refused as `invalid_api_token`.
    pub async fn verify_api_token(&self, value: &str, now: Timestamp) -> Result<Actor> {
        unimplemented!("lands next")
    }

    /// Deletes what has ended: links, API tokens, budgets, browsers long unused. In bounded batches.
    pub async fn sweep(&self, now: Timestamp) -> Result<()> {
        unimplemented!("lands next")
    }
}
