//! Views: arrays whose elements are those of another at other indices. They cost nothing: they are
//! pushed to the sources when a program is compiled, and share the pass over them.

mod axes;
mod pad;
mod slice;

pub use pad::PadMode;
pub use slice::Span;
