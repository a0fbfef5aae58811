//! Round robin: each endpoint in turn, in the order of the caller's list.

/// The next turn below `count`; `None` when there is nobody to turn to.
#[inline]
pub fn next(turn: &mut u32, count: usize) -> Option<usize> {
    let count = u32::try_from(count).ok().filter(|count| *count > 0)?;
    // Kept below `count`, so that wrapping around never repeats or skips an endpoint.
    let picked = *turn % count;
    *turn = picked + 1;
    Some(picked as usize)
}
