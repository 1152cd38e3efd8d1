//! The OpenAPI document: made from the same table as the routes.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use doorward_api::ErrorBody;
use http::header;
use utoipa::{
    OpenApi,
    openapi::{
        Content, InfoBuilder, Ref, RefOr, Response as Described, ResponseBuilder, Tag,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::Document;

/// The tags, in the order in which a reader meets the things.
const TAGS: &[(&str, &str)] = &[
    ("server", "The server and its settings."),
    (
        "state",
        "Everything as files: what there is, what files would change, and changing it.",
    ),
    ("certificates", "The server's certificate, and the private authority."),
    ("users", "People: attributes, enrolment and reset links."),
    ("groups", "Groups, which may hold people, service accounts and groups."),
    ("services", "Service accounts and their API tokens."),
    ("admins", "Who may administer what."),
    (
        "apps",
        "Applications: settings, secrets, who may use them, configuration to paste.",
    ),
    (
        "policies",
        "What is asked of logins: of everybody, of members of a group, into an application.",
    ),
    (
        "registration",
        "People who come by themselves: whether they may, and who waits to be let in.",
    ),
    (
        "client-registration",
        "Applications that register themselves: whether they may, and the tokens that let them.",
    ),
    (
        "aliases",
        "Issuers of earlier providers at which the server answers too.",
    ),
    ("terms", "Terms and conditions by version, and who has accepted them."),
    ("presets", "What is known about applications before they are added."),
    (
        "upstreams",
        "Providers that other people run and that log people in here.",
    ),
    (
        "imports",
        "Moving in: people, groups, applications and upstreams of another provider.",
    ),
    ("sessions", "Who is logged in where."),
    ("passkeys", "What people log in with instead of a password."),
    ("grants", "What people have let applications know."),
    (
        "mail",
        "Letters to people: whether they are sent, and those that have not arrived.",
    ),
    ("events", "What was done, by whom."),
    ("traces", "What happened in a login, check by check."),
];

static DOCUMENT: LazyLock<Result<String, String>> =
    LazyLock::new(|| complete().to_json().map_err(|error| error.to_string()));

/// `GET /api/v1/openapi.json`, for anybody.
pub(super) async fn document() -> Response {
    match &*DOCUMENT {
        Ok(text) => (
            [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "max-age=300"),
            ],
            text.as_str(),
        )
            .into_response(),
        Err(error) => super::ApiError::internal(error).into_response(),
    }
}

/// What every operation has in common is said once: how to say who one is, and what a refusal looks like.
fn complete() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.info = InfoBuilder::new()
        .title("Doorward")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Every administrative operation. Instants are RFC 3339 in UTC, spans are whole seconds, a list is {items, next} where \
             `next` goes back in as `cursor`; in a change an absent member is kept and `null` clears it. Unknown members are \
             refused. Everything that is not a success answers an ErrorBody.",
        ))
        .build();
    document.tags = Some(
        TAGS.iter()
            .map(|(name, about)| {
                let mut tag = Tag::new(*name);
                tag.description = Some((*about).to_owned());
                tag
            })
            .collect(),
    );
    let mut components = document.components.take().unwrap_or_default();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("dwt_…")
        .description(Some(
            "An API token of a service account. At the server's Unix socket none is needed.",
        ))
        .build();
    components
        .security_schemes
        .insert("token".to_owned(), RefOr::T(SecurityScheme::Http(token)));
    components
        .schemas
        .insert("ErrorBody".to_owned(), <ErrorBody as utoipa::PartialSchema>::schema());
    document.components = Some(components);
    document.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ]
        .into_iter()
        .flatten();
        for operation in operations {
            for (status, meaning) in [("401", "Nobody who is known."), ("default", "Refused, or failed.")] {
                operation
                    .responses
                    .responses
                    .insert(status.to_owned(), RefOr::T(refusal(meaning)));
            }
        }
    }
    document
}

fn refusal(meaning: &str) -> Described {
    ResponseBuilder::new()
        .description(meaning)
        .content(
            "application/json",
            Content::new(Some(Ref::from_schema_name("ErrorBody"))),
        )
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::OPERATIONS;

    #[test]
    fn the_document_has_exactly_the_operations_that_are_routed() {
        let document = complete();
        let mut documented: Vec<(String, String)> = Vec::new();
        for (path, item) in &document.paths.paths {
            for (method, operation) in [
                ("get", &item.get),
                ("post", &item.post),
                ("put", &item.put),
                ("patch", &item.patch),
                ("delete", &item.delete),
            ] {
                if let Some(operation) = operation {
                    assert!(
                        operation
                            .tags
                            .as_ref()
                            .is_some_and(|tags| tags.iter().all(|tag| TAGS.iter().any(|(name, _)| name == tag))),
                        "{method} {path} has an unknown tag"
                    );
                    assert!(operation.summary.is_some(), "{method} {path} says nothing of itself");
                    documented.push((method.to_owned(), path.clone()));
                }
            }
        }
        let mut routed: Vec<_> = OPERATIONS
            .iter()
            .map(|(method, path)| ((*method).to_owned(), (*path).to_owned()))
            .collect();
        routed.sort();
        documented.sort();
        assert_eq!(documented, routed);
    }

    #[test]
    fn every_schema_that_is_named_is_there() {
        let text = complete().to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
    }
}
