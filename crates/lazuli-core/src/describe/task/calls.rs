//! The end of a builder: the function of a task that yields one value.

use std::marker::PhantomData;

#[cfg(feature = "async")]
use super::body::AsyncCall;
use super::body::Call;
use super::builder::TaskBuilder;
use super::input::{Input, IntoInput};
use super::returns::{IntoError, Returns};
#[cfg(feature = "async")]
use crate::base::lane::Lane;
use crate::base::site;
use crate::graph::{AnyDelayed, Body, Delayed};

impl TaskBuilder {
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
        self.label.site = site::of_program(self.label.site, |visit| {
            body.inputs(&mut |input| visit(input.node().label.site));
        });
        Delayed::from_node(AnyDelayed::new(self.yields::<T>().label, body))
    }
}
