//! What is drawn of a plan: its tasks, or groups of them.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::panic::Location;

use crate::base::lane::Lane;
use crate::plan::{Plan, PlannedTask};

/// Boxes and the arrows between them.
pub(super) struct Picture<'p> {
    pub(super) boxes: Vec<TaskBox<'p>>,
    /// From an input to what takes it.
    pub(super) arrows: Vec<(usize, usize)>,
    /// How many tasks the plan has.
    pub(super) tasks: usize,
    pub(super) grouping: Grouping,
}

/// What the tasks of one box have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    /// A task has a box of its own.
    None,
    /// Name, place of definition, lane, and the boxes they take their inputs from.
    Structure,
    /// Name, place of definition and lane.
    Definition,
}

/// A task, or several that are alike.
pub(super) struct TaskBox<'p> {
    pub(super) name: &'static str,
    pub(super) site: &'static Location<'static>,
    pub(super) lane: Lane,
    /// The part that the task works on, when it is one.
    pub(super) part: Option<&'p str>,
    pub(super) count: usize,
    /// Whether the caller is handed a result of it.
    pub(super) output: bool,
}

/// What makes tasks alike by definition. (The place is its text: equal places may have two addresses.)
type Definition = (&'static str, &'static str, u32, u32, Lane);

fn definition(task: &PlannedTask<'_>) -> Definition {
    let site = task.site();
    (task.name(), site.file(), site.line(), site.column(), task.lane())
}

impl<'p> Picture<'p> {
    /// Every task where there are no more than so many, else groups of them.
    pub(super) fn of(plan: &'p Plan, most: usize) -> Self {
        if plan.tasks().len() <= most {
            return Self::of_tasks(plan);
        }
        let alike = |task: &PlannedTask<'_>, boxes: &[usize]| {
            let mut inputs: Vec<usize> = task.dependencies().map(|input| boxes[input]).collect();
            inputs.sort_unstable();
            inputs.dedup();
            (definition(task), inputs)
        };
        let by_structure = Self::grouped(plan, Grouping::Structure, alike);
        if by_structure.boxes.len() <= most {
            return by_structure;
        }
        Self::grouped(plan, Grouping::Definition, |task, _| definition(task))
    }

    /// Every task.
    pub(super) fn of_tasks(plan: &'p Plan) -> Self {
        Self::grouped(plan, Grouping::None, |task, _| task.index())
    }

    /// One box for tasks of one key; the key may ask for the boxes of the tasks before.
    fn grouped<K: Hash + Eq>(
        plan: &'p Plan,
        grouping: Grouping,
        key: impl Fn(&PlannedTask<'p>, &[usize]) -> K,
    ) -> Self {
        let mut boxes: Vec<TaskBox<'p>> = Vec::new();
        let mut arrows = Vec::new();
        let mut drawn = HashSet::new();
        let mut known = HashMap::new();
        let mut box_of = Vec::with_capacity(plan.tasks().len());
        let mut outputs = vec![false; plan.tasks().len()];
        plan.outputs().for_each(|task| outputs[task] = true);
        for task in plan.tasks() {
            let place = *known.entry(key(&task, &box_of)).or_insert(boxes.len());
            if place == boxes.len() {
                boxes.push(TaskBox {
                    name: task.name(),
                    site: task.site(),
                    lane: task.lane(),
                    part: task.part(),
                    count: 0,
                    output: false,
                });
            }
            let group = &mut boxes[place];
            group.count += 1;
            group.output |= outputs[task.index()];
            if group.count > 1 {
                group.part = None;
            }
            for input in task.dependencies().map(|input| box_of[input]) {
                if input != place && drawn.insert((input, place)) {
                    arrows.push((input, place));
                }
            }
            box_of.push(place);
        }
        Self { boxes, arrows, tasks: plan.tasks().len(), grouping }
    }
}
