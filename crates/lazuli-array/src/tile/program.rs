//! Compiling the expressions of a pass, and running the result over one block.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use lazuli_core::Delayed;
use lazuli_core::executor::TaskContext;

use super::registers::{AnyScalar, Place, RegId, Registers};
use super::split::tiles;
use crate::array::Element;
use crate::chunks::Region;
use crate::error::ArrayError;
use crate::expr::{Expr, ExprRef, walk};
use crate::source::AnySource;

/// One operation on the tile in the registers.
pub(crate) trait Step: Send + Sync {
    /// Computes the step's register from others.
    fn run(&self, registers: &mut Registers);
}

/// Makes an empty buffer for elements of one type.
type MakeBuffer = fn() -> Box<dyn Any + Send>;

/// What tells equal operations on equal inputs: the operation's type, and its parameters as text.
/// Operations that hold a closure, or take a delayed number, have none.
type StepKey = (TypeId, String);

/// The tile program of one pass.
pub(crate) struct Program {
    sources: Vec<Arc<dyn AnySource>>,
    steps: Vec<Box<dyn Step>>,
    places: Arc<[Place]>,
    buffers: Vec<MakeBuffer>,
    pub(crate) scalars: Vec<Delayed<AnyScalar>>,
}

impl Program {
    /// How many bytes of blocks it holds while it runs on this region.
    pub(crate) fn held_bytes(&self, region: &Region) -> u64 {
        self.sources.iter().map(|source| source.held_bytes(region)).sum()
    }

    /// Loads the region of every source, then runs the steps and calls `on_tile` for each tile.
    pub(crate) fn run(
        &self,
        region: &Region,
        scalars: &[&AnyScalar],
        context: &TaskContext<'_>,
        mut on_tile: impl FnMut(&Registers),
    ) -> Result<(), ArrayError> {
        let windows = self.sources.iter().map(|source| {
            let window = source.load(region)?;
            context.loaded(format_args!("{}{region}", source.name()), window.bytes());
            Ok(window)
        });
        let windows = windows.collect::<Result<Vec<_>, ArrayError>>()?;
        let run = windows.iter().map(|window| window.run_len()).min().unwrap_or(region.len());
        let mut registers = Registers {
            places: Arc::clone(&self.places),
            windows,
            buffers: self.buffers.iter().map(|make| make()).collect(),
            scalars: scalars.iter().map(|&scalar| scalar.clone()).collect(),
            region: region.clone(),
            tile: 0..0,
        };
        for tile in tiles(region.len(), run) {
            for window in &mut registers.windows {
                window.seek(tile.clone());
            }
            registers.tile = tile;
            for step in &self.steps {
                step.run(&mut registers);
            }
            on_tile(&registers);
        }
        Ok(())
    }
}

/// A program in the making.
#[derive(Default)]
pub(crate) struct ProgramBuilder {
    sources: Vec<Arc<dyn AnySource>>,
    steps: Vec<BuiltStep>,
    registers: Vec<Register>,
    scalars: Vec<Delayed<AnyScalar>>,
    compiled: HashMap<*const Expr, RegId>,
    known_steps: HashMap<(StepKey, Vec<RegId>), RegId>,
}

struct BuiltStep {
    step: Box<dyn Step>,
    inputs: Vec<RegId>,
    output: RegId,
}

enum Register {
    Source(usize),
    Computed { element: TypeId, make: MakeBuffer },
}

impl ProgramBuilder {
    /// The register that will hold the expression's elements.
    pub(crate) fn compile(&mut self, root: &ExprRef) -> Result<RegId, ArrayError> {
        let mut failed = None;
        walk(root, |expr| {
            let key = Arc::as_ptr(expr);
            if failed.is_some() || self.compiled.contains_key(&key) {
                return;
            }
            match &expr.operation {
                Ok(operation) => {
                    let inputs = expr.inputs.iter().map(|input| self.compiled[&Arc::as_ptr(input)]);
                    let inputs: Vec<_> = inputs.collect();
                    let register = operation.compile(&inputs, self);
                    self.compiled.insert(key, register);
                }
                Err(error) => failed = Some(error.clone()),
            }
        });
        failed.map_or_else(|| Ok(self.compiled[&Arc::as_ptr(root)]), Err)
    }

    /// The register of a source, loaded once however often it is used.
    pub(crate) fn source(&mut self, source: &Arc<dyn AnySource>) -> RegId {
        let known = self.registers.iter().position(|register| match register {
            Register::Source(index) => Arc::ptr_eq(&self.sources[*index], source),
            Register::Computed { .. } => false,
        });
        if let Some(known) = known {
            return RegId(known as u32);
        }
        self.registers.push(Register::Source(self.sources.len()));
        self.sources.push(Arc::clone(source));
        RegId(self.registers.len() as u32 - 1)
    }

    /// The place of a delayed number among the scalars.
    pub(crate) fn scalar(&mut self, scalar: Delayed<AnyScalar>) -> usize {
        self.scalars.push(scalar);
        self.scalars.len() - 1
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
            make: || Box::new(Vec::<B>::new()),
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

        let mut buffers: Vec<(TypeId, MakeBuffer)> = Vec::new();
        let mut free: Vec<usize> = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        for register in &self.registers {
            places.push(match register {
                Register::Source(index) => Place::Window(*index),
                Register::Computed { .. } => Place::Buffer(usize::MAX),
            });
        }
        for (index, step) in self.steps.iter().enumerate() {
            let output = step.output.0 as usize;
            if let Register::Computed { element, make } = &self.registers[output] {
                let reused = free.iter().position(|&buffer| buffers[buffer].0 == *element);
                let buffer = reused.map_or_else(
                    || {
                        buffers.push((*element, *make));
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
            sources: self.sources,
            steps: self.steps.into_iter().map(|built| built.step).collect(),
            places: places.into(),
            buffers: buffers.into_iter().map(|(_, make)| make).collect(),
            scalars: self.scalars,
        }
    }
}
