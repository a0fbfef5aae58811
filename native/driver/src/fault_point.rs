//! A place where a test makes the thread panic: every effect that a shard asks for passes here, in the middle of its work.

use std::cell::Cell;

thread_local! {
    static LEFT: Cell<u32> = const { Cell::new(0) };
}

/// The `count`th effect of this thread from now on panics.
pub fn arm(count: u32) {
    LEFT.set(count);
}

/// One effect.
pub fn pass() {
    match LEFT.get() {
        0 => {}
        1 => {
            LEFT.set(0);
            std::panic::resume_unwind(Box::new("a fault that a test asked for"));
        }
        left => LEFT.set(left - 1),
    }
}
