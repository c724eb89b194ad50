//! What can be computed in one go: handles, and tuples, vectors and maps of them.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::panic::Location;

use crate::delayed::Delayed;
use crate::executor::TaskContext;
use crate::node::AnyDelayed;
use crate::task::{Order, task};

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
    /// Of nodes that hold them, the first last.
    Kept(Vec<AnyDelayed>),
}

impl<'a, 'run> Answers<'a, 'run> {
    pub(crate) fn of_run(context: &'a mut TaskContext<'run>) -> Self {
        Self { source: Source::Run(context), next: 0 }
    }

    pub(crate) fn kept(mut outputs: Vec<AnyDelayed>) -> Self {
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
                output.take_held(T::clone)
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

impl<T: Clone + Send + Sync + 'static> Rewire for Delayed<T> {
    type Rewired = Self;

    fn rewire(&self, wires: &mut Wires<'_>) -> Self {
        wires.rewire(self)
    }
}

impl<C: Collection + ?Sized> Collection for &C {
    type Output = C::Output;

    fn request(&self, outputs: &mut Outputs) {
        (**self).request(outputs);
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> C::Output {
        (**self).receive(answers)
    }
}

impl<C: Rewire + ?Sized> Rewire for &C {
    type Rewired = C::Rewired;

    fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired {
        (**self).rewire(wires)
    }
}

impl<C: Collection + ?Sized> Collection for Box<C> {
    type Output = C::Output;

    fn request(&self, outputs: &mut Outputs) {
        (**self).request(outputs);
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> C::Output {
        (**self).receive(answers)
    }
}

impl<C: Rewire + ?Sized> Rewire for Box<C> {
    type Rewired = C::Rewired;

    fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired {
        (**self).rewire(wires)
    }
}

impl<C: Collection> Collection for Option<C> {
    type Output = Option<C::Output>;

    fn request(&self, outputs: &mut Outputs) {
        if let Some(inner) = self {
            inner.request(outputs);
        }
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output {
        self.as_ref().map(|inner| inner.receive(answers))
    }
}

impl<C: Rewire> Rewire for Option<C> {
    type Rewired = Option<C::Rewired>;

    fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired {
        self.as_ref().map(|inner| inner.rewire(wires))
    }
}

impl<C: Collection> Collection for [C] {
    type Output = Vec<C::Output>;

    fn request(&self, outputs: &mut Outputs) {
        for inner in self {
            inner.request(outputs);
        }
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output {
        self.iter().map(|inner| inner.receive(answers)).collect()
    }
}

impl<C: Rewire> Rewire for [C] {
    type Rewired = Vec<C::Rewired>;

    fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired {
        self.iter().map(|inner| inner.rewire(wires)).collect()
    }
}

impl<C: Collection> Collection for Vec<C> {
    type Output = Vec<C::Output>;

    fn request(&self, outputs: &mut Outputs) {
        self.as_slice().request(outputs);
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output {
        self.as_slice().receive(answers)
    }
}

impl<C: Rewire> Rewire for Vec<C> {
    type Rewired = Vec<C::Rewired>;

    fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired {
        self.as_slice().rewire(wires)
    }
}

impl<C: Collection, const N: usize> Collection for [C; N] {
    type Output = [C::Output; N];

    fn request(&self, outputs: &mut Outputs) {
        self.as_slice().request(outputs);
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output {
        std::array::from_fn(|index| self[index].receive(answers))
    }
}

impl<C: Rewire, const N: usize> Rewire for [C; N] {
    type Rewired = [C::Rewired; N];

    fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired {
        std::array::from_fn(|index| self[index].rewire(wires))
    }
}

impl<K: Clone + Ord, C: Collection> Collection for BTreeMap<K, C> {
    type Output = BTreeMap<K, C::Output>;

    fn request(&self, outputs: &mut Outputs) {
        for inner in self.values() {
            inner.request(outputs);
        }
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output {
        let received = self.iter().map(|(key, inner)| (key.clone(), inner.receive(answers)));
        received.collect()
    }
}

impl<K: Clone + Ord, C: Rewire> Rewire for BTreeMap<K, C> {
    type Rewired = BTreeMap<K, C::Rewired>;

    fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired {
        self.iter().map(|(key, inner)| (key.clone(), inner.rewire(wires))).collect()
    }
}

/// Computed in the order of the keys, whatever order the map has.
impl<K, C, S> Collection for HashMap<K, C, S>
where
    K: Clone + Ord + Hash,
    C: Collection,
    S: BuildHasher + Clone,
{
    type Output = HashMap<K, C::Output, S>;

    fn request(&self, outputs: &mut Outputs) {
        for (_, inner) in sorted(self) {
            inner.request(outputs);
        }
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output {
        let mut received = HashMap::with_capacity_and_hasher(self.len(), self.hasher().clone());
        for (key, inner) in sorted(self) {
            received.insert(key.clone(), inner.receive(answers));
        }
        received
    }
}

impl<K, C, S> Rewire for HashMap<K, C, S>
where
    K: Clone + Ord + Hash,
    C: Rewire,
    S: BuildHasher + Clone,
{
    type Rewired = HashMap<K, C::Rewired, S>;

    fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired {
        let mut rewired = HashMap::with_capacity_and_hasher(self.len(), self.hasher().clone());
        for (key, inner) in sorted(self) {
            rewired.insert(key.clone(), inner.rewire(wires));
        }
        rewired
    }
}

fn sorted<K: Ord, C, S>(map: &HashMap<K, C, S>) -> Vec<(&K, &C)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

macro_rules! tuple_collections {
    ($($name:ident . $index:tt),*) => {
        impl<$($name: Collection),*> Collection for ($($name,)*) {
            type Output = ($($name::Output,)*);

            fn request(&self, outputs: &mut Outputs) {
                $(self.$index.request(outputs);)*
            }

            fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output {
                ($(self.$index.receive(answers),)*)
            }
        }

        impl<$($name: Rewire),*> Rewire for ($($name,)*) {
            type Rewired = ($($name::Rewired,)*);

            fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired {
                ($(self.$index.rewire(wires),)*)
            }
        }
    };
}

tuple_collections!(A.0);
tuple_collections!(A.0, B.1);
tuple_collections!(A.0, B.1, C.2);
tuple_collections!(A.0, B.1, C.2, D.3);
tuple_collections!(A.0, B.1, C.2, D.3, E.4);
tuple_collections!(A.0, B.1, C.2, D.3, E.4, F.5);
tuple_collections!(A.0, B.1, C.2, D.3, E.4, F.5, G.6);
tuple_collections!(A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7);
tuple_collections!(A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8);
tuple_collections!(A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9);
tuple_collections!(A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9, K.10);
tuple_collections!(A.0, B.1, C.2, D.3, E.4, F.5, G.6, H.7, I.8, J.9, K.10, L.11);
