//! The Node-API surface of the data plane. No logic: it decodes arguments and hosts a shard on a worker's loop.

#![allow(clippy::needless_pass_by_value)] // Node-API hands arguments over by value

mod host;
mod uv;

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use driver::{Runtime, RuntimeOptions};
use napi::bindgen_prelude::{Object, Uint8Array};
use napi::{Env, Error, Result, Status};
use napi_derive::napi;

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// How the process is set up.
#[napi(object)]
pub struct OpenOptions {
    /// Number of shards; each needs a worker thread that calls `runShard`.
    pub shards: u32,
    /// Bind although another process serves the same addresses, for a restart without a gap.
    pub share: bool,
    /// Memory in bytes that the process may hold; connections are refused and given up before it is reached.
    pub memory_bytes: i64,
}

/// Makes the data plane of this process. Once, before anything else.
#[napi]
pub fn open(options: OpenOptions) -> Result<()> {
    let options = RuntimeOptions {
        shards: options.shards as usize,
        share: options.share,
        memory_bytes: u64::try_from(options.memory_bytes).unwrap_or(u64::MAX),
    };
    let runtime = Runtime::new(options).map_err(|error| Error::from_reason(error.to_string()))?;
    RUNTIME
        .set(runtime)
        .map_err(|_| Error::from_reason("the data plane is open already"))
}

/// Checks a snapshot (JSON bytes), binds its new listeners and swaps it into every shard. Throws with a `code` when it
/// is refused; then the one before stays in force.
#[napi]
pub fn publish(snapshot: Uint8Array) -> Result<(), &'static str> {
    let runtime = RUNTIME.get().ok_or_else(not_open)?;
    runtime
        .publish(&snapshot)
        .map_err(|error| Error::new(error.code(), error.to_string()))
}

/// The same for the endpoints part alone (JSON bytes).
#[napi]
pub fn publish_endpoints(endpoints: Uint8Array) -> Result<(), &'static str> {
    let runtime = RUNTIME.get().ok_or_else(not_open)?;
    runtime
        .publish_endpoints(&endpoints)
        .map_err(|error| Error::new(error.code(), error.to_string()))
}

/// Runs a shard on the event loop of the calling worker thread; the promise settles when it is over.
#[napi(ts_return_type = "Promise<void>")]
pub fn run_shard(env: &Env, index: u32) -> Result<Object<'_>> {
    let runtime = RUNTIME
        .get()
        .ok_or_else(|| Error::new(Status::GenericFailure, "the data plane is not open"))?;
    let shard = runtime
        .shard(index as usize)
        .ok_or_else(|| Error::new(Status::InvalidArg, format!("there is no shard {index}")))?
        .map_err(|error| Error::from_reason(error.to_string()))?;
    host::run(env, shard, runtime)
}

/// Asks every shard to finish what runs, at the latest in so many milliseconds. Returns at once.
#[napi]
pub fn drain(deadline_ms: u32) {
    if let Some(runtime) = RUNTIME.get() {
        runtime.drain(Duration::from_millis(deadline_ms.into()));
    }
}

/// Turns this process into another program, which keeps its id: for `heddle-hold`, which starts it again below itself.
/// Returns only with an error.
#[napi]
pub fn become_program(program: String, arguments: Vec<String>) -> Result<()> {
    let error = Command::new(&program).args(arguments).exec();
    Err(Error::from_reason(format!("{program}: {error}")))
}

/// True when faults of the data plane itself became too many: it drains by itself and is to be replaced.
#[napi]
pub fn is_faulty() -> bool {
    RUNTIME.get().is_some_and(Runtime::is_faulty)
}

/// Ends every shard at its next turn. A native watchdog ends the process with code 70 when one has not ended in so
/// many milliseconds. Returns at once.
#[napi]
pub fn stop(grace_ms: u32) {
    if let Some(runtime) = RUNTIME.get() {
        runtime.stop(Duration::from_millis(grace_ms.into()));
    }
}

/// Opens the file of the access log anew, after something moved it away. Returns at once.
#[napi]
pub fn reopen_log() {
    if let Some(runtime) = RUNTIME.get() {
        runtime.reopen_log();
    }
}

/// Statistics of all shards, merged, as JSON bytes.
#[napi]
pub fn stats() -> Result<Uint8Array, &'static str> {
    let runtime = RUNTIME.get().ok_or_else(not_open)?;
    let bytes = serde_json::to_vec(&runtime.stats())
        .map_err(|error| Error::new("HED5199", error.to_string()))?;
    Ok(Uint8Array::new(bytes))
}

fn not_open() -> Error<&'static str> {
    Error::new("HED5100", "the data plane is not open")
}
