//! The covariance matrix of the rows of an array, as NumPy's `cov` and `corrcoef`.
//!
//! A block has some columns of all rows. It is centred around its own means and multiplied with itself, and the
//! matrices of blocks meet by the formula of [`CoMoments`](crate::kernels::CoMoments).

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::JointAnswers;
use lazuli_core::{Answer, Delayed, Reduction, task};
use lazuli_numerics::TwoFloat;
use ndarray::{Array2, Ix2};

use crate::array::ChunkedArray;
use crate::chunks::{AxisSizes, Chunks, Region, count_elements};
use crate::error::ArrayError;
use crate::kernels::{CastFrom, Scalar, add_products_of_rows, correlation};
use crate::lower::{Pass, Query, request};
use crate::reductions::query::place_of;
use crate::tile::{RegId, Registers};

/// Blocks of all rows that have more bytes than this are cut into fewer columns.
const BLOCK_BYTES: usize = 8 << 20;

/// What is known of the columns seen so far, and the block that is being read.
#[derive(Clone, Default)]
struct Matrix {
    count: u64,
    means: Vec<TwoFloat>,
    /// Sums of products of the distances from the means, of rows `i <= j` at `i * rows + j`.
    products: Vec<f64>,
    block: Vec<f64>,
    rows: usize,
}

impl Matrix {
    /// Centres the block and multiplies it with itself.
    fn end_block(&mut self) {
        let mut block = std::mem::take(&mut self.block);
        let (rows, len) = (self.rows, block.len() / self.rows.max(1));
        let mut means = Vec::with_capacity(rows);
        for row in block.chunks_exact_mut(len.max(1)) {
            let mean = row.iter().sum::<f64>() / len as f64;
            row.iter_mut().for_each(|value| *value -= mean);
            let left = row.iter().sum::<f64>() / len as f64;
            row.iter_mut().for_each(|value| *value -= left);
            means.push(TwoFloat::sum(mean, left));
        }
        let mut products = vec![0.0; rows * rows];
        add_products_of_rows(&block, len, &mut products);
        self.merge(Self { count: len as u64, means, products, block: Vec::new(), rows });
    }

    fn merge(&mut self, other: Self) {
        if self.count == 0 || other.count == 0 {
            if self.count == 0 {
                *self = other;
            }
            return;
        }
        let total = (self.count + other.count) as f64;
        let share = other.count as f64 / total;
        let weight = self.count as f64 * share;
        let means = self.means.iter().zip(&other.means);
        let gaps: Vec<f64> = means.map(|(own, others)| others.minus(*own)).collect();
        for (first, gap) in gaps.iter().enumerate() {
            let from = first * self.rows + first;
            let own = &mut self.products[from..(first + 1) * self.rows];
            let others = &other.products[from..(first + 1) * self.rows];
            for ((own, others), second) in own.iter_mut().zip(others).zip(&gaps[first..]) {
                *own += others + weight * gap * second;
            }
        }
        for (mean, gap) in self.means.iter_mut().zip(gaps) {
            *mean = mean.plus(share * gap);
        }
        self.count += other.count;
    }

    /// The matrix of `of` of the products of rows `i` and `j`, of `i` alone and of `j` alone.
    fn matrix(&self, rows: usize, of: impl Fn(f64, f64, f64) -> f64) -> Array2<f64> {
        let product = |i: usize, j: usize| {
            let place = i.min(j) * rows + i.max(j);
            self.products.get(place).copied().unwrap_or(f64::NAN)
        };
        Array2::from_shape_fn([rows, rows], |(i, j)| {
            of(product(i, j), product(i, i), product(j, j))
        })
    }
}

/// The reduction of all columns.
struct Columns<A> {
    register: RegId,
    element: PhantomData<fn() -> A>,
}

impl<A: Scalar + Default> Reduction<Registers> for Columns<A> {
    type State = Matrix;
    type Output = Arc<Matrix>;

    fn identity(&self) -> Matrix {
        Matrix::default()
    }

    fn update(&self, state: &mut Matrix, registers: &Registers) {
        state.rows = registers.region().shape[0];
        let tile = registers.get::<A>(self.register);
        state.block.extend(tile.elements().map(Scalar::to_f64));
    }

    fn end_part(&self, state: &mut Matrix) {
        if !state.block.is_empty() {
            state.end_block();
        }
    }

    fn combine(&self, state: &mut Matrix, following: Matrix) {
        state.merge(following);
    }

    fn finish(&self, state: Matrix) -> Arc<Matrix> {
        Arc::new(state)
    }
}

/// What is made of the matrix of products, given the number of rows.
type Finish = fn(&Matrix, usize, u64) -> Array2<f64>;

struct OfRows<A> {
    name: &'static str,
    finish: Finish,
    rows: usize,
    ddof: u64,
    element: PhantomData<fn() -> A>,
}

impl<A: Scalar + Default> Query for OfRows<A> {
    fn kind(&self) -> Option<TypeId> {
        Some(TypeId::of::<Columns<A>>())
    }

    fn need(&self) -> u8 {
        0
    }

    fn state_bytes(&self, block: &Region) -> u64 {
        let rows = block.shape[0] as u64;
        rows.saturating_mul(rows).saturating_mul(size_of::<f64>() as u64)
    }

    fn add(
        &self,
        pass: &mut Pass<'_>,
        register: RegId,
        _: usize,
    ) -> Result<Box<dyn Any>, ArrayError> {
        pass.program.holds(|block_len| (block_len as u64).saturating_mul(size_of::<f64>() as u64));
        Ok(Box::new(pass.joint.add(Columns::<A> { register, element: PhantomData })))
    }

    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        site: &'static Location<'static>,
    ) -> Answer {
        let (finish, rows, ddof) = (self.finish, self.rows, self.ddof);
        let shared = answers.get(place_of::<Arc<Matrix>>(place));
        let made = task(self.name).site(site);
        made.call(&shared, move |matrix: &Arc<Matrix>| finish(matrix, rows, ddof)).into()
    }
}

fn covariances(matrix: &Matrix, rows: usize, ddof: u64) -> Array2<f64> {
    let divisor = matrix.count.saturating_sub(ddof);
    let divisor = if divisor == 0 { f64::NAN } else { divisor as f64 };
    matrix.matrix(rows, |both, _, _| both / divisor)
}

fn correlations(matrix: &Matrix, rows: usize, _: u64) -> Array2<f64> {
    matrix.matrix(rows, |both, one, other| correlation(one, both, other))
}

impl<A: Scalar + Default> ChunkedArray<A, Ix2>
where
    f64: CastFrom<A>,
{
    /// The matrix of the covariances of the rows, each a variable with its observations in the columns, as NumPy's
    /// `cov`: the mean products of distances from the means, their divisor lowered by `ddof`. NaN in the rows and
    /// columns of variables with NaN or infinities, and everywhere where the divisor is not above 0.
    ///
    /// Shares its pass with other statistics where a block has all rows; else the array is read in blocks that do.
    /// The matrix is held in memory, once for each block that is read at a time; `n` rows of `m` observations take
    /// `n^2 m / 2` multiplications.
    ///
    /// ```
    /// use lazuli_array::ChunkedArray;
    /// let x = ChunkedArray::from_array(lazuli_array::ndarray::array![[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]], [2, 2]);
    /// let (cov, corr) = lazuli_core::compute((x.cov(1), x.corrcoef()))?;
    /// assert_eq!(cov, lazuli_array::ndarray::array![[1.0, -1.0], [-1.0, 1.0]]);
    /// assert_eq!(corr, cov);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn cov(&self, ddof: u64) -> Delayed<Array2<f64>> {
        self.of_rows("cov", covariances, ddof, Location::caller())
    }

    /// The matrix of Pearson's correlation coefficients of the rows, as NumPy's `corrcoef`. NaN for rows whose
    /// elements are all equal, and as [`cov`](Self::cov).
    #[track_caller]
    pub fn corrcoef(&self) -> Delayed<Array2<f64>> {
        self.of_rows("corrcoef", correlations, 0, Location::caller())
    }

    fn of_rows(
        &self,
        name: &'static str,
        finish: Finish,
        ddof: u64,
        site: &'static Location<'static>,
    ) -> Delayed<Array2<f64>> {
        let rows = self.shape().first().copied().unwrap_or(0);
        let whole = match count_elements(&[rows, rows]) {
            Ok(_) => self.whole_rows(),
            Err(error) => Self::invalid(self.check().err().unwrap_or(error), site),
        };
        let query = OfRows::<A> { name, finish, rows, ddof, element: PhantomData };
        request(name, &whole.expr, &whole.grid, query, site)
    }

    /// In blocks of all rows.
    fn whole_rows(&self) -> Self {
        if self.check().is_err() || self.grid.numblocks()[0] <= 1 {
            return self.clone();
        }
        let most = (BLOCK_BYTES / size_of::<f64>() / self.shape()[0].max(1)).max(1);
        let columns = self.grid.axes()[1].largest().clamp(1, most);
        self.rechunk(Chunks::Each(vec![AxisSizes::Whole, AxisSizes::Size(columns)]))
    }
}
