//! What an application's authorization requests may look like, as flags.

use clap::Args;
use doorward_api::{AppProfile, Edit, RequestSettingsChange};

use super::edit::word;

#[derive(Debug, Args)]
#[command(next_help_heading = "Authorization requests")]
pub(super) struct RequestFlags {
    /// oauth21, fapi2 or fapi2-signing: switches on all that it requires and keeps it on; none forgets it
    #[arg(long, value_name = "PROFILE", value_parser = profile)]
    profile: Option<Edit<AppProfile>>,
    /// Whether requests have to be pushed (PAR)
    #[arg(long, value_name = "BOOL")]
    require_pushed: Option<bool>,
    /// Whether requests have to be signed (JAR)
    #[arg(long, value_name = "BOOL")]
    require_signed_requests: Option<bool>,
    /// Whether a signed answer has to be asked for (JARM)
    #[arg(long, value_name = "BOOL")]
    require_signed_response: Option<bool>,
    /// Address to add that request objects are fetched from
    #[arg(long, value_name = "URI")]
    add_request_uri: Vec<String>,
    /// Address to remove
    #[arg(long, value_name = "URI")]
    remove_request_uri: Vec<String>,
    /// Resource server to add that it may name
    #[arg(long, value_name = "URI")]
    add_resource: Vec<String>,
    /// Resource server to remove
    #[arg(long, value_name = "URI")]
    remove_resource: Vec<String>,
    /// Type of authorization details to add that it may ask for
    #[arg(long, value_name = "TYPE")]
    add_detail_type: Vec<String>,
    /// Type to remove
    #[arg(long, value_name = "TYPE")]
    remove_detail_type: Vec<String>,
    /// Where the start page's tile begins a login; empty for none
    #[arg(long, value_name = "URI")]
    initiate_login_uri: Option<String>,
}

impl RequestFlags {
    /// The change that these flags ask for; `None` when there is none.
    pub(super) fn change(self) -> Option<RequestSettingsChange> {
        let change = RequestSettingsChange {
            profile: self.profile.unwrap_or_default(),
            require_pushed: self.require_pushed,
            require_signed: self.require_signed_requests,
            require_signed_response: self.require_signed_response,
            add_request_uris: self.add_request_uri,
            remove_request_uris: self.remove_request_uri,
            add_resources: self.add_resource,
            remove_resources: self.remove_resource,
            add_detail_types: self.add_detail_type,
            remove_detail_types: self.remove_detail_type,
            initiate_login_uri: Edit::from_given(self.initiate_login_uri, String::is_empty),
            ..RequestSettingsChange::default()
        };
        (change != RequestSettingsChange::default()).then_some(change)
    }
}

fn profile(text: &str) -> Result<Edit<AppProfile>, String> {
    if text == "none" {
        Ok(Edit::Clear)
    } else {
        word(text).map(Edit::Set)
    }
}
