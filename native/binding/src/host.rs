//! A shard on a worker thread's libuv loop. The thread waits in the shard, whose epoll set also watches libuv's own
//! descriptor: traffic costs one wait and runs nothing of libuv, while a message, a timer or the end of the worker
//! brings the thread back to libuv's loop at once. No JavaScript runs between start and end.
//!
//! Everything here happens on the worker's thread. The handles and the shard live in one allocation that is freed when
//! libuv has closed both handles; it is closed by the shard's end or, when the worker is torn down first, by the
//! environment's clean-up hook.

use std::ffi::c_void;
use std::os::fd::BorrowedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use driver::{Runtime, Served, ShardLoop, monotonic_ns};
use napi::bindgen_prelude::Object;
use napi::{Env, Error, JsDeferred, Result, sys};

use crate::uv::{self, Handle};

type Resolver = fn(Env) -> Result<()>;

struct Host {
    shard: Option<ShardLoop>,
    runtime: &'static Runtime,
    deferred: Option<JsDeferred<(), Resolver>>,
    owner: *mut uv::Loop,
    /// Its callback, in each round of libuv's loop, serves.
    prepare: *mut Handle,
    /// Active between two calls of that, so that libuv itself never waits.
    idle: *mut Handle,
    handles_open: u8,
    cleanup: sys::napi_async_cleanup_hook_handle,
}

/// Starts the shard on the loop of `env` and returns the promise of its end.
pub fn run<'env>(
    env: &'env Env,
    shard: ShardLoop,
    runtime: &'static Runtime,
) -> Result<Object<'env>> {
    let owner = env.get_uv_event_loop()?.cast::<uv::Loop>();
    // SAFETY: the loop lives as long as its thread, and so does its descriptor; the shard, which ends before, only
    // watches it.
    let backend = unsafe { BorrowedFd::borrow_raw(uv::uv_backend_fd(owner)) };
    shard.watch_host(backend).map_err(|error| {
        Error::from_reason(format!("libuv's loop is not to be watched: {error}"))
    })?;
    let (deferred, promise) = env.create_deferred::<(), Resolver>()?;
    let host = Box::into_raw(Box::new(Host {
        shard: Some(shard),
        runtime,
        deferred: Some(deferred),
        owner,
        prepare: new_handle(uv::TYPE_PREPARE),
        idle: new_handle(uv::TYPE_IDLE),
        handles_open: 2,
        cleanup: ptr::null_mut(),
    }));
    // SAFETY: `owner` is the loop of this thread, the handles have the size that libuv asked for and outlive their
    // closing, and `host` is only touched on this thread until `closed` frees it. These calls cannot fail.
    unsafe {
        uv::uv_handle_set_data((*host).prepare, host.cast());
        uv::uv_handle_set_data((*host).idle, host.cast());
        uv::uv_prepare_init(owner, (*host).prepare);
        uv::uv_idle_init(owner, (*host).idle);
        uv::uv_prepare_start((*host).prepare, on_prepare);
        uv::uv_idle_start((*host).idle, on_idle);
        let mut cleanup = ptr::null_mut();
        sys::napi_add_async_cleanup_hook(
            env.raw(),
            Some(on_cleanup),
            host.cast(),
            &raw mut cleanup,
        );
        (*host).cleanup = cleanup;
    }
    Ok(promise)
}

unsafe extern "C" fn on_idle(handle: *mut Handle) {
    // SAFETY: libuv calls with a handle that `run` set up, which is not closed yet.
    unsafe { uv::uv_idle_stop(handle) };
}

unsafe extern "C" fn on_prepare(handle: *mut Handle) {
    // SAFETY: as in `on_idle`; its data is the host, alive until both handles are closed. Nothing else holds a
    // reference to it while libuv runs this callback.
    unsafe {
        let host: *mut Host = uv::uv_handle_get_data(handle).cast();
        let until = wanted_back((*host).owner);
        uv::uv_idle_start((*host).idle, on_idle);
        let Some(shard) = &mut (*host).shard else {
            return;
        };
        match catch_unwind(AssertUnwindSafe(|| shard.serve(until))) {
            Ok(Served::Host) => {}
            Ok(Served::Faulty) => (*host).runtime.retire(),
            Ok(Served::Stopped) => {
                if let Some(deferred) = (*host).deferred.take() {
                    deferred.resolve(|_| Ok(()));
                }
                close(host);
            }
            Err(_) => {
                if let Some(deferred) = (*host).deferred.take() {
                    deferred.reject(Error::from_reason("the shard panicked"));
                }
                close(host);
            }
        }
    }
}

/// When libuv's loop has to go on by itself, as monotonic time in nanoseconds; `None` when only its descriptor says so.
///
/// # Safety
/// This is the thread of the loop, and no idle handle of ours is active, which would count as work.
unsafe fn wanted_back(owner: *mut uv::Loop) -> Option<u64> {
    // SAFETY: the caller keeps the contract. The loop's time is as old as its last round.
    let timeout_ms = unsafe {
        uv::uv_update_time(owner);
        uv::uv_backend_timeout(owner)
    };
    u64::try_from(timeout_ms)
        .ok()
        .map(|timeout_ms| monotonic_ns() + timeout_ms * 1_000_000)
}

/// Ends the shard and begins to close its handles.
///
/// # Safety
/// `host` is alive and this is its thread.
unsafe fn close(host: *mut Host) {
    // SAFETY: the caller keeps the contract. `closed` runs later, from the loop, once for each handle.
    unsafe {
        if (*host).shard.take().is_some() {
            (*host).runtime.ended();
            uv::uv_close((*host).prepare, closed);
            uv::uv_close((*host).idle, closed);
        }
    }
}

unsafe extern "C" fn closed(handle: *mut Handle) {
    // SAFETY: libuv is done with the handle; after the second one nothing refers to the host any more.
    unsafe {
        let host: *mut Host = uv::uv_handle_get_data(handle).cast();
        (*host).handles_open -= 1;
        if (*host).handles_open > 0 {
            return;
        }
        let host = Box::from_raw(host);
        free_handle(host.prepare, uv::TYPE_PREPARE);
        free_handle(host.idle, uv::TYPE_IDLE);
        if !host.cleanup.is_null() {
            sys::napi_remove_async_cleanup_hook(host.cleanup);
        }
    }
}

unsafe extern "C" fn on_cleanup(_hook: sys::napi_async_cleanup_hook_handle, host: *mut c_void) {
    // SAFETY: the hook is removed when the host is freed, so the host is alive, and hooks run on the worker's thread.
    unsafe { close(host.cast()) };
}

/// Memory of a handle, aligned for any of libuv's types.
fn new_handle(kind: u32) -> *mut Handle {
    // SAFETY: asks for a size only.
    let size = unsafe { uv::uv_handle_size(kind) };
    Box::into_raw(vec![0u128; size.div_ceil(16)].into_boxed_slice()).cast()
}

/// # Safety
/// `handle` came from `new_handle(kind)` and libuv has closed it.
unsafe fn free_handle(handle: *mut Handle, kind: u32) {
    // SAFETY: the slice is rebuilt with the length that `new_handle` gave it.
    unsafe {
        let words = uv::uv_handle_size(kind).div_ceil(16);
        drop(Box::from_raw(ptr::slice_from_raw_parts_mut(
            handle.cast::<u128>(),
            words,
        )));
    }
}
