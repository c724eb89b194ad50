//! What programs write with the core's public surface, and that none of it does something else in silence.

mod collections;
mod failing;
mod moved;
mod places;
mod running;
mod values;
