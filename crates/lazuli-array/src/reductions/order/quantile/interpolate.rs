//! Which elements of the sorted array a quantile lies between, and what it is of them.

/// How a quantile is made of the two elements that it lies between, as the `method` of NumPy's `quantile`.
///
/// Of `n` elements in order, the quantile `q` is at `h = q (n - 1)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QuantileMethod {
    /// On the line between them: `a + (b - a) (h - floor(h))`.
    #[default]
    Linear,
    /// The lower one.
    Lower,
    /// The higher one.
    Higher,
    /// The nearer one; of two as near, that with the even number.
    Nearest,
    /// Half way between them.
    Midpoint,
}

/// The numbers of the two elements, from 0 on, and how far from the first to the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Between {
    pub(super) low: u64,
    pub(super) high: u64,
    weight: f64,
}

impl QuantileMethod {
    /// Where the quantile of so many elements, at least one, lies.
    pub(super) fn between(self, quantile: f64, count: u64) -> Between {
        let last = count - 1;
        let place = quantile * last as f64;
        let low = (place.floor() as u64).min(last);
        let part = place - place.floor();
        let high = (low + u64::from(part > 0.0)).min(last);
        let (low, high, weight) = match self {
            Self::Linear => (low, high, part),
            Self::Lower => (low, low, 0.0),
            Self::Higher => (high, high, 0.0),
            Self::Nearest => {
                let takes_high = part > 0.5 || part == 0.5 && low % 2 == 1;
                let nearest = if takes_high { high } else { low };
                (nearest, nearest, 0.0)
            }
            Self::Midpoint => (low, high, if part > 0.0 { 0.5 } else { 0.0 }),
        };
        Between { low, high, weight }
    }
}

impl Between {
    /// The quantile, of these two elements: from the nearer end, as NumPy.
    pub(super) fn of(&self, low: f64, high: f64) -> f64 {
        if low == high || self.weight == 0.0 {
            return low;
        }
        let gap = high - low;
        if self.weight >= 0.5 { high - gap * (1.0 - self.weight) } else { low + gap * self.weight }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numpys_results() {
        // np.quantile([1, 2, 4, 8], q, method=..) for q = 0.5 and 0.9
        let elements = [1.0, 2.0, 4.0, 8.0];
        for (method, expected) in [
            (QuantileMethod::Linear, [3.0, 6.800_000_000_000_001]),
            (QuantileMethod::Lower, [2.0, 4.0]),
            (QuantileMethod::Higher, [4.0, 8.0]),
            (QuantileMethod::Nearest, [4.0, 8.0]),
            (QuantileMethod::Midpoint, [3.0, 6.0]),
        ] {
            let found = [0.5, 0.9].map(|quantile| {
                let between = method.between(quantile, 4);
                between.of(elements[between.low as usize], elements[between.high as usize])
            });
            assert_eq!(found, expected, "{method:?}");
        }
        let ends = [0.0, 1.0].map(|quantile| QuantileMethod::Midpoint.between(quantile, 4));
        assert_eq!(ends.map(|between| (between.low, between.high)), [(0, 0), (3, 3)]);
    }
}
