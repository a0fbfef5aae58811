//! Which endpoint of a service gets the next request.
//!
//! The caller owns the endpoints and keeps one `EndpointLoad` for each; a `Picker` keeps what a
//! balancer itself has to remember. One shard owns both, so nothing is shared and nothing is
//! locked.

mod candidates;
mod decay;
mod least_request;
mod peak_ewma;

pub use candidates::Candidates;
pub use peak_ewma::{DECAY_NS, DEFAULT_RTT_NS};

pub use snapshot::Balancer;

/// What is known about one endpoint from the requests that this shard sent to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EndpointLoad {
    /// Requests (TCP: connections) sent and not ended yet.
    pub in_flight: u32,
    /// Estimate of the time to the response head, as of `last_ns`.
    pub ewma_ns: f64,
    /// When the estimate was last written.
    pub last_ns: u64,
}

impl EndpointLoad {
    /// An endpoint that nothing is known about yet.
    pub fn new(now_ns: u64) -> Self {
        Self {
            in_flight: 0,
            ewma_ns: DEFAULT_RTT_NS,
            last_ns: now_ns,
        }
    }

    /// A request was given to the endpoint.
    #[inline]
    pub fn on_start(&mut self) {
        self.in_flight += 1;
    }

    /// The head of a response arrived `sample_ns` after its request was sent (TCP: the connection
    /// was established).
    #[inline]
    pub fn on_response_head(&mut self, sample_ns: u64, now_ns: u64) {
        peak_ewma::observe(self, sample_ns, now_ns);
    }

    /// A request ended, well or not. Follows exactly one `on_start`.
    #[inline]
    pub fn on_end(&mut self) {
        debug_assert!(self.in_flight > 0, "a request ended that never began");
        self.in_flight = self.in_flight.saturating_sub(1);
    }
}

/// Time and chance of one pick.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The clock of the turn.
    pub now_ns: u64,
    /// A number uniform over all of `u64`, not used for anything else.
    pub random: u64,
}

/// The balancer of one service in one shard.
#[derive(Debug, Clone)]
pub struct Picker {
    kind: Balancer,
    turn: u32,
}

impl Picker {
    /// A balancer at its start; `seed` sets where a round begins, so that shards do not march in
    /// step.
    pub fn new(kind: Balancer, seed: u64) -> Self {
        Self {
            kind,
            turn: seed as u32,
        }
    }

    /// How it picks.
    pub fn kind(&self) -> Balancer {
        self.kind
    }

    /// Slot of the endpoint to use; `None` when there is none. `load` gives the state of a slot.
    #[inline]
    pub fn pick<'a>(
        &mut self,
        candidates: &Candidates,
        load: impl Fn(u32) -> &'a EndpointLoad,
        moment: Moment,
    ) -> Option<u32> {
        let slots = candidates.slots();
        match self.kind {
            Balancer::PeakEwma => cheaper_of_two(candidates, moment.random, |slot| {
                peak_ewma::cost(load(slot), moment.now_ns)
            }),
            Balancer::LeastRequest => cheaper_of_two(candidates, moment.random, |slot| {
                least_request::cost(load(slot))
            }),
            Balancer::RoundRobin => candidates.in_turn(&mut self.turn).map(|at| slots[at]),
        }
    }
}

/// Power of two choices (Mitzenmacher, 2001): of two endpoints drawn at random, the one with the lower cost; the first
/// drawn when they cost the same.
#[inline]
fn cheaper_of_two<C: PartialOrd>(
    candidates: &Candidates,
    random: u64,
    cost: impl Fn(u32) -> C,
) -> Option<u32> {
    let slots = candidates.slots();
    let (first, second) = candidates.draw(random)?;
    let second_is_cheaper = first != second && cost(slots[second]) < cost(slots[first]);
    Some(slots[if second_is_cheaper { second } else { first }])
}

#[cfg(test)]
mod tests;
