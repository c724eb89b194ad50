//! What a request asks of the rows of a pass: a reduction of all of them, or one of each partition.

use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

use lazuli_core::reduce::{Groups, JointAnswers, Place, Places, StateCodec};
use lazuli_core::{Answer, Delayed, TryReduction, task};
use polars::prelude::PlSmallStr;

use super::{Pass, Seat};
use crate::plan::{Batch, Prepared};

/// What a request asks of rows.
pub(crate) trait Asked: Send + Sync {
    /// The columns it needs.
    fn columns(&self) -> &[PlSmallStr];
    /// The one among them that it takes coded, if it is text.
    fn coded_key(&self) -> Option<&PlSmallStr> {
        None
    }
    /// Joins the passes over the branches of the plan; how to take the answer.
    fn join(&self, passes: &mut [Pass], seats: &[Seat], site: &'static Location<'static>) -> Take;
}

/// Takes the answer of a request from those of the passes.
pub(crate) type Take = TakeAs<Answer>;

/// Takes from the answers of the passes what becomes of one of them.
pub(crate) type TakeAs<T> = Box<dyn FnOnce(&[JointAnswers]) -> T>;

/// A reduction of all rows, and what becomes of its answer.
pub(crate) struct Reduced<R, F> {
    pub(crate) columns: Vec<PlSmallStr>,
    pub(crate) coded_key: Option<PlSmallStr>,
    pub(crate) reduction: Arc<R>,
    pub(crate) then: F,
}

impl<R, F> Reduced<R, F>
where
    R: TryReduction<Batch>,
{
    /// Joins the passes; what takes the answer.
    pub(crate) fn take<T>(
        &self,
        passes: &mut [Pass],
        seats: &[Seat],
        site: &'static Location<'static>,
    ) -> TakeAs<T>
    where
        F: Fn(Delayed<R::Output>) -> T + Clone + 'static,
        T: 'static,
    {
        let then = self.then.clone();
        if let [seat] = seats {
            let place = passes[seat.pass].joint.add(OfForm::new(seat, &self.reduction));
            let pass = seat.pass;
            return Box::new(move |answers| then(answers[pass].get(&place)));
        }
        // Each pass yields its state, and the states of the branches meet in their order.
        let places: Vec<(usize, Place<Unfinished<R::State>>)> = seats
            .iter()
            .map(|seat| {
                let reduction = Kept(OfForm::new(seat, &self.reduction));
                (seat.pass, passes[seat.pass].joint.add(reduction))
            })
            .collect();
        let reduction = Arc::clone(&self.reduction);
        Box::new(move |answers| {
            let states = places.iter().map(|(pass, place)| answers[*pass].get(place));
            let states: Vec<Delayed<Unfinished<R::State>>> = states.collect();
            let combine = task("combine").site(site);
            then(combine.try_call(states, move |states: Vec<Unfinished<R::State>>| {
                let mut states = states.into_iter().map(Unfinished::take);
                let mut whole = states.next().unwrap_or_else(|| reduction.identity());
                reduction.combine_all(&mut whole, states.collect())?;
                reduction.finish(whole)
            }))
        })
    }
}

impl<R, F> Asked for Reduced<R, F>
where
    R: TryReduction<Batch>,
    F: Fn(Delayed<R::Output>) -> Answer + Clone + Send + Sync + 'static,
{
    fn columns(&self) -> &[PlSmallStr] {
        &self.columns
    }

    fn coded_key(&self) -> Option<&PlSmallStr> {
        self.coded_key.as_ref()
    }

    fn join(&self, passes: &mut [Pass], seats: &[Seat], site: &'static Location<'static>) -> Take {
        self.take(passes, seats, site)
    }
}

/// A reduction of each partition or stretch of partitions, and what becomes of the answers.
pub(crate) struct Each<R, F> {
    pub(crate) columns: Vec<PlSmallStr>,
    pub(crate) coded_key: Option<PlSmallStr>,
    /// [`Pass::each_partition`] or [`Pass::each_stretch`].
    pub(crate) over: fn(&mut Pass) -> Groups,
    pub(crate) reduction: Arc<R>,
    pub(crate) then: F,
}

impl<R, F> Each<R, F>
where
    R: TryReduction<Batch>,
{
    /// Joins the passes; what takes the answers.
    pub(crate) fn take<T>(&self, passes: &mut [Pass], seats: &[Seat]) -> TakeAs<T>
    where
        F: Fn(Vec<Delayed<R::Output>>) -> T + Clone + 'static,
        T: 'static,
    {
        let places: Vec<(usize, Places<R::Output>)> = seats
            .iter()
            .map(|seat| {
                let each = (self.over)(&mut passes[seat.pass]);
                let reduction = OfForm::new(seat, &self.reduction);
                (seat.pass, passes[seat.pass].joint.add_to(each, reduction))
            })
            .collect();
        let then = self.then.clone();
        Box::new(move |answers| {
            then(places.iter().flat_map(|(pass, places)| answers[*pass].each(places)).collect())
        })
    }
}

impl<R, F> Asked for Each<R, F>
where
    R: TryReduction<Batch>,
    F: Fn(Vec<Delayed<R::Output>>) -> Answer + Clone + Send + Sync + 'static,
{
    fn columns(&self) -> &[PlSmallStr] {
        &self.columns
    }

    fn coded_key(&self) -> Option<&PlSmallStr> {
        self.coded_key.as_ref()
    }

    fn join(&self, passes: &mut [Pass], seats: &[Seat], _: &'static Location<'static>) -> Take {
        self.take(passes, seats)
    }
}

/// A reduction over one form of the rows of a pass.
struct OfForm<R> {
    form: usize,
    /// Partitions and files of the branches before this one.
    before: (usize, usize),
    reduction: Arc<R>,
}

impl<R> OfForm<R> {
    fn new(seat: &Seat, reduction: &Arc<R>) -> Self {
        Self { form: seat.form, before: seat.before, reduction: Arc::clone(reduction) }
    }
}

impl<R: TryReduction<Batch>> TryReduction<Prepared> for OfForm<R> {
    type State = R::State;
    type Output = R::Output;
    type Error = R::Error;

    fn identity(&self) -> R::State {
        self.reduction.identity()
    }

    fn update(&self, state: &mut R::State, prepared: &Prepared) -> Result<(), R::Error> {
        let batch = prepared.form(self.form);
        if self.before == (0, 0) {
            return self.reduction.update(state, batch);
        }
        let mut batch = batch.clone();
        batch.partition += self.before.0;
        batch.file += self.before.1;
        self.reduction.update(state, &batch)
    }

    fn end_part(&self, state: &mut R::State) -> Result<(), R::Error> {
        self.reduction.end_part(state)
    }

    fn combine(&self, state: &mut R::State, following: R::State) -> Result<(), R::Error> {
        self.reduction.combine(state, following)
    }

    fn combine_all(&self, state: &mut R::State, following: Vec<R::State>) -> Result<(), R::Error> {
        self.reduction.combine_all(state, following)
    }

    fn finish(&self, state: R::State) -> Result<R::Output, R::Error> {
        self.reduction.finish(state)
    }

    fn codec(&self) -> Option<StateCodec<R::State>> {
        self.reduction.codec()
    }

    fn output_codec(&self) -> Option<StateCodec<R::Output>> {
        self.reduction.output_codec()
    }
}

/// A state that is to meet others behind its pass. It has one user, who takes it.
struct Unfinished<S>(Arc<Mutex<Option<S>>>);

impl<S> Unfinished<S> {
    fn take(self) -> S {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        state.unwrap_or_else(|| unreachable!("a state is taken once"))
    }
}

impl<S> Clone for Unfinished<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// A reduction that yields its state.
struct Kept<R>(OfForm<R>);

impl<R: TryReduction<Batch>> TryReduction<Prepared> for Kept<R> {
    type State = R::State;
    type Output = Unfinished<R::State>;
    type Error = R::Error;

    fn identity(&self) -> R::State {
        self.0.identity()
    }

    fn update(&self, state: &mut R::State, prepared: &Prepared) -> Result<(), R::Error> {
        self.0.update(state, prepared)
    }

    fn end_part(&self, state: &mut R::State) -> Result<(), R::Error> {
        self.0.end_part(state)
    }

    fn combine(&self, state: &mut R::State, following: R::State) -> Result<(), R::Error> {
        self.0.combine(state, following)
    }

    fn combine_all(&self, state: &mut R::State, following: Vec<R::State>) -> Result<(), R::Error> {
        self.0.combine_all(state, following)
    }

    fn finish(&self, state: R::State) -> Result<Self::Output, R::Error> {
        Ok(Unfinished(Arc::new(Mutex::new(Some(state)))))
    }
}
