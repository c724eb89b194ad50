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
mod function;
mod input;
pub(crate) mod name;
#[doc(hidden)]
#[allow(missing_docs, reason = "for what `#[delayed]` writes")]
pub mod part;
#[doc(hidden)]
#[allow(missing_docs, reason = "for what `#[delayed]` writes")]
pub mod returns;

use std::any::TypeId;
use std::hash::Hash;
use std::marker::PhantomData;
use std::panic::Location;

pub use crate::base::retry::Retry;
pub use arg::{Arg, IntoArg, by_ref};
pub use function::{Function, TryFunction, delayed, try_delayed};
pub(crate) use input::{Input, Order, by_move};
pub use input::{IntoInput, reporter};
pub use returns::IntoError;
use returns::Returns;

use crate::base::lane::Lane;
use crate::base::site;
use crate::graph::Delayed;
use crate::graph::{AnyDelayed, Body, Label};
#[cfg(feature = "async")]
use body::AsyncCall;
use body::Call;

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

/// A task in the making; [`call`](Self::call) or [`try_call`](Self::try_call) ends it.
#[must_use]
pub struct TaskBuilder {
    label: Label,
}

impl TaskBuilder {
    /// Says which block, file or partition the task works on; errors and events show it.
    pub fn part(mut self, part: impl Into<Box<str>>) -> Self {
        self.label.extra_mut().part = Some(part.into());
        self
    }

    /// As [`part`](Self::part), if there is one.
    #[doc(hidden)]
    pub fn part_if(self, part: Option<String>) -> Self {
        match part {
            Some(part) => self.part(part),
            None => self,
        }
    }

    /// Says that the task's function depends on nothing but its inputs and this key. Pure tasks of one
    /// compute with the same name, equal keys (of one type) and the same inputs are one task.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use lazuli_core::{compute, task};
    ///
    /// static CALLS: AtomicU32 = AtomicU32::new(0);
    /// let square = |x: i64| {
    ///     task("square").pure(x).call((), move |()| {
    ///         CALLS.fetch_add(1, Ordering::Relaxed);
    ///         x * x
    ///     })
    /// };
    /// assert_eq!(compute((square(4), square(5), square(4)))?, (16, 25, 16));
    /// assert_eq!(CALLS.load(Ordering::Relaxed), 2);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    pub fn pure<K: Hash + Eq + Send + Sync + 'static>(mut self, key: K) -> Self {
        self.label.extra_mut().pure = Some(Box::new(key));
        self
    }

    /// Has the task run again when it fails or panics.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.label.extra_mut().retry = Some(retry);
        self
    }

    /// Says how many bytes the task's result has. With a
    /// [memory limit](crate::Executor::with_memory_limit), what runs at once is chosen by bytes.
    pub fn output_bytes(mut self, bytes: u64) -> Self {
        self.label.extra_mut().output_bytes = bytes;
        self
    }

    /// Says how many bytes the task needs beside its inputs and its result while it runs.
    pub fn working_bytes(mut self, bytes: u64) -> Self {
        self.label.extra_mut().working_bytes = bytes;
        self
    }

    /// Chooses the lane that the task runs on. (The async lane is for futures, which
    /// `call_async` makes; a function that is put there runs on the blocking lane.)
    pub fn lane(self, lane: Lane) -> Self {
        #[cfg(feature = "async")]
        let lane = if lane == Lane::Async { Lane::Blocking } else { lane };
        self.on(lane)
    }

    fn on(mut self, lane: Lane) -> Self {
        if lane != self.label.lane() {
            self.label.extra_mut().lane = lane;
        }
        self
    }

    /// Says where the task's function stands, for a builder that was started by the standard library.
    #[doc(hidden)]
    pub fn defined_at(mut self, site: fn() -> &'static Location<'static>) -> Self {
        if site::is_of_std(self.label.site) {
            self.label.site = site();
        }
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
        self.call_as::<false, I, F, R>(inputs, function)
    }

    /// As [`call`](Self::call), with a function that may fail: an `Err` fails the task.
    pub fn try_call<I, F, R, E>(self, inputs: I, function: F) -> Delayed<R>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> Result<R, E> + Send + Sync + 'static,
        R: Send + Sync + 'static,
        E: IntoError,
    {
        self.call_as::<true, I, F, Result<R, E>>(inputs, function)
    }

    /// As [`call`](Self::call) or [`try_call`](Self::try_call), by what the function returns.
    #[doc(hidden)]
    pub fn call_as<const FALLIBLE: bool, I, F, R>(self, inputs: I, function: F) -> Delayed<R::Value>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> R + Send + Sync + 'static,
        R: Returns<FALLIBLE, Value: 'static>,
    {
        let output = PhantomData::<fn() -> R>;
        self.node(Call::<FALLIBLE, _, _, _> { input: inputs.into_input(), function, output })
    }

    /// A task on the [async lane](Lane::Async) that awaits the future which `function` makes of its
    /// inputs. The future outlives the inputs that are lent, so take them by value.
    ///
    /// ```
    /// use std::time::Duration;
    /// use lazuli_core::{compute, sequence, task};
    ///
    /// let naps = (0..100).map(|nap| {
    ///     task("nap").call_async((), move |()| async move {
    ///         tokio::time::sleep(Duration::from_millis(1)).await;
    ///         nap
    ///     })
    /// });
    /// assert_eq!(compute(sequence(naps))?.len(), 100);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[cfg(feature = "async")]
    pub fn call_async<I, F, U>(self, inputs: I, function: F) -> Delayed<U::Output>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> U + Send + Sync + 'static,
        U: Future<Output: Send + Sync + 'static> + Send + 'static,
    {
        self.call_async_as::<false, I, F, U, U::Output>(inputs, function)
    }

    /// As [`call_async`](Self::call_async), with a future that may fail: an `Err` fails the task.
    #[cfg(feature = "async")]
    pub fn try_call_async<I, F, U, R, E>(self, inputs: I, function: F) -> Delayed<R>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> U + Send + Sync + 'static,
        U: Future<Output = Result<R, E>> + Send + 'static,
        R: Send + Sync + 'static,
        E: IntoError,
    {
        self.call_async_as::<true, I, F, U, Result<R, E>>(inputs, function)
    }

    /// As [`call_async`](Self::call_async) or [`try_call_async`](Self::try_call_async), by what the future
    /// yields.
    #[cfg(feature = "async")]
    #[doc(hidden)]
    pub fn call_async_as<const FALLIBLE: bool, I, F, U, R>(
        self,
        inputs: I,
        function: F,
    ) -> Delayed<R::Value>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> U + Send + Sync + 'static,
        U: Future<Output = R> + Send + 'static,
        R: Returns<FALLIBLE, Value: 'static>,
    {
        let (input, output) = (inputs.into_input(), PhantomData::<fn() -> U>);
        self.on(Lane::Async).node(AsyncCall::<FALLIBLE, _, _, _> { input, function, output })
    }

    fn node<T: 'static>(mut self, body: impl Body + 'static) -> Delayed<T> {
        if let Some(extra) = &mut self.label.extra {
            extra.yields = Some(TypeId::of::<T>());
        }
        if site::is_of_std(self.label.site) {
            // What std has called (`iter.sum()`) is defined where the first of its inputs is.
            let mut sites = Vec::new();
            body.inputs(&mut |input| sites.push(input.node().label.site));
            let of_program = sites.into_iter().find(|site| !site::is_of_std(site));
            self.label.site = of_program.unwrap_or(self.label.site);
        }
        Delayed::from_node(AnyDelayed::new(self.label, body))
    }
}
