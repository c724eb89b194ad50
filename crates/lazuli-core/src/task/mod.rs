//! Making one task: a name, how it receives its inputs, and a function.
//!
//! `#[delayed]` and every combinator of [`Delayed`] come down to this builder.
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
mod input;

use std::error::Error as StdError;
use std::marker::PhantomData;
use std::panic::Location;

pub use arg::{Arg, IntoArg, by_ref};
pub(crate) use input::by_move;
pub use input::{Input, IntoInput, Reporting, reporter};

use crate::delayed::Delayed;
use crate::lanes::Lane;
use crate::node::{AnyDelayed, InputList, Label};
use body::{Call, TryCall};

/// Starts a task of this name, defined where this is called.
#[track_caller]
pub fn task(name: &'static str) -> TaskBuilder {
    TaskBuilder { label: Label { name, part: None, site: Location::caller(), lane: Lane::Cpu } }
}

/// A task in the making; [`call`](Self::call) or [`try_call`](Self::try_call) ends it.
#[must_use]
pub struct TaskBuilder {
    label: Label,
}

impl TaskBuilder {
    /// Says which block, file or partition the task works on; errors and events show it.
    pub fn part(mut self, part: impl Into<Box<str>>) -> Self {
        self.label.part = Some(part.into());
        self
    }

    /// Chooses the lane that the task runs on.
    pub fn lane(mut self, lane: Lane) -> Self {
        self.label.lane = lane;
        self
    }

    /// Says where the task was defined, when that is not where the builder was started.
    pub fn site(mut self, site: &'static Location<'static>) -> Self {
        self.label.site = site;
        self
    }

    /// A task that calls `function` with its inputs, once in a compute.
    ///
    /// `inputs` is one input or a tuple of them: `&Delayed<T>` is received as `&T`, `Delayed<T>` as `T`
    /// (moved at its last use, else cloned), `&[Delayed<T>]` as `Vec<&T>`, `Vec<Delayed<T>>` as
    /// `Vec<T>`.
    pub fn call<I, F, R>(self, inputs: I, function: F) -> Delayed<R>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> R + Send + Sync + 'static,
        R: Send + Sync + 'static,
    {
        let mut list = InputList::new();
        let input = inputs.into_input(&mut Inputs(&mut list));
        let body = Call { input, function, output: PhantomData };
        Delayed::from_node(AnyDelayed::new(list, self.label, body))
    }

    /// As [`call`](Self::call), with a function that may fail: an `Err` fails the task.
    pub fn try_call<I, F, R, E>(self, inputs: I, function: F) -> Delayed<R>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> Result<R, E> + Send + Sync + 'static,
        R: Send + Sync + 'static,
        E: StdError + Send + Sync + 'static,
    {
        let mut list = InputList::new();
        let input = inputs.into_input(&mut Inputs(&mut list));
        let body = TryCall { input, function, output: PhantomData };
        Delayed::from_node(AnyDelayed::new(list, self.label, body))
    }
}

/// The inputs that a task in the making has so far.
pub struct Inputs<'a>(&'a mut InputList);

impl Inputs<'_> {
    /// Adds an input; the number it is known by in the task.
    fn push(&mut self, node: AnyDelayed) -> u32 {
        let index = u32::try_from(self.0.len()).expect("a task has fewer than 2^32 inputs");
        self.0.push(node);
        index
    }
}
