//! Computed blocks in other sizes.
//!
//! An *exchange* cuts every block into the pieces that go to different new blocks, and puts the pieces of a new
//! block together. Blocks of rows that become blocks of columns would be as many pieces as there are blocks of
//! both multiplied, so where that is too many, blocks between them in size come first.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::task::TaskBuilder;
use lazuli_core::{Answer, Delayed, Layer, Lowering, Parted, Result};
use ndarray::Dimension;
use smallvec::SmallVec;

use crate::array::{ChunkedArray, Element};
use crate::chunks::{Axes, AxisChunks, Grid, Region, unravel};
use crate::expr::{ExprRef, Kind, walk};
use crate::stage::{AnyBlock, BoxIn, block_task, copy_box};

/// So often a block of a file may be read, a part each time, before it is better read once and exchanged.
const FEW_READS: f64 = 4.0;

/// No more exchanges than this, one after another.
const MOST_STEPS: i32 = 4;

impl<A: Element, D: Dimension> ChunkedArray<A, D> {
    /// This array, which has no errors, in the blocks of another grid of its shape.
    pub(crate) fn in_grid(&self, grid: Arc<Grid>, site: &'static Location<'static>) -> Self {
        let is_dear = match dearest(&self.expr) {
            Leaves::InPlace => false,
            Leaves::Stored => {
                let blocks = self.grid.regions().len() as f64;
                all_pieces(&self.grid, &grid) > FEW_READS * blocks
            }
            Leaves::Computed => true,
        };
        if !is_dear || !mixes(&self.grid, &grid) {
            return Self::at(Arc::clone(&self.expr), grid, site);
        }
        let mut parts = self.blocks(site);
        let mut from = Arc::clone(&self.grid);
        for to in steps(&self.grid, &grid) {
            let blocks = to.regions().len();
            let exchange = Exchange {
                parts: parts.clone(),
                from,
                to: Arc::clone(&to),
                types: Types { task: block_task::<A>, cut: cut::<A>, join: join::<A> },
                site,
            };
            parts = Parted::from_layer_at(site, "rechunk", blocks, exchange, [parts.erase()]);
            from = to;
        }
        Self::staged(parts, grid, site)
    }
}

/// What reading part of a block again costs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Leaves {
    /// No more than the part: elements are in memory, or given by a function.
    InPlace,
    /// A read of files, and perhaps a chunk that is decoded for it.
    Stored,
    /// The block has to be held until then.
    Computed,
}

/// Of the leaves of an expression, what the dearest are.
fn dearest(expr: &ExprRef) -> Leaves {
    let mut dearest = Leaves::InPlace;
    walk(expr, |expr| {
        dearest = dearest.max(match &expr.kind {
            Ok(Kind::Stage(_)) => Leaves::Computed,
            Ok(Kind::Source(source)) if source.is_stored() => Leaves::Stored,
            _ => Leaves::InPlace,
        });
    });
    dearest
}

/// The ends of the pieces of an axis that is cut in both ways.
fn pieces(from: &AxisChunks, to: &AxisChunks) -> usize {
    let ends = |axis: &AxisChunks| {
        let mut end = 0;
        axis.sizes()
            .map(|size| {
                end += size;
                end
            })
            .collect::<Vec<_>>()
    };
    let (from, to) = (ends(from), ends(to));
    let shared = from.iter().filter(|end| to.binary_search(end).is_ok()).count();
    from.len() + to.len() - shared
}

/// How many pieces an exchange makes.
fn all_pieces(from: &Grid, to: &Grid) -> f64 {
    let axes = from.axes().iter().zip(to.axes());
    axes.map(|(from, to)| pieces(from, to) as f64).product()
}

/// Whether blocks are both cut and put together.
fn mixes(from: &Grid, to: &Grid) -> bool {
    let (pieces, blocks) = (all_pieces(from, to), |grid: &Grid| grid.regions().len() as f64);
    pieces > blocks(from) && pieces > blocks(to)
}

/// The grids after each exchange, the last of which is `to`.
fn steps(from: &Grid, to: &Arc<Grid>) -> Vec<Arc<Grid>> {
    let mut best: Option<(f64, Vec<Arc<Grid>>)> = None;
    for count in 1..=MOST_STEPS {
        let mut grids: Vec<Arc<Grid>> = (1..count)
            .filter_map(|step| between(from, to, f64::from(step) / f64::from(count)))
            .collect();
        grids.push(Arc::clone(to));
        let starts = std::iter::once(from).chain(grids.iter().map(|grid| &**grid));
        let pieces: f64 = starts.zip(&grids).map(|(from, to)| all_pieces(from, to)).sum();
        // An exchange copies all elements twice: it must save more than a few pieces.
        if best.as_ref().is_none_or(|(least, _)| 4.0 * pieces < *least) {
            best = Some((pieces, grids));
        }
    }
    best.map(|(_, grids)| grids).unwrap_or_default()
}

/// Blocks whose sizes are part of the way between those of two grids, by ratio.
fn between(from: &Grid, to: &Grid, part: f64) -> Option<Arc<Grid>> {
    let axes = from.axes().iter().zip(to.axes()).map(|(from, to)| {
        let [a, b] = [from, to].map(|axis| axis.largest().max(1) as f64);
        if from == to {
            return from.clone();
        }
        let size = a * (b / a).powf(part);
        AxisChunks::regular(from.len(), (size.round() as usize).max(1))
    });
    Grid::from_axes(axes.collect()).ok().map(Arc::new)
}

/// The request for the blocks of one grid, given those of another.
struct Exchange {
    parts: Parted<AnyBlock>,
    from: Arc<Grid>,
    to: Arc<Grid>,
    types: Types,
    site: &'static Location<'static>,
}

/// What knows the element type.
#[derive(Clone, Copy)]
struct Types {
    task: fn(&'static str, &Region, &'static Location<'static>) -> TaskBuilder,
    cut: fn(&AnyBlock, &[Region]) -> Vec<AnyBlock>,
    join: fn(&[&AnyBlock], &[Axes], &Axes) -> AnyBlock,
}

impl Layer for Exchange {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        Ok(requests.iter().map(|request| Answer::parts(request.exchange(lowering))).collect())
    }
}

impl Exchange {
    fn exchange(&self, lowering: &Lowering<'_>) -> Vec<Delayed<AnyBlock>> {
        let Types { task, cut, join } = self.types;
        let targets: Vec<Region> = self.to.regions().collect();
        // Of each new block: its pieces, and where they start in it.
        let mut taken: Vec<(Vec<Delayed<AnyBlock>>, Vec<Axes>)> =
            targets.iter().map(|_| Default::default()).collect();
        for (block, region) in lowering.parts(&self.parts).into_iter().zip(self.from.regions()) {
            let shared = shared_with(&region, &self.to);
            let within = |region: &Region, start: &Axes| -> Axes {
                region.start.iter().zip(start).map(|(at, start)| at - start).collect()
            };
            let pieces = if shared.len() == 1 {
                vec![block]
            } else {
                let cuts: Vec<Region> = shared
                    .iter()
                    .map(|(_, part)| Region {
                        start: within(part, &region.start),
                        shape: part.shape.clone(),
                    })
                    .collect();
                let builder = task("rechunk-cut", &region, self.site);
                builder.call_many(cuts.len(), &block, move |block| cut(block, &cuts))
            };
            for ((number, part), piece) in shared.iter().zip(pieces) {
                let (pieces, starts) = &mut taken[*number];
                starts.push(within(part, &targets[*number].start));
                pieces.push(piece);
            }
        }
        let joined = taken.into_iter().zip(targets).map(|((mut pieces, starts), target)| {
            if pieces.len() == 1 && starts[0].iter().all(|&start| start == 0) {
                return pieces.remove(0);
            }
            let builder = task("rechunk-join", &target, self.site);
            builder
                .call(&pieces, move |pieces: Vec<&AnyBlock>| join(&pieces, &starts, &target.shape))
        });
        joined.collect()
    }
}

/// The blocks of a grid that a region has elements of, and the regions that they share.
fn shared_with(region: &Region, grid: &Grid) -> Vec<(usize, Region)> {
    let runs: SmallVec<[Vec<(usize, usize, usize)>; 4]> = region
        .start
        .iter()
        .zip(&region.shape)
        .zip(grid.axes())
        .map(|((&start, &len), axis)| {
            let mut runs = Vec::new();
            let mut at = start;
            while at < start + len {
                let Some(block) = axis.block_at(at) else { break };
                let (first, size) = axis.block(block);
                let end = (first + size).min(start + len);
                runs.push((block, at, end - at));
                at = end;
            }
            runs
        })
        .collect();
    let counts: Axes = runs.iter().map(Vec::len).collect();
    let numblocks = grid.numblocks();
    let part = |cell: usize| {
        let cell = unravel(cell, &counts);
        let runs: SmallVec<[(usize, usize, usize); 4]> =
            cell.iter().zip(&runs).map(|(&run, runs)| runs[run]).collect();
        let blocks = runs.iter().zip(&numblocks);
        let number = blocks.fold(0, |number, (run, len)| number * len + run.0);
        let (start, shape) = runs.iter().map(|run| (run.1, run.2)).unzip();
        (number, Region { start, shape })
    };
    (0..counts.iter().product()).map(part).collect()
}

fn cut<A: Element>(block: &AnyBlock, cuts: &[Region]) -> Vec<AnyBlock> {
    let block = block.get::<A>();
    let piece = |cut: &Region| {
        let mut elements = vec![A::default(); cut.len()];
        let none: Axes = cut.start.iter().map(|_| 0).collect();
        let of = BoxIn { array: &block.shape, start: &cut.start };
        let into = BoxIn { array: &cut.shape, start: &none };
        copy_box(&cut.shape, (&block.elements, of), (&mut elements, into));
        AnyBlock::new(cut.shape.clone(), elements)
    };
    cuts.iter().map(piece).collect()
}

fn join<A: Element>(pieces: &[&AnyBlock], starts: &[Axes], shape: &Axes) -> AnyBlock {
    let mut elements = vec![A::default(); shape.iter().product()];
    for (piece, start) in pieces.iter().zip(starts) {
        let piece = piece.get::<A>();
        let none: Axes = start.iter().map(|_| 0).collect();
        let of = BoxIn { array: &piece.shape, start: &none };
        let into = BoxIn { array: shape, start };
        copy_box(&piece.shape, (&piece.elements, of), (&mut elements, into));
    }
    AnyBlock::new(shape.clone(), elements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunks::IntoChunks;

    fn grid(shape: &[usize], chunks: [usize; 2]) -> Arc<Grid> {
        Arc::new(Grid::new(shape, &chunks.into_chunks(), 8).unwrap())
    }

    #[test]
    fn rows_that_become_columns_pass_through_blocks_between() {
        let shape = [10_000, 10_000];
        let direct = steps(&grid(&shape, [1000, 10_000]), &grid(&shape, [10_000, 1000]));
        assert_eq!(direct.len(), 1, "a hundred pieces are few");
        let (rows, columns) = (grid(&shape, [2, 10_000]), grid(&shape, [10_000, 2]));
        let planned = steps(&rows, &columns);
        assert!(planned.len() > 1 && planned.last() == Some(&columns));
        let starts = std::iter::once(&rows).chain(&planned);
        let pieces: f64 = starts.zip(&planned).map(|(from, to)| all_pieces(from, to)).sum();
        assert!(pieces < 2e6, "{pieces} pieces, where 25 million are direct");
        for step in &planned {
            let most: usize = step.axes().iter().map(AxisChunks::largest).product();
            assert!(most <= 21_000, "blocks of {most} elements, where both have 20,000");
        }
    }

    #[test]
    fn what_is_only_cut_or_only_joined_needs_no_exchange() {
        let shape = [12, 12];
        assert!(!mixes(&grid(&shape, [6, 12]), &grid(&shape, [2, 3])));
        assert!(!mixes(&grid(&shape, [2, 3]), &grid(&shape, [6, 12])));
        assert!(mixes(&grid(&shape, [6, 12]), &grid(&shape, [12, 6])));
        assert!(mixes(&grid(&shape, [5, 12]), &grid(&shape, [4, 12])));
    }
}
