//! What every command has: the connection, how to show things, and the API's calls in one line each.

use doorward_api::{BASE, ErrorBody};
use http::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    connection::{Answer, Connection},
    failure::Failure,
    output::Output,
};

/// One run of a command, on behalf of whoever typed it.
pub(crate) struct Caller<'a> {
    pub(crate) connection: Connection,
    pub(crate) output: &'a Output,
}

/// A decoded answer together with the bytes it came as.
pub(crate) struct Reply<T> {
    pub(crate) value: T,
    raw: Vec<u8>,
}

/// A path below the API's base, each segment escaped.
pub(crate) fn path(segments: &[&str]) -> Result<String, Failure> {
    let mut path = String::from(BASE);
    for segment in segments {
        // URL parsers take these for directions, escaped or not.
        if matches!(*segment, "" | "." | "..") {
            return Err(Failure::usage(format!("{segment:?} is not a name")));
        }
        path.push('/');
        path.extend(
            url::form_urlencoded::byte_serialize(segment.as_bytes()).map(|part| if part == "+" { "%20" } else { part }),
        );
    }
    Ok(path)
}

/// The same with a query.
pub(crate) fn path_with(segments: &[&str], query: &impl Serialize) -> Result<String, Failure> {
    let mut path = path(segments)?;
    let value = serde_json::to_value(query).map_err(|error| Failure::usage(error.to_string()))?;
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            serde_json::Value::Null => {}
            serde_json::Value::String(text) => drop(pairs.append_pair(name, text)),
            other => drop(pairs.append_pair(name, &other.to_string())),
        }
    }
    let query = pairs.finish();
    if !query.is_empty() {
        path.push('?');
        path.push_str(&query);
    }
    Ok(path)
}

impl Caller<'_> {
    /// Reads something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, segments: &[&str]) -> Result<Reply<T>, Failure> {
        self.call(Method::GET, &path(segments)?, None::<&()>).await
    }

    /// Reads something with a query.
    pub(crate) async fn query<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        query: &impl Serialize,
    ) -> Result<Reply<T>, Failure> {
        self.call(Method::GET, &path_with(segments, query)?, None::<&()>).await
    }

    /// Adds something, or does something.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        body: &impl Serialize,
    ) -> Result<Reply<T>, Failure> {
        self.call(Method::POST, &path(segments)?, Some(body)).await
    }

    /// Puts something in its place.
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        body: &impl Serialize,
    ) -> Result<Reply<T>, Failure> {
        self.call(Method::PUT, &path(segments)?, Some(body)).await
    }

    /// Changes something.
    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        body: &impl Serialize,
    ) -> Result<Reply<T>, Failure> {
        self.call(Method::PATCH, &path(segments)?, Some(body)).await
    }

    /// Removes something that answers nothing.
    pub(crate) async fn delete(&self, segments: &[&str]) -> Result<(), Failure> {
        self.answer(Method::DELETE, &path(segments)?, None).await.map(|_| ())
    }

    /// Does something that answers nothing.
    pub(crate) async fn post_for_nothing(&self, segments: &[&str], body: &impl Serialize) -> Result<(), Failure> {
        let body = serde_json::to_vec(body).map_err(|error| Failure::usage(error.to_string()))?;
        self.answer(Method::POST, &path(segments)?, Some(body))
            .await
            .map(|_| ())
    }

    /// Removes something that answers nothing, by a path that has a query.
    pub(crate) async fn delete_path(&self, path: &str) -> Result<(), Failure> {
        self.answer(Method::DELETE, path, None).await.map(|_| ())
    }

    /// Removes something that answers what was removed.
    pub(crate) async fn delete_for<T: DeserializeOwned>(&self, segments: &[&str]) -> Result<Reply<T>, Failure> {
        self.call(Method::DELETE, &path(segments)?, None::<&()>).await
    }

    /// The same, in a way that a query says.
    pub(crate) async fn delete_with<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        query: &impl Serialize,
    ) -> Result<Reply<T>, Failure> {
        self.call(Method::DELETE, &path_with(segments, query)?, None::<&()>)
            .await
    }

    /// Shows the API's body unchanged with `--json`, else what `people` makes of it.
    pub(crate) fn show<T>(
        &self,
        reply: &Reply<T>,
        people: impl FnOnce(&T, &Output) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if self.output.json {
            self.output.raw(&reply.raw)
        } else {
            people(&reply.value, self.output)
        }
    }

    /// Shows what is not the result, to people only.
    pub(crate) fn show_to_people<T>(
        &self,
        value: &T,
        people: impl FnOnce(&T, &Output) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if self.output.json {
            Ok(())
        } else {
            people(value, self.output)
        }
    }

    /// Prints each line of an answer that does not end, as it comes, through `people` unless `--json`.
    pub(crate) async fn follow(
        &self,
        segments: &[&str],
        query: &impl Serialize,
        mut people: impl FnMut(&[u8], &Output) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut stream = self
            .connection
            .open(Method::GET, &path_with(segments, query)?, None)
            .await?;
        let status = stream.status;
        let mut pending = Vec::new();
        while let Some(chunk) = stream.chunk().await? {
            pending.extend_from_slice(&chunk);
            if !status.is_success() {
                continue;
            }
            while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = pending.drain(..=end).collect();
                let line = line.trim_ascii();
                // An empty line only shows that the connection is alive.
                if line.is_empty() {
                    continue;
                }
                if self.output.json {
                    self.output.raw(line)?;
                } else {
                    people(line, self.output)?;
                }
            }
        }
        if status.is_success() {
            return Err(Failure::not_doorward(
                "the server has stopped; follow again once it is back",
            ));
        }
        Err(self.refusal(Answer { status, body: pending }))
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Reply<T>, Failure> {
        let body = body
            .map(serde_json::to_vec)
            .transpose()
            .map_err(|error| Failure::usage(error.to_string()))?;
        let raw = self.answer(method, path, body).await?;
        let value = serde_json::from_slice(&raw).map_err(|error| {
            Failure::not_doorward(format!(
                "{} answers what this command line does not read: {error}",
                self.connection.describe()
            ))
        })?;
        Ok(Reply { value, raw })
    }

    async fn answer(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Vec<u8>, Failure> {
        let answer = self.connection.send(method, path, body).await?;
        if answer.status.is_success() {
            Ok(answer.body)
        } else {
            Err(self.refusal(answer))
        }
    }

    fn refusal(&self, answer: Answer) -> Failure {
        match serde_json::from_slice::<ErrorBody>(&answer.body) {
            Ok(mut body) => {
                if let (StatusCode::UNAUTHORIZED, None, Connection::Remote { name, remote, .. }) =
                    (answer.status, &body.remedy, &self.connection)
                {
                    body.remedy = Some(format!("doorward remote add {name} {} (with a new token)", remote.url));
                }
                Failure::Refused {
                    body: Box::new(body),
                    raw: answer.body,
                }
            }
            Err(_) => Failure::not_doorward(format!(
                "{} answered {}, not in the words of this API: is it a Doorward server?",
                self.connection.describe(),
                answer.status
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_segment_of_the_path() {
        assert_eq!(
            path(&["users", "../apps?x=1#y z"]).unwrap(),
            "/api/v1/users/..%2Fapps%3Fx%3D1%23y%20z"
        );
        for name in ["", ".", ".."] {
            assert!(matches!(path(&["users", name]), Err(Failure::Usage { .. })), "{name:?}");
        }
    }

    #[test]
    fn a_query_holds_what_was_given_and_nothing_else() {
        let query = doorward_api::UserQuery {
            search: Some("a&b".to_owned()),
            limit: Some(5),
            ..Default::default()
        };
        assert_eq!(
            path_with(&["users"], &query).unwrap(),
            "/api/v1/users?limit=5&search=a%26b"
        );
        assert_eq!(
            path_with(&["users"], &doorward_api::UserQuery::default()).unwrap(),
            "/api/v1/users"
        );
    }
}
