//! The body of a task node: a function, how it receives its inputs, and what its answer is.

use std::error::Error as StdError;
use std::marker::PhantomData;

use thiserror::Error as ThisError;

use super::input::{Input, Lending, Taking};
use crate::base::error::Error;
use crate::base::failure::Failure;
use crate::base::value::{Many, Value};
use crate::graph::{AnyDelayed, Body, Role, Run, TaskContext};
#[cfg(feature = "async")]
use crate::threads::asynchronous::{self, TaskFuture};

/// What the answer of a function means to its task.
pub(super) trait Settle<O>: 'static {
    fn settle(output: O) -> Result<Value, Failure>;
}

/// The answer is the value.
pub(super) enum Plain {}

/// The answer is the value, or why there is none.
pub(super) enum Fallible {}

impl<R: Send + Sync + 'static> Settle<R> for Plain {
    fn settle(output: R) -> Result<Value, Failure> {
        Ok(Value::new(output))
    }
}

impl<R, E> Settle<Result<R, E>> for Fallible
where
    R: Send + Sync + 'static,
    E: StdError + Send + Sync + 'static,
{
    fn settle(output: Result<R, E>) -> Result<Value, Failure> {
        output.map(Value::new).map_err(Error::returned)
    }
}

/// Calls a function.
pub(super) struct Call<S, I, F, O> {
    pub(super) input: I,
    pub(super) function: F,
    pub(super) output: PhantomData<fn() -> (S, O)>,
}

impl<S, I, F, O> Run for Call<S, I, F, O>
where
    S: Settle<O>,
    I: Input,
    F: for<'a> Fn(I::Received<'a>) -> O + Send + Sync,
{
    fn run(&self, context: &mut TaskContext<'_>) -> Result<Value, Failure> {
        let taken = self.input.take(&mut Taking::new(context));
        let context = context.for_now();
        S::settle((self.function)(self.input.receive(taken, &mut Lending::new(&context))))
    }
}

impl<S, I, F, O> Body for Call<S, I, F, O>
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
    E: StdError + Send + Sync + 'static,
{
    fn run(&self, context: &mut TaskContext<'_>) -> Result<Value, Failure> {
        let taken = self.input.take(&mut Taking::new(context));
        let context = context.for_now();
        let values = (self.function)(self.input.receive(taken, &mut Lending::new(&context)));
        let values = values.map_err(Error::returned)?;
        if values.len() != self.outputs {
            let wrong = WrongCount { expected: self.outputs, found: values.len() };
            return Err(Error::returned(wrong));
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
pub(super) struct AsyncCall<S, I, F, U> {
    pub(super) input: I,
    pub(super) function: F,
    pub(super) output: PhantomData<fn() -> (S, U)>,
}

#[cfg(feature = "async")]
impl<S, I, F, U> Run for AsyncCall<S, I, F, U>
where
    S: Settle<U::Output>,
    I: Input,
    F: for<'a> Fn(I::Received<'a>) -> U + Send + Sync,
    U: Future + Send + 'static,
{
    fn run(&self, _: &mut TaskContext<'_>) -> Result<Value, Failure> {
        unreachable!("a task on the async lane is begun")
    }

    fn begin(&self, context: &mut TaskContext<'_>) -> TaskFuture {
        let taken = self.input.take(&mut Taking::new(context));
        let context = context.for_now();
        let received = self.input.receive(taken, &mut Lending::new(&context));
        let future = asynchronous::inside(|| (self.function)(received));
        Box::pin(async move { S::settle(future.await) })
    }
}

#[cfg(feature = "async")]
impl<S, I, F, U> Body for AsyncCall<S, I, F, U>
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
