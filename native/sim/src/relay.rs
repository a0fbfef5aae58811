//! Both ends of opaque TCP: bytes in both directions at once or in turn, each direction ended by its own FIN.

use crate::agenda::{Event, MS};
use crate::chance::content;
use crate::ledger::{Relayed, Verdict, require};
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
        let id = self
            .network
            .open(Peer::Relay(index), shard, crate::mesh::OPAQUE);
        let size = self.chance.size();
        let mut up = (index as u64).to_le_bytes().to_vec();
        up.extend(content(index as u64, size));
        self.network.peer_sends(id, &up);
        self.network.peer_finishes(id);
        let relay = &mut self.ledger.relays[index];
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
        let relay = &mut self.ledger.relays[index];
        loop {
            match self.network.peer_reads(id) {
                Arrival::Nothing => return Ok(()),
                Arrival::Bytes(bytes) => relay.down.got.extend(bytes),
                Arrival::End => {
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
