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

use lazuli_core::reduce::{Joint, JointAnswers};
use lazuli_core::task::{Arg, by_ref, task};
use lazuli_core::{Answer, AnyDelayed, Delayed, Error, Layer, Lowering, Result};

use crate::chunks::Grid;
use crate::error::ArrayError;
use crate::expr::{ExprRef, Kind, walk};
use crate::tile::{ProgramBuilder, RegId, Registers};

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
    /// Of the queries that share a reduction, the one that needs most adds it.
    fn need(&self) -> u8;
    /// Adds the reduction, which `users` queries share, and what it needs to know before the pass; its
    /// [`Place`](lazuli_core::reduce::Place) in the pass.
    fn add(
        &self,
        joint: &mut Joint<Registers>,
        register: RegId,
        program: &mut ProgramBuilder,
        users: usize,
    ) -> Result<Box<dyn Any>, ArrayError>;
    /// The answer, from a place that one of this kind has added.
    fn answer(
        &self,
        answers: &JointAnswers,
        place: &dyn Any,
        site: &'static Location<'static>,
    ) -> AnyDelayed;
}

/// The delayed statistic that this request asks for.
pub(crate) fn request<T: Send + Sync + 'static>(
    name: &'static str,
    expr: &ExprRef,
    grid: &Arc<Grid>,
    query: impl Query + 'static,
    site: &'static Location<'static>,
) -> Delayed<T> {
    let mut scalars = Vec::new();
    walk(expr, |expr| {
        scalars.extend(expr.scalar().map(Delayed::erase));
    });
    let request =
        Request { expr: Arc::clone(expr), grid: Arc::clone(grid), query: Box::new(query), site };
    Delayed::from_layer(name, request, scalars)
}

impl Layer for Request {
    fn lower(requests: &[&Self], _: &Lowering<'_>) -> Result<Vec<Answer>> {
        let mut answers: Vec<Option<Answer>> = vec![None; requests.len()];
        for pass in passes(requests) {
            let together: Vec<&Self> = pass.iter().map(|&index| requests[index]).collect();
            let lowered = lower_pass(&together).map_err(Error::plan)?;
            for (index, answer) in pass.into_iter().zip(lowered) {
                answers[index] = Some(answer.into());
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
            let Ok(Kind::Source(source)) = &expr.kind else { return };
            // One request stands for all of its grid that read this source: they are together already.
            let users = users.entry(Arc::as_ptr(source).cast()).or_default();
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

fn lower_pass(requests: &[&Request]) -> Result<Vec<AnyDelayed>, ArrayError> {
    let first = requests[0];
    let mut builder = ProgramBuilder::default();
    let shape = first.grid.shape();
    let registers = requests.iter().map(|request| builder.compile(&request.expr, shape));
    let registers = registers.collect::<Result<Vec<_>, _>>()?;

    let mut joint = Joint::new().site(first.site);
    let reductions = share(requests, &registers);
    let mut places = Vec::with_capacity(reductions.len());
    for reduction in &reductions {
        let neediest = reduction.iter().copied().max_by_key(|&index| requests[index].query.need());
        let neediest = neediest.unwrap_or(reduction[0]);
        let (query, register) = (&requests[neediest].query, registers[neediest]);
        places.push(query.add(&mut joint, register, &mut builder, reduction.len())?);
    }

    let program = Arc::new(builder.finish(&registers));
    let scalars = program.scalars.clone();
    let of_blocks = Arc::clone(&program);
    let blocks = first.grid.regions().map(|region| {
        let block = task("block").site(first.site).part(region.to_string());
        let block = block.working_bytes(of_blocks.working_bytes(&region));
        let needs = of_blocks.needs(&region);
        let values: Vec<_> = needs.iter().map(|&place| scalars[place].clone()).collect();
        (block, (by_ref(Arg::Value((region, needs))), values))
    });
    let all = program.scalars.len();
    let answers = joint.over(blocks, move |((region, needs), values), context, sink| {
        let mut scalars = vec![None; all];
        needs.iter().zip(&values).for_each(|(&place, value)| scalars[place] = Some(value));
        program.run(region, &scalars, context, |registers| sink.push(registers))
    });

    let mut lowered: Vec<Option<AnyDelayed>> = vec![None; requests.len()];
    for (reduction, place) in reductions.iter().zip(&places) {
        for &index in reduction {
            let request = requests[index];
            lowered[index] = Some(request.query.answer(&answers, &**place, request.site));
        }
    }
    Ok(lowered.into_iter().flatten().collect())
}

/// Which requests share a reduction: those of one kind on one register.
fn share(requests: &[&Request], registers: &[RegId]) -> Vec<Vec<usize>> {
    let mut reductions: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<(TypeId, RegId), usize> = HashMap::new();
    for (index, request) in requests.iter().enumerate() {
        let place = match request.query.kind() {
            Some(kind) => *known.entry((kind, registers[index])).or_insert(reductions.len()),
            None => reductions.len(),
        };
        match reductions.get_mut(place) {
            Some(reduction) => reduction.push(index),
            None => reductions.push(vec![index]),
        }
    }
    reductions
}
