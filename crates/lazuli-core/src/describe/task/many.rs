//! The end of a builder: the function of a task that yields many values, each to its own users.

use super::body::CallMany;
use super::builder::TaskBuilder;
use super::input::{Input, IntoInput};
use super::returns::IntoError;
use crate::base::codec::Codec;
use crate::base::value::Value;
use crate::graph::{AnyDelayed, Delayed, Output};

impl TaskBuilder {
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
        E: IntoError,
    {
        let values = move |received: <I::Input as Input>::Received<'_>| {
            let values: Vec<R> = function(received)?;
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
        E: IntoError,
    {
        if let Some(extra) = &mut self.label.extra {
            extra.codec = None;
        }
        let body = CallMany { input: inputs.into_input(), function, outputs: outputs.len() };
        let task = AnyDelayed::new(self.label, body);
        Output::of(&task, outputs).collect()
    }
}
