//! Collections of collections: references, boxes, options, vectors, arrays, maps and tuples.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use super::{Answers, Collection, Outputs, Rewire, Wires};

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

            #[allow(unused_variables, reason = "the empty tuple")]
            fn request(&self, outputs: &mut Outputs) {
                $(self.$index.request(outputs);)*
            }

            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple")]
            fn receive(&self, answers: &mut Answers<'_, '_>) -> Self::Output {
                ($(self.$index.receive(answers),)*)
            }
        }

        impl<$($name: Rewire),*> Rewire for ($($name,)*) {
            type Rewired = ($($name::Rewired,)*);

            #[allow(unused_variables, clippy::unused_unit, reason = "the empty tuple")]
            fn rewire(&self, wires: &mut Wires<'_>) -> Self::Rewired {
                ($(self.$index.rewire(wires),)*)
            }
        }
    };
}

tuple_collections!();
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
