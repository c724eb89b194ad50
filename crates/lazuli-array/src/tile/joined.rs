//! Arrays that are joined along an axis, as one leaf of a tile program.
//!
//! A block that lies in one of them, where that one is nothing but elements of a source, reads the source as
//! it would without the others. Any other block is evaluated first, each of its parts by the program of its
//! array, tile by tile, and then lent from memory.

use std::ops::Range;
use std::sync::Arc;

use lazuli_core::executor::TaskContext;

use super::leaf::{BlocksOf, Given, Leaf, LeafView};
use super::program::{Program, ProgramBuilder};
use super::registers::{RegId, Registers};
use super::tiling::Tiling;
use crate::array::Element;
use crate::chunks::{Region, unravel};
use crate::error::ArrayError;
use crate::expr::{Expr, Kind, View};
use crate::source::{AnyWindow, lent_in_c_order};

/// Arrays that are joined, and their programs.
pub(super) struct Joined {
    pub(super) axis: usize,
    pub(super) parts: Vec<Part>,
    pub(super) joining: Arc<dyn Joining>,
}

/// One of the arrays.
pub(super) struct Part {
    /// Where it lies along the axis.
    pub(super) range: Range<usize>,
    pub(super) program: Program,
    /// The register of its elements.
    pub(super) register: RegId,
    /// Its scalars among those of the program that has the leaf.
    pub(super) scalars: Range<usize>,
}

/// What has to be known of the elements of joined arrays.
pub(crate) trait Joining: Send + Sync {
    fn element_bytes(&self) -> usize;

    /// Room for the elements of a region.
    fn room(&self, region: &Region) -> Result<Box<dyn Room>, ArrayError>;
}

/// The elements of a region, to be filled.
pub(crate) trait Room: Send {
    /// Puts in a tile of a part of the region, which starts here.
    fn put(&mut self, part: &Region, registers: &Registers, register: RegId);

    /// A window on a view of the region.
    fn window(self: Box<Self>, view: &View) -> Box<dyn AnyWindow>;
}

/// Joined arrays of elements of type `A`.
pub(crate) struct JoiningOf<A>(pub(crate) std::marker::PhantomData<fn() -> A>);

struct RoomOf<A> {
    region: Region,
    elements: Vec<A>,
}

impl<A: Element> Joining for JoiningOf<A> {
    fn element_bytes(&self) -> usize {
        size_of::<A>()
    }

    fn room(&self, region: &Region) -> Result<Box<dyn Room>, ArrayError> {
        let mut elements = Vec::new();
        elements
            .try_reserve_exact(region.len())
            .map_err(|_| ArrayError::TooManyBytes { shape: region.shape.to_vec() })?;
        elements.resize(region.len(), A::default());
        Ok(Box::new(RoomOf { region: region.clone(), elements }))
    }
}

impl<A: Element> Room for RoomOf<A> {
    fn put(&mut self, part: &Region, registers: &Registers, register: RegId) {
        let (start, of_part) = (registers.tile_start(), registers.region());
        let line = of_part.shape.last().copied().unwrap_or(1).max(1);
        let mut at = start;
        for row in registers.get::<A>(register).iter() {
            let mut row = row;
            // Runs of the part's C order that stay on a line of it.
            while !row.is_empty() {
                let (now, later) = row.split_at(row.len().min(line - at % line));
                let index = unravel(at, &of_part.shape);
                let axes = index.iter().zip(&part.start).zip(&self.region.start);
                let place =
                    axes.zip(&self.region.shape).fold(0, |place, (((index, part), start), len)| {
                        place * len + index + part - start
                    });
                self.elements[place..place + now.len()].copy_from_slice(now);
                at += now.len();
                row = later;
            }
        }
    }

    fn window(self: Box<Self>, view: &View) -> Box<dyn AnyWindow> {
        lent_in_c_order(self.elements, &self.region, view)
    }
}

impl Joined {
    /// The arrays that have elements of a region of the whole, and which region of each.
    fn parts_of<'a, 'r>(
        &'a self,
        region: &'r Region,
    ) -> impl Iterator<Item = (&'a Part, Region, Region)> + use<'a, 'r> {
        let (start, len) = (region.start[self.axis], region.shape[self.axis]);
        let first = self.parts.partition_point(|part| part.range.end <= start);
        let inside = move |part: &&Part| part.range.start < start + len;
        self.parts[first..].iter().take_while(inside).filter_map(move |part| {
            let from = part.range.start.max(start);
            let to = part.range.end.min(start + len);
            let mut whole = region.clone();
            (whole.start[self.axis], whole.shape[self.axis]) = (from, to.checked_sub(from)?);
            let mut own = whole.clone();
            own.start[self.axis] -= part.range.start;
            (own.shape[self.axis] > 0).then_some((part, whole, own))
        })
    }

    /// The one array that has all elements of a view, if it is nothing but a source or a stage, or that of arrays that
    /// are joined again: its leaf, and the view of that.
    fn only(&self, view: &View) -> Option<(&LeafView, View)> {
        let bounds = view.bounds();
        let mut parts = self.parts_of(&bounds);
        let ((part, ..), None) = (parts.next()?, parts.next()) else { return None };
        let leaf = part.program.only_leaf()?;
        let mut own = view.clone();
        own.behind[self.axis].start -= part.range.start;
        let own = own.of(&leaf.view);
        match &leaf.leaf {
            Leaf::Joined(joined) => joined.only(&own),
            Leaf::Source(_) | Leaf::Stage(_) => Some((leaf, own)),
        }
    }

    pub(super) fn programs(&self) -> impl Iterator<Item = &Program> {
        self.parts.iter().map(|part| &part.program)
    }

    pub(super) fn working_bytes(&self, view: &View, tiling: &Tiling) -> u64 {
        if let Some((leaf, own)) = self.only(view) {
            return leaf.leaf.working_bytes(&own, tiling);
        }
        let bounds = view.bounds();
        let parts = self.parts_of(&bounds);
        let most = parts.map(|(part, _, own)| part.program.working_bytes(&own)).max();
        bounds.bytes(self.joining.element_bytes()).saturating_add(most.unwrap_or(0))
    }

    pub(super) fn list_blocks<'a>(&'a self, view: &View, blocks: &mut Vec<BlocksOf<'a>>) {
        if let Some((leaf, own)) = self.only(view) {
            return leaf.leaf.list_blocks(&own, blocks);
        }
        for (part, _, own) in self.parts_of(&view.bounds()) {
            blocks.extend(part.program.blocks_of(&own));
        }
    }

    pub(super) fn open(
        &self,
        view: &View,
        given: &mut Given<'_>,
        context: &TaskContext<'_>,
    ) -> Result<Box<dyn AnyWindow>, ArrayError> {
        if let Some((leaf, own)) = self.only(view) {
            return leaf.open(&own, given, context);
        }
        let bounds = view.bounds();
        let mut room = self.joining.room(&bounds)?;
        for (part, whole, own) in self.parts_of(&bounds) {
            let scalars = &given.scalars[part.scalars.clone()];
            let count = part.program.blocks_of(&own).iter().map(|(_, blocks)| blocks.len()).sum();
            let (blocks, others) = given.blocks.split_at(count);
            given.blocks = others;
            part.program.run(&own, scalars, blocks, context, |registers| {
                room.put(&whole, registers, part.register);
            })?;
        }
        Ok(room.window(&view.inside(&bounds)))
    }

    /// The programs of the inputs of an expression that joins them.
    pub(super) fn compile(expr: &Expr, builder: &mut ProgramBuilder) -> Result<Self, ArrayError> {
        let Ok(Kind::Joined { axis, lens, shape, joining }) = &expr.kind else {
            unreachable!("what is joined is compiled as such")
        };
        let mut end = 0;
        let parts = expr.inputs.iter().zip(lens).map(|(input, len)| {
            let range = end..end + len;
            end = range.end;
            let mut shape = shape.clone();
            shape[*axis] = *len;
            let mut own = ProgramBuilder::default();
            let register = own.compile(input, &shape)?;
            let program = own.finish(&[register]);
            let scalars = builder.scalars_of(&program);
            Ok(Part { range, program, register, scalars })
        });
        let parts = parts.collect::<Result<_, ArrayError>>()?;
        Ok(Self { axis: *axis, parts, joining: Arc::clone(joining) })
    }
}
