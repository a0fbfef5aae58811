//! The memory ladder: what a shard gives up, step by step, as the process nears its budget.
//!
//! The account is that of the blocks that the pool has got from the allocator, and of the tables, with what the kernel counts
//! beside them (sockets, JavaScript). A shard compares its own number with one it chose before, once in a
//! turn and with each read; only when it is beyond that, or some time has passed, are the shards added up. A step is taken at its threshold and taken back 5 % of the budget below it.

use std::sync::Arc;

use stats::{Account, Limit, Reason};

use crate::buffer::Buffer;
use crate::downstream::{Downstream, State};
use crate::io::{Io, Token};
use crate::limits::DOWNSTREAM_IDLE_NS_MAX;
use crate::shard::{Cx, Shard};
use crate::upstream::{State as UpstreamState, Upstream};
use crate::view::bounds;

/// How near the process is to its budget, as what is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pressure {
    /// Nothing.
    None,
    /// Free blocks go back to the allocator, reads are small, each endpoint keeps one idle connection.
    Shrink,
    /// Idle connections live shorter, the nearer the budget is.
    Hurry,
    /// Responses end their connections.
    Last,
    /// No connection is accepted; the kernel's queue holds those that come.
    Refuse,
    /// The connections that hold most are given up.
    Shed,
}

/// Steps with their thresholds in thousandths of the budget, and how each is counted.
pub(crate) const STEPS: [(Pressure, u64, Limit); 5] = [
    (Pressure::Shrink, 800, Limit::MemoryShrink),
    (Pressure::Hurry, 850, Limit::MemoryHurry),
    (Pressure::Last, 900, Limit::MemoryLast),
    (Pressure::Refuse, 950, Limit::MemoryRefuse),
    (Pressure::Shed, 970, Limit::MemoryShed),
];
/// A step is taken back so far below its threshold, in thousandths.
const HYSTERESIS: u64 = 50;
/// Shedding goes on until so much is held, in thousandths.
const SHED_TO: u64 = 950;
/// The shards are added up at least so often while there are turns, and under pressure even without.
const RECHECK_NS: u64 = 100_000_000;
/// And when a shard holds so much more, in thousandths of the budget shared by all shards.
const RECHECK_GROWTH: u64 = 10;
/// Timer, socket and slots of one connection beside its own struct.
const CONNECTION_OVERHEAD_BYTES: usize = 160;

/// What a connection downstream costs in tables, and one upstream.
pub(crate) const fn connection_bytes() -> [usize; 2] {
    [
        size_of::<Downstream>() + CONNECTION_OVERHEAD_BYTES,
        size_of::<Upstream>() + CONNECTION_OVERHEAD_BYTES,
    ]
}

/// A shard's view of the account.
pub(crate) struct Memory {
    account: Arc<Account>,
    pressure: Pressure,
    used: u64,
    recheck_bytes: u64,
    recheck_at: u64,
}

impl Memory {
    /// Without a budget there is never pressure.
    pub fn unbounded() -> Self {
        Self {
            account: Arc::new(Account::new(u64::MAX, Vec::new())),
            pressure: Pressure::None,
            used: 0,
            recheck_bytes: u64::MAX,
            recheck_at: u64::MAX,
        }
    }

    pub fn new(account: Arc<Account>) -> Self {
        Self {
            account,
            recheck_bytes: 0,
            ..Self::unbounded()
        }
    }

    pub fn pressure(&self) -> Pressure {
        self.pressure
    }

    /// When the shards have to be added up although nothing happens.
    pub fn recheck_at(&self) -> Option<u64> {
        (self.pressure > Pressure::None).then_some(self.recheck_at)
    }

    /// What is left of the life of an idle connection: all of it below 85 % of the budget, a tenth from 95 % on. A listener
    /// that lets them live longer than is usual does not do so under pressure.
    pub fn idle_ns(&self, whole_ns: u64) -> u64 {
        if self.pressure < Pressure::Hurry {
            return whole_ns;
        }
        let percent = 100 - 9 * (self.used.clamp(850, 950) - 850) / 10;
        whole_ns.min(DOWNSTREAM_IDLE_NS_MAX) / 100 * percent
    }

    /// Adds the shards up, and says how much of this shard's `held` bytes has to go.
    fn update(&mut self, held: u64, shards: u64, now: u64) -> u64 {
        let budget = self.account.budget_bytes().max(1);
        let all = self.account.held_bytes();
        let total = self.account.used_bytes();
        self.used = total.saturating_mul(1000) / budget;
        let step = |margin: u64| {
            let reached = STEPS.iter().rev();
            reached
                .clone()
                .find(|(_, at, _)| at - margin <= self.used)
                .map_or(Pressure::None, |(pressure, ..)| *pressure)
        };
        self.pressure = step(0).max(self.pressure.min(step(HYSTERESIS)));
        self.recheck_bytes = held + budget / 1000 * RECHECK_GROWTH / shards.max(1);
        self.recheck_at = now + RECHECK_NS;
        if self.pressure < Pressure::Shed {
            return 0;
        }
        let excess = total.saturating_sub(budget / 1000 * SHED_TO);
        // Each shard gives what its share of the whole is.
        (u128::from(excess) * u128::from(held) / u128::from(all.max(1))) as u64
    }
}

impl Shard {
    /// Puts the shard under a budget that it shares with others.
    pub fn set_account(&mut self, account: Arc<Account>) {
        self.memory = Memory::new(account);
    }

    /// False while there is no memory for another connection.
    pub fn accepts(&self) -> bool {
        self.memory.pressure() < Pressure::Refuse
    }

    /// How near the process is to its budget.
    pub fn pressure(&self) -> Pressure {
        self.memory.pressure()
    }

    /// A response ends its connection: the shard drains, or memory is short.
    pub(crate) fn ends_connections(&self) -> bool {
        self.lifecycle.is_draining() || self.memory.pressure() >= Pressure::Last
    }

    /// It holds so much more than before that the account has to be looked at: many reads of one turn are megabytes.
    #[inline]
    pub(crate) fn is_outgrown(&self) -> bool {
        self.held_bytes() >= self.memory.recheck_bytes
    }

    /// Looks at the account, once in a turn and when it is outgrown.
    pub(crate) fn weigh<I: Io>(&mut self, cx: &mut Cx<'_, I>) {
        let held = self.held_bytes();
        self.stats.held_bytes.set(held);
        if held < self.memory.recheck_bytes && cx.now < self.memory.recheck_at {
            return;
        }
        let before = self.memory.pressure;
        let shards = self.memory.account.shard_count();
        let excess = self.memory.update(held, shards, cx.now);
        for (pressure, _, limit) in STEPS {
            if pressure > before && pressure <= self.memory.pressure {
                self.stats.record_limit(limit);
            }
        }
        if excess > 0 {
            self.shed(excess, cx);
        }
        if self.memory.pressure >= Pressure::Shrink {
            self.shrink(cx);
        }
        if self.memory.pressure >= Pressure::Hurry {
            self.hurry();
        }
        self.stats.held_bytes.set(self.held_bytes());
    }

    /// Blocks from the allocator, and the tables.
    fn held_bytes(&self) -> u64 {
        let [downstream, upstream] = connection_bytes();
        let tables = self.downstreams.len() * downstream + self.upstreams.len() * upstream;
        self.pool.held_bytes() + tables as u64
    }

    fn shrink<I: Io>(&mut self, cx: &mut Cx<'_, I>) {
        self.pool.trim();
        for token in self.upstreams.tokens() {
            let Some(upstream) = self.upstreams.get(token) else {
                continue;
            };
            let surplus = self.endpoints.idle_count(upstream.endpoint) > 1;
            if upstream.state == UpstreamState::Idle && surplus {
                self.close_upstream(token, false, cx);
            }
        }
    }

    /// Brings the deadlines of idle connections forward.
    fn hurry(&mut self) {
        for token in self.downstreams.tokens() {
            let Some(downstream) = self.downstreams.get(token) else {
                continue;
            };
            if downstream.is_idle() {
                let whole_ns = bounds(self.view.as_deref(), downstream.listener).idle_ns;
                let at = downstream.idle_since + self.memory.idle_ns(whole_ns);
                self.timers.bring_forward(downstream.timer, at);
            }
        }
    }

    /// Gives up connections that hold most, until so many bytes are free.
    fn shed<I: Io>(&mut self, excess: u64, cx: &mut Cx<'_, I>) {
        let tokens = self.downstreams.tokens().into_iter();
        let mut weighed: Vec<(u64, Token)> = tokens
            .map(|token| (self.block_bytes(token), token))
            .filter(|(bytes, _)| *bytes > 0)
            .collect();
        weighed.sort_unstable_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
        let mut freed = 0;
        for (bytes, token) in weighed {
            if freed >= excess {
                return;
            }
            freed += bytes;
            self.stats.record_limit(Limit::MemoryReset);
            let state = self
                .downstreams
                .get(token)
                .map(|downstream| &downstream.state);
            match state {
                Some(State::Exchange(_) | State::Relay(_)) => {
                    self.fail(token, Reason::Overloaded, cx);
                }
                _ => self.close_downstream(token, true, cx),
            }
        }
    }

    /// Blocks that a downstream connection and its upstream one hold.
    fn block_bytes(&self, token: Token) -> u64 {
        let Some(downstream) = self.downstreams.get(token) else {
            return 0;
        };
        let upstream = downstream
            .upstream()
            .and_then(|upstream| self.upstreams.get(upstream));
        downstream.block_bytes() + upstream.map_or(0, Upstream::block_bytes)
    }

    /// Blocks that all connections hold; walks over them.
    pub(crate) fn used_block_bytes(&self) -> u64 {
        let downstreams = self.downstreams.tokens().into_iter();
        let upstreams = self.upstreams.tokens().into_iter();
        let own: u64 = downstreams
            .filter_map(|token| self.downstreams.get(token))
            .map(Downstream::block_bytes)
            .sum();
        let theirs: u64 = upstreams
            .filter_map(|token| self.upstreams.get(token))
            .map(Upstream::block_bytes)
            .sum();
        own + theirs
    }
}

impl Downstream {
    fn block_bytes(&self) -> u64 {
        let all = self.queue.blocks().chain(&self.rest);
        all.map(Buffer::block_bytes).sum()
    }
}

impl Upstream {
    fn block_bytes(&self) -> u64 {
        let all = self.queue.blocks().chain(&self.rest).chain(&self.replay);
        all.map(Buffer::block_bytes).sum()
    }
}
