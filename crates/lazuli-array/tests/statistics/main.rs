//! Statistics beyond sums and moments: by label, of pairs, of order, and counts.

#[path = "../stages/support.rs"]
#[allow(dead_code, reason = "the stages use more of it")]
mod support;

mod counts;
mod grouped;
mod order;
mod pairs;
mod quantiles;
mod spilling;
