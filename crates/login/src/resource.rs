//! Questions to the provider with a person's access token, beyond userinfo: e-mail addresses and teams at GitHub, groups at
//! Microsoft Graph. With the limits of everything else that is asked here.

use doorward_jose::{Secret, parse_value};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use crate::config::{setting, web_url};
use crate::error::{Step, shown};
use crate::network::{HttpAnswer, HttpRequest};
use crate::{Login, LoginError};

const MAX_BYTES: usize = 512 * 1024;

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The JSON that came.
    pub value: Value,
    /// Where the next page is, if there is one: `Link` with `rel="next"` (RFC 8288) or `@odata.nextLink`. Always at the same
    /// origin as this page, since the token goes along.
    pub next: Option<String>,
}

impl Login {
    /// Gets JSON with an access token. Redirects are not followed, the size is limited to 512 KiB, and `url` must be https.
    ///
    /// # Errors
    /// The address or a header cannot be sent, or there is no JSON with status 200.
    pub async fn resource(
        &self,
        url: &str,
        access_token: &Secret<String>,
        headers: &[(&str, &str)],
    ) -> Result<Resource, LoginError> {
        let here = web_url("resource", url)?;
        let request = HttpRequest {
            url: url.to_owned(),
            authorization: Some(format!("Bearer {}", access_token.expose())),
            max_bytes: MAX_BYTES,
            headers: header_map(headers)?,
            ..HttpRequest::default()
        };
        let answer = self.config().http.send(request).await?;
        let unexpected = |received: String| LoginError::Answer {
            step: Step::Resource,
            url: url.to_owned(),
            expected: "JSON with status 200",
            received,
        };
        if answer.status != 200 {
            return Err(unexpected(format!("status {}", answer.status)));
        }
        let value = parse_value(&answer.body, "answer").map_err(|error| unexpected(error.to_string()))?;
        let next = next_page(&answer, &value);
        if let Some(elsewhere) = next.as_deref().filter(|next| !is_same_origin(&here, next)) {
            return Err(unexpected(format!("a next page elsewhere, `{}`", shown(elsewhere))));
        }
        Ok(Resource { value, next })
    }

    /// Gets a list that comes in pages: the answer is an array, or an object with an array in `value`.
    ///
    /// # Errors
    /// As [`Login::resource`]; an answer without a list; more than `max_pages`, so that a list is whole or refused.
    pub async fn pages(
        &self,
        url: &str,
        access_token: &Secret<String>,
        headers: &[(&str, &str)],
        max_pages: usize,
    ) -> Result<Vec<Value>, LoginError> {
        let unexpected = |expected, received| LoginError::Answer {
            step: Step::Resource,
            url: url.to_owned(),
            expected,
            received,
        };
        let mut items = Vec::new();
        let mut next = Some(url.to_owned());
        for _ in 0..max_pages {
            let Some(page) = next.take() else {
                break;
            };
            let resource = self.resource(&page, access_token, headers).await?;
            next = resource.next;
            let list = match resource.value {
                Value::Array(list) => Some(list),
                Value::Object(mut members) => match members.remove("value") {
                    Some(Value::Array(list)) => Some(list),
                    _ => None,
                },
                _ => None,
            };
            items.extend(list.ok_or_else(|| unexpected("a list", "another value".to_owned()))?);
        }
        match next {
            None => Ok(items),
            Some(_) => Err(unexpected("a list of few pages", format!("more than {max_pages}"))),
        }
    }
}

fn header_map(headers: &[(&str, &str)]) -> Result<HeaderMap, LoginError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let wrong = |detail: String| setting("headers", detail);
        let parsed = HeaderName::try_from(*name).map_err(|error| wrong(error.to_string()))?;
        let value = HeaderValue::try_from(*value).map_err(|error| wrong(error.to_string()))?;
        map.append(parsed, value);
    }
    Ok(map)
}

fn next_page(answer: &HttpAnswer, value: &Value) -> Option<String> {
    let link = answer.header("link").into_iter().flat_map(|list| list.split(','));
    let mut next = link.filter_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = parameters
            .split(';')
            .any(|one| matches!(one.trim(), "rel=\"next\"" | "rel=next"));
        is_next.then(|| target.to_owned())
    });
    let in_body = || value.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned);
    next.next().or_else(in_body)
}

fn is_same_origin(here: &Url, next: &str) -> bool {
    Url::parse(next).is_ok_and(|next| next.origin() == here.origin())
}
