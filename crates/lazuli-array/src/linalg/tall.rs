//! QR of a tall matrix by a tree of block QRs (Demmel, Grigori, Hoemmen and Langou, SIAM J. Sci. Comput. 34, 2012).
//!
//! On the way up each block of rows is made triangular, and so many triangles at a time are made one, until one is
//! left, which is `R`. On the way down `Q` of each meeting is applied to what stands for its `R`, and at last that of
//! each block, which is read and factored again: so nothing but triangles is held between the two passes.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::SPLIT_EVERY;
use lazuli_core::task::reporter;
use lazuli_core::{Answer, Delayed, Error, Layer, Lowering, Parted, Result};
use ndarray::Ix2;
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{AxisChunks, Grid, Region};
use crate::error::ArrayError;
use crate::kernels::{Scalar, TallQr};
use crate::lower::dependencies;
use crate::stage::{AnyBlock, Given, Operand, Reader, block_task};

impl<A: Scalar + Default> ChunkedArray<A, Ix2> {
    /// The QR factors of a tall matrix (`m x n` with `m >= n`): `Q` (`m x n`), whose columns are orthogonal and of
    /// length 1, and `R` (`n x n`), upper triangular with no negative number on its diagonal. As NumPy's
    /// `linalg.qr(mode="reduced")`, but for the signs.
    ///
    /// Computed in `f64`, by Householder reflections. `Q` has the chunks of this array along the rows, whole rows in
    /// each (blocks with fewer rows than columns are taken together with neighbours), and `R` is one block. One task
    /// for each block of rows, which takes `2 rows n^2` operations, and for each eight triangles; for `Q` as many again,
    /// which read the array a second time. A task holds a block of whole rows, its factors, and triangles.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, Random};
    /// let x = Random::new(1).normal([1000, 4], [300, 4], 0.0, 1.0);
    /// let (q, r) = x.qr();
    /// let (off, same) = lazuli_core::compute(((q.dot(&r) - &x).abs().max(), q.t().dot(&q)))?;
    /// assert!(off < 1e-13 && (same[[0, 0]] - 1.0).abs() < 1e-14 && same[[0, 1]].abs() < 1e-14);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// A matrix with fewer rows than columns, or without elements, is an error when a factor is computed.
    #[track_caller]
    #[must_use]
    pub fn qr(&self) -> (ChunkedArray<f64, Ix2>, ChunkedArray<f64, Ix2>) {
        let site = Location::caller();
        match self.triangles("qr", site) {
            Ok(triangles) => (triangles.q_times(None), triangles.r()),
            Err(error) => {
                (ChunkedArray::invalid(error.clone(), site), ChunkedArray::invalid(error, site))
            }
        }
    }

    /// The way up.
    pub(super) fn triangles(
        &self,
        name: &'static str,
        site: &'static Location<'static>,
    ) -> std::result::Result<Triangles<A>, ArrayError> {
        self.check()?;
        let &[rows, columns] = self.shape() else {
            unreachable!("a matrix has two axes");
        };
        if columns == 0 || rows < columns {
            let reason = if columns == 0 { "it has no columns" } else { "it is wider than tall" };
            let (shape, reason) = (self.shape().to_vec(), reason.into());
            return Err(ArrayError::BadAxes { operation: name, shape, reason, site });
        }
        let tall = at_least(&self.grid.axes()[0], columns);
        let whole = AxisChunks::regular(columns, columns);
        let rows = Arc::new(Grid::from_axes([tall, whole].into_iter().collect())?);
        let levels = levels(rows.regions().len());
        let count = levels.iter().sum();
        let up = Up { of: self.clone(), rows: Arc::clone(&rows), levels, name, site };
        let taken = dependencies(&self.expr);
        let levels = up.levels.clone();
        let parts = Parted::from_layer_at(site, name, count, up, taken);
        Ok(Triangles { of: self.clone(), rows, levels, parts, name, site })
    }
}

/// An axis whose blocks are joined where they are shorter than this.
fn at_least(axis: &AxisChunks, least: usize) -> AxisChunks {
    let mut sizes: Vec<usize> = Vec::new();
    let mut left = 0;
    for size in axis.sizes() {
        left += size;
        if left >= least {
            sizes.push(left);
            left = 0;
        }
    }
    match sizes.last_mut() {
        Some(last) => *last += left,
        None => sizes.push(left),
    }
    AxisChunks::of_sizes(&sizes).unwrap_or_else(|| axis.clone())
}

/// How many triangles there are after each step up, the first of which has one for each block.
fn levels(blocks: usize) -> Vec<usize> {
    let mut levels = vec![blocks];
    let mut count = blocks;
    while count > 1 {
        count = count.div_ceil(SPLIT_EVERY);
        levels.push(count);
    }
    levels
}

/// The triangles of all levels, level after level; the last is `R`.
pub(super) struct Triangles<A> {
    of: ChunkedArray<A, Ix2>,
    rows: Arc<Grid>,
    levels: Vec<usize>,
    parts: Parted<AnyBlock>,
    name: &'static str,
    site: &'static Location<'static>,
}

impl<A: Scalar + Default> Triangles<A> {
    pub(super) fn columns(&self) -> usize {
        self.rows.shape()[1]
    }

    /// `R` as a block.
    pub(super) fn last(&self) -> Delayed<AnyBlock> {
        self.parts.part(self.parts.len() - 1)
    }

    fn r(&self) -> ChunkedArray<f64, Ix2> {
        one_block(self.last(), &[self.columns(); 2], self.site)
    }

    /// `Q` times a matrix with as many rows as it has columns, and as many columns.
    pub(super) fn q_times(&self, matrix: Option<Delayed<AnyBlock>>) -> ChunkedArray<f64, Ix2> {
        let mut taken = dependencies(&self.of.expr);
        taken.push(self.parts.erase());
        taken.extend(matrix.iter().map(Delayed::erase));
        let blocks = self.rows.regions().len();
        let down = Down {
            of: self.of.clone(),
            rows: Arc::clone(&self.rows),
            levels: self.levels.clone(),
            triangles: self.parts.clone(),
            matrix,
            name: self.name,
            site: self.site,
        };
        let parts = Parted::from_layer_at(self.site, self.name, blocks, down, taken);
        ChunkedArray::staged(parts, Arc::clone(&self.rows), self.site)
    }
}

/// An array of one block.
pub(super) fn one_block<A: Element, D: ndarray::Dimension>(
    block: Delayed<AnyBlock>,
    shape: &[usize],
    site: &'static Location<'static>,
) -> ChunkedArray<A, D> {
    let axes: SmallVec<[AxisChunks; 4]> =
        shape.iter().map(|&len| AxisChunks::regular(len, len)).collect();
    match Grid::from_axes(axes) {
        Ok(grid) => ChunkedArray::staged(Parted::from_parts([block]), Arc::new(grid), site),
        Err(error) => ChunkedArray::invalid(error, site),
    }
}

/// Where a small matrix of a step is named in events.
pub(super) fn square(columns: usize) -> Region {
    let shape = [columns, columns].into_iter().collect();
    Region { start: [0, 0].into_iter().collect(), shape }
}

/// The request for the triangles.
struct Up<A> {
    of: ChunkedArray<A, Ix2>,
    rows: Arc<Grid>,
    levels: Vec<usize>,
    name: &'static str,
    site: &'static Location<'static>,
}

/// The rows of a block, as `f64`, and their factors.
fn factored<A: Scalar + Default>(
    reader: &Reader,
    region: &Region,
    given: &Given<'_, '_>,
) -> std::result::Result<TallQr, ArrayError> {
    let elements = reader.elements::<A>(region, given)?;
    let rows: Vec<f64> = elements.into_iter().map(A::to_f64).collect();
    Ok(TallQr::of_rows(region.shape[1], &rows))
}

/// Several triangles as one.
fn joined(columns: usize, triangles: &[&AnyBlock]) -> TallQr {
    let mut triangles = triangles.iter().map(|triangle| triangle.get::<f64>());
    let first = triangles.next().map(|first| first.elements.clone());
    let mut qr = TallQr::of(columns, first.unwrap_or_default());
    triangles.for_each(|triangle| qr.take_in(&triangle.elements));
    qr
}

/// The bytes of a block of rows as they are and as `f64`, and of its reflections.
fn factoring_bytes<A>(operand: &Operand, region: &Region) -> u64 {
    let rows = region.bytes(size_of::<A>()).saturating_add(2 * region.bytes(size_of::<f64>()));
    operand.working_bytes(region).saturating_add(rows)
}

impl<A: Scalar + Default> Layer for Up<A> {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        let lowered = requests.iter().map(|request| request.triangles(lowering));
        lowered.collect::<std::result::Result<_, _>>().map_err(Error::plan)
    }
}

impl<A: Scalar + Default> Up<A> {
    fn triangles(&self, lowering: &Lowering<'_>) -> std::result::Result<Answer, ArrayError> {
        let operand = Operand::new(&self.of.expr, self.of.shape(), lowering)?;
        let columns = self.rows.shape()[1];
        let shape = square(columns).shape;
        let mut all: Vec<Delayed<AnyBlock>> = Vec::new();
        for region in self.rows.regions() {
            let (reader, taken) = (operand.reader(), operand.blocks_of(&region));
            let (builder, shape) =
                (block_task::<f64>(self.name, &region, self.site), shape.clone());
            let builder = builder
                .working_bytes(factoring_bytes::<A>(&operand, &region))
                .output_bytes(square(columns).bytes(size_of::<f64>()));
            let inputs = (operand.scalars(), &taken, reporter());
            all.push(builder.try_call(inputs, move |(scalars, blocks, context)| {
                let given = Given { scalars: &scalars, blocks: &blocks, context };
                let qr = factored::<A>(&reader, &region, &given)?;
                Ok::<_, ArrayError>(AnyBlock::new(shape.clone(), qr.r().to_vec()))
            }));
        }
        let mut below = 0..all.len();
        for _ in &self.levels[1..] {
            let meetings: Vec<_> =
                all[below.clone()].chunks(SPLIT_EVERY).map(<[_]>::to_vec).collect();
            below = all.len()..all.len() + meetings.len();
            for triangles in meetings {
                let builder = block_task::<f64>(self.name, &square(columns), self.site);
                let shape = shape.clone();
                all.push(builder.call(&triangles, move |triangles: Vec<&AnyBlock>| {
                    AnyBlock::new(shape.clone(), joined(columns, &triangles).r().to_vec())
                }));
            }
        }
        Ok(Answer::parts(all))
    }
}

/// The request for `Q`, times a matrix where there is one.
struct Down<A> {
    of: ChunkedArray<A, Ix2>,
    rows: Arc<Grid>,
    levels: Vec<usize>,
    triangles: Parted<AnyBlock>,
    matrix: Option<Delayed<AnyBlock>>,
    name: &'static str,
    site: &'static Location<'static>,
}

impl<A: Scalar + Default> Layer for Down<A> {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        let lowered = requests.iter().map(|request| request.blocks(lowering).map(Answer::parts));
        lowered.collect::<std::result::Result<_, _>>().map_err(Error::plan)
    }
}

impl<A: Scalar + Default> Down<A> {
    fn blocks(
        &self,
        lowering: &Lowering<'_>,
    ) -> std::result::Result<Vec<Delayed<AnyBlock>>, ArrayError> {
        let columns = self.rows.shape()[1];
        let small = || block_task::<f64>(self.name, &square(columns), self.site);
        let triangles = lowering.parts(&self.triangles);
        let top = self.matrix.clone().unwrap_or_else(|| {
            small().call((), move |()| AnyBlock::new(square(columns).shape, identity(columns)))
        });
        // What stands for each triangle of a level, from the last level on.
        let mut standing = vec![top];
        let mut end = triangles.len() - 1;
        for &count in self.levels.iter().rev().skip(1) {
            let below = &triangles[end - count..end];
            end -= count;
            let mut next = Vec::with_capacity(count);
            for (triangles, for_all) in below.chunks(SPLIT_EVERY).zip(&standing) {
                let inputs = (triangles, for_all);
                next.extend(small().call_many(
                    triangles.len(),
                    inputs,
                    move |(triangles, for_all)| parts_of_q(columns, &triangles, for_all),
                ));
            }
            standing = next;
        }
        let operand = Operand::new(&self.of.expr, self.of.shape(), lowering)?;
        let block = |(region, matrix): (Region, Delayed<AnyBlock>)| {
            let (reader, taken) = (operand.reader(), operand.blocks_of(&region));
            let builder = block_task::<f64>(self.name, &region, self.site)
                .working_bytes(factoring_bytes::<A>(&operand, &region));
            let inputs = (operand.scalars(), &taken, &matrix, reporter());
            builder.try_call(inputs, move |(scalars, blocks, matrix, context)| {
                let given = Given { scalars: &scalars, blocks: &blocks, context };
                let qr = factored::<A>(&reader, &region, &given)?;
                let (mut rows, others) = qr.apply(&matrix.get::<f64>().elements);
                rows.extend(others);
                Ok::<_, ArrayError>(AnyBlock::new(region.shape.clone(), rows))
            })
        };
        Ok(self.rows.regions().zip(standing).map(block).collect())
    }
}

fn identity(columns: usize) -> Vec<f64> {
    (0..columns * columns)
        .map(|place| if place / columns == place % columns { 1.0 } else { 0.0 })
        .collect()
}

/// `Q` of a meeting of triangles times what stands for their `R`, cut into what stands for each.
fn parts_of_q(columns: usize, triangles: &[&AnyBlock], matrix: &AnyBlock) -> Vec<AnyBlock> {
    let (first, others) = joined(columns, triangles).apply(&matrix.get::<f64>().elements);
    let others = others.chunks_exact(columns * columns).map(<[f64]>::to_vec);
    let all = std::iter::once(first).chain(others);
    all.map(|elements| AnyBlock::new(square(columns).shape, elements)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_with_few_rows_are_joined() {
        let sizes = |sizes: &[usize], least| {
            let axis = AxisChunks::of_sizes(sizes).unwrap();
            at_least(&axis, least).sizes().collect::<Vec<_>>()
        };
        assert_eq!(sizes(&[2, 2, 2, 9, 1], 4), [4, 12]);
        assert_eq!(sizes(&[5, 5, 5], 4), [5, 5, 5]);
        assert_eq!(sizes(&[1, 1, 1], 3), [3]);
    }

    #[test]
    fn the_tree_ends_with_one() {
        assert_eq!(levels(1), [1]);
        assert_eq!(levels(8), [8, 1]);
        assert_eq!(levels(65), [65, 9, 2, 1]);
    }
}
