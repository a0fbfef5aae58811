//! The contract between compiler and data plane: one immutable, fully resolved configuration.
//!
//! Tables are flat and refer to each other by index, so the data plane never looks up a name; names are carried
//! for logs and metrics only. These structs are the source of the TypeScript types in `src/snapshot/generated/`.
//! The encoding is JSON with camelCase keys; unknown fields are refused.
#![forbid(unsafe_code)]

mod address;
mod codec;
mod consistent;
#[cfg(test)]
mod generated;
mod network;
mod pattern;

pub use address::{Address, AddressError, UNIX_PATH_BYTES_MAX};
pub use codec::{DecodeError, decode, decode_endpoints, encode};
pub use consistent::{DIRECT_BODY_BYTES_MAX, PREFIX_ELEMENTS_MAX, VERSION_MAX};
pub use consistent::{Inconsistency, consistent, consistent_endpoints};
pub use network::{Network, NetworkError};
pub use pattern::{PATTERN_BYTES_MAX, PATTERN_CHARACTERS_MAX, Pattern, PatternCache, PatternError};

use serde::{Deserialize, Serialize};
#[cfg(test)]
use ts_rs::TS;

/// One compiled mesh as a proxy sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Snapshot {
    /// Version of everything but the endpoints; grows by one with each published change.
    #[cfg_attr(test, ts(type = "number"))]
    pub version: u64,
    /// Name of the mesh.
    pub mesh: String,
    /// Bound addresses.
    pub listeners: Vec<Listener>,
    /// Named sets of endpoints, in the order of `endpoints.services`.
    pub services: Vec<Service>,
    /// Route rules of all services, in tie-break order: of two rules that match equally well the earlier wins.
    pub rules: Vec<Rule>,
    /// Addresses behind the services; the part that changes by the second.
    pub endpoints: Endpoints,
    /// Where a line for each exchange goes; absent for nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub access_log: Option<AccessLog>,
    /// Where each listener, service and rule was written; referred to by `origin` fields.
    pub origins: Vec<Origin>,
}

/// A log with a line for each exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AccessLog {
    /// File that lines are appended to.
    pub path: String,
    /// How a line looks.
    pub format: AccessLogFormat,
    /// One exchange in so many is logged, and all that failed; at least 1.
    pub sample: u32,
}

/// How a line of the access log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "camelCase")]
pub enum AccessLogFormat {
    /// One JSON object.
    Json,
    /// Istio's default text.
    Envoy,
    /// Apache's combined format.
    Apache,
}

/// A bound address with a protocol rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Listener {
    /// Unique name, for metrics and messages.
    pub name: String,
    /// `ip:port`, `[ip6]:port` or `unix:/path`.
    pub address: String,
    /// Permission bits of the socket's file; only for a `unix:` address, whose owner alone may connect without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub mode: Option<u32>,
    /// What is spoken on it.
    pub protocol: Protocol,
    /// Workload that calls through this listener; absent for an edge listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub source: Option<String>,
    /// Index into `services`: where the listener leads.
    pub service: u32,
    /// What answers of the proxy's own tell here.
    #[serde(default, skip_serializing_if = "Errors::is_brief")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub errors: Errors,
    /// Whether callers may name their requests.
    #[serde(default, skip_serializing_if = "RequestIds::is_replace")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub request_id: RequestIds,
    /// Networks (`ip` or `ip/prefix`) whose peers begin each connection with a PROXY header, which is believed; then others
    /// are refused. Empty: there is no such header.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub proxies: Vec<String>,
    /// Bounds on what peers may take; what is absent is the data plane's default.
    #[serde(default, skip_serializing_if = "ListenerBounds::is_default")]
    #[cfg_attr(test, ts(optional, as = "Option<ListenerBounds>"))]
    pub bounds: ListenerBounds,
    /// Index into `origins`.
    pub origin: u32,
}

/// What answers that the proxy makes itself tell their reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "camelCase")]
pub enum Errors {
    /// The status: for callers outside the mesh, whom its inside does not concern.
    #[default]
    Brief,
    /// The cause and the endpoint too, with `Proxy-Status` (RFC 9209).
    Full,
}

impl Errors {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    fn is_brief(&self) -> bool {
        *self == Self::Brief
    }
}

/// What becomes of an `X-Request-Id` that a caller sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "camelCase")]
pub enum RequestIds {
    /// A new one takes its place: callers outside the mesh do not write into its logs.
    #[default]
    Replace,
    /// It stays, where it is at most 128 token characters.
    Keep,
}

impl RequestIds {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    fn is_replace(&self) -> bool {
        *self == Self::Replace
    }
}

/// Bounds on what the peers of a listener may take. Absent: the data plane's default; 0: no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ListenerBounds {
    /// From the first byte of a request head to its last, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub head_ms: Option<u32>,
    /// Life of a connection without a request, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub idle_ms: Option<u32>,
    /// Age at which a connection is told to close, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub age_ms: Option<u32>,
    /// Bytes per second that a request body has to bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub body_bytes_per_second: Option<u32>,
}

impl ListenerBounds {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a listener or an endpoint speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "camelCase")]
pub enum Protocol {
    /// HTTP/1.1.
    Http,
    /// Opaque bytes.
    Tcp,
}

/// A named set of endpoints with one policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Service {
    /// Name inside the mesh.
    pub name: String,
    /// Namespace; `default` where the file names none.
    pub namespace: String,
    /// What its endpoints speak.
    pub protocol: Protocol,
    /// How an endpoint is picked.
    pub balancer: Balancer,
    /// Time limits towards its endpoints.
    pub timeouts: Timeouts,
    /// Indexes into `rules` in ascending order; empty means that all traffic goes to the service's own endpoints.
    pub rules: Vec<u32>,
    /// How its endpoints are tested; absent: they are not, and all are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub health_check: Option<HealthCheck>,
    /// Time in which the share of an endpoint that is new, or used again, grows from a tenth to the whole; 0: none.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub warm_up_ms: u32,
    /// Index into `origins`.
    pub origin: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How endpoints are tested without a request of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HealthCheck {
    /// A request that has to be answered; absent: a connection that has to be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub http: Option<HttpCheck>,
    /// From the end of one test to the beginning of the next, give or take a tenth.
    pub interval_ms: u32,
    /// Until the head of the answer, or the connection, is there.
    pub timeout_ms: u32,
    /// Passed tests in a row after which an unhealthy endpoint is used again; at least 1.
    pub rise: u32,
    /// Failed tests in a row after which a healthy endpoint is used no more; at least 1.
    pub fall: u32,
}

/// The request of a test, and what a healthy endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HttpCheck {
    /// Value of Host.
    pub host: String,
    /// Begins with `/`; may have a query.
    pub path: String,
    /// A status in one of these passes; never empty.
    pub statuses: Vec<StatusRange>,
}

/// Statuses from `first` to `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StatusRange {
    /// At least 200.
    pub first: u16,
    /// At most 599, not below `first`.
    pub last: u16,
}

/// How an endpoint is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "camelCase")]
pub enum Balancer {
    /// Power of two choices over peak EWMA latency times requests in flight.
    PeakEwma,
    /// Each endpoint in turn.
    RoundRobin,
    /// Power of two choices over requests in flight.
    LeastRequest,
}

/// Time limits in milliseconds; 0 switches a limit off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Timeouts {
    /// Until the connection to an endpoint is established.
    pub connect_ms: u32,
    /// From the request head to the last byte of the response.
    pub request_ms: u32,
    /// Life of an unused connection to an endpoint; absent: the data plane's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub idle_ms: Option<u32>,
    /// Time in which nothing moves in either direction of an exchange; absent: the data plane's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub stream_idle_ms: Option<u32>,
}

/// One rule of a route.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rule {
    /// `namespace/name` of the route it belongs to.
    pub route: String,
    /// Its own name, where it has one; for logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub name: Option<String>,
    /// Conditions, of which one has to hold; never empty.
    pub matches: Vec<Match>,
    /// Change to the request before it is forwarded.
    pub request_headers: HeaderEdit,
    /// Change to the response before it is returned.
    pub response_headers: HeaderEdit,
    /// Answer with another place to go to; such a rule has no backends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub redirect: Option<Redirect>,
    /// Answer with this; such a rule has no backends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub direct_response: Option<DirectResponse>,
    /// Change to host and path before the request is forwarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub rewrite: Option<Rewrite>,
    /// Which pages of other origins may use what is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub cors: Option<Cors>,
    /// Weighted targets. Weights that sum up to 0 yield 503 (an empty list too).
    pub backends: Vec<Backend>,
    /// Time limits that differ from those of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub timeouts: Option<RuleTimeouts>,
    /// Index into `origins`.
    pub origin: u32,
}

/// Time limits of one rule in milliseconds; 0 switches a limit off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RuleTimeouts {
    /// From the request head to the last byte of the response; absent for that of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub request_ms: Option<u32>,
    /// The same for one attempt.
    pub backend_request_ms: u32,
}

/// Where a request is sent instead (Gateway API, `HTTPRequestRedirectFilter`). What is absent stays as the request has
/// it; without a port, a scheme brings its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Redirect {
    /// Scheme of the location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub scheme: Option<Scheme>,
    /// Host of the location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub hostname: Option<String>,
    /// Port of the location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub port: Option<u16>,
    /// Path of the location; the query stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub path: Option<PathChange>,
    /// 301, 302, 303, 307 or 308.
    pub status: u16,
}

/// Scheme of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(rename_all = "camelCase")]
pub enum Scheme {
    /// Port 80.
    Http,
    /// Port 443.
    Https,
}

/// A response that is given without asking anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DirectResponse {
    /// 200 to 599.
    pub status: u16,
    /// Value of Content-Type; goes with a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub content_type: Option<String>,
    /// At most [`DIRECT_BODY_BYTES_MAX`] bytes; none for 204, 205 and 304.
    pub body: String,
}

/// Which pages of other origins may use the answers of a rule, and how (Gateway API, `HTTPCORSFilter`). A list that is
/// `*` alone stands for everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Cors {
    /// As browsers write them, in lower case and without the port of the scheme; a leading `*` of the host stands for any
    /// labels.
    pub allow_origins: Vec<String>,
    /// Requests may carry credentials.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub allow_credentials: bool,
    /// Methods beyond those that need no leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub allow_methods: Vec<String>,
    /// The same for request headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub allow_headers: Vec<String>,
    /// The same for response headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub expose_headers: Vec<String>,
    /// How long a browser may keep the answer to a preflight.
    pub max_age_seconds: u32,
}

/// Host and path that a request is forwarded with (Gateway API, `HTTPURLRewriteFilter`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rewrite {
    /// Value of Host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub hostname: Option<String>,
    /// The query stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub path: Option<PathChange>,
}

/// Another path in place of that of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "camelCase")]
pub enum PathChange {
    /// For the whole path.
    Full {
        /// Begins with `/`.
        value: String,
    },
    /// For the elements that the one match of the rule, a prefix, stands for.
    Prefix {
        /// The prefix.
        matched: String,
        /// Begins with `/` or is empty; does not end with `/`.
        value: String,
    },
}

/// Condition on a request; all parts have to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Match {
    /// Condition on the path.
    pub path: PathMatch,
    /// Exact, case-sensitive method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub method: Option<String>,
    /// Conditions on headers; names are lower case. Of several values of one name one has to satisfy.
    pub headers: Vec<ValueMatch>,
    /// Conditions on query parameters; of several with one name the first counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub query_params: Vec<ValueMatch>,
}

/// Condition on the path, without the query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "camelCase")]
pub enum PathMatch {
    /// The whole path.
    Exact {
        /// Begins with `/`.
        value: String,
    },
    /// Whole path elements from the start: `/abc` matches `/abc` and `/abc/d`, not `/abcd`.
    Prefix {
        /// Begins with `/`; ends with `/` only when it is `/`.
        value: String,
    },
    /// A regular expression that the whole path satisfies.
    Regex {
        /// See [`Pattern`].
        value: String,
    },
}

impl Default for PathMatch {
    /// Every path.
    fn default() -> Self {
        Self::Prefix { value: "/".into() }
    }
}

/// Condition on a named value, which has to be present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "camelCase")]
pub enum ValueMatch {
    /// Equal to the value.
    Exact {
        /// Of the header or parameter.
        name: String,
        /// Compared byte by byte.
        value: String,
    },
    /// A regular expression that the whole value satisfies.
    Regex {
        /// Of the header or parameter.
        name: String,
        /// See [`Pattern`].
        value: String,
    },
}

impl ValueMatch {
    /// Name of the header or parameter.
    pub fn name(&self) -> &str {
        let (Self::Exact { name, .. } | Self::Regex { name, .. }) = self;
        name
    }
}

/// A header name and value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Header {
    /// A token (RFC 9110 section 5.1).
    pub name: String,
    /// A field value without surrounding white space.
    pub value: String,
}

/// Changes to a set of headers, applied in the order remove, set, add.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HeaderEdit {
    /// Replace every value of the name.
    pub set: Vec<Header>,
    /// Append a value beside those present.
    pub add: Vec<Header>,
    /// Lower-case names to drop.
    pub remove: Vec<String>,
}

impl HeaderEdit {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.add.is_empty() && self.remove.is_empty()
    }
}

/// A target of a rule with its share of the requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Backend {
    /// Share = weight / sum of weights; 0 gets nothing.
    pub weight: u32,
    /// Where this share goes.
    pub target: Target,
    /// Change to its requests, after that of the rule.
    #[serde(default, skip_serializing_if = "HeaderEdit::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub request_headers: HeaderEdit,
    /// Change to its responses, before that of the rule.
    #[serde(default, skip_serializing_if = "HeaderEdit::is_empty")]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub response_headers: HeaderEdit,
}

/// What a backendRef was resolved to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "camelCase")]
pub enum Target {
    /// The endpoints of a service.
    Service {
        /// Index into `services`.
        service: u32,
    },
    /// A reference that names nothing: it keeps its share and yields 500.
    Invalid {
        /// Why, for logs.
        reason: String,
    },
}

/// Addresses behind the services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Endpoints {
    /// Version of this part; grows by one with each published change.
    #[cfg_attr(test, ts(type = "number"))]
    pub version: u64,
    /// For each service, in the order of `services`, its endpoints.
    pub services: Vec<Vec<Endpoint>>,
}

/// One address of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Endpoint {
    /// `ip:port`, `[ip6]:port` or `unix:/path`.
    pub address: String,
    /// Share of the service's traffic beside the weights of its other endpoints; 0 gets nothing new.
    #[serde(
        default = "Endpoint::default_weight",
        skip_serializing_if = "Endpoint::is_default_weight"
    )]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub weight: u32,
}

impl Endpoint {
    /// Equal shares for all.
    const fn default_weight() -> u32 {
        1
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands over a reference"
    )]
    fn is_default_weight(weight: &u32) -> bool {
        *weight == Self::default_weight()
    }
}

/// Where a resource was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(TS))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Origin {
    /// File as the user named it.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// `kind/name`.
    pub resource: String,
}
