//! Compiling the expressions of a pass, and running the result over one block.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use lazuli_core::Delayed;
use lazuli_core::executor::TaskContext;

use super::joined::Joined;
use super::leaf::{Given, Leaf, LeafView};
use super::registers::{AnyScalar, Place, RegId, Registers};
use super::tiling::Tiling;
use crate::array::Element;
use crate::chunks::Region;
use crate::error::ArrayError;
use crate::expr::{Expr, ExprRef, Kind, View};
use crate::source::IsOver;
use crate::stage::AnyBlock;

/// One operation on the tile in the registers.
pub(crate) trait Step: Send + Sync {
    /// Computes the step's register from others. What takes long may return early when the run is over.
    fn run(&self, registers: &mut Registers, is_over: IsOver<'_>);
}

/// Makes an empty buffer for elements of one type.
type MakeBuffer = fn() -> Box<dyn Any + Send>;

/// What tells equal operations on equal inputs: the operation's type, and its parameters as text.
/// Operations that hold a closure, or take a delayed number, have none.
type StepKey = (TypeId, String);

/// The tile program of one pass.
pub(crate) struct Program {
    pub(super) leaves: Vec<LeafView>,
    pub(super) steps: Vec<Box<dyn Step>>,
    places: Arc<[Place]>,
    buffers: Vec<Buffer>,
    holds: Vec<Holds>,
    pub(crate) scalars: Vec<Delayed<AnyScalar>>,
}

/// How many bytes someone holds for a block of so many elements.
type Holds = Box<dyn Fn(usize) -> u64 + Send + Sync>;

/// A buffer for the elements of one tile.
#[derive(Clone, Copy)]
struct Buffer {
    make: MakeBuffer,
    element_bytes: usize,
}

impl Program {
    /// How many bytes it needs while it runs on this region: what leaves bring into memory, the
    /// buffers of a tile, and what those hold who take the tiles.
    pub(crate) fn working_bytes(&self, region: &Region) -> u64 {
        let tiling = Tiling::new(&region.shape);
        let of_leaves = self.leaves.iter().map(|leaf| leaf.working_bytes(region));
        let of_buffers =
            self.buffers.iter().map(|buffer| (buffer.element_bytes * tiling.largest()) as u64);
        let of_others = self.holds.iter().map(|holds| holds(region.len()));
        of_leaves.chain(of_buffers).chain(of_others).fold(0, u64::saturating_add)
    }

    /// Opens every leaf on the region, then runs the steps and calls `on_tile` for each tile.
    ///
    /// # Errors
    /// When a source cannot be read; and when the run is over before the last tile.
    pub(crate) fn run(
        &self,
        region: &Region,
        scalars: &[&AnyScalar],
        blocks: &[&AnyBlock],
        context: &TaskContext<'_>,
        mut on_tile: impl FnMut(&Registers),
    ) -> Result<(), ArrayError> {
        let mut given = Given { scalars, blocks };
        let windows = self.leaves.iter().map(|leaf| {
            let part = leaf.view.part(region);
            leaf.open(&part, &mut given, context)
        });
        let windows = windows.collect::<Result<Vec<_>, ArrayError>>()?;
        let tiling = Tiling::new(&region.shape);
        let is_over = || context.is_over();
        let mut registers: Option<Registers> = None;
        let mut windows = Some(windows);
        for tile in tiling.tiles() {
            let registers = registers.get_or_insert_with(|| Registers {
                places: Arc::clone(&self.places),
                windows: windows.take().unwrap_or_default(),
                buffers: self.buffers.iter().map(|buffer| (buffer.make)()).collect(),
                scalars: scalars.iter().map(|&scalar| scalar.clone()).collect(),
                region: region.clone(),
                tile: tile.clone(),
            });
            registers.tile = tile;
            for window in &mut registers.windows {
                window.seek(&registers.tile, &tiling, &is_over)?;
            }
            for step in &self.steps {
                step.run(registers, &is_over);
            }
            if is_over() {
                return Err(ArrayError::Stopped);
            }
            on_tile(registers);
        }
        Ok(())
    }
}

/// A program in the making.
#[derive(Default)]
pub(crate) struct ProgramBuilder {
    leaves: Vec<LeafView>,
    known_leaves: HashMap<(*const (), View), RegId>,
    steps: Vec<BuiltStep>,
    registers: Vec<Register>,
    scalars: Vec<Delayed<AnyScalar>>,
    holds: Vec<Holds>,
    views: Vec<View>,
    known_views: HashMap<View, ViewId>,
    compiled: HashMap<(*const Expr, ViewId), RegId>,
    known_steps: HashMap<(StepKey, Vec<RegId>), RegId>,
}

struct BuiltStep {
    step: Box<dyn Step>,
    inputs: Vec<RegId>,
    output: RegId,
}

enum Register {
    Leaf(usize),
    Computed { element: TypeId, buffer: Buffer },
}

/// A view that expressions are compiled under: a number among the builder's views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ViewId(u32);

impl ProgramBuilder {
    /// The register that will hold the elements of an expression of this shape.
    pub(crate) fn compile(&mut self, root: &ExprRef, shape: &[usize]) -> Result<RegId, ArrayError> {
        let whole = self.view(View::identity(shape));
        let mut stack = vec![(root, whole, false)];
        while let Some((expr, view, inputs_done)) = stack.pop() {
            let key = (Arc::as_ptr(expr), view);
            if self.compiled.contains_key(&key) {
                continue;
            }
            let register = match expr.kind.as_ref().map_err(Clone::clone)? {
                Kind::Source(source) => self.leaf(Arc::as_ptr(source).cast(), view, |_| {
                    Ok(Leaf::Source(Arc::clone(source)))
                })?,
                Kind::Stage(stage) => self.leaf(Arc::as_ptr(stage).cast(), view, |_| {
                    Ok(Leaf::Stage(Arc::clone(stage)))
                })?,
                Kind::Joined { .. } => self.leaf(Arc::as_ptr(expr).cast(), view, |builder| {
                    Joined::compile(expr, builder).map(Leaf::Joined)
                })?,
                Kind::View(inner) => {
                    let input = &expr.inputs[0];
                    let through = self.views[view.0 as usize].of(inner);
                    let through = self.view(through);
                    if !inputs_done {
                        stack.push((expr, view, true));
                        stack.push((input, through, false));
                        continue;
                    }
                    self.compiled[&(Arc::as_ptr(input), through)]
                }
                Kind::Elementwise(_) if !inputs_done => {
                    stack.push((expr, view, true));
                    stack.extend(expr.inputs.iter().rev().map(|input| (input, view, false)));
                    continue;
                }
                Kind::Elementwise(operation) => {
                    let inputs: Vec<_> = expr
                        .inputs
                        .iter()
                        .map(|input| self.compiled[&(Arc::as_ptr(input), view)])
                        .collect();
                    operation.compile(&inputs, self)
                }
            };
            self.compiled.insert(key, register);
        }
        Ok(self.compiled[&(Arc::as_ptr(root), whole)])
    }

    fn view(&mut self, view: View) -> ViewId {
        if let Some(known) = self.known_views.get(&view) {
            return *known;
        }
        let id = ViewId(self.views.len() as u32);
        self.views.push(view.clone());
        self.known_views.insert(view, id);
        id
    }

    /// The register of a view of a leaf at this address, loaded once however often it is used.
    fn leaf(
        &mut self,
        address: *const (),
        view: ViewId,
        leaf: impl FnOnce(&mut Self) -> Result<Leaf, ArrayError>,
    ) -> Result<RegId, ArrayError> {
        let view = self.views[view.0 as usize].clone();
        let key = (address, view.clone());
        if let Some(known) = self.known_leaves.get(&key) {
            return Ok(*known);
        }
        let leaf = leaf(self)?;
        self.registers.push(Register::Leaf(self.leaves.len()));
        self.leaves.push(LeafView { leaf, view });
        let register = RegId(self.registers.len() as u32 - 1);
        self.known_leaves.insert(key, register);
        Ok(register)
    }

    /// The place of a delayed number among the scalars.
    pub(crate) fn scalar(&mut self, scalar: Delayed<AnyScalar>) -> usize {
        self.scalars.push(scalar);
        self.scalars.len() - 1
    }

    /// The places among the scalars of those of another program.
    pub(super) fn scalars_of(&mut self, program: &Program) -> Range<usize> {
        let first = self.scalars.len();
        self.scalars.extend(program.scalars.iter().cloned());
        first..self.scalars.len()
    }

    /// Says that so many bytes are held for a block of some length while it is evaluated.
    pub(crate) fn holds(&mut self, bytes: impl Fn(usize) -> u64 + Send + Sync + 'static) {
        self.holds.push(Box::new(bytes));
    }

    /// Adds a step that makes a register of elements of type `B` from its inputs; a step that is there
    /// already is not added again.
    pub(crate) fn step<B: Element, S: Step + 'static>(
        &mut self,
        key: Option<StepKey>,
        inputs: &[RegId],
        step: impl FnOnce(RegId) -> S,
    ) -> RegId {
        let key = key.map(|key| (key, inputs.to_vec()));
        if let Some(known) = key.as_ref().and_then(|key| self.known_steps.get(key)) {
            return *known;
        }
        self.registers.push(Register::Computed {
            element: TypeId::of::<B>(),
            buffer: Buffer { make: || Box::new(Vec::<B>::new()), element_bytes: size_of::<B>() },
        });
        let output = RegId(self.registers.len() as u32 - 1);
        self.steps.push(BuiltStep {
            step: Box::new(step(output)),
            inputs: inputs.to_vec(),
            output,
        });
        if let Some(key) = key {
            self.known_steps.insert(key, output);
        }
        output
    }

    /// Freezes the program. `kept` registers are read when all steps have run; the buffers of the
    /// others are used again as soon as their last reader has run, which keeps the tile in cache.
    pub(crate) fn finish(self, kept: &[RegId]) -> Program {
        let mut last_use = vec![0; self.registers.len()];
        for (index, step) in self.steps.iter().enumerate() {
            for register in step.inputs.iter().chain([&step.output]) {
                last_use[register.0 as usize] = index;
            }
        }
        for register in kept {
            last_use[register.0 as usize] = usize::MAX;
        }

        let mut buffers: Vec<(TypeId, Buffer)> = Vec::new();
        let mut free: Vec<usize> = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        for register in &self.registers {
            places.push(match register {
                Register::Leaf(index) => Place::Window(*index),
                Register::Computed { .. } => Place::Buffer(usize::MAX),
            });
        }
        for (index, step) in self.steps.iter().enumerate() {
            let output = step.output.0 as usize;
            if let Register::Computed { element, buffer: new } = &self.registers[output] {
                let reused = free.iter().position(|&buffer| buffers[buffer].0 == *element);
                let buffer = reused.map_or_else(
                    || {
                        buffers.push((*element, *new));
                        buffers.len() - 1
                    },
                    |place| free.swap_remove(place),
                );
                places[output] = Place::Buffer(buffer);
            }
            for register in step.inputs.iter().chain([&step.output]) {
                if last_use[register.0 as usize] == index
                    && let Place::Buffer(buffer) = places[register.0 as usize]
                    && !free.contains(&buffer)
                {
                    free.push(buffer);
                }
            }
        }
        Program {
            leaves: self.leaves,
            holds: self.holds,
            steps: self.steps.into_iter().map(|built| built.step).collect(),
            places: places.into(),
            buffers: buffers.into_iter().map(|(_, buffer)| buffer).collect(),
            scalars: self.scalars,
        }
    }
}
