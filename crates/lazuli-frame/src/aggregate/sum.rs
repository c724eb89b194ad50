//! The sum of a group's values: exact for integers, to twice the precision of a float for floats.
//!
//! Integers are summed in 128 bits, so that no sum of a column of 64-bit integers can overflow
//! before it is brought to the dtype of the result, where an overflow is an error.

use lazuli_numerics::RunningSum;
use polars::prelude::PolarsResult;

use super::groups::Groups;
use super::numbers::Numbers;

/// A sum for each group.
#[derive(Debug, PartialEq)]
pub(super) enum Sums {
    Integer(Vec<i128>),
    Float(Vec<RunningSum>),
}

impl Sums {
    /// The sums of `numbers`, which must be dense; `None` on overflow of 128 bits.
    ///
    /// # Errors
    /// polars', if `numbers` are not dense.
    pub(super) fn of(numbers: &Numbers, groups: &Groups) -> PolarsResult<Option<Sums>> {
        Ok(match numbers {
            Numbers::Signed(values) => integers(values.cont_slice()?, groups),
            Numbers::Unsigned(values) => integers(values.cont_slice()?, groups),
            Numbers::Wide(values) => integers(values.cont_slice()?, groups),
            Numbers::Float(values) => Some(floats(values.cont_slice()?, groups)),
        })
    }

    /// The same sums with `numbers` added, which must be dense; `None` on overflow of 128 bits.
    ///
    /// # Errors
    /// polars', if `numbers` are not dense.
    pub(super) fn with(self, numbers: &Numbers, groups: &Groups) -> PolarsResult<Option<Sums>> {
        Ok(match (self, numbers) {
            (Sums::Integer(sums), Numbers::Signed(values)) => {
                add_integers(sums, values.cont_slice()?, groups)
            }
            (Sums::Integer(sums), Numbers::Unsigned(values)) => {
                add_integers(sums, values.cont_slice()?, groups)
            }
            (Sums::Integer(sums), Numbers::Wide(values)) => {
                add_integers(sums, values.cont_slice()?, groups)
            }
            (Sums::Float(sums), Numbers::Float(values)) => {
                Some(add_floats(sums, values.cont_slice()?, groups))
            }
            _ => None,
        })
    }

    /// The sum of the group `group` in two words.
    pub(super) fn words(&self, group: usize) -> RunningSum {
        match self {
            Sums::Integer(sums) => sums[group].into(),
            Sums::Float(sums) => sums[group],
        }
    }
}

fn integers<T: Copy + Into<i128>>(values: &[T], groups: &Groups) -> Option<Sums> {
    add_integers(Vec::new(), values, groups)
}

fn add_integers<T: Copy + Into<i128>>(
    mut sums: Vec<i128>,
    values: &[T],
    groups: &Groups,
) -> Option<Sums> {
    sums.resize(groups.len(), 0);
    let Groups::Keyed { ids, .. } = groups else {
        sums[0] = values.iter().try_fold(sums[0], |sum, &value| sum.checked_add(value.into()))?;
        return Some(Sums::Integer(sums));
    };
    for (&value, &id) in values.iter().zip(ids.iter()) {
        let sum = &mut sums[id as usize];
        *sum = sum.checked_add(value.into())?;
    }
    Some(Sums::Integer(sums))
}

fn floats(values: &[f64], groups: &Groups) -> Sums {
    let mut sums = add_floats(Vec::new(), values, groups);
    if let Sums::Float(sums) = &mut sums {
        sums.iter_mut().for_each(|sum| *sum = sum.rounded());
    }
    sums
}

fn add_floats(mut sums: Vec<RunningSum>, values: &[f64], groups: &Groups) -> Sums {
    sums.resize(groups.len(), RunningSum::default());
    let Groups::Keyed { ids, .. } = groups else {
        sums[0].add(RunningSum::of(values));
        return Sums::Float(sums);
    };
    for (&value, &id) in values.iter().zip(ids.iter()) {
        sums[id as usize].push(value);
    }
    Sums::Float(sums)
}
