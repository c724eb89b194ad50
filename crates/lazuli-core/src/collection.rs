//! What can be computed in one go: handles, and tuples, vectors and maps of them.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use crate::delayed::Delayed;
use crate::executor::TaskContext;
use crate::node::AnyDelayed;

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

/// The delayed values that one compute was asked for.
#[derive(Default)]
pub struct Outputs(pub(crate) Vec<AnyDelayed>);

/// The results of one compute, in the order of its [`Outputs`].
pub struct Answers<'a, 'run> {
    pub(crate) context: &'a mut TaskContext<'run>,
    pub(crate) next: u32,
}

impl Answers<'_, '_> {
    /// The next result, which must be of the type of the delayed value that was named in its turn.
    ///
    /// # Panics
    /// When it is of another type, or more results are taken than values were named.
    pub fn take<T: Clone + Send + Sync + 'static>(&mut self) -> T {
        let edge = self.next;
        self.next += 1;
        self.context.take(edge)
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

impl<C: Collection + ?Sized> Collection for &C {
    type Output = C::Output;

    fn request(&self, outputs: &mut Outputs) {
        (**self).request(outputs);
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> C::Output {
        (**self).receive(answers)
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

impl<C: Collection> Collection for Vec<C> {
    type Output = Vec<C::Output>;

    fn request(&self, outputs: &mut Outputs) {
        self.as_slice().request(outputs);
    }

    fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output {
        self.as_slice().receive(answers)
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
