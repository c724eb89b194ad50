//! How a task receives its inputs: by reference or by value, one or many.

use std::marker::PhantomData;

use super::Inputs;
use crate::delayed::Delayed;
use crate::executor::TaskContext;

/// What a task receives for one of its inputs (or for a tuple of them).
///
/// Receiving has two steps: first everything that is received by value is taken, then references are
/// lent for as long as the function runs.
pub trait Input: Send + Sync + 'static {
    /// What the first step takes.
    type Taken;
    /// What the function is called with.
    type Received<'a>;
    /// Takes what is received by value.
    fn take(&self, context: &mut TaskContext<'_>) -> Self::Taken;
    /// Lends what is received by reference.
    fn receive<'a>(
        &'a self,
        taken: Self::Taken,
        context: &'a TaskContext<'_>,
    ) -> Self::Received<'a>;
}

/// What can be wired into a task as its input: see [`TaskBuilder::call`](super::TaskBuilder::call).
pub trait IntoInput {
    /// The input it becomes.
    type Input: Input;
    /// Registers with the task in the making.
    fn into_input(self, inputs: &mut Inputs<'_>) -> Self::Input;
}

/// `&Delayed<T>`: received as `&T`.
pub struct ByRef<T>(pub(super) u32, pub(super) PhantomData<fn() -> T>);

/// `Delayed<T>`: received as `T`.
pub struct ByValue<T>(pub(super) u32, pub(super) PhantomData<fn() -> T>);

/// `&[Delayed<T>]`: received as `Vec<&T>`.
pub struct AllByRef<T>(u32, u32, PhantomData<fn() -> T>);

/// `Vec<Delayed<T>>`: received as `Vec<T>`.
pub struct AllByValue<T>(u32, u32, PhantomData<fn() -> T>);

/// Lets the task's function report what it reads: see [`reporter`].
#[derive(Clone, Copy)]
pub struct Reporting;

/// An input that is received as the running task's [`TaskContext`], so that its function can report
/// what it reads to the observer.
#[must_use]
pub fn reporter() -> Reporting {
    Reporting
}

impl<T: Send + Sync + 'static> IntoInput for &Delayed<T> {
    type Input = ByRef<T>;
    fn into_input(self, inputs: &mut Inputs<'_>) -> ByRef<T> {
        ByRef(inputs.push(self.erase()), PhantomData)
    }
}

impl<T: Send + Sync + 'static> Input for ByRef<T> {
    type Taken = ();
    type Received<'a> = &'a T;
    fn take(&self, _: &mut TaskContext<'_>) {}
    fn receive<'a>(&'a self, (): (), context: &'a TaskContext<'_>) -> &'a T {
        context.get(self.0)
    }
}

impl<T: Clone + Send + Sync + 'static> IntoInput for Delayed<T> {
    type Input = ByValue<T>;
    fn into_input(self, inputs: &mut Inputs<'_>) -> ByValue<T> {
        ByValue(inputs.push(self.into_erased()), PhantomData)
    }
}

impl<T: Clone + Send + Sync + 'static> Input for ByValue<T> {
    type Taken = T;
    type Received<'a> = T;
    fn take(&self, context: &mut TaskContext<'_>) -> T {
        context.take(self.0)
    }
    fn receive<'a>(&'a self, taken: T, _: &'a TaskContext<'_>) -> T {
        taken
    }
}

fn register_all<'d, T: 'd>(
    delayed: impl Iterator<Item = &'d Delayed<T>>,
    inputs: &mut Inputs<'_>,
) -> (u32, u32) {
    let start = u32::try_from(inputs.0.len()).expect("a task has fewer than 2^32 inputs");
    let mut end = start;
    for one in delayed {
        end = inputs.push(one.erase()) + 1;
    }
    (start, end)
}

impl<T: Send + Sync + 'static> IntoInput for &[Delayed<T>] {
    type Input = AllByRef<T>;
    fn into_input(self, inputs: &mut Inputs<'_>) -> AllByRef<T> {
        let (start, end) = register_all(self.iter(), inputs);
        AllByRef(start, end, PhantomData)
    }
}

impl<T: Send + Sync + 'static> IntoInput for &Vec<Delayed<T>> {
    type Input = AllByRef<T>;
    fn into_input(self, inputs: &mut Inputs<'_>) -> AllByRef<T> {
        self.as_slice().into_input(inputs)
    }
}

impl<T: Send + Sync + 'static> Input for AllByRef<T> {
    type Taken = ();
    type Received<'a> = Vec<&'a T>;
    fn take(&self, _: &mut TaskContext<'_>) {}
    fn receive<'a>(&'a self, (): (), context: &'a TaskContext<'_>) -> Vec<&'a T> {
        (self.0..self.1).map(|edge| context.get(edge)).collect()
    }
}

impl<T: Clone + Send + Sync + 'static> IntoInput for Vec<Delayed<T>> {
    type Input = AllByValue<T>;
    fn into_input(self, inputs: &mut Inputs<'_>) -> AllByValue<T> {
        let (start, end) = register_all(self.iter(), inputs);
        AllByValue(start, end, PhantomData)
    }
}

impl<T: Clone + Send + Sync + 'static> Input for AllByValue<T> {
    type Taken = Vec<T>;
    type Received<'a> = Vec<T>;
    fn take(&self, context: &mut TaskContext<'_>) -> Vec<T> {
        (self.0..self.1).map(|edge| context.take(edge)).collect()
    }
    fn receive<'a>(&'a self, taken: Vec<T>, _: &'a TaskContext<'_>) -> Vec<T> {
        taken
    }
}

/// Delayed values that nobody else uses, received by value although they cannot be cloned.
pub(crate) struct ByMove<T>(Vec<Delayed<T>>);

/// The caller promises that no other task and no output takes these values.
pub(crate) fn by_move<T>(values: Vec<Delayed<T>>) -> ByMove<T> {
    ByMove(values)
}

/// [`ByMove`] inside its task.
pub(crate) struct AllByMove<T>(u32, u32, PhantomData<fn() -> T>);

impl<T: Send + Sync + 'static> IntoInput for ByMove<T> {
    type Input = AllByMove<T>;
    fn into_input(self, inputs: &mut Inputs<'_>) -> AllByMove<T> {
        let (start, end) = register_all(self.0.iter(), inputs);
        AllByMove(start, end, PhantomData)
    }
}

impl<T: Send + Sync + 'static> Input for AllByMove<T> {
    type Taken = Vec<T>;
    type Received<'a> = Vec<T>;
    fn take(&self, context: &mut TaskContext<'_>) -> Vec<T> {
        (self.0..self.1).map(|edge| context.take_only(edge)).collect()
    }
    fn receive<'a>(&'a self, taken: Vec<T>, _: &'a TaskContext<'_>) -> Vec<T> {
        taken
    }
}

impl IntoInput for Reporting {
    type Input = Self;
    fn into_input(self, _: &mut Inputs<'_>) -> Self {
        self
    }
}

impl Input for Reporting {
    type Taken = ();
    type Received<'a> = &'a TaskContext<'a>;
    fn take(&self, _: &mut TaskContext<'_>) {}
    fn receive<'a>(&'a self, (): (), context: &'a TaskContext<'_>) -> &'a TaskContext<'a> {
        context
    }
}

macro_rules! tuple_inputs {
    ($($name:ident . $index:tt),*) => {
        impl<$($name: IntoInput),*> IntoInput for ($($name,)*) {
            type Input = ($($name::Input,)*);
            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple")]
            fn into_input(self, inputs: &mut Inputs<'_>) -> Self::Input {
                ($(self.$index.into_input(inputs),)*)
            }
        }

        impl<$($name: Input),*> Input for ($($name,)*) {
            type Taken = ($($name::Taken,)*);
            type Received<'a> = ($($name::Received<'a>,)*);
            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple")]
            fn take(&self, context: &mut TaskContext<'_>) -> Self::Taken {
                ($(self.$index.take(context),)*)
            }
            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple")]
            fn receive<'a>(
                &'a self,
                taken: Self::Taken,
                context: &'a TaskContext<'_>,
            ) -> Self::Received<'a> {
                ($(self.$index.receive(taken.$index, context),)*)
            }
        }
    };
}

tuple_inputs!();
tuple_inputs!(A.0);
tuple_inputs!(A.0, B.1);
tuple_inputs!(A.0, B.1, C.2);
tuple_inputs!(A.0, B.1, C.2, D.3);
tuple_inputs!(A.0, B.1, C.2, D.3, E.4);
tuple_inputs!(A.0, B.1, C.2, D.3, E.4, F.5);
tuple_inputs!(A.0, B.1, C.2, D.3, E.4, F.5, G.6);
tuple_inputs!(A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7);
tuple_inputs!(A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8);
tuple_inputs!(A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9);
tuple_inputs!(A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9, K.10);
tuple_inputs!(A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9, K.10, L.11);
