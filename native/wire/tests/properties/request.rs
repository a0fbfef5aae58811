//! What holds for the request parser whatever the bytes are. Shared by the fuzz target and the corpus replay.

use heddle_wire::h1::{
    Error, FieldKind, Framing, RequestHead, RequestLine, parse_request, write_request,
};

/// Panics when a prefix is judged differently from the whole, or when an accepted head does not survive being written
/// and parsed again.
pub fn holds(bytes: &[u8]) {
    let whole = outcome(bytes, &mut RequestHead::default());
    let mut reused = RequestHead::default();
    for end in 0..bytes.len() {
        let prefix = outcome(&bytes[..end], &mut reused);
        assert!(
            prefix == Ok(None) || prefix == whole,
            "{end} bytes: {prefix:?}, all: {whole:?}"
        );
    }
    assert_eq!(
        outcome(bytes, &mut reused),
        whole,
        "the head held something from before"
    );
    let Ok(Some((length, model))) = whole else {
        return;
    };
    assert!(length <= bytes.len());
    let written = rewritten(&bytes[..length]);
    let Ok(Some((read, again))) = outcome(&written, &mut reused) else {
        panic!("refused after writing: {}", written.escape_ascii())
    };
    assert_eq!(
        read,
        written.len(),
        "a second message appeared: {}",
        written.escape_ascii()
    );
    assert_eq!(again, model.upstream());
}

#[derive(Debug, PartialEq, Eq)]
struct Model {
    method: Vec<u8>,
    path_and_query: Vec<u8>,
    authority: Vec<u8>,
    minor: u8,
    framing: Framing,
    length: Option<u64>,
    accepts_trailers: bool,
    expects_continue: bool,
    upgrade: bool,
    hops: u8,
    max_forwards: Option<u32>,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Model {
    /// The model that the next hop must read.
    fn upstream(mut self) -> Self {
        if self.path_and_query.is_empty() {
            self.path_and_query = if self.method == b"OPTIONS" {
                b"*".into()
            } else {
                b"/".into()
            };
        }
        if self.authority.is_empty() {
            self.authority = HOST_DEFAULT.into();
        }
        self.fields
            .push((b"via".into(), format!("1.{} heddle", self.minor).into()));
        self.hops = self.hops.saturating_add(1);
        self.max_forwards = self.max_forwards.map(|left| left.saturating_sub(1));
        self.minor = 1;
        self
    }
}

const HOST_DEFAULT: &[u8] = b"fallback.test:80";

fn outcome(bytes: &[u8], head: &mut RequestHead) -> Result<Option<(usize, Model)>, Error> {
    Ok(parse_request(bytes, head)?.map(|length| (length, model(bytes, head))))
}

fn model(bytes: &[u8], head: &RequestHead) -> Model {
    let end_to_end = head.fields.as_slice().iter().filter(|field| {
        matches!(
            field.kind,
            FieldKind::Other | FieldKind::Trusted | FieldKind::Via
        ) || field.kind == FieldKind::MaxForwards && head.max_forwards.is_none()
    });
    Model {
        method: head.method.of(bytes).into(),
        path_and_query: head.path_and_query.of(bytes).into(),
        authority: head.authority.of(bytes).into(),
        minor: head.minor,
        framing: head.framing,
        length: head.length,
        accepts_trailers: head.accepts_trailers,
        expects_continue: head.expects_continue,
        upgrade: head.upgrade,
        hops: head.hops,
        max_forwards: head.max_forwards,
        fields: end_to_end
            .map(|field| (field.name.of(bytes).into(), field.value.of(bytes).into()))
            .collect(),
    }
}

fn rewritten(bytes: &[u8]) -> Vec<u8> {
    let mut head = RequestHead::default();
    let mut out = Vec::new();
    assert_eq!(parse_request(bytes, &mut head), Ok(Some(bytes.len())));
    write_request(
        bytes,
        &head,
        RequestLine {
            host_default: HOST_DEFAULT,
            ..RequestLine::default()
        },
        None,
        &mut out,
    );
    out
}
