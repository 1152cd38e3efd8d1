//! A page of an application, as the doctor reads it on the way to its login: bounded, whatever it holds.

use doorward_doctor::{page::offers, script};

pub(crate) fn run(data: &[u8]) {
    let found = offers(data);
    assert!(found.len() <= 401);
    for offer in found {
        assert!(offer.href.len() <= data.len() * 4 && offer.words.len() <= data.len() * 4);
        assert!(offer.post.is_none_or(|fields| fields.len() <= 40));
        assert!(offer.query.len() <= 40);
    }
    assert!(script::scripts(data).files.len() <= 60);
    let mut configured = script::Configured::default();
    configured.read(data);
    assert!(configured.client_ids.len() <= 10 && configured.issuers.len() <= 10);
    assert!(
        configured
            .client_ids
            .iter()
            .chain(&configured.issuers)
            .all(|value| value.chars().count() <= 300)
    );
}
