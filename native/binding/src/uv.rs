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

pub type Callback = unsafe extern "C" fn(*mut Handle);

/// `UV_IDLE` of `uv_handle_type`.
pub const TYPE_IDLE: c_uint = 6;
/// `UV_PREPARE` of `uv_handle_type`.
pub const TYPE_PREPARE: c_uint = 9;

unsafe extern "C" {
    pub fn uv_handle_size(kind: c_uint) -> usize;
    pub fn uv_handle_get_data(handle: *const Handle) -> *mut c_void;
    pub fn uv_handle_set_data(handle: *mut Handle, data: *mut c_void);
    pub fn uv_close(handle: *mut Handle, callback: Callback);
    pub fn uv_idle_init(owner: *mut Loop, handle: *mut Handle) -> c_int;
    pub fn uv_idle_start(handle: *mut Handle, callback: Callback) -> c_int;
    pub fn uv_idle_stop(handle: *mut Handle) -> c_int;
    pub fn uv_prepare_init(owner: *mut Loop, handle: *mut Handle) -> c_int;
    pub fn uv_prepare_start(handle: *mut Handle, callback: Callback) -> c_int;
    pub fn uv_update_time(owner: *mut Loop);
    pub fn uv_backend_fd(owner: *const Loop) -> c_int;
    pub fn uv_backend_timeout(owner: *const Loop) -> c_int;
}
