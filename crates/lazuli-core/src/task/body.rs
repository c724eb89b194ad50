//! The body of a task node: a function and how it receives its inputs.

use std::error::Error as StdError;
use std::marker::PhantomData;

use super::input::Input;
use crate::error::Error;
use crate::executor::TaskContext;
use crate::node::{Body, Failure, Role, Run};
use crate::value::Value;

/// Calls a function that yields its value.
pub(super) struct Call<I, F, R> {
    pub(super) input: I,
    pub(super) function: F,
    pub(super) output: PhantomData<fn() -> R>,
}

/// Calls a function that yields its value or an error.
pub(super) struct TryCall<I, F, R, E> {
    pub(super) input: I,
    pub(super) function: F,
    pub(super) output: PhantomData<fn() -> Result<R, E>>,
}

impl<I, F, R> Run for Call<I, F, R>
where
    I: Input,
    F: for<'a> Fn(I::Received<'a>) -> R + Send + Sync,
    R: Send + Sync + 'static,
{
    fn run(&self, context: &mut TaskContext<'_>) -> Result<Value, Failure> {
        let taken = self.input.take(context);
        Ok(Value::new((self.function)(self.input.receive(taken, context))))
    }
}

impl<I, F, R, E> Run for TryCall<I, F, R, E>
where
    I: Input,
    F: for<'a> Fn(I::Received<'a>) -> Result<R, E> + Send + Sync,
    R: Send + Sync + 'static,
    E: StdError + Send + Sync + 'static,
{
    fn run(&self, context: &mut TaskContext<'_>) -> Result<Value, Failure> {
        let taken = self.input.take(context);
        (self.function)(self.input.receive(taken, context)).map(Value::new).map_err(Error::returned)
    }
}

impl<I, F, R> Body for Call<I, F, R>
where
    Self: Run,
{
    fn role(&self) -> Role<'_> {
        Role::Task(self)
    }
}

impl<I, F, R, E> Body for TryCall<I, F, R, E>
where
    Self: Run,
{
    fn role(&self) -> Role<'_> {
        Role::Task(self)
    }
}
