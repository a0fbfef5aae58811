//! A shard on a worker thread's libuv loop: its epoll descriptor is watched by `uv_poll`, its next deadline by one
//! `uv_timer`. No JavaScript runs between start and end.
//!
//! Everything here happens on the worker's thread. The handles and the shard live in one allocation that is freed when
//! libuv has closed both handles; it is closed by the shard's end or, when the worker is torn down first, by the
//! environment's clean-up hook.

use std::ffi::{c_int, c_void};
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use driver::{Runtime, ShardLoop, Turn, monotonic_ns};
use napi::bindgen_prelude::Object;
use napi::{Env, Error, JsDeferred, Result, sys};

use crate::uv::{self, Handle};

type Resolver = fn(Env) -> Result<()>;

struct Host {
    shard: Option<ShardLoop>,
    runtime: &'static Runtime,
    deferred: Option<JsDeferred<(), Resolver>>,
    poll: *mut Handle,
    timer: *mut Handle,
    /// Deadline that the timer is set to; `u64::MAX` when it is not.
    armed: u64,
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
    let (deferred, promise) = env.create_deferred::<(), Resolver>()?;
    let fd = shard.fd().as_raw_fd();
    let host = Box::into_raw(Box::new(Host {
        shard: Some(shard),
        runtime,
        deferred: Some(deferred),
        poll: new_handle(uv::TYPE_POLL),
        timer: new_handle(uv::TYPE_TIMER),
        armed: u64::MAX,
        handles_open: 2,
        cleanup: ptr::null_mut(),
    }));
    // SAFETY: `owner` is the loop of this thread, the handles have the size that libuv asked for and outlive their
    // closing, and `host` is only touched on this thread until `closed` frees it.
    unsafe {
        uv::uv_handle_set_data((*host).poll, host.cast());
        uv::uv_handle_set_data((*host).timer, host.cast());
        let started = uv::uv_poll_init(owner, (*host).poll, fd) == 0
            && uv::uv_timer_init(owner, (*host).timer) == 0
            && uv::uv_poll_start((*host).poll, uv::READABLE, on_poll) == 0;
        if !started {
            return Err(Error::from_reason(
                "libuv does not watch the shard's descriptor",
            ));
        }
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

unsafe extern "C" fn on_poll(handle: *mut Handle, _status: c_int, _events: c_int) {
    // SAFETY: libuv calls with a handle that `run` set up; its data is the host, alive until both handles are closed.
    unsafe { turn(uv::uv_handle_get_data(handle).cast()) };
}

unsafe extern "C" fn on_timer(handle: *mut Handle) {
    // SAFETY: as in `on_poll`.
    unsafe {
        let host: *mut Host = uv::uv_handle_get_data(handle).cast();
        (*host).armed = u64::MAX;
        turn(host);
    }
}

/// # Safety
/// `host` is alive and this is its thread.
unsafe fn turn(host: *mut Host) {
    // SAFETY: the caller keeps the contract; nothing else holds a reference while libuv runs this callback.
    let host_ref = unsafe { &mut *host };
    let Some(shard) = &mut host_ref.shard else {
        return;
    };
    match catch_unwind(AssertUnwindSafe(|| shard.turn())) {
        Ok(Turn::Wait(at)) => arm(host_ref, at),
        Ok(Turn::Stopped) => {
            if let Some(deferred) = host_ref.deferred.take() {
                deferred.resolve(|_| Ok(()));
            }
            // SAFETY: as for this function.
            unsafe { close(host) };
        }
        Err(_) => {
            if let Some(deferred) = host_ref.deferred.take() {
                deferred.reject(Error::from_reason("the shard panicked"));
            }
            // SAFETY: as for this function.
            unsafe { close(host) };
        }
    }
}

/// Sets the timer when the deadline moved.
fn arm(host: &mut Host, at: Option<u64>) {
    let at = at.unwrap_or(u64::MAX);
    if at == host.armed {
        return;
    }
    host.armed = at;
    // SAFETY: the timer was initialized by `run` and is not closed while the shard runs.
    unsafe {
        if at == u64::MAX {
            uv::uv_timer_stop(host.timer);
        } else {
            let wait_ms = at.saturating_sub(monotonic_ns()).div_ceil(1_000_000);
            uv::uv_timer_start(host.timer, on_timer, wait_ms, 0);
        }
    }
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
            uv::uv_close((*host).poll, closed);
            uv::uv_close((*host).timer, closed);
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
        free_handle(host.poll, uv::TYPE_POLL);
        free_handle(host.timer, uv::TYPE_TIMER);
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
