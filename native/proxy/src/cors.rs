//! Requests from pages of other origins (Gateway API, `HTTPCORSFilter`; Fetch standard section 3.2): the proxy answers
//! preflights itself and says of every other response who may read it. The lines are written when a configuration is
//! published; the origin of the request is all that is added.

use snapshot::Cors as Filter;

use crate::limits::ORIGIN_BYTES_MAX;
use crate::request::Request;
use crate::rule_answer::ORIGIN;

/// A CORS filter in the form in which it is applied.
#[derive(Debug, Clone)]
pub(crate) struct Cors {
    origins: Origins,
    methods: Allowed,
    headers: Allowed,
    /// Last lines of a preflight that is allowed.
    preflight: Vec<u8>,
    /// Lines of any other response that an origin may read.
    shared: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Origins {
    /// All may, without credentials: the same lines for each of them.
    Public,
    /// All may, and each is named.
    All,
    Listed {
        /// Sorted.
        exact: Vec<Box<[u8]>>,
        wildcards: Vec<Wildcard>,
    },
}

/// What stands before and behind any number of labels.
#[derive(Debug, Clone)]
struct Wildcard {
    front: Box<[u8]>,
    back: Box<[u8]>,
}

/// What a preflight may ask for.
#[derive(Debug, Clone)]
enum Allowed {
    /// This; empty for what needs no leave.
    Line(Vec<u8>),
    /// Whatever it names.
    Named,
}

/// What a preflight says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Preflight<'a> {
    pub origin: &'a [u8],
    /// `Access-Control-Request-Method`.
    pub method: &'a [u8],
    /// `Access-Control-Request-Headers`; empty when there are none.
    pub headers: &'a [u8],
}

impl Cors {
    pub fn new(filter: &Filter) -> Self {
        let credentials = filter.allow_credentials;
        let mut own = Vec::new();
        if credentials {
            own.extend_from_slice(b"access-control-allow-credentials: true\r\n");
        }
        let mut preflight = own.clone();
        let max_age = filter.max_age_seconds.to_string();
        write_line(
            b"access-control-max-age",
            max_age.as_bytes(),
            &mut preflight,
        );
        let mut shared = own;
        write_list(
            b"access-control-expose-headers",
            &filter.expose_headers,
            &mut shared,
        );
        Self {
            origins: Origins::new(filter),
            methods: Allowed::new(
                b"access-control-allow-methods",
                &filter.allow_methods,
                credentials,
            ),
            headers: Allowed::new(
                b"access-control-allow-headers",
                &filter.allow_headers,
                credentials,
            ),
            preflight,
            shared,
        }
    }

    /// Whether an origin has to be remembered until its response comes.
    pub fn names(&self, origin: &[u8]) -> bool {
        !matches!(self.origins, Origins::Public) && self.allows(origin)
    }

    fn allows(&self, origin: &[u8]) -> bool {
        if origin.is_empty() || origin.len() > ORIGIN_BYTES_MAX {
            return false;
        }
        match &self.origins {
            Origins::Public | Origins::All => true,
            Origins::Listed { exact, wildcards } => {
                exact.binary_search_by(|one| (**one).cmp(origin)).is_ok()
                    || wildcards.iter().any(|Wildcard { front, back }| {
                        origin
                            .strip_prefix(&**front)
                            .and_then(|rest| rest.strip_suffix(&**back))
                            .is_some_and(|labels| !labels.is_empty() && !labels.contains(&b':'))
                    })
            }
        }
    }

    /// Appends what a response says, but for that of a preflight. `origin` is one that [`Cors::names`] was true for.
    pub fn write_shared(&self, origin: Option<&[u8]>, out: &mut Vec<u8>) {
        if matches!(self.origins, Origins::Public) {
            write_line(ALLOW_ORIGIN, b"*", out);
            return out.extend_from_slice(&self.shared);
        }
        if let Some(origin) = origin {
            write_line(ALLOW_ORIGIN, origin, out);
            out.extend_from_slice(&self.shared);
        }
        write_line(b"vary", b"Origin", out);
    }

    /// Appends what the answer to a preflight says: nothing to an origin that is not allowed.
    pub fn write_preflight(&self, asked: Preflight<'_>, out: &mut Vec<u8>) {
        if self.allows(asked.origin) {
            let is_public = matches!(self.origins, Origins::Public);
            write_line(
                ALLOW_ORIGIN,
                if is_public { b"*" } else { asked.origin },
                out,
            );
            for (allowed, name, named) in [
                (&self.methods, ALLOW_METHODS, asked.method),
                (&self.headers, ALLOW_HEADERS, asked.headers),
            ] {
                match allowed {
                    Allowed::Line(line) => out.extend_from_slice(line),
                    Allowed::Named if named.is_empty() => {}
                    Allowed::Named => write_line(name, named, out),
                }
            }
            out.extend_from_slice(&self.preflight);
        }
        write_line(b"vary", VARY, out);
    }
}

impl Origins {
    fn new(filter: &Filter) -> Self {
        let list = &filter.allow_origins;
        if list.iter().any(|origin| origin == "*") {
            return if filter.allow_credentials {
                Self::All
            } else {
                Self::Public
            };
        }
        let (mut exact, mut wildcards) = (Vec::new(), Vec::new());
        for origin in list {
            match origin.split_once('*') {
                None => exact.push(origin.as_bytes().into()),
                Some((front, back)) => {
                    wildcards.push(Wildcard {
                        front: front.as_bytes().into(),
                        back: back.as_bytes().into(),
                    });
                }
            }
        }
        exact.sort_unstable();
        Self::Listed { exact, wildcards }
    }
}

impl Allowed {
    /// With credentials a `*` would be taken by its letter, so what is asked for is named.
    fn new(name: &[u8], list: &[String], credentials: bool) -> Self {
        if credentials && list.iter().any(|item| item == "*") {
            return Self::Named;
        }
        let mut line = Vec::new();
        write_list(name, list, &mut line);
        Self::Line(line)
    }
}

fn write_list(name: &[u8], list: &[String], out: &mut Vec<u8>) {
    if !list.is_empty() {
        write_line(name, list.join(", ").as_bytes(), out);
    }
}

fn write_line(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    for part in [name, b": ", value, b"\r\n"] {
        out.extend_from_slice(part);
    }
}

/// Lines of an upstream that knows CORS too: the filter has the last word.
pub(crate) const DROPPED: [&str; 6] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
];

const ALLOW_ORIGIN: &[u8] = b"access-control-allow-origin";
const ALLOW_METHODS: &[u8] = b"access-control-allow-methods";
const ALLOW_HEADERS: &[u8] = b"access-control-allow-headers";
const VARY: &[u8] = b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// Origins of exchanges that run, in memory that is used again.
#[derive(Default)]
pub(crate) struct OriginTexts {
    #[expect(
        clippy::vec_box,
        reason = "they move between here and the exchanges, which stay small"
    )]
    free: Vec<Box<OriginText>>,
}

/// One origin that may read the response.
#[derive(Debug)]
pub(crate) struct OriginText {
    len: u16,
    text: [u8; ORIGIN_BYTES_MAX],
}

impl OriginText {
    pub fn bytes(&self) -> &[u8] {
        &self.text[..usize::from(self.len)]
    }
}

impl OriginTexts {
    /// The origin of a request, where the filter names it; until it is put back.
    #[inline]
    pub fn of(&mut self, cors: Option<&Cors>, request: &Request<'_>) -> Option<Box<OriginText>> {
        let cors = cors?;
        let origin = request.value(ORIGIN);
        cors.names(origin).then(|| self.keep(origin))
    }

    fn keep(&mut self, origin: &[u8]) -> Box<OriginText> {
        let mut kept = self.free.pop().unwrap_or_else(|| {
            Box::new(OriginText {
                len: 0,
                text: [0; ORIGIN_BYTES_MAX],
            })
        });
        kept.len = origin.len() as u16;
        kept.text[..origin.len()].copy_from_slice(origin);
        kept
    }

    pub fn put(&mut self, origin: Box<OriginText>) {
        self.free.push(origin);
    }
}

#[cfg(test)]
mod tests {
    use snapshot::Cors as Filter;

    use super::{Cors, Preflight};

    #[test]
    fn an_origin_is_compared_whole_and_a_wildcard_stands_for_labels() {
        let cors = Cors::new(&listed(&[
            "https://a.example",
            "https://*.b.example",
            "http://*:81",
        ]));
        let allowed = |origin: &str| cors.names(origin.as_bytes());
        assert!(allowed("https://a.example"));
        assert!(!allowed("https://a.example:8443") && !allowed("http://a.example"));
        assert!(!allowed("https://xa.example") && !allowed("https://a.example.org"));
        assert!(allowed("https://x.b.example") && allowed("https://x.y.b.example"));
        assert!(!allowed("https://b.example") && !allowed("https://.b.example"));
        assert!(!allowed("https://x.b.example:8443"));
        assert!(allowed("http://c.example:81") && !allowed("http://c.example:82"));
        assert!(!allowed("null") && !allowed(""));
        assert!(!allowed(&format!("https://{}.b.example", "x".repeat(300))));
    }

    #[test]
    fn a_public_resource_says_the_same_to_everybody() {
        let cors = Cors::new(&Filter {
            expose_headers: vec!["x-a".into(), "x-b".into()],
            ..listed(&["*"])
        });
        assert!(!cors.names(b"https://a.example"), "nothing to remember");
        assert_eq!(
            shared(&cors, None),
            "access-control-allow-origin: *\r\naccess-control-expose-headers: x-a, x-b\r\n"
        );
    }

    #[test]
    fn whoever_is_not_allowed_learns_only_that_it_depends() {
        let cors = Cors::new(&listed(&["https://a.example"]));
        assert_eq!(shared(&cors, None), "vary: Origin\r\n");
        assert_eq!(preflight(&cors, ("https://b.example", "PUT", "x")), VARY);
    }

    #[test]
    fn with_credentials_everything_is_named() {
        let all = || vec!["*".to_owned()];
        let cors = Cors::new(&Filter {
            allow_credentials: true,
            allow_methods: all(),
            allow_headers: all(),
            ..listed(&["*"])
        });
        assert_eq!(
            shared(&cors, Some("https://a.example")),
            "access-control-allow-origin: https://a.example\r\naccess-control-allow-credentials: true\r\nvary: Origin\r\n"
        );
        assert_eq!(
            preflight(&cors, ("https://a.example", "PUT", "x-a, x-b")),
            format!(
                "access-control-allow-origin: https://a.example\r\naccess-control-allow-methods: PUT\r\n\
                 access-control-allow-headers: x-a, x-b\r\naccess-control-allow-credentials: true\r\n\
                 access-control-max-age: 5\r\n{VARY}"
            )
        );
        assert!(!preflight(&cors, ("https://a.example", "PUT", "")).contains("allow-headers"));
    }

    #[test]
    fn without_credentials_lists_are_said_as_they_are() {
        let cors = Cors::new(&Filter {
            allow_methods: vec!["GET".into(), "PUT".into()],
            allow_headers: vec!["*".into()],
            ..listed(&["*"])
        });
        assert_eq!(
            preflight(&cors, ("https://a.example", "DELETE", "")),
            format!(
                "access-control-allow-origin: *\r\naccess-control-allow-methods: GET, PUT\r\n\
                 access-control-allow-headers: *\r\naccess-control-max-age: 5\r\n{VARY}"
            )
        );
    }

    const VARY: &str =
        "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n";

    fn listed(origins: &[&str]) -> Filter {
        Filter {
            allow_origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            allow_credentials: false,
            allow_methods: Vec::new(),
            allow_headers: Vec::new(),
            expose_headers: Vec::new(),
            max_age_seconds: 5,
        }
    }

    fn shared(cors: &Cors, origin: Option<&str>) -> String {
        let mut out = Vec::new();
        cors.write_shared(origin.map(str::as_bytes), &mut out);
        String::from_utf8(out).unwrap()
    }

    fn preflight(cors: &Cors, (origin, method, headers): (&str, &str, &str)) -> String {
        let mut out = Vec::new();
        let asked = Preflight {
            origin: origin.as_bytes(),
            method: method.as_bytes(),
            headers: headers.as_bytes(),
        };
        cors.write_preflight(asked, &mut out);
        String::from_utf8(out).unwrap()
    }
}
