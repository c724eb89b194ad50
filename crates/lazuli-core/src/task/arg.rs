//! Arguments of delayed functions: a value now, or a delayed value.

use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use super::Inputs;
use super::input::{Input, IntoInput};
use crate::delayed::{Delayed, sequence};
use crate::executor::TaskContext;

/// An argument of type `T`: at hand, or to be computed first.
pub enum Arg<T> {
    /// At hand: kept in the task.
    Value(T),
    /// The result of another task.
    Delayed(Delayed<T>),
}

/// What may be passed where a delayed function takes a `T`: a `T`, a `Delayed<T>`, a `&Delayed<T>`,
/// and the usual borrowed forms of text, paths and slices.
pub trait IntoArg<T> {
    /// The argument.
    fn into_arg(self) -> Arg<T>;
}

impl<T> IntoArg<T> for T {
    fn into_arg(self) -> Arg<T> {
        Arg::Value(self)
    }
}

impl<T> IntoArg<T> for Delayed<T> {
    fn into_arg(self) -> Arg<T> {
        Arg::Delayed(self)
    }
}

impl<T> IntoArg<T> for &Delayed<T> {
    fn into_arg(self) -> Arg<T> {
        Arg::Delayed(self.clone())
    }
}

impl<T> IntoArg<T> for Arg<T> {
    fn into_arg(self) -> Self {
        self
    }
}

impl IntoArg<String> for &str {
    fn into_arg(self) -> Arg<String> {
        Arg::Value(self.to_owned())
    }
}

impl IntoArg<PathBuf> for &Path {
    fn into_arg(self) -> Arg<PathBuf> {
        Arg::Value(self.to_owned())
    }
}

impl IntoArg<PathBuf> for &str {
    fn into_arg(self) -> Arg<PathBuf> {
        Arg::Value(self.into())
    }
}

impl<T: Clone> IntoArg<Vec<T>> for &[T] {
    fn into_arg(self) -> Arg<Vec<T>> {
        Arg::Value(self.to_vec())
    }
}

impl<T: Clone + Send + Sync + 'static> IntoArg<Vec<T>> for Vec<Delayed<T>> {
    #[track_caller]
    fn into_arg(self) -> Arg<Vec<T>> {
        Arg::Delayed(sequence(self))
    }
}

/// Has a task receive an argument by reference.
pub fn by_ref<T>(arg: Arg<T>) -> ArgByRef<T> {
    ArgByRef(arg)
}

/// An argument to be received by reference; see [`by_ref`].
pub struct ArgByRef<T>(Arg<T>);

/// An argument inside its task: kept there, or the input of this number.
enum Wired<T> {
    Kept(T),
    Edge(u32, PhantomData<fn() -> T>),
}

impl<T> Arg<T> {
    fn wire(self, inputs: &mut Inputs<'_>) -> Wired<T> {
        match self {
            Self::Value(value) => Wired::Kept(value),
            Self::Delayed(delayed) => Wired::Edge(inputs.push(delayed.into_erased()), PhantomData),
        }
    }
}

/// An argument received as `T`.
pub struct ValueInput<T>(Wired<T>);

/// An argument received as `&T`.
pub struct RefInput<T>(Wired<T>);

impl<T: Clone + Send + Sync + 'static> IntoInput for Arg<T> {
    type Input = ValueInput<T>;
    fn into_input(self, inputs: &mut Inputs<'_>) -> ValueInput<T> {
        ValueInput(self.wire(inputs))
    }
}

impl<T: Clone + Send + Sync + 'static> Input for ValueInput<T> {
    type Taken = T;
    type Received<'a> = T;
    fn take(&self, context: &mut TaskContext<'_>) -> T {
        match &self.0 {
            // A graph may be computed again, so the kept value stays.
            Wired::Kept(value) => value.clone(),
            Wired::Edge(edge, _) => context.take(*edge),
        }
    }
    fn receive<'a>(&'a self, taken: T, _: &'a TaskContext<'_>) -> T {
        taken
    }
}

impl<T: Send + Sync + 'static> IntoInput for ArgByRef<T> {
    type Input = RefInput<T>;
    fn into_input(self, inputs: &mut Inputs<'_>) -> RefInput<T> {
        RefInput(self.0.wire(inputs))
    }
}

impl<T: Send + Sync + 'static> Input for RefInput<T> {
    type Taken = ();
    type Received<'a> = &'a T;
    fn take(&self, _: &mut TaskContext<'_>) {}
    fn receive<'a>(&'a self, (): (), context: &'a TaskContext<'_>) -> &'a T {
        match &self.0 {
            Wired::Kept(value) => value,
            Wired::Edge(edge, _) => context.get(*edge),
        }
    }
}
