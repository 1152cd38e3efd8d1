//! Where it does not go on: refusals, no access, spent links, errors.

use doorward_oidc::{Refusal, RefusalKind, Turn};
use doorward_web::pages::{self, *};

use super::{Sample, Scene};

static REDIRECT: RefusalKind = RefusalKind {
    code: "redirect_uri_mismatch",
    oauth: "invalid_request",
    public: "The application asked to send you to an address that is not registered for it.",
    meaning: "",
    turn: Turn::Application,
};
static NO_PKCE: RefusalKind = RefusalKind {
    code: "sample_without_translation",
    oauth: "invalid_request",
    public: "The application left out a safeguard that this server requires.",
    meaning: "",
    turn: Turn::Application,
};
static EXPIRED: RefusalKind = RefusalKind {
    code: "sample_for_the_person",
    oauth: "invalid_request",
    public: "This login was begun too long ago.",
    meaning: "",
    turn: Turn::Person,
};

pub(super) fn samples(scene: &Scene<'_>) -> Vec<Sample> {
    let Scene {
        out, within, netbox, w, ..
    } = *scene;
    let mismatch = Refusal::page(
        &REDIRECT,
        w("received https://netbox.example.com/oauth/complete/oidc, registered https://netbox.example.com/oauth/complete/oidc/"),
    )
    .with_remedy(w("doorward app edit netbox --add-redirect-uri https://netbox.example.com/oauth/complete/oidc"));
    let refused = Refused {
        refusal: &mismatch,
        app: Some(netbox),
        reference: Some(w("7K3Q-9FZM")),
        operator: false,
        difference: Some(Difference {
            received: w("https://netbox.example.com/oauth/complete/oidc"),
            registered: &[
                w("https://netbox.example.com/oauth/complete/oidc/"),
                w("https://netbox-test.example.com/oauth/complete/oidc/"),
            ],
        }),
        retry: None,
        retry_with: None,
        back: Some(w("https://netbox.example.com/")),
    };
    let no_pkce = Refusal::page(&NO_PKCE, w("code_challenge is missing"));
    let expired = Refusal::page(&EXPIRED, w("attempt older than 30 minutes"));
    let no_access = NoAccess {
        app: netbox,
        missing: Missing::Groups(&[w("netbox-users")]),
        reference: Some(w("7K3Q-9FZM")),
        remedy: None,
        switch_account: Some("/login?again"),
        back: Some(w("https://netbox.example.com/")),
    };

    vec![
        ("refused", pages::refused(&refused, &out)),
        (
            "refused-operator",
            pages::refused(
                &Refused {
                    operator: true,
                    ..refused
                },
                &within,
            ),
        ),
        (
            "refused-nothing-registered",
            pages::refused(
                &Refused {
                    operator: true,
                    difference: Some(Difference {
                        received: w("http://localhost:8000/cb"),
                        registered: &[],
                    }),
                    ..refused
                },
                &within,
            ),
        ),
        (
            "refused-pkce",
            pages::refused(
                &Refused {
                    refusal: &no_pkce,
                    difference: None,
                    operator: true,
                    ..refused
                },
                &out,
            ),
        ),
        (
            "refused-retry",
            pages::refused(
                &Refused {
                    refusal: &expired,
                    app: None,
                    difference: None,
                    retry: Some("/login"),
                    retry_with: None,
                    back: None,
                    ..refused
                },
                &out,
            ),
        ),
        (
            "refused-retry-with",
            pages::refused(
                &Refused {
                    refusal: &expired,
                    app: None,
                    difference: None,
                    retry: Some("/login"),
                    retry_with: Some(w("Company account")),
                    back: None,
                    ..refused
                },
                &out,
            ),
        ),
        ("no-access", pages::no_access(&no_access, &within)),
        (
            "no-access-nobody",
            pages::no_access(
                &NoAccess {
                    missing: Missing::NobodyAllowed,
                    remedy: Some(w("doorward app allow netbox netbox-users openid profile email groups")),
                    ..no_access
                },
                &within,
            ),
        ),
        (
            "no-access-disabled",
            pages::no_access(
                &NoAccess {
                    missing: Missing::Disabled,
                    switch_account: None,
                    ..no_access
                },
                &within,
            ),
        ),
        (
            "spent-link",
            pages::spent_link(
                &SpentLink {
                    reference: Some(w("7K3Q-9FZM")),
                },
                &out,
            ),
        ),
        ("fault-not-found", pages::fault(&Fault::NotFound, &out)),
        ("fault-bad-request", pages::fault(&Fault::BadRequest, &out)),
        ("fault-foreign-form", pages::fault(&Fault::ForeignForm, &out)),
        (
            "fault-too-many",
            pages::fault(&Fault::TooManyRequests { seconds: 7_300 }, &out),
        ),
        (
            "fault-internal",
            pages::fault(
                &Fault::Internal {
                    reference: Some(w("7K3Q-9FZM")),
                },
                &out,
            ),
        ),
        ("fault-busy", pages::fault(&Fault::Busy { seconds: 3 }, &out)),
    ]
}
