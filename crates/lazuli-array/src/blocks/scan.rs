//! Running sums and products along an axis.
//!
//! Two passes, both parallel: the totals of each block along the axis, then each block again, begun with the total
//! of those before it. What is held between them is one state for each line through a block.

use std::any::Any;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::{Answer, Delayed, Layer, Lowering, Parted, Result, task};
use ndarray::{Axis, Dimension};
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, AxisChunks, Grid, Region};
use crate::error::ArrayError;
use crate::kernels::{Field, Place, ProductState, Rows, Scalar, SumState, Widen};
use crate::stage::{AnyBlock, Assembly, Making, block_task, made_of_regions};

/// What runs along a line of elements of type `A`.
trait Running<A: Scalar>: Element {
    const NAME: &'static str;
    /// Takes in elements, and notes what there is after each; None where one does not fit.
    fn run(&mut self, line: &[A], values: &mut Vec<A::Wide>) -> Option<()>;
    /// The same of rows that have an element for each of these.
    fn run_down(states: &mut [Self], rows: &[A], values: &mut Vec<A::Wide>) -> Option<()>;
    /// Takes in elements.
    fn take(&mut self, line: &[A]);
    /// The same of rows that have an element for each of these.
    fn take_down(states: &mut [Self], rows: &[A]);
    /// Takes in what another has taken in after this one.
    fn join(&mut self, following: &Self);
}

#[derive(Clone, Copy, Default)]
struct SumSoFar<A: Scalar>(A::Sum);

impl<A: Scalar + Default> Running<A> for SumSoFar<A> {
    const NAME: &'static str = "cumsum";

    fn run(&mut self, line: &[A], values: &mut Vec<A::Wide>) -> Option<()> {
        let mut sums = Vec::with_capacity(line.len());
        self.0.running(line, &mut sums);
        A::Wide::widen_all(&sums, values)
    }

    fn run_down(states: &mut [Self], rows: &[A], values: &mut Vec<A::Wide>) -> Option<()> {
        let mut sums: Vec<A::Sum> = states.iter().map(|state| state.0).collect();
        let mut noted = Vec::with_capacity(rows.len());
        A::Sum::running_rows(&mut sums, rows, &mut noted);
        for (state, sum) in states.iter_mut().zip(sums) {
            state.0 = sum;
        }
        A::Wide::widen_all(&noted, values)
    }

    fn take(&mut self, line: &[A]) {
        self.0.update(line);
    }

    fn take_down(states: &mut [Self], rows: &[A]) {
        /// Rows that are added in `f64` before they join the rest.
        const FEW: usize = 256;
        let cells = states.len();
        let mut field = A::Sum::field(cells);
        for few in rows.chunks(FEW * cells) {
            let rows = Rows::new(few, 0, cells as isize, cells, few.len() / cells);
            field.update_columns(0, rows, Place::default());
        }
        for (cell, state) in states.iter_mut().enumerate() {
            state.0.merge(&field.state(cell));
        }
    }

    fn join(&mut self, following: &Self) {
        self.0.merge(&following.0);
    }
}

#[derive(Clone, Copy, Default)]
struct ProductSoFar<A: Scalar>(A::Product);

impl<A: Scalar + Default> Running<A> for ProductSoFar<A> {
    const NAME: &'static str = "cumprod";

    fn run(&mut self, line: &[A], values: &mut Vec<A::Wide>) -> Option<()> {
        for value in line.chunks(1) {
            self.0.update_rows(Rows::one(value));
            values.push(A::Wide::widen(self.0.total()?)?);
        }
        Some(())
    }

    fn run_down(states: &mut [Self], rows: &[A], values: &mut Vec<A::Wide>) -> Option<()> {
        for row in rows.chunks(states.len()) {
            for (value, state) in row.chunks(1).zip(&mut *states) {
                state.run(value, values)?;
            }
        }
        Some(())
    }

    fn take(&mut self, line: &[A]) {
        self.0.update_rows(Rows::one(line));
    }

    fn take_down(states: &mut [Self], rows: &[A]) {
        for row in rows.chunks(states.len()) {
            for (value, state) in row.chunks(1).zip(&mut *states) {
                state.take(value);
            }
        }
    }

    fn join(&mut self, following: &Self) {
        self.0.merge(&following.0);
    }
}

impl<A: Scalar + Default, D: Dimension + 'static> ChunkedArray<A, D> {
    /// The running sum along an axis: of floats as `f64`, in `f64` and beyond, so that its error does not grow along
    /// the axis; of integers exactly, as `i64` or `u64`, and an error where one does not fit. Keeps shape and
    /// chunks. Reads the array twice.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, ndarray::Axis};
    /// let x = ChunkedArray::from_fn([6], [2], |[i]| i as i32);
    /// assert_eq!(lazuli_core::compute(&x.cumsum(Axis(0)))?.to_vec(), [0, 1, 3, 6, 10, 15]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn cumsum(&self, axis: Axis) -> ChunkedArray<A::Wide, D> {
        self.running::<SumSoFar<A>>(axis, Location::caller())
    }

    /// The running product along an axis: of floats as `f64`, with nothing in between that overflows; of integers
    /// exactly, as `i64` or `u64`, and an error where one does not fit. Keeps shape and chunks. Reads the array twice.
    #[track_caller]
    #[must_use]
    pub fn cumprod(&self, axis: Axis) -> ChunkedArray<A::Wide, D> {
        self.running::<ProductSoFar<A>>(axis, Location::caller())
    }

    fn running<R: Running<A>>(
        &self,
        axis: Axis,
        site: &'static Location<'static>,
    ) -> ChunkedArray<A::Wide, D> {
        self.stage_from(site, || {
            if axis.0 >= self.ndim() {
                return Err(ArrayError::BadAxes {
                    operation: R::NAME,
                    shape: self.shape().to_vec(),
                    reason: format!("there is no axis {}", axis.0),
                    site,
                });
            }
            let before = self.totals_before::<R>(axis, site)?;
            let making = Making {
                name: R::NAME,
                assemble: Box::new(|block: &Region| Assembly::one(block.clone())),
                make: Box::new(move |buffer: Vec<A>, _, block: &Region, beside: &[&AnyBlock]| {
                    let mut states = beside[0].get::<R>().elements.clone();
                    run_lines(buffer, &block.shape, axis.0, &mut states)
                        .ok_or(ArrayError::Overflow(R::NAME))
                }),
                beside: vec![before],
            };
            let grid = Arc::clone(&self.grid);
            Ok((made_of_regions(&self.expr, self.shape(), &grid, making, site), grid))
        })
    }

    /// For each block, the states of its lines after all blocks before it along the axis.
    fn totals_before<R: Running<A>>(
        &self,
        axis: Axis,
        site: &'static Location<'static>,
    ) -> std::result::Result<Parted<AnyBlock>, ArrayError> {
        let mut axes: SmallVec<[AxisChunks; 4]> = self.grid.axes().into();
        axes[axis.0] = AxisChunks::regular(axes[axis.0].count(), 1);
        let output = Arc::new(Grid::from_axes(axes)?);
        let own = self.grid.axes()[axis.0].clone();
        let making = Making {
            name: R::NAME,
            assemble: Box::new(move |total: &Region| {
                let mut block = total.clone();
                (block.start[axis.0], block.shape[axis.0]) = own.block(total.start[axis.0]);
                Assembly::one(block)
            }),
            make: Box::new(move |buffer: Vec<A>, assembly: &Assembly, _, _| {
                Ok(line_totals::<A, R>(&buffer, &assembly.shape, axis.0))
            }),
            beside: Vec::new(),
        };
        let totals = made_of_regions(&self.expr, self.shape(), &output, making, site);
        let request = Before {
            none: no_totals::<R>,
            join: join_totals::<A, R>,
            task: block_task::<R>,
            totals: totals.clone(),
            output,
            axis: axis.0,
            name: R::NAME,
            site,
        };
        Ok(Parted::from_layer_at(site, R::NAME, totals.len(), request, [totals.erase()]))
    }
}

/// A block as lines along an axis: how many times so many lines of this length lie side by side.
fn lines_of(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    let outer = shape[..axis].iter().product();
    (outer, shape[axis], shape[axis + 1..].iter().product())
}

/// The states of the lines of a block.
fn line_totals<A: Scalar, R: Running<A>>(buffer: &[A], shape: &[usize], axis: usize) -> Vec<R> {
    let (outer, len, inner) = lines_of(shape, axis);
    let mut states = vec![R::default(); outer * inner];
    if len * inner == 0 {
        return states;
    }
    for (lines, states) in buffer.chunks(len * inner).zip(states.chunks_mut(inner)) {
        match states {
            [state] => state.take(lines),
            _ => R::take_down(states, lines),
        }
    }
    states
}

/// What runs along the lines of a block; None where a value does not fit. Written over the elements, where it is of
/// their type.
fn run_lines<A: Scalar, R: Running<A>>(
    mut buffer: Vec<A>,
    shape: &[usize],
    axis: usize,
    states: &mut [R],
) -> Option<Vec<A::Wide>> {
    /// Elements that are taken at a time, so that what is noted of them stays in cache.
    const FEW: usize = 8192;
    let (outer, len, inner) = lines_of(shape, axis);
    let mut out: Vec<A::Wide> = Vec::new();
    let mut noted: Vec<A::Wide> = Vec::with_capacity(FEW.max(inner));
    let few = (FEW / inner.max(1)).max(1) * inner;
    for line in 0..if inner == 0 { 0 } else { outer } {
        let (start, end) = (line * len * inner, (line + 1) * len * inner);
        for from in (start..end).step_by(few) {
            let to = end.min(from + few);
            noted.clear();
            match &mut states[line * inner..(line + 1) * inner] {
                [state] => state.run(&buffer[from..to], &mut noted)?,
                states => R::run_down(states, &buffer[from..to], &mut noted)?,
            }
            match (&noted as &dyn Any).downcast_ref::<Vec<A>>() {
                Some(noted) => buffer[from..to].copy_from_slice(noted),
                None => out.extend_from_slice(&noted),
            }
        }
    }
    let buffer: Box<dyn Any> = Box::new(buffer);
    Some(buffer.downcast().map_or(out, |buffer| *buffer))
}

/// The request for the states before each block, given those of each.
struct Before {
    none: fn(&Axes) -> AnyBlock,
    join: fn(&AnyBlock, &AnyBlock) -> AnyBlock,
    task: fn(&'static str, &Region, &'static Location<'static>) -> task::TaskBuilder,
    totals: Parted<AnyBlock>,
    output: Arc<Grid>,
    axis: usize,
    name: &'static str,
    site: &'static Location<'static>,
}

impl Layer for Before {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        Ok(requests.iter().map(|request| Answer::parts(request.before(lowering))).collect())
    }
}

impl Before {
    fn before(&self, lowering: &Lowering<'_>) -> Vec<Delayed<AnyBlock>> {
        let totals = lowering.parts(&self.totals);
        let numblocks: Axes = self.output.numblocks();
        // Blocks that are neighbours along the axis are so far apart in order.
        let ahead: usize = numblocks[self.axis + 1..].iter().product();
        let mut before: Vec<Delayed<AnyBlock>> = Vec::with_capacity(totals.len());
        for (number, region) in self.output.regions().enumerate() {
            let (join, name) = (self.join, self.name);
            let builder = (self.task)(name, &region, self.site);
            before.push(if region.start[self.axis] == 0 {
                let (none, shape) = (self.none, region.shape.clone());
                builder.call((), move |()| none(&shape))
            } else {
                let previous = number - ahead;
                builder.call((&before[previous], &totals[previous]), move |(so_far, next)| {
                    join(so_far, next)
                })
            });
        }
        before
    }
}

fn no_totals<R: Element>(shape: &Axes) -> AnyBlock {
    AnyBlock::new(shape.clone(), vec![R::default(); shape.iter().product()])
}

fn join_totals<A: Scalar, R: Running<A>>(so_far: &AnyBlock, next: &AnyBlock) -> AnyBlock {
    let (so_far, next) = (so_far.get::<R>(), next.get::<R>());
    let mut states = so_far.elements.clone();
    for (state, next) in states.iter_mut().zip(&next.elements) {
        state.join(next);
    }
    AnyBlock::new(so_far.shape.clone(), states)
}
