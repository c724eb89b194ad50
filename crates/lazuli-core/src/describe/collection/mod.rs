//! What can be computed in one go: handles, and tuples, vectors and maps of them (`nested`).

mod gather;
mod moved;
mod nested;
mod plain;

pub(crate) use gather::gather;
pub use moved::Moved;

use std::panic::Location;

use crate::base::value::Shared;
use crate::describe::task::{Order, task};
use crate::graph::{AnyDelayed, Delayed, Parted, TaskContext};

/// Something that [`compute`](crate::compute) takes: it names the delayed values it is made of and is
/// put together again from their results.
///
/// A collection of your own implements it by passing the call on to the handles it holds, in the same
/// order in both methods.
pub trait Collection {
    /// What it is when computed.
    type Output;
    /// Names the delayed values that must be computed.
    fn request(&self, outputs: &mut Outputs);
    /// Takes their results, in the order in which they were named.
    fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output;
}

/// A collection that can be made again of other handles: of results that are kept, or ordered.
///
/// It passes over its handles in the order in which [`Collection::request`] names them.
pub trait Rewire: Collection {
    /// The same collection, of handles of its own.
    type Rewired;
    /// Makes it again of the next handles.
    fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired;
}

/// The delayed values that one compute was asked for.
#[derive(Default)]
pub struct Outputs(Vec<AnyDelayed>);

/// What the collection asks for.
pub(crate) fn requests<C: Collection + ?Sized>(collection: &C) -> Vec<AnyDelayed> {
    let mut outputs = Outputs::default();
    collection.request(&mut outputs);
    outputs.0
}

/// What takes the place of handles: see [`Rewire`].
pub struct Wires<'a>(Way<'a>);

enum Way<'a> {
    /// What this makes of each.
    Other(Box<dyn FnMut(&AnyDelayed) -> AnyDelayed + 'a>),
    /// The same values, handed on after this one.
    Behind(AnyDelayed, &'static Location<'static>),
}

impl<'a> Wires<'a> {
    /// The next of these for each handle.
    pub(crate) fn to(handles: Vec<AnyDelayed>) -> Self {
        let mut handles = handles.into_iter();
        Self::with(move |_| {
            handles.next().unwrap_or_else(|| {
                panic!(
                    "a collection names as many handles when it is made again as it named before"
                )
            })
        })
    }

    /// What this makes of each handle.
    pub(crate) fn with(rewire: impl FnMut(&AnyDelayed) -> AnyDelayed + 'a) -> Self {
        Self(Way::Other(Box::new(rewire)))
    }

    /// The values handed on after this one, by tasks defined there.
    pub(crate) fn behind(first: AnyDelayed, site: &'static Location<'static>) -> Self {
        Self(Way::Behind(first, site))
    }

    /// What takes this handle's place.
    pub fn rewire<T: Clone + Send + Sync + 'static>(&mut self, delayed: &Delayed<T>) -> Delayed<T> {
        match &mut self.0 {
            Way::Other(rewire) => Delayed::from_node(rewire(delayed.erased())),
            Way::Behind(first, site) => hand_on(delayed, vec![first.clone()], site),
        }
    }
}

/// A task that hands a value on when others have ended.
pub(crate) fn hand_on<T: Clone + Send + Sync + 'static>(
    value: &Delayed<T>,
    first: Vec<AnyDelayed>,
    site: &'static Location<'static>,
) -> Delayed<T> {
    let inputs = (value.clone(), Order(first.into()));
    task("wait_on").site(site).call(inputs, |(value, ())| value)
}

/// The results of one compute, in the order of its [`Outputs`].
pub struct Answers<'a, 'run> {
    source: Source<'a, 'run>,
    next: usize,
}

enum Source<'a, 'run> {
    Run(&'a mut TaskContext<'run>),
    /// The first last.
    Kept(Vec<Shared>),
}

impl<'a, 'run> Answers<'a, 'run> {
    pub(crate) fn of_run(context: &'a mut TaskContext<'run>) -> Self {
        Self { source: Source::Run(context), next: 0 }
    }

    pub(crate) fn kept(mut outputs: Vec<Shared>) -> Self {
        outputs.reverse();
        Self { source: Source::Kept(outputs), next: 0 }
    }

    /// The next result, which must be of the type of the delayed value that was named in its turn.
    ///
    /// # Panics
    /// When it is of another type, or more results are taken than values were named.
    pub fn take<T: Clone + Send + Sync + 'static>(&mut self) -> T {
        let index = self.next;
        self.next += 1;
        match &mut self.source {
            Source::Run(context) => context.take(index as u32),
            Source::Kept(outputs) => {
                let output =
                    outputs.pop().expect("no more results are taken than values were named");
                output.into_inner(T::clone)
            }
        }
    }
}

impl<T: Clone + Send + Sync + 'static> Collection for Delayed<T> {
    type Output = T;

    fn request(&self, outputs: &mut Outputs) {
        outputs.0.push(self.erase());
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> T {
        answers.take()
    }
}

/// A collection in parts is computed to the vector of its parts.
impl<T: Clone + Send + Sync + 'static> Collection for Parted<T> {
    type Output = Vec<T>;

    fn request(&self, outputs: &mut Outputs) {
        outputs.0.extend(self.parts().map(|part| part.erase()));
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Vec<T> {
        (0..self.len()).map(|_| answers.take()).collect()
    }
}

impl<T: Clone + Send + Sync + 'static> Rewire for Parted<T> {
    type Rewired = Self;

    fn rewire(&self, wires: &mut Wires<'_>) -> Self {
        Self::from_parts(self.parts().map(|part| wires.rewire(&part)))
    }
}

impl<T: Clone + Send + Sync + 'static> Rewire for Delayed<T> {
    type Rewired = Self;

    fn rewire(&self, wires: &mut Wires<'_>) -> Self {
        wires.rewire(self)
    }
}
