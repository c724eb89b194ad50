//! The spread so far, by group: the sum of squared differences from the mean.
//!
//! Without keys, each batch is summed around its own mean, and batches meet as states do ([`super::spread`]).
//! With keys, a group has few values in a batch; they are summed around the group's first value, to twice
//! the precision of a float. The first value may lie far from the mean: what is then taken off the sum of squares
//! costs digits, of which there are enough.

use lazuli_numerics::{RunningSum, two_product};
use polars::prelude::PolarsResult;

use super::groups::Groups;
use super::numbers::Numbers;
use super::spread::{Difference, Member, merge, spreads};
use super::sum::Sums;

/// Members that meet at a time.
const MEMBERS: usize = 512;

/// The spreads of the groups so far.
#[derive(Debug, Default)]
pub(super) struct Spreading {
    /// Of one group, the batches that have not met.
    members: Vec<Member>,
    /// Of many groups, each one.
    groups: Vec<Around>,
}

/// The differences of values from the first of them.
#[derive(Clone, Copy, Debug, Default)]
struct Around {
    count: u64,
    /// The first value: of integers in 128 bits, of floats by their bits.
    origin: i128,
    sum: RunningSum,
    squares: RunningSum,
}

impl Around {
    #[inline]
    fn push(&mut self, difference: RunningSum) {
        self.count += 1;
        self.sum.add(difference);
        let (square, error) = two_product(difference.high, difference.high);
        self.squares
            .add(RunningSum { high: square, low: error + 2.0 * difference.high * difference.low });
    }

    /// squares - sum^2 / count.
    fn spread(&self) -> f64 {
        if self.count < 2 {
            // NaN and infinity have no spread, one of them alone neither.
            return if self.sum.high.is_finite() { 0.0 } else { f64::NAN };
        }
        let count = self.count as f64;
        let (sum, squares) = (self.sum.rounded(), self.squares.rounded());
        if !sum.high.is_finite() {
            return f64::NAN;
        }
        if !squares.high.is_finite() {
            return squares.high;
        }
        let (square, error) = two_product(sum.high, sum.high);
        let error = error + 2.0 * sum.high * sum.low;
        let quotient = square / count;
        let (back, back_error) = two_product(quotient, count);
        let rest = (square - back - back_error + error) / count;
        let spread = (squares.high - quotient) + (squares.low - rest);
        if spread < 0.0 { 0.0 } else { spread }
    }
}

impl Spreading {
    /// Adds the values of a batch, none of which is null.
    ///
    /// # Errors
    /// polars', if `numbers` are not dense.
    pub(super) fn update(&mut self, numbers: &Numbers, groups: &Groups) -> PolarsResult<()> {
        let Groups::Keyed { ids, count } = groups else {
            return self.update_one(numbers, groups);
        };
        self.groups.resize(*count, Around::default());
        match numbers {
            Numbers::Signed(values) => self.each(values.cont_slice()?, ids),
            Numbers::Unsigned(values) => self.each(values.cont_slice()?, ids),
            Numbers::Wide(values) => self.each(values.cont_slice()?, ids),
            Numbers::Float(values) => self.each(values.cont_slice()?, ids),
        }
        Ok(())
    }

    fn each<T: Difference>(&mut self, values: &[T], ids: &[u32]) {
        for (&value, &id) in values.iter().zip(ids) {
            let around = &mut self.groups[id as usize];
            if around.count == 0 {
                around.origin = value.to_origin();
            }
            around.push(value.exactly_minus(T::from_origin(around.origin)));
        }
    }

    fn update_one(&mut self, numbers: &Numbers, groups: &Groups) -> PolarsResult<()> {
        let counts = groups.sizes();
        if counts[0] == 0 {
            return Ok(());
        }
        let Some(sums) = Sums::of(numbers, groups)? else { return Ok(()) };
        let spread = spreads(numbers, groups, &counts, &sums)?[0];
        self.members.push(Member { count: counts[0], sum: sums.words(0), spread });
        if self.members.len() == MEMBERS {
            let met = meet(&self.members);
            self.members.clear();
            self.members.push(met);
        }
        Ok(())
    }

    /// The spreads of `groups` groups.
    pub(super) fn finish(self, groups: usize) -> Vec<f64> {
        if !self.members.is_empty() {
            return vec![meet(&self.members).spread];
        }
        let mut spreads: Vec<f64> = self.groups.iter().map(Around::spread).collect();
        spreads.resize(groups, 0.0);
        spreads
    }
}

/// Batches of one group as one.
fn meet(members: &[Member]) -> Member {
    let spread = merge(members, &Groups::One { rows: members.len() })[0];
    let mut sum = RunningSum::default();
    members.iter().for_each(|member| sum.add(member.sum));
    let count = members.iter().map(|member| member.count).sum();
    Member { count, sum: sum.rounded(), spread }
}
