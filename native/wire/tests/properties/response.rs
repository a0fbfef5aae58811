//! What holds for the response parser whatever the bytes are. Shared by the fuzz target and the corpus replay.

use heddle_wire::h1::{
    Error, FieldKind, Framing, ResponseHead, ResponseLine, parse_response, write_response,
};

/// Panics when a prefix is judged differently from the whole, or when an accepted head does not survive being written
/// and parsed again; as the answer to GET and as the answer to HEAD.
pub fn holds(bytes: &[u8]) {
    for to_head in [false, true] {
        let whole = outcome(bytes, to_head, &mut ResponseHead::default());
        let mut reused = ResponseHead::default();
        for end in 0..bytes.len() {
            let prefix = outcome(&bytes[..end], to_head, &mut reused);
            assert!(
                prefix == Ok(None) || prefix == whole,
                "{end}: {prefix:?}, all: {whole:?}"
            );
        }
        let last = outcome(bytes, to_head, &mut reused);
        assert_eq!(last, whole, "the head held something from before");
        let Ok(Some((length, model))) = whole else {
            continue;
        };
        assert!(length <= bytes.len());
        let written = rewritten(&bytes[..length], to_head);
        let Ok(Some((read, again))) = outcome(&written, to_head, &mut reused) else {
            panic!("refused after writing: {}", written.escape_ascii())
        };
        assert_eq!(
            read,
            written.len(),
            "a second message appeared: {}",
            written.escape_ascii()
        );
        assert_eq!(again, model.downstream());
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Model {
    status: u16,
    reason: Vec<u8>,
    minor: u8,
    framing: Framing,
    length: Option<u64>,
    keep_alive: bool,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Model {
    /// The model that the next hop must read: no length where there can be no body at all.
    fn downstream(mut self) -> Self {
        if self.status < 200 || self.status == 204 {
            self.length = None;
        }
        self.minor = 1;
        self
    }
}

fn outcome(
    bytes: &[u8],
    to_head: bool,
    head: &mut ResponseHead,
) -> Result<Option<(usize, Model)>, Error> {
    Ok(parse_response(bytes, to_head, head)?.map(|length| (length, model(bytes, head))))
}

fn model(bytes: &[u8], head: &ResponseHead) -> Model {
    let end_to_end = head
        .fields
        .as_slice()
        .iter()
        .filter(|field| field.kind == FieldKind::Other);
    Model {
        status: head.status,
        reason: head.reason.of(bytes).into(),
        minor: head.minor,
        framing: head.framing,
        length: head.length,
        keep_alive: head.keep_alive,
        fields: end_to_end
            .map(|field| (field.name.of(bytes).into(), field.value.of(bytes).into()))
            .collect(),
    }
}

fn rewritten(bytes: &[u8], to_head: bool) -> Vec<u8> {
    let mut head = ResponseHead::default();
    let mut out = Vec::new();
    assert_eq!(
        parse_response(bytes, to_head, &mut head),
        Ok(Some(bytes.len()))
    );
    let line = ResponseLine {
        framing: head.framing,
        close: !head.keep_alive,
        keep_alive: false,
        request_id: b"",
    };
    write_response(bytes, &head, line, None, &mut out);
    out
}
