//! The built-in statistics: a kernel's state as a reduction, and what is made of it.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Delayed, Reduction};
use ndarray::Dimension;

use super::ask::Statistic;
use crate::array::{ChunkedArray, Element};
use crate::error::ArrayError;
use crate::kernels::{Counts, Extrema, Moments, Scalar, SumState};
use crate::lower::request;

/// The state of a kernel: what it knows of the tiles it has seen.
pub(super) trait Tally<A>: Clone + Send + Sync + 'static {
    /// Takes in a tile.
    fn update(&mut self, tile: &[A]);
    /// Takes in what another knows of the tiles that follow.
    fn merge(&mut self, following: &Self);
}

impl<A: Scalar> Tally<A> for Moments {
    fn update(&mut self, tile: &[A]) {
        self.update(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.merge(following);
    }
}

impl<A: Scalar> Tally<A> for Extrema<A> {
    fn update(&mut self, tile: &[A]) {
        self.update(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.merge(following);
    }
}

impl<A: Scalar> Tally<A> for Counts {
    fn update(&mut self, tile: &[A]) {
        self.update(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.merge(following);
    }
}

/// The sum of elements of type `A`.
#[derive(Clone, Default)]
pub(super) struct Sum<A: Scalar>(pub(super) A::Sum);

impl<A: Scalar> Tally<A> for Sum<A> {
    fn update(&mut self, tile: &[A]) {
        self.0.update(tile);
    }

    fn merge(&mut self, following: &Self) {
        self.0.merge(&following.0);
    }
}

/// The reduction of tiles to a tally that begins as this one.
struct Tallied<S>(S);

impl<A, S: Tally<A>> Reduction<[A]> for Tallied<S> {
    type State = S;
    type Output = S;

    fn identity(&self) -> S {
        self.0.clone()
    }

    fn update(&self, state: &mut S, tile: &[A]) {
        state.update(tile);
    }

    fn combine(&self, state: &mut S, following: S) {
        state.merge(&following);
    }

    fn finish(&self, state: S) -> S {
        state
    }
}

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// A function of the tally of all elements. Statistics of one kind of tally share it: that of the
    /// request with the greatest `need`.
    pub(super) fn statistic<S: Tally<A>, T: Send + Sync + 'static>(
        &self,
        name: &'static str,
        start: S,
        need: u8,
        finish: impl Fn(&S) -> Result<T, ArrayError> + Clone + Send + Sync + 'static,
        site: &'static Location<'static>,
    ) -> Delayed<T> {
        let reduction = Arc::new(Tallied(start));
        let ask = Statistic { name, reduction, need, finish, element: PhantomData::<fn() -> A> };
        request(name, &self.expr, &self.grid, ask, site)
    }
}
