//! How many elements are not zero: any, all, how many.

use std::panic::Location;

use lazuli_core::Delayed;
use ndarray::Dimension;

use super::accumulator::{Accumulator, Position};
use crate::array::{ChunkedArray, Element};
use crate::kernels::{CastFrom, Rows};

/// The number of elements, and of those that are not zero. NaN is not zero, as in NumPy.
#[derive(Clone, Copy, Default)]
struct Truth {
    count: u64,
    nonzero: u64,
}

impl<A: Element> Accumulator<A> for Truth
where
    bool: CastFrom<A>,
{
    fn update(&mut self, tile: Rows<'_, A>, _: &Position<'_>) {
        self.count += tile.len() as u64;
        for row in tile.iter() {
            let nonzero = row.iter().map(|&value| u64::from(bool::cast_from(value)));
            self.nonzero += nonzero.sum::<u64>();
        }
    }

    fn merge(&mut self, following: &Self) {
        self.count += following.count;
        self.nonzero += following.nonzero;
    }
}

impl<A: Element, D: Dimension> ChunkedArray<A, D>
where
    bool: CastFrom<A>,
{
    fn truth<T: Send + Sync + 'static>(
        &self,
        name: &'static str,
        finish: impl Fn(&Truth) -> T + Clone + Send + Sync + 'static,
        site: &'static Location<'static>,
    ) -> Delayed<T> {
        self.statistic(name, Truth::default(), 0, move |truth| Ok(finish(truth)), site)
    }

    /// How many elements are not zero, or true. NaN is not zero.
    #[track_caller]
    pub fn count_nonzero(&self) -> Delayed<u64> {
        self.truth("count_nonzero", |truth| truth.nonzero, Location::caller())
    }

    /// Whether any element is not zero, or true. False for an empty array.
    #[track_caller]
    pub fn any(&self) -> Delayed<bool> {
        self.truth("any", |truth| truth.nonzero > 0, Location::caller())
    }

    /// Whether all elements are not zero, or true. True for an empty array.
    #[track_caller]
    pub fn all(&self) -> Delayed<bool> {
        self.truth("all", |truth| truth.nonzero == truth.count, Location::caller())
    }
}
