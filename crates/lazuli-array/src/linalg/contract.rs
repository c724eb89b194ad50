//! Contractions: what every product of arrays comes down to.
//!
//! The axes of the left array are, in this order, shared ones, its own, and those that are summed over; the axes of
//! the right one shared ones, those that are summed over, and its own. So a block of either is a row of matrices in
//! C order, and the product of two blocks is a product of matrices. The blocks of the result are cut as the axes of
//! the arrays are; the axes that are summed over are cut as those of the left array.
//!
//! For each block of the result there is a chain of tasks, one for each pair of blocks along the axes that are summed
//! over. A task adds the product of its pair to the block that it takes from the one before it. So a task holds two
//! blocks and the one of the result, whatever the number of pairs; blocks of sources are read again for each product,
//! blocks of stages are dropped after the last.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::task::reporter;
use lazuli_core::{Answer, Delayed, Error, Layer, Lowering, Parted, Result};
use smallvec::SmallVec;

use crate::chunks::{AxisChunks, Grid, Region};
use crate::error::ArrayError;
use crate::expr::ExprRef;
use crate::kernels::{LinalgScalar, add_product};
use crate::lower::dependencies;
use crate::stage::{AnyBlock, Given, Operand, block_task};

/// An array of a product: its expression, and how it is cut.
pub(super) type Factor = (ExprRef, Arc<Grid>);

/// How many axes of each kind there are.
#[derive(Clone, Copy)]
pub(super) struct Kinds {
    /// The first axes of both.
    pub(super) shared: usize,
    /// The last axes of the left array, and those of the right one behind the shared ones.
    pub(super) summed: usize,
}

/// The blocks of the contraction of two arrays whose axes are in order, and whose lengths fit; and their grid.
pub(super) fn contract<A: LinalgScalar>(
    name: &'static str,
    left: Factor,
    right: Factor,
    kinds: Kinds,
    site: &'static Location<'static>,
) -> std::result::Result<(Parted<AnyBlock>, Arc<Grid>), ArrayError> {
    let own = left.1.axes().len() - kinds.summed;
    let axes = left.1.axes()[..own].iter().chain(&right.1.axes()[kinds.shared + kinds.summed..]);
    let output = Arc::new(Grid::from_axes(axes.cloned().collect())?);
    let mut taken = dependencies(&left.0);
    taken.extend(dependencies(&right.0));
    let blocks = output.regions().len();
    let request = Contraction::<A> {
        left,
        right,
        kinds,
        output: Arc::clone(&output),
        name,
        site,
        element: PhantomData,
    };
    Ok((Parted::from_layer_at(site, name, blocks, request, taken), output))
}

struct Contraction<A> {
    left: Factor,
    right: Factor,
    kinds: Kinds,
    output: Arc<Grid>,
    name: &'static str,
    site: &'static Location<'static>,
    element: PhantomData<fn() -> A>,
}

impl<A: LinalgScalar> Layer for Contraction<A> {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        let lowered = requests.iter().map(|request| request.blocks(lowering).map(Answer::parts));
        lowered.collect::<std::result::Result<_, _>>().map_err(Error::plan)
    }
}

/// The lengths of a product of two blocks: of how many matrices, and `m`, `k` and `n`.
#[derive(Clone, Copy)]
struct Lens {
    matrices: usize,
    mkn: [usize; 3],
}

impl<A: LinalgScalar> Contraction<A> {
    fn blocks(
        &self,
        lowering: &Lowering<'_>,
    ) -> std::result::Result<Vec<Delayed<AnyBlock>>, ArrayError> {
        let left = Operand::new(&self.left.0, self.left.1.shape(), lowering)?;
        let right = Operand::new(&self.right.0, self.right.1.shape(), lowering)?;
        let own = self.left.1.axes().len() - self.kinds.summed;
        let summed: SmallVec<[AxisChunks; 4]> = self.left.1.axes()[own..].into();
        let mut summed: Vec<Region> = Grid::from_axes(summed)?.regions().collect();
        if summed.is_empty() {
            // The sum of no products is zero, which is a product of blocks without elements.
            let none = self.left.1.shape()[own..].iter().map(|_| 0).collect();
            let shape = self.left.1.shape()[own..].into();
            summed.push(Region { start: none, shape });
        }
        let block = |region: Region| {
            let chain = summed.iter().fold(None, |before, summed| {
                Some(self.product(&left, &right, &region, summed, before))
            });
            chain.unwrap_or_else(|| unreachable!("there is at least one product"))
        };
        Ok(self.output.regions().map(block).collect())
    }

    /// The task that adds the product of one pair of blocks.
    fn product(
        &self,
        left: &Operand,
        right: &Operand,
        region: &Region,
        summed: &Region,
        before: Option<Delayed<AnyBlock>>,
    ) -> Delayed<AnyBlock> {
        let Kinds { shared, summed: count } = self.kinds;
        let own = self.left.1.axes().len() - count;
        let of_left = side_by_side([part(region, 0, own), summed.clone()]);
        let of_right = side_by_side([
            part(region, 0, shared),
            summed.clone(),
            part(region, own, region.shape.len()),
        ]);
        let (taken, also_taken) = (left.blocks_of(&of_left), right.blocks_of(&of_right));
        let bytes = [of_left.bytes(size_of::<A>()), of_right.bytes(size_of::<A>())];
        let working = [left.working_bytes(&of_left), right.working_bytes(&of_right)];
        let working = bytes.into_iter().chain(working).fold(0, u64::saturating_add);
        let lens = Lens {
            matrices: region.shape[..shared].iter().product(),
            mkn: [
                region.shape[shared..own].iter().product(),
                summed.len(),
                region.shape[own..].iter().product(),
            ],
        };
        let (read_left, read_right) = (left.reader(), right.reader());
        let shape = region.shape.clone();
        let builder = block_task::<A>(self.name, region, self.site).working_bytes(working);
        let before: Vec<_> = before.into_iter().collect();
        let inputs = (before, left.scalars(), &taken, right.scalars(), &also_taken, reporter());
        builder.try_call(inputs, move |(before, scalars, blocks, others, more, context)| {
            let given = Given { scalars: &scalars, blocks: &blocks, context };
            let left = read_left.elements::<A>(&of_left, &given)?;
            let given = Given { scalars: &others, blocks: &more, context };
            let right = read_right.elements::<A>(&of_right, &given)?;
            let mut sums = match before.into_iter().next() {
                Some(block) => block.into_elements::<A>(),
                None => vec![A::default(); shape.iter().product()],
            };
            add_products(&mut sums, &left, &right, lens);
            Ok::<_, ArrayError>(AnyBlock::new(shape.clone(), sums))
        })
    }
}

/// Adds the products of matrices that lie one behind the other.
fn add_products<A: LinalgScalar>(to: &mut [A], left: &[A], right: &[A], lens: Lens) {
    let Lens { matrices, mkn: [m, k, n] } = lens;
    for matrix in 0..if to.is_empty() { 0 } else { matrices } {
        let of = |elements: usize| matrix * elements..(matrix + 1) * elements;
        add_product(&mut to[of(m * n)], &left[of(m * k)], &right[of(k * n)], [m, k, n]);
    }
}

/// The region along some of the axes.
fn part(region: &Region, from: usize, to: usize) -> Region {
    Region { start: region.start[from..to].into(), shape: region.shape[from..to].into() }
}

/// The region whose axes are those of all of these.
fn side_by_side<const N: usize>(parts: [Region; N]) -> Region {
    let start = parts.iter().flat_map(|part| part.start.iter().copied()).collect();
    let shape = parts.iter().flat_map(|part| part.shape.iter().copied()).collect();
    Region { start, shape }
}
