//! Which cells exist. It lives as long as the process, so counters survive every change of
//! configuration: a key that comes back gets its cell back. It is changed and read off the data
//! threads; shards hold only the cells.

use std::{collections::HashMap, sync::Arc};

use serde::Serialize;

use crate::{
    Cell, Limit, LimitCount, MemoryReport, Reason, ShardStats, Stats, Versions, report::CellReport,
    report::FailureCount, report::ShardReport,
};

/// Most cells per shard. When there are as many, further keys are counted together under the name
/// `other`: names that come and go with the configuration must not fill the memory.
pub const CELLS_MAX: usize = 65_536;

/// What a cell counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CellKey {
    /// Name of the listener.
    pub listener: String,
    /// Workload that calls; `unknown` for callers outside the mesh.
    pub source: String,
    /// Name of the destination service.
    pub service: String,
    /// Its namespace.
    pub namespace: String,
    /// What is spoken.
    pub protocol: Protocol,
}

/// What is spoken with a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// HTTP.
    Http,
    /// Opaque bytes.
    Tcp,
}

/// Every cell and every shard's numbers.
#[derive(Debug)]
pub struct Registry {
    shards: Vec<Arc<ShardStats>>,
    ids: HashMap<CellKey, usize>,
    /// In order of first use; the inner vectors are in the order of the shards.
    entries: Vec<(CellKey, Vec<Arc<Cell>>)>,
    cells_max: usize,
}

impl Registry {
    /// A registry for this many shards.
    pub fn new(shard_count: usize) -> Self {
        Self::with_limit(shard_count, CELLS_MAX)
    }

    /// The id of a key's cell, the same for the life of the process; a new cell when the key is
    /// new. It indexes what `cells` returns from then on.
    pub fn cell_id(&mut self, key: &CellKey) -> usize {
        if let Some(id) = self.ids.get(key) {
            return *id;
        }
        // Two places are kept for `other`, one for each protocol.
        let full = self.entries.len() + 2 >= self.cells_max;
        let key = if full {
            other(key.protocol)
        } else {
            key.clone()
        };
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let id = self.entries.len();
        let cells = self.shards.iter().map(|_| Arc::new(Cell::new())).collect();
        self.ids.insert(key.clone(), id);
        self.entries.push((key, cells));
        id
    }

    /// The cells of one shard by id. `shard` is below the count given to `new`.
    pub fn cells(&self, shard: usize) -> Vec<Arc<Cell>> {
        self.entries
            .iter()
            .map(|(_, cells)| Arc::clone(&cells[shard]))
            .collect()
    }

    /// One cell. `shard` is below the count given to `new`, `id` came from `cell_id`.
    pub fn cell(&self, shard: usize, id: usize) -> Arc<Cell> {
        Arc::clone(&self.entries[id].1[shard])
    }

    /// The numbers of one shard. `shard` is below the count given to `new`.
    pub fn shard(&self, shard: usize) -> Arc<ShardStats> {
        Arc::clone(&self.shards[shard])
    }

    /// Everything, added up over the shards.
    pub fn stats(&self, versions: Versions) -> Stats {
        let shards = self.shards.iter().enumerate();
        Stats {
            shards: shards
                .map(|(index, stats)| ShardReport::new(index, stats))
                .collect(),
            cells: self
                .entries
                .iter()
                .map(|(key, cells)| CellReport::new(key, cells))
                .collect(),
            failures: self.failures(),
            log_dropped: 0,
            health: Vec::new(),
            limits: self.limits(),
            memory: MemoryReport::default(),
            versions,
        }
    }

    /// Failures that no cell could take, added up over the shards; reasons that did not occur are
    /// left out.
    fn failures(&self) -> Vec<FailureCount> {
        let total = |reason: Reason| self.shards.iter().map(|shard| shard.failures(reason)).sum();
        let totals = Reason::ALL.iter().map(|reason| FailureCount {
            error: *reason,
            count: total(*reason),
        });
        totals.filter(|failure| failure.count > 0).collect()
    }

    /// Limits that were reached, added up over the shards.
    fn limits(&self) -> Vec<LimitCount> {
        let totals = Limit::ALL.iter().map(|limit| LimitCount {
            limit: limit.name(),
            count: self.shards.iter().map(|shard| shard.reached(*limit)).sum(),
        });
        totals.filter(|reached| reached.count > 0).collect()
    }

    fn with_limit(shard_count: usize, cells_max: usize) -> Self {
        let shards = (0..shard_count)
            .map(|_| Arc::new(ShardStats::new()))
            .collect();
        Self {
            shards,
            ids: HashMap::new(),
            entries: Vec::new(),
            cells_max,
        }
    }
}

fn other(protocol: Protocol) -> CellKey {
    let name = || String::from("other");
    CellKey {
        listener: name(),
        source: name(),
        service: name(),
        namespace: name(),
        protocol,
    }
}

#[cfg(test)]
mod tests;
