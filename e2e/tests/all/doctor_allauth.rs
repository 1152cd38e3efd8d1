//! `doorward doctor app` at a Django project with allauth: what it finds as it is printed, and what it names first with one setting broken.

use doorward_e2e::{Browser, Package, Site, bounded};
use serde_json::json;

use crate::{
    doctor_app::{house, looked, may_be_here},
    doctor_table::Tried,
};

const APP: &str = "django-allauth";
const SCOPE: &str = "SOCIALACCOUNT_PROVIDERS['openid_connect']['SCOPE']";
const CLIENT: &str = "SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS'][0]";

#[tokio::test]
async fn what_allauth_has_wrong_is_named_first() {
    bounded(200, async {
        let (server, alice) = house().await;
        let mut site = Site::add(&server, Package::Allauth, "users").await.start().await;
        may_be_here(&server, APP).await;
        let body = looked(&server, APP).await;
        assert_eq!(body["usable"], json!(true), "{body:#}");
        let callback = format!("{}/accounts/oidc/doorward/login/callback/", site.url);
        assert_eq!(body["sent"]["redirect_uri"], json!(callback), "{body:#}");

        let mut tried = Tried::row(APP, APP);
        tried.registration(&server, &site.url).await;
        tried.userinfo(&server).await;

        site.set(&format!("{SCOPE} = ['profile', 'email']"));
        site.restart_at("").await;
        tried.names(&server, "scope", "scope", &["openid"]).await;
        site.set(&format!("{SCOPE} = ['openid', 'profile', 'email', 'groups']"));

        site.set(Package::Allauth.without_pkce());
        site.restart_at("").await;
        tried
            .names(&server, "PKCE", "pkce", &["OAUTH_PKCE_ENABLED'] = True"])
            .await;
        site.set("SOCIALACCOUNT_PROVIDERS['openid_connect']['OAUTH_PKCE_ENABLED'] = True");

        // It looks at when an ID token ends: one that has ended when it arrives is refused.
        site.restart_at("+2h").await;
        tried
            .names(&server, "clock", "clock", &["ahead", "chronyc makestep"])
            .await;

        // A secret of last year: only a login shows it.
        site.set(&format!("{CLIENT}['secret'] = 'of-last-year'"));
        site.restart_at("").await;
        site.log_in(&mut Browser::new(), &alice).await;
        tried
            .names(&server, "secret", "authentication", &["client.secret"])
            .await;
        tried.ends();
    })
    .await;
}
