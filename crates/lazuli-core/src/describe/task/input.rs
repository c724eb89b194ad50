//! How a task receives its inputs: by reference or by value, one or many.
//!
//! The handles of a task's inputs are kept in its `Input`, and their order there numbers the task's
//! edges. Whoever walks over an input goes past each of its handles in that order: [`Taking`] and
//! [`Lending`] count along.

use crate::graph::AnyDelayed;
use crate::graph::Delayed;
use crate::graph::TaskContext;

/// What a task receives for one of its inputs (or for a tuple of them).
///
/// Receiving has two steps: first everything that is received by value is taken, then references are
/// lent for as long as the function runs.
pub trait Input: Send + Sync + 'static {
    /// What the first step takes.
    type Taken;
    /// What the function is called with.
    type Received<'a>;
    /// Shows its delayed values, in order.
    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed));
    /// Takes what is received by value.
    fn take(&self, taking: &mut Taking<'_, '_>) -> Self::Taken;
    /// Lends what is received by reference.
    fn receive<'a>(&'a self, taken: Self::Taken, lending: &mut Lending<'a>) -> Self::Received<'a>;
}

/// What can be wired into a task as its input: see [`TaskBuilder::call`](super::TaskBuilder::call).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the input of a task",
    label = "no input of a task",
    note = "an input is `&delayed` (received by reference), `delayed` (received by value, which takes `Clone`), \
            a slice or vector of them, or a tuple of up to 12 inputs"
)]
pub trait IntoInput {
    /// The input it becomes.
    type Input: Input;
    /// Keeps its handles for the task.
    fn into_input(self) -> Self::Input;
}

/// The step that takes inputs by value.
pub struct Taking<'c, 'run> {
    context: &'c mut TaskContext<'run>,
    edge: u32,
}

impl<'c, 'run> Taking<'c, 'run> {
    pub(super) fn new(context: &'c mut TaskContext<'run>) -> Self {
        Self { context, edge: 0 }
    }

    pub(super) fn skip(&mut self, edges: usize) {
        self.edge += edges as u32;
    }

    pub(super) fn take<T: Clone + 'static>(&mut self) -> T {
        self.edge += 1;
        self.context.take(self.edge - 1)
    }

    fn take_only<T: 'static>(&mut self) -> T {
        self.edge += 1;
        self.context.take_only(self.edge - 1)
    }
}

/// The step that lends inputs by reference.
pub struct Lending<'a> {
    context: &'a TaskContext<'a>,
    edge: u32,
}

impl<'a> Lending<'a> {
    pub(super) fn new(context: &'a TaskContext<'a>) -> Self {
        Self { context, edge: 0 }
    }

    pub(super) fn skip(&mut self, edges: usize) {
        self.edge += edges as u32;
    }

    pub(super) fn lend<T: 'static>(&mut self) -> &'a T {
        self.edge += 1;
        self.context.get(self.edge - 1)
    }
}

/// `&Delayed<T>`: received as `&T`.
pub struct ByRef<T>(Delayed<T>);

/// `Delayed<T>`: received as `T`.
pub struct ByValue<T>(Delayed<T>);

/// `&[Delayed<T>]`: received as `Vec<&T>`.
pub struct AllByRef<T>(Box<[Delayed<T>]>);

/// `Vec<Delayed<T>>`: received as `Vec<T>`.
pub struct AllByValue<T>(Box<[Delayed<T>]>);

impl<T: Send + Sync + 'static> IntoInput for &Delayed<T> {
    type Input = ByRef<T>;
    fn into_input(self) -> ByRef<T> {
        ByRef(self.clone())
    }
}

impl<T: Send + Sync + 'static> Input for ByRef<T> {
    type Taken = ();
    type Received<'a> = &'a T;
    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        visit(self.0.erased());
    }
    fn take(&self, taking: &mut Taking<'_, '_>) {
        taking.skip(1);
    }
    fn receive<'a>(&'a self, (): (), lending: &mut Lending<'a>) -> &'a T {
        lending.lend()
    }
}

impl<T: Clone + Send + Sync + 'static> IntoInput for Delayed<T> {
    type Input = ByValue<T>;
    fn into_input(self) -> ByValue<T> {
        ByValue(self)
    }
}

impl<T: Clone + Send + Sync + 'static> Input for ByValue<T> {
    type Taken = T;
    type Received<'a> = T;
    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        visit(self.0.erased());
    }
    fn take(&self, taking: &mut Taking<'_, '_>) -> T {
        taking.take()
    }
    fn receive<'a>(&'a self, taken: T, lending: &mut Lending<'a>) -> T {
        lending.skip(1);
        taken
    }
}

impl<T: Send + Sync + 'static> IntoInput for &[Delayed<T>] {
    type Input = AllByRef<T>;
    fn into_input(self) -> AllByRef<T> {
        AllByRef(self.into())
    }
}

impl<T: Send + Sync + 'static> IntoInput for &Vec<Delayed<T>> {
    type Input = AllByRef<T>;
    fn into_input(self) -> AllByRef<T> {
        self.as_slice().into_input()
    }
}

impl<T: Send + Sync + 'static> Input for AllByRef<T> {
    type Taken = ();
    type Received<'a> = Vec<&'a T>;
    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.0.iter().for_each(|one| visit(one.erased()));
    }
    fn take(&self, taking: &mut Taking<'_, '_>) {
        taking.skip(self.0.len());
    }
    fn receive<'a>(&'a self, (): (), lending: &mut Lending<'a>) -> Vec<&'a T> {
        self.0.iter().map(|_| lending.lend()).collect()
    }
}

impl<T: Clone + Send + Sync + 'static> IntoInput for Vec<Delayed<T>> {
    type Input = AllByValue<T>;
    fn into_input(self) -> AllByValue<T> {
        AllByValue(self.into())
    }
}

impl<T: Clone + Send + Sync + 'static> Input for AllByValue<T> {
    type Taken = Vec<T>;
    type Received<'a> = Vec<T>;
    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.0.iter().for_each(|one| visit(one.erased()));
    }
    fn take(&self, taking: &mut Taking<'_, '_>) -> Vec<T> {
        self.0.iter().map(|_| taking.take()).collect()
    }
    fn receive<'a>(&'a self, taken: Vec<T>, lending: &mut Lending<'a>) -> Vec<T> {
        lending.skip(self.0.len());
        taken
    }
}

/// Delayed values that nobody else uses, received by value although they cannot be cloned.
pub(crate) struct ByMove<T>(Box<[Delayed<T>]>);

/// The caller promises that no other task and no output takes these values.
pub(crate) fn by_move<T>(values: Vec<Delayed<T>>) -> ByMove<T> {
    ByMove(values.into())
}

impl<T: Send + Sync + 'static> IntoInput for ByMove<T> {
    type Input = Self;
    fn into_input(self) -> Self {
        self
    }
}

impl<T: Send + Sync + 'static> Input for ByMove<T> {
    type Taken = Vec<T>;
    type Received<'a> = Vec<T>;
    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.0.iter().for_each(|one| visit(one.erased()));
    }
    fn take(&self, taking: &mut Taking<'_, '_>) -> Vec<T> {
        self.0.iter().map(|_| taking.take_only()).collect()
    }
    fn receive<'a>(&'a self, taken: Vec<T>, lending: &mut Lending<'a>) -> Vec<T> {
        lending.skip(self.0.len());
        taken
    }
}

/// Delayed values that must be there before the task runs, and whose results it does not receive.
pub(crate) struct Order(pub(crate) Box<[AnyDelayed]>);

impl IntoInput for Order {
    type Input = Self;
    fn into_input(self) -> Self {
        self
    }
}

impl Input for Order {
    type Taken = ();
    type Received<'a> = ();
    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
        self.0.iter().for_each(visit);
    }
    fn take(&self, taking: &mut Taking<'_, '_>) {
        taking.skip(self.0.len());
    }
    fn receive<'a>(&'a self, (): (), lending: &mut Lending<'a>) {
        lending.skip(self.0.len());
    }
}

/// Lets the task's function report what it reads: see [`reporter`].
#[derive(Clone, Copy)]
pub struct Reporting;

/// An input that is received as the running task's [`TaskContext`], so that its function can report
/// what it reads to the observer, and see whether its compute is to end.
#[must_use]
pub fn reporter() -> Reporting {
    Reporting
}

impl IntoInput for Reporting {
    type Input = Self;
    fn into_input(self) -> Self {
        self
    }
}

impl Input for Reporting {
    type Taken = ();
    type Received<'a> = &'a TaskContext<'a>;
    fn visit<'a>(&'a self, _: &mut dyn FnMut(&'a AnyDelayed)) {}
    fn take(&self, _: &mut Taking<'_, '_>) {}
    fn receive<'a>(&'a self, (): (), lending: &mut Lending<'a>) -> &'a TaskContext<'a> {
        lending.context
    }
}

macro_rules! tuple_inputs {
    ($($name:ident . $index:tt),*) => {
        impl<$($name: IntoInput),*> IntoInput for ($($name,)*) {
            type Input = ($($name::Input,)*);
            #[allow(clippy::unused_unit, reason = "the empty tuple")]
            fn into_input(self) -> Self::Input {
                ($(self.$index.into_input(),)*)
            }
        }

        impl<$($name: Input),*> Input for ($($name,)*) {
            type Taken = ($($name::Taken,)*);
            type Received<'a> = ($($name::Received<'a>,)*);
            #[allow(unused_variables, reason = "the empty tuple")]
            fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a AnyDelayed)) {
                $(self.$index.visit(visit);)*
            }
            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple")]
            fn take(&self, taking: &mut Taking<'_, '_>) -> Self::Taken {
                ($(self.$index.take(taking),)*)
            }
            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple")]
            fn receive<'a>(
                &'a self,
                taken: Self::Taken,
                lending: &mut Lending<'a>,
            ) -> Self::Received<'a> {
                ($(self.$index.receive(taken.$index, lending),)*)
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
