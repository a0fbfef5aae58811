//! Both ends of opaque TCP, and of connections that were upgraded to it: bytes in both directions at once or in turn, each direction ended by its own FIN.

use crate::agenda::{Event, MS};
use crate::chance::content;
use crate::invariant::i10_local_answer_has_a_reason;
use crate::ledger::{Relayed, Verdict, Violation, require};
use crate::mesh::OPAQUE;
use crate::message::{Head, read_head};
use crate::network::{Arrival, Peer};
use crate::world::{Sabotage, World};

/// An origin's end of a relayed connection.
#[derive(Default)]
pub(crate) struct RelayOrigin {
    /// Known when the first bytes have come.
    relay: Option<usize>,
    early: Vec<u8>,
    answered: bool,
}

impl World {
    /// Opens a connection and sends everything at once.
    pub(crate) fn relay_starts(&mut self, index: usize) {
        let shard = self.chance.between(0, self.hosts.len() as u64 - 1) as usize;
        let listener = self.ledger.relays[index].listener;
        let id = self.network.open(Peer::Relay(index), shard, listener);
        if listener != OPAQUE {
            self.ledger.upgrades_asked += 1;
            self.network
                .peer_sends(id, upgrade_request(index).as_bytes());
        }
        let size = self.chance.size();
        let mut up = (index as u64).to_le_bytes().to_vec();
        up.extend(content(index as u64, size));
        // Bytes behind an upgrade that is refused count as a request: not where the books have to agree exactly.
        let early = self.network.faulty || self.ledger.relays[index].must_succeed;
        let waits = listener != OPAQUE && !(early && self.chance.one_in(2));
        if !waits {
            self.network.peer_sends(id, &up);
            self.network.peer_finishes(id);
        }
        let relay = &mut self.ledger.relays[index];
        relay.waits = waits;
        relay.up.sent = up;
        relay.up.finished = true;
        let must_succeed = relay.must_succeed;
        let delay = self.network.delay(id);
        self.network.agenda.after(delay, Event::Accept(id));
        if self.network.faulty && !must_succeed && self.chance.one_in(8) {
            self.ledger.relays[index].broken = true;
            self.network.peer_closes(id, true);
        }
        if self.chance.one_in(6) && !must_succeed {
            let late = self.chance.between(1, 2_000) * MS;
            self.network.connections[id].peer_reads_at = self.network.agenda.now + late;
            self.network.agenda.after(late, Event::PeerReads(id));
        }
    }

    pub(crate) fn relay_client_reads(&mut self, index: usize, id: usize) -> Verdict {
        if self.sabotage == Some(Sabotage::FlippedByte) && self.network.corrupt(id) {
            self.sabotage = None;
        }
        loop {
            let arrival = self.network.peer_reads(id);
            let relay = &mut self.ledger.relays[index];
            match arrival {
                Arrival::Nothing => return Ok(()),
                Arrival::Bytes(bytes) if relay.is_upgraded() => relay.down.got.extend(bytes),
                Arrival::Bytes(bytes) => {
                    relay.answer.extend(bytes);
                    if !self.relay_hears_answer(index)? {
                        self.network.peer_closes(id, false);
                        return Ok(());
                    }
                    let relay = &mut self.ledger.relays[index];
                    if relay.is_upgraded() && std::mem::take(&mut relay.waits) {
                        self.network.peer_sends(id, &relay.up.sent);
                        self.network.peer_finishes(id);
                    }
                }
                Arrival::End => {
                    relay.broken |= !relay.is_upgraded();
                    relay.down.ended = true;
                    self.network.peer_closes(id, false);
                    return Ok(());
                }
                Arrival::Reset => {
                    relay.broken = true;
                    self.network.peer_closes(id, true);
                    return Ok(());
                }
            }
        }
    }

    /// Looks for the end of the head that answers an upgrade; false when it was refused.
    fn relay_hears_answer(&mut self, index: usize) -> Result<bool, Violation> {
        let relay = &mut self.ledger.relays[index];
        let head = match read_head(&relay.answer) {
            Ok(Some(head)) => head,
            Ok(None) => return Ok(true),
            Err(found) => {
                return require("I11 headers are those of the model", false, || found)
                    .map(|()| false);
            }
        };
        if head.status() == 101 {
            relay.down.got = relay.answer.split_off(head.length);
            let agreed = head.value("upgrade") == Some("websocket")
                && head.value("connection") == Some("upgrade");
            self.ledger.upgrades.push((101, None));
            return require("I11 headers are those of the model", agreed, || {
                format!("{head:?}")
            })
            .map(|()| true);
        }
        relay.broken = true;
        let local = head.value("proxy-status").is_some();
        let reason = local.then(|| i10_local_answer_has_a_reason(&head));
        self.ledger
            .upgrades
            .push((head.status(), reason.transpose()?));
        Ok(false)
    }

    /// A request to change protocols has come to an origin. Nothing may stand behind it yet.
    pub(crate) fn origin_switches(&mut self, id: usize, head: &Head) -> Verdict {
        let Some(origin) = self.origins.get_mut(&id) else {
            return Ok(());
        };
        let behind = origin.take_buffer();
        require("H1-19 bytes are held until 101", behind.is_empty(), || {
            format!("{} bytes behind {head:?}", behind.len())
        })?;
        let index = head.value("x-relay").and_then(|index| index.parse().ok());
        let asked = head.value("upgrade") == Some("websocket")
            && head.value("connection") == Some("upgrade");
        let Some(index) = index.filter(|&index: &usize| asked && index < self.ledger.relays.len())
        else {
            return require("I11 headers are those of the model", false, || {
                format!("{head:?}")
            });
        };
        let must_succeed = self.ledger.relays[index].must_succeed;
        if self.network.faulty && !must_succeed && self.chance.one_in(4) {
            self.network
                .peer_sends(id, b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
            return Ok(());
        }
        self.origins.remove(&id);
        // A second attempt: of the first nobody heard.
        self.relay_origins
            .retain(|_, origin| origin.relay != Some(index));
        let origin = RelayOrigin {
            relay: Some(index),
            ..RelayOrigin::default()
        };
        self.relay_origins.insert(id, origin);
        self.network.peer_sends(id, SWITCHES);
        if self.chance.one_in(2) {
            self.relay_origin_answers(id);
        }
        Ok(())
    }

    pub(crate) fn relay_origin_reads(&mut self, id: usize) -> Verdict {
        loop {
            let arrival = self.network.peer_reads(id);
            let Some(origin) = self.relay_origins.get_mut(&id) else {
                return Ok(());
            };
            match arrival {
                Arrival::Nothing => return Ok(()),
                Arrival::Bytes(bytes) => {
                    match origin.relay {
                        Some(index) => self.ledger.relays[index].up.got.extend(bytes),
                        None => origin.early.extend(bytes),
                    }
                    self.relay_origin_greets(id)?;
                }
                Arrival::End => {
                    if let Some(index) = origin.relay {
                        self.ledger.relays[index].up.ended = true;
                    }
                    self.relay_origin_answers(id);
                    self.relay_origins.remove(&id);
                    return Ok(());
                }
                Arrival::Reset => {
                    if let Some(index) = origin.relay {
                        self.ledger.relays[index].broken = true;
                    }
                    self.relay_origins.remove(&id);
                    self.network.peer_closes(id, true);
                    return Ok(());
                }
            }
        }
    }

    /// Learns from the first eight bytes which connection this is.
    fn relay_origin_greets(&mut self, id: usize) -> Verdict {
        let Some(origin) = self
            .relay_origins
            .get_mut(&id)
            .filter(|origin| origin.relay.is_none())
        else {
            return Ok(());
        };
        let Some(name) = origin.early.first_chunk::<8>() else {
            return Ok(());
        };
        let index = u64::from_le_bytes(*name) as usize;
        let count = self.ledger.relays.len();
        require("I12 relayed bytes are identical", index < count, || {
            format!("relay {index} of {count}")
        })?;
        origin.relay = Some(index);
        self.ledger.relays[index].up.got = std::mem::take(&mut origin.early);
        if self.chance.one_in(2) {
            self.relay_origin_answers(id);
        }
        let relay = &mut self.ledger.relays[index];
        if self.network.faulty && !relay.must_succeed && self.chance.one_in(10) {
            relay.broken = true;
            self.relay_origins.remove(&id);
            self.network.peer_closes(id, true);
        }
        Ok(())
    }

    /// Sends its bytes and FIN, once.
    fn relay_origin_answers(&mut self, id: usize) {
        let Some(origin) = self.relay_origins.get_mut(&id) else {
            return;
        };
        if std::mem::replace(&mut origin.answered, true) {
            return;
        }
        let size = self.chance.size();
        let bytes = content(id as u64 ^ 0x5555, size);
        if let Some(index) = origin.relay {
            let relay: &mut Relayed = &mut self.ledger.relays[index];
            relay.down.sent.clone_from(&bytes);
            relay.down.finished = true;
        }
        self.network.peer_sends(id, &bytes);
        self.network.peer_finishes(id);
    }
}

impl Relayed {
    /// What comes is relayed bytes.
    fn is_upgraded(&self) -> bool {
        self.listener == OPAQUE || self.answer.ends_with(b"\r\n\r\n")
    }
}

fn upgrade_request(index: usize) -> String {
    format!(
        "GET /a/relay HTTP/1.1\r\nHost: sim.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\
        x-relay: {index}\r\n\r\n"
    )
}

const SWITCHES: &[u8] =
    b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
