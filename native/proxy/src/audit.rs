//! A look at everything that a shard holds, for tests and simulations: what is in use, and whether the tables agree.
//!
//! It walks over all connections and allocates; nothing on the data path calls it.

use crate::limits::{QUEUE_BUFFERS_MAX, QUEUE_BYTES_MAX};
use crate::queue::Queue;
use crate::shard::Shard;
use crate::upstream::State as UpstreamState;

/// What a shard holds. Without connections all of it is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Connections that peers opened.
    pub downstreams: usize,
    /// Connections to endpoints, idle ones included.
    pub upstreams: usize,
    /// Connections to endpoints that wait for use.
    pub idle_upstreams: usize,
    /// Entries of the timing wheel in use.
    pub timers: usize,
    /// Bytes waiting to be written.
    pub queued_bytes: usize,
    /// Buffers that a connection holds, to be written or to be read on.
    pub buffers: usize,
    /// Requests and relays that the balancers count as running.
    pub in_flight: usize,
}

/// Bytes by which one read may exceed a queue's limit: a large buffer, a head and a last chunk.
const EXCESS_BYTES_MAX: usize = 128 * 1024;
/// Buffers by which one read may exceed it, for the same reason.
const EXCESS_BUFFERS_MAX: usize = 4;

impl Shard {
    /// What is in use, or which rule between the tables is broken.
    pub fn audit(&self) -> Result<Usage, &'static str> {
        let mut usage = Usage {
            downstreams: self.downstreams.len(),
            upstreams: self.upstreams.len(),
            timers: self.timers.used(),
            ..Usage::default()
        };
        self.audit_downstreams(&mut usage)?;
        let busy = self.audit_upstreams(&mut usage)?;
        rule(
            self.pool.used_bytes() == self.used_block_bytes(),
            "the account of blocks is not what connections hold",
        )?;
        let (in_flight, opened, idle) = self.endpoints.totals();
        usage.in_flight = in_flight;
        rule(
            in_flight == busy,
            "requests in flight are not the busy upstream connections",
        )?;
        rule(
            opened == usage.upstreams,
            "endpoints count other connections than there are",
        )?;
        rule(
            idle == usage.idle_upstreams,
            "the idle lists are not the idle connections",
        )?;
        rule(
            usage.timers == usage.downstreams + usage.upstreams,
            "timers are not one for each connection",
        )?;
        let gauges = [
            &self.stats.downstream_connections,
            &self.stats.upstream_connections,
        ];
        rule(
            gauges.map(|gauge| gauge.get() as usize) == [usage.downstreams, usage.upstreams],
            "gauges differ from the tables",
        )?;
        Ok(usage)
    }

    fn audit_downstreams(&self, usage: &mut Usage) -> Result<(), &'static str> {
        for token in self.downstreams.tokens() {
            let Some(downstream) = self.downstreams.get(token) else {
                return Err("a token names nothing");
            };
            audit_queue(&downstream.queue, usage)?;
            usage.buffers += usize::from(downstream.rest.is_some());
            if let Some(upstream) = downstream.upstream() {
                let back = self
                    .upstreams
                    .get(upstream)
                    .and_then(crate::upstream::Upstream::downstream);
                rule(
                    back == Some(token),
                    "an upstream connection does not name its downstream one",
                )?;
            }
            let idle = downstream.is_idle();
            let waits = self.pipelined.contains(&token) || downstream.queue.is_full();
            rule(
                !idle || downstream.rest.is_none() || waits,
                "requests wait that nobody will look at",
            )?;
        }
        Ok(())
    }

    /// Returns the number of connections in use.
    fn audit_upstreams(&self, usage: &mut Usage) -> Result<usize, &'static str> {
        let mut busy = 0;
        for token in self.upstreams.tokens() {
            let Some(upstream) = self.upstreams.get(token) else {
                return Err("a token names nothing");
            };
            audit_queue(&upstream.queue, usage)?;
            usage.buffers += usize::from(upstream.rest.is_some());
            usage.buffers += usize::from(upstream.replay.is_some());
            if upstream.state == UpstreamState::Idle {
                usage.idle_upstreams += 1;
                rule(
                    upstream.is_clean(),
                    "an idle upstream connection is not clean",
                )?;
                continue;
            }
            busy += 1;
            let user = upstream
                .downstream()
                .and_then(|downstream| self.downstreams.get(downstream));
            let used = user.is_some_and(|downstream| downstream.upstream() == Some(token));
            rule(used, "a busy upstream connection belongs to nobody")?;
        }
        Ok(busy)
    }
}

fn audit_queue(queue: &Queue, usage: &mut Usage) -> Result<(), &'static str> {
    usage.queued_bytes += queue.len();
    usage.buffers += queue.buffer_count();
    rule(
        queue.len() <= QUEUE_BYTES_MAX + EXCESS_BYTES_MAX,
        "a queue holds too many bytes",
    )?;
    rule(
        queue.buffer_count() <= QUEUE_BUFFERS_MAX + EXCESS_BUFFERS_MAX,
        "a queue holds too many buffers",
    )
}

fn rule(holds: bool, broken: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(broken) }
}
