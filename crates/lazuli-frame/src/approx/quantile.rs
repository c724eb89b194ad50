//! Quantiles of numbers by sorted buffers that are halved when they are full (Munro and Paterson, 1980; Manku,
//! Rajagopalan and Lindsay, 1998).
//!
//! A buffer of level l has [`SIZE`] values that each stand for 2^l. Two buffers of a level make one of the next: their
//! values are merged and every other one is kept, the odd and the even ones by turns. A step moves a rank by
//! no more than 2^l, and of n values there are n / (2^(l + 1) SIZE) such steps on level l, so a rank is off by no more
//! than n (levels) / (2 SIZE): 0.2 % of a billion values. Up to [`SIZE`] values are answered exactly.

use lazuli_core::TryReduction;
use polars::prelude::{Column, DataType};

use crate::error::FrameError;

/// Values of a buffer.
const SIZE: usize = 4096;

/// The value at this place of all values in order, from 0 to 1.
pub(crate) struct Quantile {
    pub(crate) at: f64,
}

/// What is known of the values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sketch {
    /// Values that stand for themselves, in no order.
    fresh: Vec<f64>,
    /// Of each level: the full buffers, in order; and whether the odd values are kept next.
    levels: Vec<(Option<Vec<f64>>, bool)>,
}

impl Sketch {
    fn push(&mut self, value: f64) {
        self.fresh.push(value);
        if self.fresh.len() == SIZE {
            let mut full = std::mem::take(&mut self.fresh);
            full.sort_by(f64::total_cmp);
            self.carry(0, full);
        }
    }

    /// Puts a full buffer on its level; with the one that is there it goes one up.
    fn carry(&mut self, mut level: usize, mut buffer: Vec<f64>) {
        loop {
            if self.levels.len() <= level {
                self.levels.resize(level + 1, (None, false));
            }
            let (held, odd) = &mut self.levels[level];
            let Some(other) = held.take() else {
                *held = Some(buffer);
                return;
            };
            buffer = halved(&other, &buffer, *odd);
            *odd = !*odd;
            level += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        for (level, (held, _)) in other.levels.into_iter().enumerate() {
            if let Some(buffer) = held {
                self.carry(level, buffer);
            }
        }
        other.fresh.into_iter().for_each(|value| self.push(value));
    }

    /// The value of which about this share of all is not above.
    fn quantile(&self, at: f64) -> Option<f64> {
        let mut weighed: Vec<(f64, u64)> = self.fresh.iter().map(|value| (*value, 1)).collect();
        for (level, (held, _)) in self.levels.iter().enumerate() {
            weighed.extend(held.iter().flatten().map(|value| (*value, 1 << level)));
        }
        weighed.sort_by(|one, other| one.0.total_cmp(&other.0));
        let count: u64 = weighed.iter().map(|(_, weight)| weight).sum();
        // As polars' "nearest" counts places.
        let place = (at * (count.max(1) - 1) as f64).round() as u64;
        let mut before = 0;
        let found = weighed.iter().find(|(_, weight)| {
            before += weight;
            before > place
        });
        found.map(|(value, _)| *value)
    }
}

/// Every other value of two buffers in order.
fn halved(one: &[f64], other: &[f64], odd: bool) -> Vec<f64> {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let merged = std::iter::from_fn(|| match (one.peek(), other.peek()) {
        (Some(a), Some(b)) if b.total_cmp(a).is_lt() => other.next(),
        (None, _) => other.next(),
        _ => one.next(),
    });
    merged.skip(usize::from(odd)).step_by(2).copied().collect()
}

impl TryReduction<Column> for Quantile {
    type State = Sketch;
    type Output = Option<f64>;
    type Error = FrameError;

    fn identity(&self) -> Sketch {
        Sketch::default()
    }

    fn update(&self, sketch: &mut Sketch, column: &Column) -> Result<(), FrameError> {
        let (name, dtype) = (column.name(), column.dtype());
        if !dtype.is_primitive_numeric() && !dtype.is_null() {
            return Err(FrameError::Argument(format!(
                "approx_quantile is not defined for \"{name}\" of dtype {dtype}"
            )));
        }
        let numbers = column.cast(&DataType::Float64)?;
        numbers.f64()?.iter().flatten().for_each(|value| sketch.push(value));
        Ok(())
    }

    fn combine(&self, sketch: &mut Sketch, following: Sketch) -> Result<(), FrameError> {
        sketch.merge(following);
        Ok(())
    }

    fn finish(&self, sketch: Sketch) -> Result<Option<f64>, FrameError> {
        Ok(sketch.quantile(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The share of the values 0, 1, .. that is not above, which is what was asked for.
    #[test]
    fn ranks_are_near() {
        for (count, parts) in [(1, 1), (100, 3), (4096, 1), (100_000, 7), (1_000_000, 64)] {
            let value = |at: usize| (at * 7_919 % count) as f64;
            let mut merged = Sketch::default();
            for part in 0..parts {
                let mut sketch = Sketch::default();
                (part..count).step_by(parts).for_each(|at| sketch.push(value(at)));
                merged.merge(sketch);
            }
            for at in [0.0, 0.01, 0.5, 0.9, 1.0] {
                let found = merged.quantile(at).unwrap();
                let error = (found - at * (count - 1) as f64).abs();
                let most = if count <= SIZE { 0.5 } else { 0.002 * count as f64 };
                assert!(error <= most, "{count} {at}: {found}");
            }
        }
        assert_eq!(Sketch::default().quantile(0.5), None);
    }
}
