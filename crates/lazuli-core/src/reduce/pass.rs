//! One pass: what its reductions make of the inputs of a part, and how their states meet.
//!
//! This is where the types of reductions, states and answers are erased, so that many kinds share a pass.

use std::any::{Any, TypeId};
use std::error::Error as StdError;
use std::io;
use std::marker::PhantomData;
use std::sync::Arc;

use super::TryReduction;
use crate::base::codec::{Codec, ErasedCodec};
use crate::base::error::Boxed;
use crate::base::value::Value;

/// The reductions of a pass over inputs of type `I`, by the parts that they are over.
pub(super) struct Pass<I: ?Sized> {
    pub(super) kinds: Vec<Kind<I>>,
}

/// Reductions that are over the same groups of parts: their states travel together.
pub(super) struct Kind<I: ?Sized> {
    pub(super) reductions: Vec<Box<dyn AnyReduction<I>>>,
}

/// The states of the reductions of one kind.
pub(super) type States = Vec<AnyState>;
pub(super) type AnyState = Box<dyn Any + Send + Sync>;

/// Takes the inputs of one part and updates the state of every reduction with each.
pub struct Sink<'a, I: ?Sized> {
    pass: &'a Pass<I>,
    states: Vec<States>,
    error: Option<Boxed>,
}

impl<I: ?Sized> Sink<'_, I> {
    /// Updates every state. After a reduction has failed, this does nothing, and the part's task fails
    /// with its error when `load` returns.
    pub fn push(&mut self, input: &I) {
        if self.error.is_none() {
            self.error = self.each(|reduction, state| reduction.update(state, input)).err();
        }
    }

    fn each(
        &mut self,
        step: impl Fn(&dyn AnyReduction<I>, &mut AnyState) -> Result<(), Boxed>,
    ) -> Result<(), Boxed> {
        for (kind, states) in self.pass.kinds.iter().zip(&mut self.states) {
            for (reduction, state) in kind.reductions.iter().zip(states) {
                step(&**reduction, state)?;
            }
        }
        Ok(())
    }
}

impl<I: ?Sized> Pass<I> {
    /// The states of a part, of each kind.
    pub(super) fn run<E: StdError + Send + Sync + 'static>(
        &self,
        load: impl FnOnce(&mut Sink<'_, I>) -> Result<(), E>,
    ) -> Result<Vec<States>, Boxed> {
        let states = self.kinds.iter().map(Kind::identity).collect();
        let mut sink = Sink { pass: self, states, error: None };
        load(&mut sink).map_err(Boxed::new)?;
        if let Some(error) = sink.error {
            return Err(error);
        }
        sink.each(|reduction, state| reduction.end_part(state))?;
        Ok(sink.states)
    }
}

impl<I: ?Sized + 'static> Pass<I> {
    /// How the states of each kind are written and read, where all of its reductions say so.
    pub(super) fn codecs(self: &Arc<Self>) -> Vec<Option<Codec>> {
        let codec = |kind: usize| {
            let mut reductions = self.kinds[kind].reductions.iter();
            let portable = reductions.all(|reduction| reduction.portable().is_some());
            portable.then(|| Codec::new(StatesCodec { pass: Arc::clone(self), kind }))
        };
        (0..self.kinds.len()).map(codec).collect()
    }
}

/// Writes and reads the states of a kind one after another.
struct StatesCodec<I: ?Sized> {
    pass: Arc<Pass<I>>,
    kind: usize,
}

impl<I: ?Sized> StatesCodec<I> {
    fn reductions(&self) -> &[Box<dyn AnyReduction<I>>] {
        &self.pass.kinds[self.kind].reductions
    }
}

impl<I: ?Sized> ErasedCodec for StatesCodec<I> {
    fn type_id(&self) -> TypeId {
        TypeId::of::<States>()
    }

    fn describe(&self) -> String {
        let names = self.reductions().iter().filter_map(|reduction| reduction.portable());
        format!("states of {}", names.collect::<Vec<_>>().join(", "))
    }

    fn write(&self, value: &Value, to: &mut dyn io::Write) -> io::Result<()> {
        let states: &States = value.get();
        let mut both = self.reductions().iter().zip(states);
        both.try_for_each(|(reduction, state)| reduction.write(state, to))
    }

    fn read(&self, from: &mut dyn io::Read) -> io::Result<Value> {
        let states = self.reductions().iter().map(|reduction| reduction.read(from));
        Ok(Value::new(states.collect::<io::Result<States>>()?))
    }
}

impl<I: ?Sized> Kind<I> {
    pub(super) fn identity(&self) -> States {
        self.reductions.iter().map(|reduction| reduction.identity()).collect()
    }

    /// Merges the states from left to right.
    pub(super) fn combine(&self, states: Vec<States>) -> Result<States, Boxed> {
        let mut parts = states.into_iter();
        let mut merged = parts.next().unwrap_or_else(|| self.identity());
        let mut following: Vec<States> = merged.iter().map(|_| Vec::new()).collect();
        for states in parts {
            for (following, state) in following.iter_mut().zip(states) {
                following.push(state);
            }
        }
        for ((reduction, state), following) in
            self.reductions.iter().zip(&mut merged).zip(following)
        {
            if !following.is_empty() {
                reduction.combine_all(state, following)?;
            }
        }
        Ok(merged)
    }

    pub(super) fn finish(&self, states: States) -> Result<Vec<Value>, Boxed> {
        let finished =
            self.reductions.iter().zip(states).map(|(reduction, state)| reduction.finish(state));
        finished.collect()
    }
}

/// A reduction whose state and output have no type.
pub(super) trait AnyReduction<I: ?Sized>: Send + Sync {
    fn identity(&self) -> AnyState;
    fn update(&self, state: &mut AnyState, input: &I) -> Result<(), Boxed>;
    fn end_part(&self, state: &mut AnyState) -> Result<(), Boxed>;
    fn combine_all(&self, state: &mut AnyState, following: Vec<AnyState>) -> Result<(), Boxed>;
    fn finish(&self, state: AnyState) -> Result<Value, Boxed>;
    /// What the states are, where they can be written and read.
    fn portable(&self) -> Option<&'static str>;
    fn write(&self, state: &AnyState, to: &mut dyn io::Write) -> io::Result<()>;
    fn read(&self, from: &mut dyn io::Read) -> io::Result<AnyState>;
    /// How the answer is written and read, where it can be.
    fn output_codec(&self) -> Option<Codec>;
}

pub(super) struct Erased<R, I: ?Sized> {
    reduction: R,
    input: PhantomData<fn(&I)>,
}

impl<R, I: ?Sized> Erased<R, I> {
    pub(super) fn new(reduction: R) -> Self {
        Self { reduction, input: PhantomData }
    }
}

const OWN: &str = "each reduction keeps its own state";

impl<I: ?Sized, R: TryReduction<I>> AnyReduction<I> for Erased<R, I> {
    fn identity(&self) -> AnyState {
        Box::new(self.reduction.identity())
    }

    fn update(&self, state: &mut AnyState, input: &I) -> Result<(), Boxed> {
        let state = state.downcast_mut().expect(OWN);
        self.reduction.update(state, input).map_err(Boxed::new)
    }

    fn end_part(&self, state: &mut AnyState) -> Result<(), Boxed> {
        let state = state.downcast_mut().expect(OWN);
        self.reduction.end_part(state).map_err(Boxed::new)
    }

    fn combine_all(&self, state: &mut AnyState, following: Vec<AnyState>) -> Result<(), Boxed> {
        let state = state.downcast_mut().expect(OWN);
        let following = following.into_iter().map(|state| *state.downcast().expect(OWN)).collect();
        self.reduction.combine_all(state, following).map_err(Boxed::new)
    }

    fn finish(&self, state: AnyState) -> Result<Value, Boxed> {
        let state = state.downcast().expect(OWN);
        self.reduction.finish(*state).map(Value::new).map_err(Boxed::new)
    }

    fn portable(&self) -> Option<&'static str> {
        self.reduction.codec().map(|_| std::any::type_name::<R>())
    }

    fn write(&self, state: &AnyState, to: &mut dyn io::Write) -> io::Result<()> {
        let codec = self.reduction.codec().ok_or(io::ErrorKind::Unsupported)?;
        (codec.write)(state.downcast_ref().expect(OWN), to)
    }

    fn read(&self, from: &mut dyn io::Read) -> io::Result<AnyState> {
        let codec = self.reduction.codec().ok_or(io::ErrorKind::Unsupported)?;
        Ok(Box::new((codec.read)(from)?))
    }

    fn output_codec(&self) -> Option<Codec> {
        self.reduction.output_codec().map(Codec::new)
    }
}
