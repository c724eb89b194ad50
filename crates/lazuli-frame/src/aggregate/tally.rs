//! Count, sum and extremes of one input by group, in one pass over its values.
//!
//! What is known of a group stands side by side, so that a value costs one look at its group, whatever is asked of
//! the input. Without keys there is one group, and the kernels that run along a slice are faster
//! ([`super::accumulate`]).

use lazuli_numerics::RunningSum;
use polars::prelude::{
    Column, DataType, Float64Chunked, Int64Chunked, IntoColumn, NewChunkedArray, PlSmallStr,
    PolarsResult, UInt64Chunked,
};

use super::groups::Groups;
use super::numbers::Numbers;
use super::part::{counts, name, sum_columns};
use super::split::Part;
use super::sum::Sums;

/// What is known of the groups of an input.
#[derive(Debug)]
pub(super) struct Tallies {
    dtype: DataType,
    cells: Cells,
    /// Whether sums, and whether extremes are asked for.
    summed: bool,
    compared: bool,
}

#[derive(Debug)]
enum Cells {
    Signed(Vec<Tally<i64>>),
    Unsigned(Vec<Tally<u64>>),
    Float(Vec<Tally<f64>>),
}

/// What is known of one group.
#[derive(Clone, Copy, Debug)]
struct Tally<T: Value> {
    count: u64,
    sum: T::Sum,
    /// Above the greatest where no value was seen that can be compared.
    least: T,
    greatest: T,
}

/// Values that are tallied.
trait Value: Copy + PartialOrd {
    type Sum: Copy;
    /// Before any value: the sum, the least and the greatest.
    const NOTHING: Tally<Self>;

    fn add(self, sum: &mut Self::Sum);
}

macro_rules! integer {
    ($($int:ty),*) => {$(
        impl Value for $int {
            type Sum = i128;
            const NOTHING: Tally<Self> =
                Tally { count: 0, sum: 0, least: <$int>::MAX, greatest: <$int>::MIN };

            #[inline(always)]
            fn add(self, sum: &mut i128) {
                // No table has so many rows that 64 bits each would not fit.
                *sum = sum.wrapping_add(self.into());
            }
        }
    )*};
}

integer!(i64, u64);

impl Value for f64 {
    type Sum = RunningSum;
    const NOTHING: Tally<Self> = Tally {
        count: 0,
        sum: RunningSum { high: 0.0, low: 0.0 },
        least: f64::INFINITY,
        greatest: f64::NEG_INFINITY,
    };

    #[inline(always)]
    fn add(self, sum: &mut RunningSum) {
        sum.push(self);
    }
}

impl<T: Value> Tally<T> {
    /// Adds a value. A NaN is neither less nor greater; of equal values the first stays.
    #[inline(always)]
    fn push<const SUM: bool, const EXTREMES: bool>(&mut self, value: T) {
        self.count += 1;
        if SUM {
            value.add(&mut self.sum);
        }
        if EXTREMES {
            self.least = if value < self.least { value } else { self.least };
            self.greatest = if value > self.greatest { value } else { self.greatest };
        }
    }
}

impl Tallies {
    /// Of an input of this dtype, for these parts; `None` if it is not tallied.
    pub(super) fn new(dtype: &DataType, parts: impl Iterator<Item = Part>) -> Option<Self> {
        let cells = match dtype {
            DataType::Float32 | DataType::Float64 => Cells::Float(Vec::new()),
            DataType::UInt64 => Cells::Unsigned(Vec::new()),
            DataType::Int128 | DataType::UInt128 => return None,
            dtype if dtype.is_integer() => Cells::Signed(Vec::new()),
            _ => return None,
        };
        let (mut summed, mut compared) = (false, false);
        for part in parts {
            summed |= matches!(part, Part::Sum { .. });
            compared |= matches!(part, Part::Min { .. } | Part::Max { .. });
        }
        Some(Self { dtype: dtype.clone(), cells, summed, compared })
    }

    /// Whether a part of the state is known here.
    pub(super) fn knows(part: Part) -> bool {
        matches!(part, Part::Count { .. } | Part::Sum { .. } | Part::Min { .. } | Part::Max { .. })
    }

    /// Adds the values of a batch, none of which is null.
    ///
    /// # Errors
    /// polars', if `values` are not dense.
    pub(super) fn update(&mut self, values: &Numbers, groups: &Groups) -> PolarsResult<()> {
        let Groups::Keyed { ids, count } = groups else {
            unreachable!("there are keys, or no tallies")
        };
        let asked = (self.summed, self.compared);
        match (&mut self.cells, values) {
            (Cells::Signed(cells), Numbers::Signed(values)) => {
                add(cells, values.cont_slice()?, ids, *count, asked);
            }
            (Cells::Unsigned(cells), Numbers::Unsigned(values)) => {
                add(cells, values.cont_slice()?, ids, *count, asked);
            }
            (Cells::Float(cells), Numbers::Float(values)) => {
                add(cells, values.cont_slice()?, ids, *count, asked);
            }
            _ => unreachable!("an input is of one dtype"),
        }
        Ok(())
    }

    /// The columns of the part number `index`, of `groups` rows.
    ///
    /// # Errors
    /// polars', if a cast fails.
    pub(super) fn columns(
        &self,
        part: Part,
        index: usize,
        groups: usize,
    ) -> PolarsResult<Vec<Column>> {
        Ok(match part {
            Part::Sum { .. } => sum_columns(index, &self.sums(groups), &self.dtype),
            Part::Min { .. } | Part::Max { .. } => {
                let column = self.extremes(matches!(part, Part::Min { .. }), groups)?;
                vec![column.cast(&self.dtype)?.with_name(name(index))]
            }
            _ => vec![counts(index, self.counts(groups))],
        })
    }

    fn counts(&self, groups: usize) -> Vec<u64> {
        match &self.cells {
            Cells::Signed(cells) => each(cells, groups, |cell| cell.count),
            Cells::Unsigned(cells) => each(cells, groups, |cell| cell.count),
            Cells::Float(cells) => each(cells, groups, |cell| cell.count),
        }
    }

    fn sums(&self, groups: usize) -> Sums {
        match &self.cells {
            Cells::Signed(cells) => Sums::Integer(each(cells, groups, |cell| cell.sum)),
            Cells::Unsigned(cells) => Sums::Integer(each(cells, groups, |cell| cell.sum)),
            Cells::Float(cells) => Sums::Float(each(cells, groups, |cell| cell.sum.rounded())),
        }
    }

    fn extremes(&self, least: bool, groups: usize) -> PolarsResult<Column> {
        let name = PlSmallStr::EMPTY;
        Ok(match &self.cells {
            Cells::Signed(cells) => {
                let extremes = each(cells, groups, |cell| cell.extreme(least));
                Int64Chunked::from_iter_options(name, extremes.into_iter()).into_column()
            }
            Cells::Unsigned(cells) => {
                let extremes = each(cells, groups, |cell| cell.extreme(least));
                UInt64Chunked::from_iter_options(name, extremes.into_iter()).into_column()
            }
            Cells::Float(cells) => {
                let extremes = each(cells, groups, |cell| {
                    // There was nothing but NaN.
                    let numbers = cell.least <= cell.greatest;
                    cell.extreme(least).map(|extreme| if numbers { extreme } else { f64::NAN })
                });
                Float64Chunked::from_iter_options(name, extremes.into_iter()).into_column()
            }
        })
    }
}

impl<T: Value> Tally<T> {
    fn extreme(&self, least: bool) -> Option<T> {
        (self.count > 0).then_some(if least { self.least } else { self.greatest })
    }
}

/// Something of each group; groups without a value have no cell yet.
fn each<T: Value, V>(cells: &[Tally<T>], groups: usize, of: impl Fn(&Tally<T>) -> V) -> Vec<V> {
    let nothing = T::NOTHING;
    let missing = std::iter::repeat_n(&nothing, groups - cells.len());
    cells.iter().chain(missing).map(of).collect()
}

fn add<T: Value>(
    cells: &mut Vec<Tally<T>>,
    values: &[T],
    ids: &[u32],
    count: usize,
    asked: (bool, bool),
) {
    cells.resize(count, T::NOTHING);
    match asked {
        (false, false) => push::<T, false, false>(cells, values, ids),
        (true, false) => push::<T, true, false>(cells, values, ids),
        (false, true) => push::<T, false, true>(cells, values, ids),
        (true, true) => push::<T, true, true>(cells, values, ids),
    }
}

fn push<T: Value, const SUM: bool, const EXTREMES: bool>(
    cells: &mut [Tally<T>],
    values: &[T],
    ids: &[u32],
) {
    for (&value, &id) in values.iter().zip(ids) {
        cells[id as usize].push::<SUM, EXTREMES>(value);
    }
}
