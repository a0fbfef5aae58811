//! The few functions of libuv that host a shard. The running node binary exports them, so they are resolved when the
//! addon is loaded. Handles are opaque here; their size is asked for.

use std::ffi::{c_int, c_uint, c_void};

/// `uv_loop_t`.
#[repr(C)]
pub struct Loop {
    opaque: [u8; 0],
}

/// Any `uv_*_t` handle.
#[repr(C)]
pub struct Handle {
    opaque: [u8; 0],
}

pub type PollCallback = unsafe extern "C" fn(*mut Handle, c_int, c_int);
pub type TimerCallback = unsafe extern "C" fn(*mut Handle);
pub type CloseCallback = unsafe extern "C" fn(*mut Handle);

/// `UV_READABLE`.
pub const READABLE: c_int = 1;
/// `UV_POLL` of `uv_handle_type`.
pub const TYPE_POLL: c_uint = 8;
/// `UV_TIMER` of `uv_handle_type`.
pub const TYPE_TIMER: c_uint = 13;

unsafe extern "C" {
    pub fn uv_handle_size(kind: c_uint) -> usize;
    pub fn uv_handle_get_data(handle: *const Handle) -> *mut c_void;
    pub fn uv_handle_set_data(handle: *mut Handle, data: *mut c_void);
    pub fn uv_close(handle: *mut Handle, callback: CloseCallback);
    pub fn uv_poll_init(owner: *mut Loop, handle: *mut Handle, fd: c_int) -> c_int;
    pub fn uv_poll_start(handle: *mut Handle, events: c_int, callback: PollCallback) -> c_int;
    pub fn uv_timer_init(owner: *mut Loop, handle: *mut Handle) -> c_int;
    pub fn uv_timer_start(
        handle: *mut Handle,
        callback: TimerCallback,
        timeout_ms: u64,
        repeat_ms: u64,
    ) -> c_int;
    pub fn uv_timer_stop(handle: *mut Handle) -> c_int;
}
