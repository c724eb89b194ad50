//! Parts of an array whose place is computed before: delayed indices.
//!
//! A plan is made before the place is known, so the task of a block takes it as an input, and reads the region then. From
//! sources it reads that region and no more. Of an array that is computed, each task has to wait for all blocks along
//! the axis, and takes its elements from those that have them.

use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::task::reporter;
use lazuli_core::{Answer, Delayed, Error, Layer, Lowering, Parted, Result};
use ndarray::{Axis, Dimension, RemoveAxis};
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, AxisChunks, Grid, Region};
use crate::error::ArrayError;
use crate::expr::ExprRef;
use crate::lower::dependencies;
use crate::stage::{AnyBlock, Given, Operand, block_task};

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// `len` elements along an axis from a delayed place on. Blocks along it are as large as the largest of this array,
    /// along the others as they are.
    ///
    /// Of sources, a task reads its elements alone. Of blocks that are computed, it waits for all along the axis: what
    /// is known when the program is written is better said by [`slice`](Self::slice).
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([1000], [100], |[i]| -((i as f64) - 620.0).abs());
    /// let peak = x.argmax();                                  // Delayed<u64>
    /// let around = x.slice_axis_at(Axis(0), &(peak - 2), 5);
    /// assert_eq!(lazuli_core::compute(&around)?.to_vec(), [-2.0, -1.0, 0.0, -1.0, -2.0]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// A part that does not lie inside the axis is reported when the array is computed.
    #[track_caller]
    #[must_use]
    pub fn slice_axis_at(&self, axis: Axis, start: &Delayed<u64>, len: usize) -> Self {
        self.placed("slice_axis_at", axis, start, len, Location::caller())
    }

    /// The array without an axis, at a delayed index of it. Chunks and cost are as for
    /// [`slice_axis_at`](Self::slice_axis_at).
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([40, 3], [10, 3], |[i, j]| ((i * 7 + j) % 40) as i64);
    /// let best = x.sum_axis(Axis(1)).argmax();
    /// let row = x.index_axis_at(Axis(0), &best);
    /// assert_eq!(lazuli_core::compute(&row)?.to_vec(), [37, 38, 39]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn index_axis_at(&self, axis: Axis, index: &Delayed<u64>) -> ChunkedArray<A, D::Smaller>
    where
        D: RemoveAxis,
    {
        let placed = self.placed("index_axis_at", axis, index, 1, Location::caller());
        match placed.check() {
            Ok(()) => placed.index_axis(axis, 0),
            Err(error) => ChunkedArray::invalid(error, placed.site),
        }
    }

    fn placed(
        &self,
        name: &'static str,
        axis: Axis,
        start: &Delayed<u64>,
        len: usize,
        site: &'static Location<'static>,
    ) -> Self {
        self.stage_from(site, || {
            let misfit = |reason| ArrayError::BadAxes {
                operation: name,
                shape: self.shape().to_vec(),
                reason,
                site,
            };
            match self.shape().get(axis.0) {
                None => return Err(misfit(format!("there is no axis {}", axis.0))),
                Some(&whole) if len > whole => {
                    return Err(misfit(format!("axis {} has fewer than {len} elements", axis.0)));
                }
                Some(_) => {}
            }
            let mut axes: SmallVec<[AxisChunks; 4]> = self.grid.axes().into();
            axes[axis.0] = AxisChunks::regular(len, axes[axis.0].largest().max(1));
            let output = Arc::new(Grid::from_axes(axes)?);
            let mut taken = dependencies(&self.expr);
            taken.push(start.erase());
            let request = Placed::<A> {
                expr: Arc::clone(&self.expr),
                shape: self.shape().into(),
                output: Arc::clone(&output),
                axis: axis.0,
                start: start.clone(),
                len,
                name,
                site,
                element: PhantomData,
            };
            let blocks = output.regions().len();
            Ok((Parted::from_layer_at(site, name, blocks, request, taken), output))
        })
    }
}

/// The request for the blocks.
struct Placed<A> {
    expr: ExprRef,
    shape: Axes,
    output: Arc<Grid>,
    axis: usize,
    start: Delayed<u64>,
    len: usize,
    name: &'static str,
    site: &'static Location<'static>,
    element: PhantomData<fn() -> A>,
}

impl<A: Element> Layer for Placed<A> {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        let lowered = requests.iter().map(|request| request.blocks(lowering).map(Answer::parts));
        lowered.collect::<std::result::Result<_, _>>().map_err(Error::plan)
    }
}

impl<A: Element> Placed<A> {
    fn blocks(
        &self,
        lowering: &Lowering<'_>,
    ) -> std::result::Result<Vec<Delayed<AnyBlock>>, ArrayError> {
        let operand = Operand::new(&self.expr, &self.shape, lowering)?;
        let block = |region: Region| {
            let (axis, whole) = (self.axis, self.shape[self.axis]);
            let mut anywhere = region.clone();
            (anywhere.start[axis], anywhere.shape[axis]) = (0, whole);
            let (reader, taken) = (operand.reader(), operand.blocks_of(&anywhere));
            let builder = block_task::<A>(self.name, &region, self.site)
                .working_bytes(operand.working_bytes(&region));
            let inputs = (&self.start, operand.scalars(), &taken, reporter());
            let (name, site, len) = (self.name, self.site, self.len);
            let shape = self.shape.clone();
            builder.try_call(inputs, move |(&start, scalars, blocks, context)| {
                let end = usize::try_from(start).ok().and_then(|start| start.checked_add(len));
                let Some(end) = end.filter(|&end| end <= whole) else {
                    let reason = format!("{len} elements from {start} on are beyond axis {axis}");
                    let shape = shape.to_vec();
                    return Err(ArrayError::BadAxes { operation: name, shape, reason, site });
                };
                let mut from = region.clone();
                from.start[axis] += end - len;
                let blocks = reader.blocks_of_part(&from, &anywhere, &blocks);
                let given = Given { scalars: &scalars, blocks: &blocks, context };
                let elements = reader.elements::<A>(&from, &given)?;
                Ok(AnyBlock::new(region.shape.clone(), elements))
            })
        };
        Ok(self.output.regions().map(block).collect())
    }
}
