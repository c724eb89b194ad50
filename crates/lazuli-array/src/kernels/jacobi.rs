//! Singular values of a small matrix, by rotations.
//!
//! One-sided Jacobi (Hestenes; Demmel and Veselić, SIAM J. Matrix Anal. Appl. 13, 1992): columns are turned in pairs
//! until all are orthogonal. Their lengths are the singular values, all of them to nearly full relative accuracy. The
//! pairs come in one order, and no multiplication is fused with an addition: the bits are the same on any run.

use super::dispatch::{Kernel, dispatch};
use super::householder::{dot, exact_unit};

/// A square matrix is `u * diag(values) * vt`, both factors orthogonal.
#[derive(Clone, Debug)]
pub struct SmallSvd {
    /// In C order.
    pub u: Vec<f64>,
    /// From the greatest on.
    pub values: Vec<f64>,
    /// In C order. In each row the element of the greatest size is positive (the first of several).
    pub vt: Vec<f64>,
}

/// Rounds of rotations of all pairs: some ten are enough for any matrix that is known.
const MOST_ROUNDS: usize = 60;

impl SmallSvd {
    /// Of a matrix of this size in C order. One that has elements which are not finite has NaN in all places.
    pub fn of(size: usize, matrix: &[f64]) -> Self {
        if matrix.iter().any(|value| !value.is_finite()) {
            let nan = vec![f64::NAN; size * size];
            return Self { u: nan.clone(), values: vec![f64::NAN; size], vt: nan };
        }
        let largest = matrix.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let unit = if largest > 0.0 { exact_unit(largest) } else { 1.0 };
        // Rows of the transposed matrices are columns of the matrices.
        let mut turned: Vec<f64> = (0..size * size)
            .map(|place| matrix[place % size * size + place / size] * unit)
            .collect();
        let mut rotations: Vec<f64> = (0..size * size)
            .map(|place| f64::from(u8::from(place / size == place % size)))
            .collect();
        let mut rounds = 0;
        while rounds < MOST_ROUNDS
            && dispatch(Round { size, columns: &mut turned, rotations: &mut rotations })
        {
            rounds += 1;
        }
        sorted(size, &turned, &rotations, unit)
    }
}

/// One round over all pairs of columns; whether any was turned.
struct Round<'a> {
    size: usize,
    columns: &'a mut [f64],
    rotations: &'a mut [f64],
}

impl Kernel for Round<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { size, columns, rotations } = self;
        let mut turned = false;
        for i in 0..size {
            for j in i + 1..size {
                let (a, b) = pair(columns, size, i, j);
                let (aa, bb, ab) = (dot(a, a), dot(b, b), dot(a, b));
                if ab.abs() <= f64::EPSILON * (aa * bb).sqrt() || ab == 0.0 {
                    continue;
                }
                turned = true;
                let half = (bb - aa) / (2.0 * ab);
                let sign = if half < 0.0 { -1.0 } else { 1.0 };
                let tangent = sign / (half.abs() + (1.0 + half * half).sqrt());
                let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
                let sine = cosine * tangent;
                rotate(a, b, cosine, sine);
                let (a, b) = pair(rotations, size, i, j);
                rotate(a, b, cosine, sine);
            }
        }
        turned
    }
}

/// Two rows, `i` before `j`.
#[inline(always)]
fn pair(rows: &mut [f64], size: usize, i: usize, j: usize) -> (&mut [f64], &mut [f64]) {
    let (before, after) = rows.split_at_mut(j * size);
    (&mut before[i * size..(i + 1) * size], &mut after[..size])
}

#[inline(always)]
fn rotate(a: &mut [f64], b: &mut [f64], cosine: f64, sine: f64) {
    for (a, b) in a.iter_mut().zip(b) {
        (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    }
}

/// The factors, of orthogonal columns and of the rotations that made them so.
fn sorted(size: usize, columns: &[f64], rotations: &[f64], unit: f64) -> SmallSvd {
    let lengths: Vec<f64> =
        columns.chunks_exact(size.max(1)).map(|column| dot(column, column).sqrt()).collect();
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| lengths[b].total_cmp(&lengths[a]));
    let mut left: Vec<Vec<f64>> = Vec::with_capacity(size);
    let mut vt = Vec::with_capacity(size * size);
    for &column in &order {
        let right = &rotations[column * size..(column + 1) * size];
        let greatest =
            right.iter().fold(
                0.0_f64,
                |so_far, &value| {
                    if value.abs() > so_far.abs() { value } else { so_far }
                },
            );
        let sign = if greatest < 0.0 { -1.0 } else { 1.0 };
        vt.extend(right.iter().map(|value| sign * value));
        let length = lengths[column];
        let values = &columns[column * size..(column + 1) * size];
        let unit = values.iter().map(|value| sign * value / length).collect();
        // A column that is nothing but rounding may lean on those before it, however often it was turned.
        let rest = (length > 0.0).then(|| without(unit, &left)).filter(|(rest, _)| *rest > 0.5);
        left.push(match rest {
            Some((rest, values)) => values.into_iter().map(|value| value / rest).collect(),
            None => orthogonal_to(&left, size),
        });
    }
    let u = (0..size * size).map(|place| left[place % size][place / size]).collect();
    let values = order.iter().map(|&column| lengths[column] / unit).collect();
    SmallSvd { u, values, vt }
}

/// A unit vector that is orthogonal to all of these: of what is left of the axes, the longest.
fn orthogonal_to(vectors: &[Vec<f64>], size: usize) -> Vec<f64> {
    let mut best = (0.0, vec![0.0; size]);
    for axis in 0..size {
        let mut left = vec![0.0; size];
        left[axis] = 1.0;
        let (length, left) = without(left, vectors);
        if length > best.0 {
            best = (length, left);
        }
    }
    let (length, mut vector) = best;
    vector.iter_mut().for_each(|value| *value /= length);
    vector
}

/// What is left of a vector beside these orthogonal unit vectors, and its length. Taking their parts away twice is enough
/// (Kahan and Parlett).
fn without(mut vector: Vec<f64>, others: &[Vec<f64>]) -> (f64, Vec<f64>) {
    for other in others.iter().chain(others) {
        let part = dot(other, &vector);
        vector.iter_mut().zip(other).for_each(|(left, value)| *left -= part * value);
    }
    (dot(&vector, &vector).sqrt(), vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(size: usize, matrix: &[f64], unit: f64) -> SmallSvd {
        let svd = SmallSvd::of(size, matrix);
        assert!(svd.values.windows(2).all(|pair| pair[0] >= pair[1] && pair[1] >= 0.0));
        for i in 0..size {
            for j in 0..size {
                let sum = |of: &dyn Fn(usize) -> f64| (0..size).map(of).sum::<f64>();
                let product = sum(&|k| svd.u[i * size + k] * svd.values[k] * svd.vt[k * size + j]);
                assert!((product - matrix[i * size + j]).abs() < 1e-14 * unit * size as f64);
                let one = f64::from(u8::from(i == j));
                let left = sum(&|k| svd.u[k * size + i] * svd.u[k * size + j]);
                let right = sum(&|k| svd.vt[i * size + k] * svd.vt[j * size + k]);
                assert!((left - one).abs() < 1e-14 && (right - one).abs() < 1e-14);
            }
        }
        svd
    }

    /// The Hilbert matrix: its least singular value is far below an ulp of the greatest.
    fn hilbert(size: usize) -> Vec<f64> {
        (0..size * size).map(|place| 1.0 / (place / size + place % size + 1) as f64).collect()
    }

    #[test]
    fn factors_are_orthogonal_and_make_the_matrix() {
        check(1, &[-3.0], 3.0);
        check(8, &hilbert(8), 1.0);
        let scaled: Vec<f64> = hilbert(5).iter().map(|value| value * 1e200).collect();
        check(5, &scaled, 1e200);
        let scaled: Vec<f64> = hilbert(5).iter().map(|value| value * 1e-200).collect();
        check(5, &scaled, 1e-200);
        check(3, &[0.0; 9], 1.0);
        check(3, &[1.0, 2.0, 3.0, 2.0, 4.0, 6.0, 0.0, 0.0, 0.0], 10.0);
        // Triangles whose last column is twice the first but for rounding.
        for seed in 0..200_u32 {
            let value = |place: usize| (f64::from(seed) + place as f64 * 1.7).sin();
            let mut matrix: Vec<f64> = (0..36).map(value).collect();
            for row in 0..6 {
                matrix[row * 6 + 5] = 2.0 * matrix[row * 6] * (1.0 + value(row) * 1e-16);
            }
            check(6, &matrix, 4.0);
        }
    }

    #[test]
    fn small_singular_values_have_their_digits() {
        // diag(1, 1e-9) turned by 3-4-5 rotations on both sides, scaled by rows: values by hand.
        let svd = check(2, &[3.0, 0.0, 4.0e-12, 1.0e-12], 5.0);
        // The product of the values is the determinant, the sum of their squares that of the elements.
        let product = svd.values[0] * svd.values[1];
        assert!((product / 3e-12 - 1.0).abs() < 1e-14, "{product:e}");
    }

    #[test]
    fn what_is_not_finite_has_no_values() {
        let svd = SmallSvd::of(2, &[1.0, f64::INFINITY, 0.0, 1.0]);
        assert!(svd.values.iter().chain(&svd.u).chain(&svd.vt).all(|value| value.is_nan()));
    }
}
