//! Counters and timings for `/metrics` (Prometheus text format).

use http::StatusCode;
use metrics::{Counter, Histogram, SharedString};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Logins that ended, by `outcome`.
pub const LOGINS: &str = "doorward_logins_total";
/// Tokens issued at the token endpoint, by `grant_type`.
pub const TOKENS: &str = "doorward_token_responses_total";
/// Refusals, by `code` and `endpoint`.
pub const REFUSALS: &str = "doorward_refusals_total";
/// Requests, by `route`, `method` and `status`.
pub const REQUESTS: &str = "doorward_http_requests_total";
/// Seconds from the request's head to the response's head, by `route`.
pub const DURATION: &str = "doorward_http_request_seconds";

/// Bounds that tell a cached answer from a signature and a signature from a password check.
const BOUNDS: &[f64] = &[0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

/// The count of answers of one route, method and status.
pub(crate) fn requests(route: impl Into<SharedString>, method: &'static str, status: StatusCode) -> Counter {
    metrics::counter!(REQUESTS, "route" => route.into(), "method" => method, "status" => status.as_str().to_owned())
}

/// The times of one route's answers.
pub(crate) fn duration(route: impl Into<SharedString>) -> Histogram {
    metrics::histogram!(DURATION, "route" => route.into())
}

/// Installs the process-wide recorder. A second call in one process (tests) gets a handle of its own, unconnected.
pub fn install() -> PrometheusHandle {
    let builder = PrometheusBuilder::new();
    let builder = match builder.set_buckets_for_metric(Matcher::Full(DURATION.into()), BOUNDS) {
        Ok(builder) => builder,
        Err(_) => PrometheusBuilder::new(),
    };
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_ok() {
        metrics::describe_counter!(LOGINS, "Logins that ended");
        metrics::describe_counter!(TOKENS, "Token responses");
        metrics::describe_counter!(REFUSALS, "Refused requests by stable code");
        metrics::describe_counter!(REQUESTS, "HTTP requests");
        metrics::describe_histogram!(DURATION, metrics::Unit::Seconds, "Time to answer");
    }
    handle
}
