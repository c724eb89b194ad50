//! Blocks made of regions of an expression: what every operation on whole blocks comes down to.
//!
//! For each block of the result the operation says which regions of the array it needs, and where they lie in
//! a buffer. One task evaluates them tile by tile into the buffer and makes the block of it. A region is read from
//! the sources themselves, and from those blocks of stages that hold it; so a block that needs a border of its
//! neighbours costs that border, and no copy of the neighbours.

use std::panic::Location;
use std::sync::Arc;

use lazuli_core::task::{Arg, TaskBuilder, by_ref, reporter};
use lazuli_core::{Answer, Delayed, Error, Layer, Lowering, Parted, Result};
use smallvec::SmallVec;

use super::{AnyBlock, Given, Operand, Reader, block_task};
use crate::array::Element;
use crate::chunks::{Axes, Grid, Region, unravel};
use crate::error::ArrayError;
use crate::expr::ExprRef;
use crate::lower::dependencies;

/// What a block is made of: regions of the array, and where they lie in a buffer of this shape.
#[derive(Clone, Debug)]
pub(crate) struct Assembly {
    pub(crate) shape: Axes,
    pub(crate) pieces: SmallVec<[Piece; 1]>,
}

/// A region of the array, and where its first element is in the buffer.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) from: Region,
    pub(crate) to: Axes,
}

impl Assembly {
    /// One region, as it is.
    pub(crate) fn one(from: Region) -> Self {
        let to = from.shape.iter().map(|_| 0).collect();
        Self { shape: from.shape.clone(), pieces: [Piece { from, to }].into_iter().collect() }
    }
}

/// How the blocks of an array are made of regions of another.
pub(crate) struct Making<A, B> {
    pub(crate) name: &'static str,
    /// What the block that is this region is made of.
    pub(crate) assemble: Box<dyn Fn(&Region) -> Assembly + Send + Sync>,
    /// The elements of that block, given the buffer, and one block of each array beside.
    pub(crate) make: MakeBlock<A, B>,
    /// Arrays in the blocks of the result: a task takes the block with its own number of each.
    pub(crate) beside: Vec<Parted<AnyBlock>>,
}

/// Makes the elements of a block, in C order: of a buffer, for a region of the result.
pub(crate) type MakeBlock<A, B> = Box<
    dyn Fn(Vec<A>, &Assembly, &Region, &[&AnyBlock]) -> std::result::Result<Vec<B>, ArrayError>
        + Send
        + Sync,
>;

/// The blocks of `output`, made of regions of an expression whose elements are of type `A`.
pub(crate) fn made_of_regions<A: Element, B: Element>(
    expr: &ExprRef,
    shape: &[usize],
    output: &Arc<Grid>,
    making: Making<A, B>,
    site: &'static Location<'static>,
) -> Parted<AnyBlock> {
    let mut taken = dependencies(expr);
    taken.extend(making.beside.iter().map(Parted::erase));
    let name = making.name;
    let request = Request {
        expr: Arc::clone(expr),
        shape: shape.into(),
        output: Arc::clone(output),
        making: Arc::new(making),
        site,
    };
    Parted::from_layer_at(site, name, output.regions().len(), request, taken)
}

struct Request {
    expr: ExprRef,
    shape: Axes,
    output: Arc<Grid>,
    making: Arc<dyn AnyMaking>,
    site: &'static Location<'static>,
}

/// A [`Making`] whose element types the layer does not know.
trait AnyMaking: Send + Sync {
    fn assemble(&self, block: &Region) -> Assembly;
    fn beside(&self) -> &[Parted<AnyBlock>];
    fn element_bytes(&self) -> usize;
    fn task(&self, block: &Region, site: &'static Location<'static>) -> TaskBuilder;
    fn run(
        &self,
        reader: &Reader,
        work: &Work,
        given: &Given<'_, '_>,
        beside: &[&AnyBlock],
    ) -> std::result::Result<AnyBlock, ArrayError>;
}

/// What one task does.
struct Work {
    region: Region,
    assembly: Assembly,
    /// How many blocks of stages each piece takes.
    counts: SmallVec<[usize; 1]>,
}

impl Layer for Request {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        let lowered = requests.iter().map(|request| request.blocks(lowering));
        let lowered = lowered.collect::<std::result::Result<Vec<_>, _>>().map_err(Error::plan)?;
        Ok(lowered.into_iter().map(Answer::parts).collect())
    }
}

impl Request {
    fn blocks(
        &self,
        lowering: &Lowering<'_>,
    ) -> std::result::Result<Vec<Delayed<AnyBlock>>, ArrayError> {
        let operand = Operand::new(&self.expr, &self.shape, lowering)?;
        let beside: Vec<Vec<Delayed<AnyBlock>>> =
            self.making.beside().iter().map(|parts| lowering.parts(parts)).collect();
        let block = |(number, region): (usize, Region)| {
            let assembly = self.making.assemble(&region);
            let (mut taken, mut counts) = (Vec::new(), SmallVec::new());
            let mut working = 0;
            for Piece { from, .. } in &assembly.pieces {
                let blocks = operand.blocks_of(from);
                counts.push(blocks.len());
                taken.extend(blocks);
                working = operand.working_bytes(from).max(working);
            }
            let elements: usize = assembly.shape.iter().product();
            let buffer = (elements as u64).saturating_mul(self.making.element_bytes() as u64);
            let builder = self.making.task(&region, self.site);
            let builder = builder.working_bytes(working.saturating_add(buffer));
            let beside: Vec<_> = beside.iter().map(|parts| parts[number].clone()).collect();
            let work = by_ref(Arg::Value(Work { region, assembly, counts }));
            let (reader, making) = (operand.reader(), Arc::clone(&self.making));
            let inputs = (work, operand.scalars(), &taken, &beside, reporter());
            builder.try_call(inputs, move |(work, scalars, blocks, beside, context)| {
                let given = Given { scalars: &scalars, blocks: &blocks, context };
                making.run(&reader, work, &given, &beside)
            })
        };
        Ok(self.output.regions().enumerate().map(block).collect())
    }
}

impl<A: Element, B: Element> AnyMaking for Making<A, B> {
    fn assemble(&self, block: &Region) -> Assembly {
        (self.assemble)(block)
    }

    fn beside(&self) -> &[Parted<AnyBlock>] {
        &self.beside
    }

    fn element_bytes(&self) -> usize {
        size_of::<A>()
    }

    fn task(&self, block: &Region, site: &'static Location<'static>) -> TaskBuilder {
        block_task::<B>(self.name, block, site)
    }

    fn run(
        &self,
        reader: &Reader,
        work: &Work,
        given: &Given<'_, '_>,
        beside: &[&AnyBlock],
    ) -> std::result::Result<AnyBlock, ArrayError> {
        let Work { region, assembly, counts } = work;
        let mut buffer = vec![A::default(); assembly.shape.iter().product()];
        let mut blocks = given.blocks;
        for (piece, &count) in assembly.pieces.iter().zip(counts) {
            let (mine, others) = blocks.split_at(count);
            blocks = others;
            let from = &piece.from;
            reader.lines(from, &Given { blocks: mine, ..*given }, |before, line: &[A]| {
                let index = unravel(before, &from.shape);
                let axes = index.iter().zip(&piece.to).zip(&assembly.shape);
                let at = axes.fold(0, |at, ((index, to), len)| at * len + index + to);
                buffer[at..at + line.len()].copy_from_slice(line);
            })?;
        }
        let elements = (self.make)(buffer, assembly, region, beside)?;
        Ok(AnyBlock::new(region.shape.clone(), elements))
    }
}
