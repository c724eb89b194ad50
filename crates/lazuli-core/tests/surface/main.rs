//! What programs write with the core's public surface, and that none of it does something else in silence.

#![expect(
    clippy::needless_borrows_for_generic_args,
    reason = "borrowed forms are tested beside owned ones"
)]

mod collections;
mod failing;
mod moved;
mod places;
mod running;
mod values;
