//! How long a session lasts.

use std::time::Duration;

use crate::browser::{Browser, builder};
use crate::stub::{Change, Stub};

#[tokio::test]
async fn a_session_that_nobody_uses_ends_early() {
    let stub = Stub::start().await;
    let builder = builder(&stub).session_lifetime(Duration::from_hours(1));
    let login = builder.idle_lifetime(Duration::from_mins(10)).build().unwrap();
    let mut browser = Browser::at(&login);
    browser.log_in().await;
    for _ in 0..5 {
        stub.clock.pass(599);
        assert_eq!(browser.get("/").await.body, "Alice Liddell", "somebody works");
    }
    let mut idle = browser.clone();
    stub.clock.pass(600);
    assert_eq!(idle.get("/").await.body, "stranger");
}

#[tokio::test]
async fn no_use_makes_a_session_longer_than_it_may_be() {
    let stub = Stub::start().await;
    let builder = builder(&stub).session_lifetime(Duration::from_mins(20));
    let login = builder.idle_lifetime(Duration::from_mins(10)).build().unwrap();
    let mut browser = Browser::at(&login);
    browser.log_in().await;
    for _ in 0..3 {
        stub.clock.pass(399);
        assert_eq!(browser.get("/").await.body, "Alice Liddell");
    }
    stub.clock.pass(3);
    assert_eq!(browser.get("/").await.body, "stranger");
}

#[tokio::test]
async fn a_session_bound_to_tokens_that_nothing_renews_ends_with_them() {
    for says_so in [true, false] {
        let stub = Stub::start().await;
        if !says_so {
            // The ID token's own life counts then, which is as long.
            stub.is_told(|told| told.tokens = Change::without("expires_in"));
        }
        let login = builder(&stub).bound_to_tokens().build().unwrap();
        let mut browser = Browser::at(&login);
        browser.log_in().await;
        stub.clock.pass(299);
        assert_eq!(browser.get("/").await.body, "Alice Liddell");
        stub.clock.pass(1);
        assert_eq!(browser.get("/").await.body, "stranger");
    }
}

#[tokio::test]
async fn a_session_that_is_not_bound_outlives_its_tokens() {
    let stub = Stub::start().await;
    let mut browser = Browser::at(&builder(&stub).build().unwrap());
    browser.log_in().await;
    stub.clock.pass(3600);
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
}
