//! What the access log is told, of exchanges and of connections of opaque bytes. A record is begun with the request's head, because nothing else remembers that until the
//! end, and handed to [`Io::log`] when the exchange is over. Where no log is configured there are no records.

use snapshot::{AccessLog, Address};
use stats::access::{AccessRecord, RecordedAddress};
use stats::{Outcome, Reason};
use wire::h1::{FieldKind, RequestHead};

use crate::downstream::{Downstream, State};
use crate::exchange::{Exchange, NO_RULE};
use crate::io::{Io, Token};
use crate::shard::{Cx, Shard};
use crate::view::View;

/// Records of the exchanges that run come from here.
#[derive(Default)]
pub(crate) struct Records {
    #[expect(
        clippy::vec_box,
        reason = "they move between here and the exchanges, which stay small"
    )]
    free: Vec<Box<AccessRecord>>,
    /// Successful exchanges since the last one that was logged.
    passed: u32,
}

impl Records {
    /// A record with what the head and the connection say, where there is a log.
    #[inline]
    pub fn begin(
        &mut self,
        log: Option<&AccessLog>,
        (head, bytes): (&RequestHead, &[u8]),
        downstream: &Downstream,
    ) -> Option<Box<AccessRecord>> {
        log?;
        let mut record = self
            .free
            .pop()
            .unwrap_or_else(|| Box::new(AccessRecord::EMPTY));
        *record = AccessRecord::EMPTY;
        record.downstream_remote = downstream.client.as_deref().copied();
        record.minor = Some(head.minor);
        record.method.set(head.method.of(bytes));
        record.path.set(head.path_and_query.of(bytes));
        record.authority.set(head.authority.of(bytes));
        for field in head.fields.as_slice() {
            let (name, value) = (field.name.of(bytes), field.value.of(bytes));
            let text = match name.len() {
                _ if field.kind != FieldKind::Other => continue,
                7 if name.eq_ignore_ascii_case(b"referer") => &mut record.referer,
                10 if name.eq_ignore_ascii_case(b"user-agent") => &mut record.user_agent,
                15 if name.eq_ignore_ascii_case(b"x-forwarded-for") => &mut record.forwarded_for,
                _ => continue,
            };
            text.set(value);
        }
        Some(record)
    }

    /// A record of a connection of opaque bytes that comes from `downstream`, where there is a log.
    pub fn begin_connection(
        &mut self,
        view: &View,
        downstream: &Downstream,
        now: u64,
    ) -> Option<Box<AccessRecord>> {
        view.access_log()?;
        let mut record = self
            .free
            .pop()
            .unwrap_or_else(|| Box::new(AccessRecord::EMPTY));
        *record = AccessRecord::EMPTY;
        record.minor = None;
        record.started_ns = now;
        record.downstream_remote = downstream.client.as_deref().copied();
        view.name_exchange((downstream.listener, 0, NO_RULE), &mut record);
        Some(record)
    }

    /// True for one of so many successful exchanges, and for every other one.
    fn is_chosen(&mut self, outcome: &Outcome, sample: u32) -> bool {
        if outcome.reason.is_some() || outcome.status >= 500 {
            return true;
        }
        self.passed += 1;
        if self.passed < sample {
            return false;
        }
        self.passed = 0;
        true
    }
}

impl Shard {
    /// Hands the record of an exchange on, if it has one.
    pub(crate) fn log_exchange<I: Io>(
        (records, view): (&mut Records, &View),
        (token, listener, exchange): (Token, u32, &mut Exchange),
        outcome: &Outcome,
        io: &mut I,
    ) {
        let Some(mut record) = exchange.record.take() else {
            return;
        };
        record.started_ns = exchange.started;
        record.request_id.set(exchange.id.bytes());
        record.attempts += u8::from(exchange.retried);
        view.name_exchange((listener, exchange.cell, exchange.rule), &mut record);
        records.hand_on((token, record), outcome, (view, io));
    }

    /// Hands the record of a relayed connection on, if it has one.
    pub(crate) fn log_connection<I: Io>(
        &mut self,
        token: Token,
        reason: Option<Reason>,
        cx: &mut Cx<'_, I>,
    ) {
        let Some(downstream) = self.downstreams.get_mut(token) else {
            return;
        };
        let State::Relay(relay) = &mut downstream.state else {
            return;
        };
        let moved = relay.moved_bytes();
        if let (Some(record), Some(view)) = (relay.record.take(), &self.view) {
            let outcome = connection_outcome(&record, (reason, moved), cx.now);
            let records = &mut self.records;
            records.hand_on((token, record), &outcome, (view, cx.io));
        }
    }

    /// The same for a connection that got no endpoint.
    pub(crate) fn log_unconnected<I: Io>(
        &mut self,
        (token, record): (Token, Option<Box<AccessRecord>>),
        reason: Reason,
        cx: &mut Cx<'_, I>,
    ) {
        if let (Some(record), Some(view)) = (record, &self.view) {
            let outcome = connection_outcome(&record, (Some(reason), (0, 0)), cx.now);
            let records = &mut self.records;
            records.hand_on((token, record), &outcome, (view, cx.io));
        }
    }

    /// Hands on what is known of a request that was refused before it became an exchange.
    pub(crate) fn log_refused<I: Io>(
        (records, view): (&mut Records, &View),
        (token, downstream, id): (Token, &Downstream, &[u8]),
        (outcome, now): (&Outcome, u64),
        io: &mut I,
    ) {
        if view.access_log().is_none() {
            return;
        }
        let mut record = records
            .free
            .pop()
            .unwrap_or_else(|| Box::new(AccessRecord::EMPTY));
        *record = AccessRecord::EMPTY;
        record.started_ns = now;
        record.request_id.set(id);
        record.downstream_local = view.recorded_address(downstream.listener);
        record.downstream_remote = downstream.client.as_deref().copied();
        records.hand_on((token, record), outcome, (view, io));
    }
}

impl Records {
    fn hand_on<I: Io>(
        &mut self,
        (token, mut record): (Token, Box<AccessRecord>),
        outcome: &Outcome,
        (view, io): (&View, &mut I),
    ) {
        record.status = outcome.status;
        record.reason = outcome.reason;
        record.duration_ns = outcome.duration_ns;
        record.bytes_received = outcome.request_bytes;
        record.bytes_sent = outcome.response_bytes;
        let sample = view.access_log().map_or(1, |log| log.sample);
        if self.is_chosen(outcome, sample) {
            io.log(token, &mut record);
        }
        self.free.push(record);
    }
}

/// What a record says of a connection, of bytes received and sent.
fn connection_outcome(
    record: &AccessRecord,
    (reason, (request_bytes, response_bytes)): (Option<Reason>, (u64, u64)),
    now: u64,
) -> Outcome {
    Outcome {
        status: 0,
        reason,
        duration_ns: now - record.started_ns,
        request_bytes,
        response_bytes,
    }
}

/// An address as a record keeps it.
#[inline]
pub(crate) fn recorded(address: &Address) -> RecordedAddress {
    match address {
        Address::Ip(address) => RecordedAddress::Ip(*address),
        Address::Unix(path) => RecordedAddress::unix(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_so_many_is_chosen_and_every_failure() {
        let mut records = Records::default();
        let mut chosen = |status, reason| {
            let outcome = Outcome {
                status,
                reason,
                duration_ns: 0,
                request_bytes: 0,
                response_bytes: 0,
            };
            records.is_chosen(&outcome, 3)
        };
        let good = [(); 6].map(|()| chosen(200, None));
        assert_eq!(good, [false, false, true, false, false, true]);
        assert!(chosen(500, None));
        assert!(chosen(404, Some(Reason::NoRoute)));
        assert!(!chosen(404, None));
    }
}
