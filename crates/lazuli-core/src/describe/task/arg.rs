//! Arguments of delayed functions: a value now, or a delayed value.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::path::{Path, PathBuf};

use super::input::{Input, IntoInput, Lending, Taking};
use crate::describe::collection::gather;
use crate::graph::AnyDelayed;
use crate::graph::Delayed;

/// An argument of type `T`: at hand, or to be computed first.
pub enum Arg<T> {
    /// At hand: kept in the task.
    Value(T),
    /// The result of another task.
    Delayed(Delayed<T>),
}

/// What may be passed where a delayed function takes a `T`: a `T`, a `Delayed<T>`, a `&Delayed<T>`,
/// the usual borrowed forms of text, paths
/// and slices, and for a vector, tuple, array, `Option` or map one of delayed values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed where a delayed function takes `{T}`",
    label = "neither `{T}` nor a delayed one",
    note = "pass a `{T}`, a `Delayed<{T}>` or a `&Delayed<{T}>`",
    note = "values of an iterator are passed by value: `.iter().cloned().map(f)`"
)]
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

/// A collection of delayed values where a delayed function takes one of values.
macro_rules! gathered {
    ($(<$($name:ident: $($bound:path),*);*> $collection:ty => $values:ty;)*) => {$(
        impl<$($name: Clone + Send + Sync + 'static $(+ $bound)*),*> IntoArg<$values>
            for $collection
        {
            #[track_caller]
            fn into_arg(self) -> Arg<$values> {
                Arg::Delayed(gather("gather", self))
            }
        }

        impl<$($name: Clone + Send + Sync + 'static $(+ $bound)*),*> IntoArg<$values>
            for &$collection
        {
            #[track_caller]
            fn into_arg(self) -> Arg<$values> {
                Arg::Delayed(gather("gather", self.clone()))
            }
        }
    )*};
}

gathered! {
    <T:> Vec<Delayed<T>> => Vec<T>;
    <K: Ord; T:> BTreeMap<K, Delayed<T>> => BTreeMap<K, T>;
    <K: Ord, Hash; T:> HashMap<K, Delayed<T>> => HashMap<K, T>;
    <A:; B:> (Delayed<A>, Delayed<B>) => (A, B);
    <A:; B:; C:> (Delayed<A>, Delayed<B>, Delayed<C>) => (A, B, C);
    <A:; B:; C:; D:> (Delayed<A>, Delayed<B>, Delayed<C>, Delayed<D>) => (A, B, C, D);
}

/// By reference only, so that it is clear what a bare `None` is.
impl<T: Clone + Send + Sync + 'static> IntoArg<Option<T>> for &Option<Delayed<T>> {
    #[track_caller]
    fn into_arg(self) -> Arg<Option<T>> {
        Arg::Delayed(gather("gather", self.clone()))
    }
}

impl<T: Clone + Send + Sync + 'static> IntoArg<Vec<T>> for &[Delayed<T>] {
    #[track_caller]
    fn into_arg(self) -> Arg<Vec<T>> {
        self.to_vec().into_arg()
    }
}

impl<T: Clone + Send + Sync + 'static, const N: usize> IntoArg<Vec<T>> for [Delayed<T>; N] {
    #[track_caller]
    fn into_arg(self) -> Arg<Vec<T>> {
        Vec::from(self).into_arg()
    }
}

impl<T: Clone + Send + Sync + 'static, const N: usize> IntoArg<Vec<T>> for &[Delayed<T>; N] {
    #[track_caller]
    fn into_arg(self) -> Arg<Vec<T>> {
        self.to_vec().into_arg()
    }
}

impl<T: Clone + Send + Sync + 'static, const N: usize> IntoArg<[T; N]> for [Delayed<T>; N] {
    #[track_caller]
    fn into_arg(self) -> Arg<[T; N]> {
        Arg::Delayed(gather("gather", self))
    }
}

impl<T: Clone, const N: usize> IntoArg<Vec<T>> for [T; N] {
    fn into_arg(self) -> Arg<Vec<T>> {
        Arg::Value(self.into())
    }
}

impl<T: Clone, const N: usize> IntoArg<Vec<T>> for &[T; N] {
    fn into_arg(self) -> Arg<Vec<T>> {
        Arg::Value(self.to_vec())
    }
}

/// Has a task receive an argument by reference.
pub fn by_ref<T>(arg: Arg<T>) -> ArgByRef<T> {
    ArgByRef(arg)
}

/// An argument to be received by reference; see [`by_ref`].
pub struct ArgByRef<T>(Arg<T>);

/// An argument received as `T`.
pub struct ValueInput<T>(Arg<T>);

/// An argument received as `&T`.
pub struct RefInput<T>(Arg<T>);

impl<T> Arg<T> {
    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        if let Self::Delayed(delayed) = self {
            visit(delayed.erased());
        }
    }
}

impl<T> Arg<T> {
    /// What is at hand.
    #[doc(hidden)]
    pub fn at_hand(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Delayed(_) => None,
        }
    }
}

impl<T: Clone> Arg<T> {
    /// A copy of what is at hand, None for what is to be computed: by this the calls of a pure function
    /// know each other.
    #[must_use]
    pub fn key(&self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::Delayed(_) => None,
        }
    }
}

impl<T: Clone + Send + Sync + 'static> IntoInput for Arg<T> {
    type Input = ValueInput<T>;
    fn into_input(self) -> ValueInput<T> {
        ValueInput(self)
    }
}

impl<T: Clone + Send + Sync + 'static> Input for ValueInput<T> {
    type Taken = T;
    type Received<'a> = T;
    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.0.visit(visit);
    }
    fn take(&self, taking: &mut Taking<'_, '_>) -> T {
        match &self.0 {
            // A graph may be computed again, so the kept value stays.
            Arg::Value(value) => value.clone(),
            Arg::Delayed(_) => taking.take(),
        }
    }
    fn receive<'a>(&'a self, taken: T, lending: &mut Lending<'a>) -> T {
        if let Arg::Delayed(_) = self.0 {
            lending.skip(1);
        }
        taken
    }
}

impl<T: Send + Sync + 'static> IntoInput for ArgByRef<T> {
    type Input = RefInput<T>;
    fn into_input(self) -> RefInput<T> {
        RefInput(self.0)
    }
}

impl<T: Send + Sync + 'static> Input for RefInput<T> {
    type Taken = ();
    type Received<'a> = &'a T;
    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.0.visit(visit);
    }
    fn take(&self, taking: &mut Taking<'_, '_>) {
        if let Arg::Delayed(_) = self.0 {
            taking.skip(1);
        }
    }
    fn receive<'a>(&'a self, (): (), lending: &mut Lending<'a>) -> &'a T {
        match &self.0 {
            Arg::Value(value) => value,
            Arg::Delayed(_) => lending.lend(),
        }
    }
}
