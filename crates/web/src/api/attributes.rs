//! Attributes of people, between the API's map and the directory's type.

use std::collections::BTreeMap;

use doorward_directory::Attributes;
use serde_json::Value;

use super::error::{ApiError, ApiResult};

pub(super) fn read(map: BTreeMap<String, Value>) -> ApiResult<Attributes> {
    serde_json::from_value(Value::Object(map.into_iter().collect()))
        .map_err(|error| ApiError::invalid(format!("attributes: {error}")))
}

pub(super) fn show(attributes: &Attributes) -> BTreeMap<String, Value> {
    match serde_json::to_value(attributes) {
        Ok(Value::Object(map)) => map.into_iter().collect(),
        _ => BTreeMap::new(),
    }
}
