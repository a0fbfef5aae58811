//! e^-x for the estimates of the balancer: the same on every machine (additions and multiplications
//! in a fixed order, no library call) at an error that no balancer can notice.

use std::f64::consts::{LN_2, LOG2_E};

/// Largest relative error of `exp_negative` for x up to `X_MAX`.
#[cfg(test)]
pub const RELATIVE_ERROR_MAX: f64 = 2e-7;

/// e^-x for x >= 0.
#[inline]
#[expect(clippy::cast_sign_loss, reason = "x is positive where it is cast")]
pub fn exp_negative(x: f64) -> f64 {
    if x < X_NEGLIGIBLE {
        return 1.0;
    }
    if x > X_MAX {
        return 0.0;
    }
    // x = halvings * ln 2 - y with |y| <= ln 2 / 2, so e^-x = e^y / 2^halvings.
    let halvings = (x * LOG2_E + 0.5) as u64;
    let y = halvings as f64 * LN_2 - x;
    // Taylor's series to the sixth power, innermost term first.
    let mut series = 1.0;
    for divisor in [6.0_f64, 5.0, 4.0, 3.0, 2.0, 1.0] {
        series = 1.0 + series * y * (1.0 / divisor);
    }
    series * f64::from_bits((1023 - halvings) << 52)
}

/// The usual case of a busy endpoint: less than the error away from 1.
const X_NEGLIGIBLE: f64 = 1e-7;
/// Beyond it the result is taken as 0; 2^-1009 is still a normal number.
const X_MAX: f64 = 700.0;
