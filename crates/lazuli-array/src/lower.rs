//! Lowering: every statistic asked of arrays in one compute, in as few passes as can be.
//!
//! Requests share a pass when they work on the same grid and are connected by sources they share: then
//! one task for each block loads every source once, evaluates all expressions tile by tile (equal ones
//! once), and updates the states of all reductions (equal ones once). Requests that share nothing
//! keep passes of their own, so that no more is held in memory than one of them needs.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::{Groups, Joint, JointAnswers};
use lazuli_core::task::{Arg, by_ref, task};
use lazuli_core::{Answer, AnyDelayed, Delayed, Error, Layer, Lowering, Parted, Result};

use crate::chunks::{Axes, Grid, Region, unravel};
use crate::error::ArrayError;
use crate::expr::{ExprRef, Kind, walk};
use crate::reductions::Codes;
use crate::stage::{AnyBlock, Stage};
use crate::tile::{AnyScalar, Program, ProgramBuilder, RegId, Registers};

/// One statistic asked of one array.
pub(crate) struct Request {
    expr: ExprRef,
    grid: Arc<Grid>,
    query: Box<dyn Query>,
    site: &'static Location<'static>,
}

/// What is asked: a reduction of the elements in a register, and its answer.
pub(crate) trait Query: Send + Sync {
    /// Queries of one kind on one register share a reduction; None where there is nothing to share.
    fn kind(&self) -> Option<TypeId>;
    /// The blocks that each of its states is of. Queries that share a reduction agree in it.
    fn scope(&self) -> Scope {
        Scope::Whole
    }
    /// Of the queries that share a reduction, the one that needs most adds it.
    fn need(&self) -> u8;
    /// How many bytes its states of a block have, where that grows with the block.
    fn state_bytes(&self, _: &Region) -> u64 {
        0
    }
    /// Adds the reduction, which `users` queries share, and what it needs to know before the pass; its
    /// [`Place`](lazuli_core::reduce::Place) or [`Places`](lazuli_core::reduce::Places) in the pass.
    fn add(
        &self,
        pass: &mut Pass<'_>,
        register: RegId,
        users: usize,
    ) -> Result<Box<dyn Any>, ArrayError>;
    /// The answer, from a place that one of this kind has added.
    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        site: &'static Location<'static>,
    ) -> Answer;
}

/// The blocks whose states meet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// All blocks.
    Whole,
    /// Those that differ along these axes only; so many states meet at a time.
    Along {
        /// The axes, sorted.
        axes: Axes,
        /// How many states meet in one task.
        split_every: usize,
        /// Where states are by group of indices along the axis: the groups.
        by: Option<Arc<Codes>>,
    },
}

/// A pass in the making.
pub(crate) struct Pass<'a> {
    pub(crate) joint: Joint<Registers>,
    pub(crate) program: ProgramBuilder,
    /// Reductions that may have nothing to see, which they know of the scalar at this place. Where all of a pass
    /// have nothing to see, its blocks are not read.
    pub(crate) idle: Vec<(usize, IsIdle)>,
    grid: &'a Grid,
    groups: HashMap<Scope, Groups>,
}

/// Whether a reduction that is given this has nothing to see.
pub(crate) type IsIdle = fn(&AnyScalar) -> bool;

impl Pass<'_> {
    /// The groups of blocks of a scope that is not all of them.
    pub(crate) fn groups(&mut self, scope: &Scope) -> Groups {
        if let Some(known) = self.groups.get(scope) {
            return *known;
        }
        let numblocks = self.grid.numblocks();
        let groups = match scope {
            Scope::Along { axes, split_every, .. } => {
                let is_kept = |axis: &usize| !axes.contains(axis);
                let kept: Axes = (0..numblocks.len()).filter(is_kept).collect();
                let count = kept.iter().map(|&axis| numblocks[axis]).product();
                self.joint.group_every(*split_every, count, move |part| {
                    let cell = unravel(part, &numblocks);
                    kept.iter().fold(0, |group, &axis| group * numblocks[axis] + cell[axis])
                })
            }
            Scope::Whole => self.joint.group(1, |_| 0),
        };
        self.groups.insert(scope.clone(), groups);
        groups
    }
}

/// The delayed statistic that this request asks for.
pub(crate) fn request<T: Send + Sync + 'static>(
    name: &'static str,
    expr: &ExprRef,
    grid: &Arc<Grid>,
    query: impl Query + 'static,
    site: &'static Location<'static>,
) -> Delayed<T> {
    let request =
        Request { expr: Arc::clone(expr), grid: Arc::clone(grid), query: Box::new(query), site };
    Delayed::from_layer_at(site, name, request, dependencies(expr))
}

/// As [`request`], where the query takes a value beside what the expression takes.
pub(crate) fn request_given<T: Send + Sync + 'static>(
    name: &'static str,
    expr: &ExprRef,
    grid: &Arc<Grid>,
    query: impl Query + 'static,
    given: &Delayed<AnyScalar>,
    site: &'static Location<'static>,
) -> Delayed<T> {
    let request =
        Request { expr: Arc::clone(expr), grid: Arc::clone(grid), query: Box::new(query), site };
    let mut taken = dependencies(expr);
    taken.push(given.erase());
    Delayed::from_layer_at(site, name, request, taken)
}

/// The blocks that this request asks for, as many as said.
pub(crate) fn request_blocks(
    name: &'static str,
    blocks: usize,
    expr: &ExprRef,
    grid: &Arc<Grid>,
    query: impl Query + 'static,
    site: &'static Location<'static>,
) -> Parted<AnyBlock> {
    let request =
        Request { expr: Arc::clone(expr), grid: Arc::clone(grid), query: Box::new(query), site };
    Parted::from_layer_at(site, name, blocks, request, dependencies(expr))
}

/// What tasks that evaluate an expression take: delayed numbers, and blocks of stages.
pub(crate) fn dependencies(expr: &ExprRef) -> Vec<AnyDelayed> {
    let mut dependencies = Vec::new();
    walk(expr, |expr| match &expr.kind {
        Ok(Kind::Elementwise(operation)) => {
            dependencies.extend(operation.scalar().map(Delayed::erase));
        }
        Ok(Kind::Stage(stage)) => dependencies.push(stage.parts.erase()),
        _ => {}
    });
    dependencies
}

impl Layer for Request {
    fn lower(requests: &[&Self], lowering: &Lowering<'_>) -> Result<Vec<Answer>> {
        let mut answers: Vec<Option<Answer>> = vec![None; requests.len()];
        for pass in passes(requests) {
            let together: Vec<&Self> = pass.iter().map(|&index| requests[index]).collect();
            let lowered = lower_pass(&together, lowering).map_err(Error::plan)?;
            for (index, answer) in pass.into_iter().zip(lowered) {
                answers[index] = Some(answer);
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }
}

/// Which requests share a pass: indices in order, each request once.
fn passes(requests: &[&Request]) -> Vec<Vec<usize>> {
    let mut passes: Vec<Vec<usize>> = Vec::new();
    let mut pass_of: Vec<usize> = Vec::new();
    let mut users: HashMap<*const (), Vec<usize>> = HashMap::new();
    for (index, request) in requests.iter().enumerate() {
        let mine = passes.len();
        passes.push(vec![index]);
        pass_of.push(mine);
        walk(&request.expr, |expr| {
            let leaf = match &expr.kind {
                Ok(Kind::Source(source)) => Arc::as_ptr(source).cast(),
                Ok(Kind::Stage(stage)) => Arc::as_ptr(stage).cast(),
                _ => return,
            };
            // One request stands for all of its grid that read this leaf: they are together already.
            let users = users.entry(leaf).or_default();
            let Some(&other) = users.iter().find(|&&user| requests[user].grid == request.grid)
            else {
                users.push(index);
                return;
            };
            let (from, into) = (pass_of[index], pass_of[other]);
            if from != into {
                let moved = std::mem::take(&mut passes[from]);
                for &request in &moved {
                    pass_of[request] = into;
                }
                passes[into].extend(moved);
            }
        });
    }
    passes.retain(|pass| !pass.is_empty());
    for pass in &mut passes {
        pass.sort_unstable();
    }
    passes
}

fn lower_pass(requests: &[&Request], lowering: &Lowering<'_>) -> Result<Vec<Answer>, ArrayError> {
    let first = requests[0];
    let mut pass = Pass {
        joint: Joint::new().site(first.site),
        program: ProgramBuilder::default(),
        idle: Vec::new(),
        grid: &first.grid,
        groups: HashMap::new(),
    };
    let shape = first.grid.shape();
    let registers = requests.iter().map(|request| pass.program.compile(&request.expr, shape));
    let registers = registers.collect::<Result<Vec<_>, _>>()?;

    let reductions = share(requests, &registers);
    let mut places = Vec::with_capacity(reductions.len());
    let mut neediest = Vec::with_capacity(reductions.len());
    for reduction in &reductions {
        let most = reduction.iter().copied().max_by_key(|&index| requests[index].query.need());
        let most = most.unwrap_or(reduction[0]);
        places.push(requests[most].query.add(&mut pass, registers[most], reduction.len())?);
        neediest.push(&requests[most].query);
    }

    let Pass { joint, program, idle, .. } = pass;
    let may_be_idle = idle.len() == reductions.len();
    let program = Arc::new(program.finish(&registers));
    let wiring = Wiring::new(&program, lowering);
    let wired = first.grid.regions().map(|region| (wiring.blocks_of(&region), region));
    let wired: Vec<_> = wired.collect();
    let blocks = wired.iter().map(|(taken, region)| {
        let state_bytes = neediest.iter().map(|query| query.state_bytes(region));
        let block = task("block").site(first.site).part(region.to_string());
        let block = block
            .working_bytes(wiring.program.working_bytes(region))
            .output_bytes(state_bytes.fold(0, u64::saturating_add));
        (block, (by_ref(Arg::Value(region.clone())), &wiring.program.scalars, taken))
    });
    let run = Arc::clone(&program);
    let answers = joint.over(blocks, move |(region, scalars, blocks), context, sink| {
        if may_be_idle && idle.iter().all(|&(place, is_idle)| is_idle(scalars[place])) {
            return Ok(());
        }
        run.run(region, &scalars, &blocks, context, |registers| sink.push(registers))
    });

    let mut lowered: Vec<Option<Answer>> = vec![None; requests.len()];
    for (reduction, place) in reductions.iter().zip(&places) {
        for &index in reduction {
            let request = requests[index];
            lowered[index] = Some(request.query.answer(&answers, &**place, request.site));
        }
    }
    Ok(lowered.into_iter().flatten().collect())
}

/// Which blocks of stages the tasks of a pass take.
pub(crate) struct Wiring {
    pub(crate) program: Arc<Program>,
    /// The blocks of each stage of the program, by its address.
    parts: HashMap<*const Stage, Vec<Delayed<AnyBlock>>>,
}

impl Wiring {
    pub(crate) fn new(program: &Arc<Program>, lowering: &Lowering<'_>) -> Self {
        let stages = program
            .stages()
            .into_iter()
            .map(|stage| (Arc::as_ptr(stage), lowering.parts(&stage.parts)));
        Self { parts: stages.collect(), program: Arc::clone(program) }
    }

    /// The blocks of stages that hold elements of a region.
    pub(crate) fn blocks_of(&self, region: &Region) -> Vec<Delayed<AnyBlock>> {
        let mut taken = Vec::new();
        for (stage, numbers) in self.program.blocks_of(region) {
            let parts = &self.parts[&Arc::as_ptr(stage)];
            taken.extend(numbers.into_iter().map(|number| parts[number].clone()));
        }
        taken
    }
}

/// Which requests share a reduction: those of one kind and scope on one register.
fn share(requests: &[&Request], registers: &[RegId]) -> Vec<Vec<usize>> {
    let mut reductions: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<(TypeId, Scope, RegId), usize> = HashMap::new();
    for (index, request) in requests.iter().enumerate() {
        let place = match request.query.kind() {
            Some(kind) => {
                let key = (kind, request.query.scope(), registers[index]);
                *known.entry(key).or_insert(reductions.len())
            }
            None => reductions.len(),
        };
        match reductions.get_mut(place) {
            Some(reduction) => reduction.push(index),
            None => reductions.push(vec![index]),
        }
    }
    reductions
}
