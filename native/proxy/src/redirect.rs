//! Another place for a request: the location of a redirect, and the target of a request that is forwarded elsewhere
//! (Gateway API, `HTTPRequestRedirectFilter`, `HTTPURLRewriteFilter`, `HTTPPathModifier`).

use std::io::Write;

use snapshot::{PathChange, Redirect, Scheme};

/// What of a request goes into its location.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Value of Host.
    pub authority: &'a [u8],
    /// Path without the query.
    pub path: &'a [u8],
    pub path_and_query: &'a [u8],
}

/// Appends the location that a request is redirected to. A port that its scheme implies is left out.
pub(crate) fn write_location(redirect: &Redirect, place: Place<'_>, out: &mut Vec<u8>) {
    let (name, implied) = match redirect.scheme.unwrap_or(Scheme::Http) {
        Scheme::Http => ("http", 80),
        Scheme::Https => ("https", 443),
    };
    let (host, own_port) = split_port(place.authority);
    let host = redirect.hostname.as_ref().map_or(host, String::as_bytes);
    let port = match (redirect.port, redirect.scheme) {
        (Some(port), _) => Some(port),
        (None, Some(_)) => None,
        (None, None) => own_port,
    };
    let (front, rest) = match &redirect.path {
        Some(change) => changed(change, place),
        None if place.path_and_query.is_empty() => (&b"/"[..], &b""[..]),
        None => (place.path_and_query, &b""[..]),
    };
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"://");
    out.extend_from_slice(host);
    if let Some(port) = port.filter(|&port| port != implied) {
        // Writing into a Vec never fails.
        let _ = write!(out, ":{port}");
    }
    out.extend_from_slice(front);
    out.extend_from_slice(rest);
}

/// Path and query after a change, in two parts.
pub(crate) fn changed<'a>(change: &'a PathChange, place: Place<'a>) -> (&'a [u8], &'a [u8]) {
    match change {
        PathChange::Full { value } => (value.as_bytes(), &place.path_and_query[place.path.len()..]),
        PathChange::Prefix { matched, value } => {
            let matched = if matched == "/" { 0 } else { matched.len() };
            let rest = place.path_and_query.get(matched..).unwrap_or_default();
            if value.is_empty() && rest.first() != Some(&b'/') {
                return (b"/", rest);
            }
            (value.as_bytes(), rest)
        }
    }
}

/// Host and port of a valid authority.
fn split_port(authority: &[u8]) -> (&[u8], Option<u16>) {
    let Some(colon) = authority.iter().rposition(|&byte| byte == b':') else {
        return (authority, None);
    };
    let digits = &authority[colon + 1..];
    if digits.contains(&b']') {
        return (authority, None);
    }
    let port = std::str::from_utf8(digits)
        .ok()
        .and_then(|text| text.parse().ok());
    (&authority[..colon], port)
}

#[cfg(test)]
mod tests {
    use snapshot::{PathChange, Redirect, Scheme};

    use super::{Place, changed, write_location};

    #[test]
    fn what_a_redirect_does_not_name_stays() {
        assert_eq!(location(&none(), "a:8080", "/b?c"), "http://a:8080/b?c");
        assert_eq!(location(&none(), "a:80", "/"), "http://a/");
        assert_eq!(location(&none(), "[::1]", "/"), "http://[::1]/");
        assert_eq!(location(&none(), "[::1]:8080", ""), "http://[::1]:8080/");
    }

    #[test]
    fn a_host_keeps_the_port_and_a_scheme_brings_its_own() {
        let mut redirect = none();
        redirect.hostname = Some("b.example".into());
        assert_eq!(location(&redirect, "a:8080", "/"), "http://b.example:8080/");
        redirect.scheme = Some(Scheme::Https);
        assert_eq!(location(&redirect, "a:8080", "/"), "https://b.example/");
        redirect.port = Some(8443);
        assert_eq!(location(&redirect, "a", "/"), "https://b.example:8443/");
        redirect.port = Some(443);
        assert_eq!(location(&redirect, "a", "/"), "https://b.example/");
        redirect.scheme = Some(Scheme::Http);
        assert_eq!(location(&redirect, "a", "/"), "http://b.example:443/");
    }

    #[test]
    fn prefixes_are_replaced_by_elements_as_the_table_of_the_specification_has_it() {
        assert_eq!(replaced("/foo/bar", "/foo", "/xyz"), "/xyz/bar");
        assert_eq!(replaced("/foo", "/foo", "/xyz"), "/xyz");
        assert_eq!(replaced("/foo/", "/foo", "/xyz"), "/xyz/");
        assert_eq!(replaced("/foo/bar", "/foo", ""), "/bar");
        assert_eq!(replaced("/foo/", "/foo", ""), "/");
        assert_eq!(replaced("/foo", "/foo", ""), "/");
        assert_eq!(replaced("/foo?a=/b", "/foo", ""), "/?a=/b");
        assert_eq!(replaced("/foo", "/", "/xyz"), "/xyz/foo");
    }

    #[test]
    fn a_whole_path_is_replaced_and_the_query_stays() {
        let change = PathChange::Full {
            value: "/new".into(),
        };
        assert_eq!(after(&change, "/a/b?c=d"), "/new?c=d");
        assert_eq!(after(&change, "/"), "/new");
    }

    fn none() -> Redirect {
        Redirect {
            scheme: None,
            hostname: None,
            port: None,
            path: None,
            status: 302,
        }
    }

    fn location(redirect: &Redirect, authority: &str, target: &str) -> String {
        let mut out = Vec::new();
        write_location(redirect, place(authority, target), &mut out);
        String::from_utf8(out).unwrap()
    }

    fn replaced(target: &str, matched: &str, value: &str) -> String {
        let change = PathChange::Prefix {
            matched: matched.into(),
            value: value.into(),
        };
        after(&change, target)
    }

    fn after(change: &PathChange, target: &str) -> String {
        let (front, rest) = changed(change, place("a", target));
        String::from_utf8([front, rest].concat()).unwrap()
    }

    fn place<'a>(authority: &'a str, target: &'a str) -> Place<'a> {
        Place {
            authority: authority.as_bytes(),
            path: target.split('?').next().unwrap().as_bytes(),
            path_and_query: target.as_bytes(),
        }
    }
}
