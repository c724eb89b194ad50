//! The body of a task node: a function, how it receives its inputs, and what its answer is.

use std::marker::PhantomData;

use thiserror::Error as ThisError;

use super::input::{Input, Lending, Taking};
use super::returns::{IntoError, Returns};
use crate::base::error::Error;
use crate::base::failure::Failure;
use crate::base::value::{Many, Value};
use crate::graph::{AnyDelayed, Body, Role, Run, TaskContext};
#[cfg(feature = "async")]
use crate::threads::asynchronous::{self, TaskFuture};

/// Calls a function, whose answer is the value, or, if it is `FALLIBLE`, the value or why there is none.
pub(super) struct Call<const FALLIBLE: bool, I, F, R> {
    pub(super) input: I,
    pub(super) function: F,
    pub(super) output: PhantomData<fn() -> R>,
}

impl<const FALLIBLE: bool, I, F, R> Run for Call<FALLIBLE, I, F, R>
where
    R: Returns<FALLIBLE>,
    I: Input,
    F: for<'a> Fn(I::Received<'a>) -> R + Send + Sync,
{
    fn run(&self, context: &mut TaskContext<'_>) -> Result<Value, Failure> {
        let taken = self.input.take(&mut Taking::new(context));
        let context = context.for_now();
        (self.function)(self.input.receive(taken, &mut Lending::new(&context))).settle().0
    }
}

impl<const FALLIBLE: bool, I, F, R> Body for Call<FALLIBLE, I, F, R>
where
    Self: Run,
    I: Input,
{
    fn role(&self) -> Role<'_> {
        Role::Task(self)
    }

    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.input.visit(visit);
    }
}

/// Calls a function that yields many values.
pub(super) struct CallMany<I, F> {
    pub(super) input: I,
    pub(super) function: F,
    pub(super) outputs: usize,
}

/// A function that yields another number of values than its task was made for.
#[derive(Debug, ThisError)]
#[error("{found} values were returned, where the task was made for {expected}")]
struct WrongCount {
    expected: usize,
    found: usize,
}

impl<I, F, E> Run for CallMany<I, F>
where
    I: Input,
    F: for<'a> Fn(I::Received<'a>) -> Result<Vec<Value>, E> + Send + Sync,
    E: IntoError,
{
    fn run(&self, context: &mut TaskContext<'_>) -> Result<Value, Failure> {
        let taken = self.input.take(&mut Taking::new(context));
        let context = context.for_now();
        let values = (self.function)(self.input.receive(taken, &mut Lending::new(&context)));
        let values = values.map_err(|error| Error::returned(error.into_error()))?;
        if values.len() != self.outputs {
            let wrong = WrongCount { expected: self.outputs, found: values.len() };
            return Err(Error::returned(wrong.into()));
        }
        Ok(Value::new(Many(values)))
    }
}

impl<I, F> Body for CallMany<I, F>
where
    Self: Run,
    I: Input,
    F: Send + Sync,
{
    fn role(&self) -> Role<'_> {
        Role::Task(self)
    }

    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.input.visit(visit);
    }
}

/// Calls a function that yields a future.
#[cfg(feature = "async")]
pub(super) struct AsyncCall<const FALLIBLE: bool, I, F, U> {
    pub(super) input: I,
    pub(super) function: F,
    pub(super) output: PhantomData<fn() -> U>,
}

#[cfg(feature = "async")]
impl<const FALLIBLE: bool, I, F, U> Run for AsyncCall<FALLIBLE, I, F, U>
where
    U: Future<Output: Returns<FALLIBLE>> + Send + 'static,
    I: Input,
    F: for<'a> Fn(I::Received<'a>) -> U + Send + Sync,
{
    fn run(&self, _: &mut TaskContext<'_>) -> Result<Value, Failure> {
        unreachable!("a task on the async lane is begun")
    }

    fn begin(&self, context: &mut TaskContext<'_>) -> TaskFuture {
        let taken = self.input.take(&mut Taking::new(context));
        let context = context.for_now();
        let received = self.input.receive(taken, &mut Lending::new(&context));
        let future = asynchronous::inside(|| (self.function)(received));
        Box::pin(async move { future.await.settle().0 })
    }
}

#[cfg(feature = "async")]
impl<const FALLIBLE: bool, I, F, U> Body for AsyncCall<FALLIBLE, I, F, U>
where
    Self: Run,
    I: Input,
{
    fn role(&self) -> Role<'_> {
        Role::Task(self)
    }

    fn inputs<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.input.visit(visit);
    }
}
