//! Labels along an axis: which group each index belongs to.

use std::collections::BTreeMap;
use std::sync::Arc;

/// A label for each index along an axis, as keys of any ordered type: months, stations, names.
///
/// ```
/// use lazuli_array::Labels;
/// let seasons = Labels::of(["winter", "spring", "winter", "summer"]);
/// assert_eq!(seasons.keys(), ["spring", "summer", "winter"]);
/// assert_eq!(seasons.numbers(), [Some(2), Some(0), Some(2), Some(1)]);
/// ```
#[derive(Clone, Debug)]
pub struct Labels<K> {
    keys: Arc<[K]>,
    pub(super) codes: Arc<Codes>,
}

/// The number of the group of each index, and how many groups there are.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Codes {
    of: Vec<usize>,
    pub(super) groups: usize,
}

/// Of an index that is in no group.
const NO_GROUP: usize = usize::MAX;

impl<K: Ord + Clone> Labels<K> {
    /// These labels, one for each index. The keys are the labels that occur, sorted.
    pub fn of(labels: impl IntoIterator<Item = K>) -> Self {
        let labels: Vec<K> = labels.into_iter().collect();
        let mut keys = labels.clone();
        keys.sort_unstable();
        keys.dedup();
        Self::among(labels, keys)
    }

    /// These labels, one for each index, where the groups are to be those of `keys`, in their order. A key that no
    /// index has is an empty group; an index whose label is no key is in no group. Of equal keys the first has
    /// the elements.
    ///
    /// ```
    /// use lazuli_array::Labels;
    /// let days = Labels::among([5, 5, 9, 1], [1, 5, 7]);
    /// assert_eq!(days.numbers(), [Some(1), Some(1), None, Some(0)]);
    /// ```
    pub fn among(labels: impl IntoIterator<Item = K>, keys: impl IntoIterator<Item = K>) -> Self {
        let keys: Arc<[K]> = keys.into_iter().collect();
        let mut numbers = BTreeMap::new();
        for (number, key) in keys.iter().enumerate() {
            numbers.entry(key).or_insert(number);
        }
        let number = |label: K| numbers.get(&label).copied().unwrap_or(NO_GROUP);
        let of = labels.into_iter().map(number).collect();
        Self { codes: Arc::new(Codes { of, groups: keys.len() }), keys: Arc::clone(&keys) }
    }

    /// The key of each group.
    #[must_use]
    pub fn keys(&self) -> &[K] {
        &self.keys
    }

    /// The number of labels: the length of the axis that they are for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.of.len()
    }

    /// Whether there are no labels.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.of.is_empty()
    }

    /// The number of the group of each index; None where it is in none.
    #[must_use]
    pub fn numbers(&self) -> Vec<Option<usize>> {
        (0..self.len()).map(|index| self.codes.group(index)).collect()
    }
}

impl Codes {
    /// The number of the group of this index, if it has one.
    pub(super) fn group(&self, index: usize) -> Option<usize> {
        self.of.get(index).copied().filter(|&group| group != NO_GROUP)
    }

    pub(super) fn len(&self) -> usize {
        self.of.len()
    }

    /// How many groups have elements among `len` indices from `start` on.
    pub(super) fn groups_within(&self, start: usize, len: usize) -> usize {
        let mut groups: Vec<usize> =
            (start..start + len).filter_map(|index| self.group(index)).collect();
        groups.sort_unstable();
        groups.dedup();
        groups.len()
    }

    /// The first index that is in no group.
    pub(super) fn first_without(&self) -> Option<usize> {
        self.of.iter().position(|&group| group == NO_GROUP)
    }
}
