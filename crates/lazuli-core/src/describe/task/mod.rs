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

use std::any::TypeId;
use std::error::Error as StdError;
use std::hash::Hash;
use std::marker::PhantomData;
use std::panic::Location;

pub use crate::base::retry::Retry;
pub use arg::{Arg, IntoArg, by_ref};
pub use input::{Input, IntoInput, Lending, Reporting, Taking, reporter};
pub(crate) use input::{Order, by_move};

use crate::base::codec::Codec;
use crate::base::lane::Lane;
use crate::base::portable::Portable;
use crate::base::value::Value;
use crate::graph::Delayed;
use crate::graph::{AnyDelayed, Body, Label, Output};
#[cfg(feature = "async")]
use body::AsyncCall;
use body::{Call, CallMany, Fallible, Plain};

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

    /// The same task, which is equal to no other.
    pub(crate) fn impure(mut self) -> Self {
        if let Some(extra) = &mut self.label.extra {
            extra.pure = None;
        }
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

    /// Says that the task's result, of type `R`, can be written and read: into scratch files, or where a plan is
    /// cut to leave the process. Of a task with many results, that each of them can.
    ///
    /// ```
    /// use lazuli_core::{compute, task};
    ///
    /// let words = task("words").portable::<Vec<String>>().call((), |()| vec![String::from("lapis")]);
    /// assert_eq!(compute(words)?, ["lapis"]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// A result of another type is not portable; where debug assertions are on, making the task panics.
    pub fn portable<R: Portable + Send + Sync + 'static>(self) -> Self {
        self.written_by(Some(Codec::of::<R>()))
    }

    /// Says how the task's result is written and read; nothing, where that is not known.
    pub(crate) fn written_by(mut self, codec: Option<Codec>) -> Self {
        if codec.is_some() || self.label.codec().is_some() {
            self.label.extra_mut().codec = codec;
        }
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
        self.node(Call {
            input: inputs.into_input(),
            function,
            output: PhantomData::<fn() -> (Plain, R)>,
        })
    }

    /// As [`call`](Self::call), with a function that may fail: an `Err` fails the task.
    pub fn try_call<I, F, R, E>(self, inputs: I, function: F) -> Delayed<R>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> Result<R, E> + Send + Sync + 'static,
        R: Send + Sync + 'static,
        E: StdError + Send + Sync + 'static,
    {
        let output = PhantomData::<fn() -> (Fallible, Result<R, E>)>;
        self.node(Call { input: inputs.into_input(), function, output })
    }

    /// A task that yields so many values, each of which goes to its own users: the buckets of a shuffle. Of the
    /// bytes that the task says its result has, each is taken to have an equal share.
    ///
    /// ```
    /// use lazuli_core::{Delayed, compute, task};
    ///
    /// let numbers = Delayed::value(vec![1, 2, 3, 4]);
    /// let by_parity = task("split").call_many(2, &numbers, |numbers| {
    ///     let (odd, even) = numbers.iter().partition(|&number| number % 2 == 1);
    ///     vec![even, odd]
    /// });
    /// let [even, odd]: [Delayed<Vec<i32>>; 2] = by_parity.try_into().expect("as many as asked for");
    /// assert_eq!(compute((even, odd))?, (vec![2, 4], vec![1, 3]));
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// A function that returns another number of values fails its task.
    pub fn call_many<I, F, R>(self, outputs: usize, inputs: I, function: F) -> Vec<Delayed<R>>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> Vec<R> + Send + Sync + 'static,
        R: Send + Sync + 'static,
    {
        let function = move |received: <I::Input as Input>::Received<'_>| {
            Ok::<_, std::convert::Infallible>(function(received))
        };
        self.try_call_many(outputs, inputs, function)
    }

    /// As [`call_many`](Self::call_many), with a function that may fail: an `Err` fails the task.
    pub fn try_call_many<I, F, R, E>(
        self,
        outputs: usize,
        inputs: I,
        function: F,
    ) -> Vec<Delayed<R>>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> Result<Vec<R>, E>
            + Send
            + Sync
            + 'static,
        R: Send + Sync + 'static,
        E: StdError + Send + Sync + 'static,
    {
        let values = move |received: <I::Input as Input>::Received<'_>| {
            let values = function(received)?;
            Ok::<_, E>(values.into_iter().map(Value::new).collect())
        };
        let builder = self.yields::<R>();
        let codecs = vec![builder.label.codec().cloned(); outputs];
        builder.call_values(codecs, inputs, values).into_iter().map(Delayed::from_node).collect()
    }

    /// As [`try_call_many`](Self::try_call_many), with values of many types: one for each of these, which
    /// say how it is written and read.
    pub(crate) fn call_values<I, F, E>(
        mut self,
        outputs: Vec<Option<Codec>>,
        inputs: I,
        function: F,
    ) -> Vec<AnyDelayed>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> Result<Vec<Value>, E>
            + Send
            + Sync
            + 'static,
        E: StdError + Send + Sync + 'static,
    {
        if let Some(extra) = &mut self.label.extra {
            extra.codec = None;
        }
        let body = CallMany { input: inputs.into_input(), function, outputs: outputs.len() };
        let task = AnyDelayed::new(self.label, body);
        Output::of(&task, outputs).collect()
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
        let output = PhantomData::<fn() -> (Plain, U)>;
        self.on(Lane::Async).node(AsyncCall { input: inputs.into_input(), function, output })
    }

    /// As [`call_async`](Self::call_async), with a future that may fail: an `Err` fails the task.
    #[cfg(feature = "async")]
    pub fn try_call_async<I, F, U, R, E>(self, inputs: I, function: F) -> Delayed<R>
    where
        I: IntoInput,
        F: for<'a> Fn(<I::Input as Input>::Received<'a>) -> U + Send + Sync + 'static,
        U: Future<Output = Result<R, E>> + Send + 'static,
        R: Send + Sync + 'static,
        E: StdError + Send + Sync + 'static,
    {
        let output = PhantomData::<fn() -> (Fallible, U)>;
        self.on(Lane::Async).node(AsyncCall { input: inputs.into_input(), function, output })
    }

    /// Notes the type of what the task yields, or of each of its results.
    fn yields<T: 'static>(mut self) -> Self {
        if let Some(extra) = &mut self.label.extra {
            extra.yields = Some(TypeId::of::<T>());
            let other = extra.codec.take_if(|codec| codec.type_id() != TypeId::of::<T>());
            debug_assert!(
                other.is_none(),
                "the result of `{}` is no `{}`",
                self.label.name,
                other.map_or_else(String::new, |codec| codec.describe())
            );
        }
        self
    }

    fn node<T: 'static>(self, body: impl Body + 'static) -> Delayed<T> {
        Delayed::from_node(AnyDelayed::new(self.yields::<T>().label, body))
    }
}
