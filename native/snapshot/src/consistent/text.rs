//! What single strings of a snapshot have to look like: tokens, field values, paths (RFC 9110
//! section 5, RFC 3986 section 3.3).

use crate::{
    Address, Cors, DirectResponse, HeaderEdit, HealthCheck, PathChange, PathMatch, Pattern,
    Redirect, ValueMatch,
};

/// Most elements of a prefix; route look-up examines at most this many element boundaries of a
/// request path.
pub const PREFIX_ELEMENTS_MAX: usize = 64;

/// Longest body of a direct response: it is held by every shard and copied for each answer.
pub const DIRECT_BODY_BYTES_MAX: usize = 4096;

/// Headers that frame a message or belong to one connection: the data plane writes them itself, so
/// a rule that edits one could desynchronise the peers (RFC 9112 section 11.2).
const FRAMING: [&str; 8] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub fn path_problem(path: &PathMatch) -> Option<String> {
    let value = match path {
        PathMatch::Exact { value } | PathMatch::Prefix { value } => value,
        PathMatch::Regex { value } => return pattern_problem(value),
    };
    if let Some(problem) = path_text_problem(value) {
        return Some(problem);
    }
    if matches!(path, PathMatch::Prefix { .. }) {
        if value.len() > 1 && value.ends_with('/') {
            return Some(format!("prefix {value:?} ends with /"));
        }
        if value.bytes().filter(|byte| *byte == b'/').count() > PREFIX_ELEMENTS_MAX {
            return Some(format!(
                "prefix {value:?} has more than {PREFIX_ELEMENTS_MAX} elements"
            ));
        }
    }
    None
}

pub fn header_match_problems(condition: &ValueMatch) -> impl Iterator<Item = String> {
    let name = condition.name();
    let value = match condition {
        ValueMatch::Exact { value, .. } => value_problem(name, value),
        ValueMatch::Regex { value, .. } => pattern_problem(value),
    };
    let name = token_problem(name)
        .into_iter()
        .chain(lower_case_problem(name));
    name.chain(value)
}

pub fn query_match_problems(condition: &ValueMatch) -> impl Iterator<Item = String> {
    let value = match condition {
        ValueMatch::Exact { .. } => None,
        ValueMatch::Regex { value, .. } => pattern_problem(value),
    };
    let empty = condition.name().is_empty();
    let name = empty.then(|| "a query parameter has no name".to_owned());
    name.into_iter().chain(value)
}

fn path_text_problem(value: &str) -> Option<String> {
    if !value.starts_with('/') {
        return Some(format!("path {value:?} does not begin with /"));
    }
    let impossible = |byte: u8| byte <= b' ' || byte == 0x7f || byte == b'?' || byte == b'#';
    let wrong = value.bytes().any(impossible);
    wrong.then(|| format!("path {value:?} holds a character that no request path can have"))
}

fn pattern_problem(pattern: &str) -> Option<String> {
    let error = Pattern::new(pattern).err()?;
    Some(format!("pattern {pattern:?} {error}"))
}

pub fn redirect_problems(redirect: &Redirect) -> impl Iterator<Item = String> {
    let status = redirect.status;
    let wrong = ![301, 302, 303, 307, 308].contains(&status);
    let status = wrong.then(|| format!("{status} is no status of a redirect"));
    let place = place_problems(redirect.hostname.as_deref(), redirect.path.as_ref());
    status.into_iter().chain(place)
}

/// Of the host and the path that are put in place of others.
pub fn place_problems(
    hostname: Option<&str>,
    path: Option<&PathChange>,
) -> impl Iterator<Item = String> {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    let hostname = hostname
        .filter(|name| name.is_empty() || !name.bytes().all(is_host))
        .map(|name| format!("{name:?} is no host name"));
    let path = path.and_then(|change| match change {
        PathChange::Prefix { value, .. } if value.is_empty() => None,
        PathChange::Prefix { value, .. } if value.ends_with('/') => {
            Some(format!("path {value:?} ends with /"))
        }
        PathChange::Full { value } | PathChange::Prefix { value, .. } => path_text_problem(value),
    });
    hostname.into_iter().chain(path)
}

pub fn health_check_problems(check: &HealthCheck) -> impl Iterator<Item = String> {
    let numbers = [check.interval_ms, check.timeout_ms, check.rise, check.fall];
    let numbers = numbers
        .contains(&0)
        .then(|| "a number of its health check is 0".to_owned());
    let http = check.http.iter().flat_map(|http| {
        let is_visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let host = http.host.is_empty() || !is_visible(&http.host);
        let path = !http.path.starts_with('/') || !is_visible(&http.path);
        let outside = http
            .statuses
            .iter()
            .any(|range| range.first < 200 || range.last > 599 || range.last < range.first);
        [
            host.then(|| format!("{:?} is no host of a health check", http.host)),
            path.then(|| format!("{:?} is no path of a health check", http.path)),
            (outside || http.statuses.is_empty())
                .then(|| "the statuses of its health check are no ranges".to_owned()),
        ]
    });
    numbers.into_iter().chain(http.flatten())
}

pub fn edit_problems(edit: &HeaderEdit) -> impl Iterator<Item = String> {
    let pairs = edit.set.iter().chain(&edit.add);
    let named = pairs
        .clone()
        .map(|header| header.name.as_str())
        .chain(edit.remove.iter().map(String::as_str));
    let tokens = named.clone().filter_map(token_problem);
    let framing = named.filter_map(|name| {
        let owned = FRAMING
            .iter()
            .any(|reserved| name.eq_ignore_ascii_case(reserved));
        owned.then(|| format!("header {name:?} belongs to the connection and cannot be edited"))
    });
    let lower = edit
        .remove
        .iter()
        .filter_map(|name| lower_case_problem(name));
    let values = pairs.filter_map(|header| value_problem(&header.name, &header.value));
    tokens.chain(framing).chain(lower).chain(values)
}

pub fn direct_problems(direct: &DirectResponse) -> impl Iterator<Item = String> {
    let status = direct.status;
    let unknown = !(200..=599).contains(&status);
    let unknown = unknown.then(|| format!("{status} is no status of a whole response"));
    let bodiless = matches!(status, 204 | 205 | 304) && !direct.body.is_empty();
    let bodiless = bodiless.then(|| format!("a response of status {status} has no body"));
    let long = direct.body.len() > DIRECT_BODY_BYTES_MAX;
    let long = long.then(|| format!("a body has more than {DIRECT_BODY_BYTES_MAX} bytes"));
    let kind = direct.content_type.iter();
    let kind = kind.filter_map(|value| value_problem("content-type", value));
    unknown.into_iter().chain(bodiless).chain(long).chain(kind)
}

pub fn cors_problems(cors: &Cors) -> impl Iterator<Item = String> {
    let (methods, headers) = (&cors.allow_methods, &cors.allow_headers);
    let names = methods.iter().chain(headers).chain(&cors.expose_headers);
    let tokens = names.filter_map(|name| token_problem(name));
    let origins = cors.allow_origins.iter().filter_map(|origin| {
        let host = ["http://", "https://"]
            .iter()
            .find_map(|scheme| origin.strip_prefix(scheme));
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.:".contains(&byte);
        let is_origin = host.is_some_and(|host| {
            let labels = host.strip_prefix('*').unwrap_or(host);
            !host.is_empty() && labels.bytes().all(plain)
        });
        (origin != "*" && !is_origin).then(|| format!("{origin:?} is no origin"))
    });
    tokens.chain(origins)
}

pub fn token_problem(name: &str) -> Option<String> {
    let token = !name.is_empty() && name.bytes().all(is_token);
    (!token).then(|| format!("{name:?} is not a token"))
}

pub fn lower_case_problem(name: &str) -> Option<String> {
    let upper = name.bytes().any(|byte| byte.is_ascii_uppercase());
    upper.then(|| format!("header name {name:?} is not lower case"))
}

pub fn value_problem(name: &str, value: &str) -> Option<String> {
    if value
        .bytes()
        .any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f)
    {
        return Some(format!(
            "the value of header {name:?} holds a control character"
        ));
    }
    let padded = value.starts_with([' ', '\t']) || value.ends_with([' ', '\t']);
    padded.then(|| format!("the value of header {name:?} begins or ends with white space"))
}

pub fn address_problem(address: &str) -> Option<String> {
    let error = address.parse::<Address>().err()?;
    Some(format!("address {address:?} {error}"))
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
