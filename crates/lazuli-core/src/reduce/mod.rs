//! Reductions: mergeable states, for every collection alike.

mod joint;
mod pass;
mod tree;

use std::convert::Infallible;
use std::error::Error as StdError;

pub use crate::base::codec::StateCodec;
pub use joint::{Groups, Joint, JointAnswers, Place, Places};
pub use pass::Sink;
pub use tree::tree_reduce;

/// How many states meet in one combining task, unless said otherwise.
pub const SPLIT_EVERY: usize = 8;

/// A statistic that can be computed in parts: a state that takes inputs, and two of which can be
/// merged.
///
/// `Input` is what a collection hands over at a time: a tile `[f64]` of an array, a batch of rows of a
/// frame, a line of a text file. A part of the collection is many inputs, and a state is made for each part. The
/// built-in statistics are written with it; one of your own is as fast and shares the same pass over the data.
///
/// Promise: merging states is associative up to rounding, and `identity` changes nothing. States are
/// merged in the order of the parts, in a tree whose shape does not depend on threads, so results have
/// the same bits in every run.
///
/// ```
/// use lazuli_core::Reduction;
///
/// /// The largest distance between two values.
/// struct Range;
///
/// impl Reduction<[f64]> for Range {
///     type State = (f64, f64);
///     type Output = f64;
///     fn identity(&self) -> (f64, f64) {
///         (f64::INFINITY, f64::NEG_INFINITY)
///     }
///     fn update(&self, (low, high): &mut (f64, f64), tile: &[f64]) {
///         *low = tile.iter().copied().fold(*low, f64::min);
///         *high = tile.iter().copied().fold(*high, f64::max);
///     }
///     fn combine(&self, (low, high): &mut (f64, f64), right: (f64, f64)) {
///         *low = low.min(right.0);
///         *high = high.max(right.1);
///     }
///     fn finish(&self, (low, high): (f64, f64)) -> f64 {
///         high - low
///     }
/// }
/// ```
pub trait Reduction<Input: ?Sized>: Send + Sync + 'static {
    /// What is known of the inputs seen so far. Its size should not grow with their number.
    type State: Send + Sync + 'static;
    /// The statistic.
    type Output: Clone + Send + Sync + 'static;
    /// The state that has seen nothing.
    fn identity(&self) -> Self::State;
    /// Takes one more input.
    fn update(&self, state: &mut Self::State, input: &Input);
    /// Every input of a part has been taken: what was put off until then is done.
    fn end_part(&self, state: &mut Self::State) {
        let _ = state;
    }
    /// Merges the state of the inputs that follow into this one.
    fn combine(&self, state: &mut Self::State, following: Self::State);
    /// The statistic of everything seen.
    fn finish(&self, state: Self::State) -> Self::Output;
    /// How states are written and read, where they can be: `Some(StateCodec::of())` where their type is
    /// [`Portable`](crate::Portable). The states of a [`Joint`] travel when those of all its reductions over
    /// the same parts can.
    fn codec(&self) -> Option<StateCodec<Self::State>> {
        None
    }
    /// How answers are written and read, where they can be: for answers that are large, such as the parts of
    /// another collection.
    fn output_codec(&self) -> Option<StateCodec<Self::Output>> {
        None
    }
}

/// A [`Reduction`] whose steps may fail; every `Reduction` is one that does not.
pub trait TryReduction<Input: ?Sized>: Send + Sync + 'static {
    /// As [`Reduction::State`].
    type State: Send + Sync + 'static;
    /// As [`Reduction::Output`].
    type Output: Clone + Send + Sync + 'static;
    /// Why a step fails: it fails its task.
    type Error: StdError + Send + Sync + 'static;
    /// As [`Reduction::identity`].
    fn identity(&self) -> Self::State;
    /// As [`Reduction::update`].
    ///
    /// # Errors
    /// When the input cannot be taken.
    fn update(&self, state: &mut Self::State, input: &Input) -> Result<(), Self::Error>;
    /// As [`Reduction::end_part`].
    ///
    /// # Errors
    /// When the part cannot be taken.
    fn end_part(&self, state: &mut Self::State) -> Result<(), Self::Error> {
        let _ = state;
        Ok(())
    }
    /// As [`Reduction::combine`].
    ///
    /// # Errors
    /// When the states cannot be merged.
    fn combine(&self, state: &mut Self::State, following: Self::State) -> Result<(), Self::Error>;
    /// Merges many states, in order, into this one: where that is cheaper than one after another.
    ///
    /// # Errors
    /// When the states cannot be merged.
    fn combine_all(
        &self,
        state: &mut Self::State,
        following: Vec<Self::State>,
    ) -> Result<(), Self::Error> {
        following.into_iter().try_for_each(|following| self.combine(state, following))
    }
    /// As [`Reduction::finish`].
    ///
    /// # Errors
    /// When the state has no such statistic.
    fn finish(&self, state: Self::State) -> Result<Self::Output, Self::Error>;
    /// As [`Reduction::codec`].
    fn codec(&self) -> Option<StateCodec<Self::State>> {
        None
    }
    /// As [`Reduction::output_codec`].
    fn output_codec(&self) -> Option<StateCodec<Self::Output>> {
        None
    }
}

impl<Input: ?Sized, R: Reduction<Input>> TryReduction<Input> for R {
    type State = R::State;
    type Output = R::Output;
    type Error = Infallible;

    fn identity(&self) -> Self::State {
        Reduction::identity(self)
    }

    fn update(&self, state: &mut Self::State, input: &Input) -> Result<(), Infallible> {
        Reduction::update(self, state, input);
        Ok(())
    }

    fn end_part(&self, state: &mut Self::State) -> Result<(), Infallible> {
        Reduction::end_part(self, state);
        Ok(())
    }

    fn combine(&self, state: &mut Self::State, following: Self::State) -> Result<(), Infallible> {
        Reduction::combine(self, state, following);
        Ok(())
    }

    fn finish(&self, state: Self::State) -> Result<Self::Output, Infallible> {
        Ok(Reduction::finish(self, state))
    }

    fn codec(&self) -> Option<StateCodec<Self::State>> {
        Reduction::codec(self)
    }

    fn output_codec(&self) -> Option<StateCodec<Self::Output>> {
        Reduction::output_codec(self)
    }
}
