//! Joint reduction: many reductions, one pass over the parts.
//!
//! ```text
//! part 0 ── load, update every state ──┬─┐
//! part 1 ── load, update every state ──┼─┤ combine (a tree) ── finish ──┬── answer of reduction 0
//! part 2 ── load, update every state ──┼─┘                              └── answer of reduction 1
//!                                      └── the same for each group of parts, where reductions ask for that
//! ```
//!
//! This is what a [`Layer`](crate::Layer) is usually lowered to. A part's task has an output for each kind of
//! grouping, so that the states of a group are released as soon as the group is done.

use std::error::Error as StdError;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

use super::pass::{Erased, Kind, Pass, States};
use super::{SPLIT_EVERY, Sink, TryReduction, tree};
use crate::base::codec::Codec;
use crate::base::error::Boxed;
use crate::base::value::Value;
use crate::describe::task::{Input, IntoInput, TaskBuilder, by_move, reporter, task};
use crate::graph::{AnyDelayed, Delayed, TaskContext};

/// Reductions that share one pass over parts which are loaded as inputs of type `I`.
///
/// Every reduction that is [added](Self::add) sees every input of every part once, in order; a part is
/// loaded once. A reduction may also be over [groups](Self::group) of parts, with an answer for each: the
/// columns of a grid of blocks beside the whole array, in the same pass.
///
/// ```
/// use lazuli_core::reduce::Joint;
/// use lazuli_core::{Reduction, compute, task};
///
/// struct Count;
/// impl Reduction<str> for Count {
///     type State = usize;
///     type Output = usize;
///     fn identity(&self) -> usize { 0 }
///     fn update(&self, state: &mut usize, _: &str) { *state += 1 }
///     fn combine(&self, state: &mut usize, following: usize) { *state += following }
///     fn finish(&self, state: usize) -> usize { state }
/// }
///
/// let mut joint = Joint::<str>::new();
/// let count = joint.add(Count);
/// let parts = ["a b", "c"].map(|text| (task("words").part(text), ()));
/// let answers = joint.over(parts, |(), context, sink| {
///     context.part().unwrap_or_default().split(' ').for_each(|word| sink.push(word));
///     Ok::<(), std::convert::Infallible>(())
/// });
/// assert_eq!(compute(answers.get(&count))?, 3);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
pub struct Joint<I: ?Sized> {
    pass: Pass<I>,
    /// Of each kind of the pass: the group of each part.
    groups: Vec<Box<dyn Fn(usize) -> usize>>,
    counts: Vec<usize>,
    /// Of each kind: how many states meet in one task, where that is not `split_every`.
    splits: Vec<Option<usize>>,
    split_every: usize,
    site: &'static Location<'static>,
}

/// Where in a [`Joint`] a reduction stands: what to ask [`JointAnswers`] for.
pub struct Place<T> {
    index: usize,
    output: PhantomData<fn() -> T>,
}

/// A way to group the parts of a [`Joint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups(usize);

/// Where in a [`Joint`] a reduction over groups of parts stands.
pub struct Places<T> {
    kind: usize,
    index: usize,
    output: PhantomData<fn() -> T>,
}

// By hand, since what is answered there need not be `Copy`.
impl<T> Clone for Place<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Place<T> {}

impl<T> Clone for Places<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Places<T> {}

/// All parts are one group.
const WHOLE: usize = 0;

impl<I: ?Sized + 'static> Joint<I> {
    /// No reductions yet; the tasks will be defined where this is called.
    #[track_caller]
    #[must_use]
    pub fn new() -> Self {
        Self {
            pass: Pass { kinds: vec![Kind { reductions: Vec::new() }] },
            groups: vec![Box::new(|_| 0)],
            counts: vec![1],
            splits: vec![None],
            split_every: SPLIT_EVERY,
            site: Location::caller(),
        }
    }

    /// How many states meet in one combining task (at least 2; 8 unless set).
    #[must_use]
    pub fn split_every(mut self, split_every: usize) -> Self {
        self.split_every = split_every;
        self
    }

    /// Says where the tasks were defined, when that is not where the pass was made.
    #[must_use]
    pub fn site(mut self, site: &'static Location<'static>) -> Self {
        self.site = site;
        self
    }

    /// Adds a reduction over all parts to the pass.
    pub fn add<R: TryReduction<I>>(&mut self, reduction: R) -> Place<R::Output> {
        let Places { index, output, .. } = self.add_to(Groups(WHOLE), reduction);
        Place { index, output }
    }

    /// So many groups of parts: `group` says in which of them each part is, by its number.
    pub fn group(&mut self, count: usize, group: impl Fn(usize) -> usize + 'static) -> Groups {
        self.pass.kinds.push(Kind { reductions: Vec::new() });
        self.groups.push(Box::new(group));
        self.counts.push(count);
        self.splits.push(None);
        Groups(self.groups.len() - 1)
    }

    /// As [`group`](Self::group), where so many states of a group meet in one combining task (at least 2).
    pub fn group_every(
        &mut self,
        split_every: usize,
        count: usize,
        group: impl Fn(usize) -> usize + 'static,
    ) -> Groups {
        let groups = self.group(count, group);
        self.splits[groups.0] = Some(split_every);
        groups
    }

    /// Adds a reduction over each of these groups to the pass: it sees the parts of a group in their order.
    pub fn add_to<R: TryReduction<I>>(
        &mut self,
        groups: Groups,
        reduction: R,
    ) -> Places<R::Output> {
        let reductions = &mut self.pass.kinds[groups.0].reductions;
        reductions.push(Box::new(Erased::new(reduction)));
        Places { kind: groups.0, index: reductions.len() - 1, output: PhantomData }
    }

    /// The pass over these parts. A part is a task builder (its name, file or block), and the inputs
    /// that `load` receives for it; `load` pushes what it loads into the sink. Parts are never equal, whatever
    /// their builders say.
    ///
    /// One task for each part, one for each `split_every` states of a group that meet, one for each group to
    /// finish. The bytes that a part's builder says its result has are those of its states, in equal shares for
    /// the whole and each way of grouping; what states are combined and finished to is taken to have as many as
    /// the largest of them.
    ///
    /// # Panics
    /// When a part is said to be in a group that there is not.
    pub fn over<N, F, E>(
        self,
        parts: impl IntoIterator<Item = (TaskBuilder, N)>,
        load: F,
    ) -> JointAnswers
    where
        N: IntoInput,
        F: for<'a> Fn(
                <N::Input as Input>::Received<'a>,
                &TaskContext<'_>,
                &mut Sink<'_, I>,
            ) -> Result<(), E>
            + Send
            + Sync
            + 'static,
        E: StdError + Send + Sync + 'static,
    {
        let Self { pass, groups, counts, splits, split_every, site } = self;
        let pass = Arc::new(pass);
        let codecs = pass.codecs();
        let load = Arc::new(load);
        let mut grouped: Vec<Vec<Vec<Delayed<States>>>> =
            counts.iter().map(|&count| (0..count).map(|_| Vec::new()).collect()).collect();
        for (part, (builder, inputs)) in parts.into_iter().enumerate() {
            let (pass, load) = (Arc::clone(&pass), Arc::clone(&load));
            let states = part_task(builder.impure(), inputs, pass, &codecs, load);
            for ((states, grouped), group) in states.into_iter().zip(&mut grouped).zip(&groups) {
                grouped[group(part)].push(states);
            }
        }
        let finished = grouped.into_iter().enumerate().map(|(kind, groups)| {
            let codec = codecs[kind].clone();
            let split_every = splits[kind].unwrap_or(split_every);
            let tree = Tree { pass: Arc::clone(&pass), kind, codec, split_every, site };
            groups.into_iter().map(|states| tree.finish(states)).collect()
        });
        JointAnswers { finished: finished.collect() }
    }
}

/// Loads one part: the states of each kind of reductions.
fn part_task<I, N, F, E>(
    builder: TaskBuilder,
    inputs: N,
    pass: Arc<Pass<I>>,
    codecs: &[Option<Codec>],
    load: Arc<F>,
) -> Vec<Delayed<States>>
where
    I: ?Sized + 'static,
    N: IntoInput,
    F: for<'a> Fn(
            <N::Input as Input>::Received<'a>,
            &TaskContext<'_>,
            &mut Sink<'_, I>,
        ) -> Result<(), E>
        + Send
        + Sync
        + 'static,
    E: StdError + Send + Sync + 'static,
{
    if codecs.len() > 1 {
        let inputs = (inputs, reporter());
        let states = builder.call_values(codecs.to_vec(), inputs, move |(inputs, context)| {
            let states = pass.run(|sink| load(inputs, context, sink))?;
            Ok::<_, Boxed>(states.into_iter().map(Value::new).collect())
        });
        return states.into_iter().map(Delayed::from_node).collect();
    }
    let whole = builder.written_by(codecs[WHOLE].clone()).try_call(
        (inputs, reporter()),
        move |(inputs, context)| {
            let mut states = pass.run(|sink| load(inputs, context, sink))?;
            Ok::<_, Boxed>(states.swap_remove(WHOLE))
        },
    );
    vec![whole]
}

/// How the states of a group meet.
struct Tree<I: ?Sized> {
    pass: Arc<Pass<I>>,
    kind: usize,
    codec: Option<Codec>,
    split_every: usize,
    site: &'static Location<'static>,
}

impl<I: ?Sized + 'static> Tree<I> {
    /// The answers of every reduction of the kind.
    fn finish(&self, states: Vec<Delayed<States>>) -> Vec<AnyDelayed> {
        let kind = self.kind;
        let combined = tree::meet(states, self.split_every, |group| {
            let pass = Arc::clone(&self.pass);
            let combine = task("combine").site(self.site).written_by(self.codec.clone());
            tree::as_large_as(combine, &group)
                .try_call(by_move(group), move |states| pass.kinds[kind].combine(states))
        });
        let pass = Arc::clone(&self.pass);
        let reductions = &pass.kinds[kind].reductions;
        let codecs = reductions.iter().map(|reduction| reduction.output_codec()).collect();
        let finish = tree::as_large_as(task("finish").site(self.site), combined.as_slice());
        finish.call_values(codecs, by_move(combined.into_iter().collect()), move |states| {
            let kind = &pass.kinds[kind];
            kind.finish(kind.combine(states)?)
        })
    }
}

impl<I: ?Sized + 'static> Default for Joint<I> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

/// The answers of a [`Joint`] reduction.
pub struct JointAnswers {
    /// By kind, group, and reduction.
    finished: Vec<Vec<Vec<AnyDelayed>>>,
}

impl JointAnswers {
    /// The answer of the reduction that was added at this place.
    pub fn get<T: Send + Sync + 'static>(&self, place: &Place<T>) -> Delayed<T> {
        Delayed::from_node(self.finished[WHOLE][0][place.index].clone())
    }

    /// The answers of the reduction that was added at this place, one for each of its groups.
    pub fn each<T: Send + Sync + 'static>(
        &self,
        places: &Places<T>,
    ) -> impl ExactSizeIterator<Item = Delayed<T>> + '_ {
        let index = places.index;
        self.finished[places.kind].iter().map(move |group| Delayed::from_node(group[index].clone()))
    }
}
