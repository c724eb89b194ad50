//! Making one task: a name, how it receives its inputs, and a function.
//!
//! `#[delayed]` and every combinator of [`Delayed`](crate::Delayed) come down to this builder.
//!
//! ```
//! use lazuli_core::{Delayed, compute, task};
//!
//! let words = Delayed::value(vec!["lapis", "lazuli"]);
//! let suffix = Delayed::value(String::from("!"));
//! // `&words` is received by reference, `suffix` by value.
//! let text = task("shout").call((&words, suffix), |(words, suffix)| words.join(" ") + &suffix);
//! assert_eq!(compute(text)?, "lapis lazuli!");
//! # Ok::<(), lazuli_core::Error>(())
//! ```

mod arg;
mod body;
mod builder;
mod calls;
mod function;
mod input;
mod many;
pub(crate) mod name;
#[doc(hidden)]
#[allow(missing_docs, reason = "for what `#[delayed]` writes")]
pub mod part;
#[doc(hidden)]
#[allow(missing_docs, reason = "for what `#[delayed]` writes")]
pub mod returns;

use std::any::TypeId;

pub use crate::base::retry::Retry;
pub use arg::{Arg, IntoArg, by_ref};
pub use builder::TaskBuilder;
pub use function::{Function, TryFunction, delayed, try_delayed};
pub(crate) use input::{Input, Order, by_move};
pub use input::{IntoInput, reporter};
pub use returns::IntoError;

use crate::graph::Label;

/// Starts a task of this name, defined where this is called.
#[track_caller]
pub fn task(name: &'static str) -> TaskBuilder {
    TaskBuilder { label: Label::here(name) }
}

/// What a function item is, among all functions and their instances: for the keys of
/// [pure](TaskBuilder::pure) tasks.
pub fn identity<F: 'static>(_: &F) -> TypeId {
    TypeId::of::<F>()
}
