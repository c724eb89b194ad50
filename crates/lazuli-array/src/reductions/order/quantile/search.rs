//! The search for elements by their rank: pass by pass one more digit of their images.
//!
//! A pass counts, among the elements that share the digits known so far with one that is looked for, how many have
//! each value of the next digit. As soon as few enough share them, they are gathered and sorted instead; and where
//! all that share them are equal, nothing more has to be known. So whatever the elements, what is held is bounded, and
//! a search ends after the last digit. (Selection by counting digits from the most significant: D. E. Knuth, *The
//! Art of Computer Programming*, vol. 3, 5.2.5.)

use std::marker::PhantomData;

use crate::kernels::{Rows, SortKey};
use crate::reductions::given::GivenReduction;

/// Bits of the digits behind the first.
const DIGIT: u32 = 12;

/// So many elements are gathered at most, for all ranks of a search together.
const GATHERED: u64 = 1 << 16;

/// What is known of the elements with some ranks.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    ranks: Vec<Rank>,
    /// What the next pass looks at, by prefix; nothing where all is known.
    targets: Vec<Target>,
    /// How many bits of an image are not in the prefixes.
    left: u32,
}

/// One element that is looked for.
#[derive(Clone, Copy, Debug)]
struct Rank {
    /// How many elements with its prefix are before it.
    within: u64,
    /// The first bits of its image; all of them where it is found.
    prefix: u64,
    is_found: bool,
}

/// Elements with one prefix.
#[derive(Clone, Copy, Debug)]
struct Target {
    prefix: u64,
    is_gathered: bool,
}

/// What a pass has seen of the elements with the prefix of a target.
#[derive(Clone)]
pub(super) struct Seen {
    counts: Vec<u64>,
    gathered: Vec<u64>,
    least: u64,
    greatest: u64,
}

/// How many passes there are behind the first, at most.
pub(super) fn passes(bits_left: u32) -> u32 {
    bits_left.div_ceil(DIGIT)
}

/// Bits of the next digit.
fn digit(left: u32) -> u32 {
    DIGIT.min(left)
}

/// The digit that holds the element with this number among all that were counted: the digit, the elements
/// before it, and those that have it.
fn digit_of(counts: &[u64], within: u64) -> (u64, u64, u64) {
    let mut before = 0;
    for (digit, &count) in counts.iter().enumerate() {
        if within < before + count {
            return (digit as u64, before, count);
        }
        before += count;
    }
    unreachable!("a rank is below the number of elements")
}

impl Search {
    /// A search for elements by rank, where so many elements have each first digit, and `left` bits follow it.
    pub(super) fn begin(ranks: impl IntoIterator<Item = u64>, counts: &[u64], left: u32) -> Self {
        let mut found = Vec::new();
        let ranks = ranks.into_iter().map(|rank| {
            let (prefix, before, count) = digit_of(counts, rank);
            found.push((prefix, count));
            Rank { within: rank - before, prefix, is_found: left == 0 }
        });
        let ranks = ranks.collect();
        Self::with_targets(ranks, found, left)
    }

    /// The targets are the prefixes of ranks that are not found, each with the number of its elements.
    fn with_targets(ranks: Vec<Rank>, mut prefixes: Vec<(u64, u64)>, left: u32) -> Self {
        if left == 0 {
            prefixes.clear();
        }
        prefixes.sort_unstable();
        prefixes.dedup();
        let mut room = GATHERED;
        let target = |(prefix, count): (u64, u64)| {
            let is_gathered = count <= room;
            room -= if is_gathered { count } else { 0 };
            Target { prefix, is_gathered }
        };
        Self { ranks, targets: prefixes.into_iter().map(target).collect(), left }
    }

    /// What is known after one more pass.
    pub(super) fn next(&self, seen: &[Seen]) -> Self {
        if self.targets.is_empty() {
            return self.clone();
        }
        let bits = digit(self.left);
        let sorted: Vec<Vec<u64>> = seen
            .iter()
            .map(|seen| {
                let mut sorted = seen.gathered.clone();
                sorted.sort_unstable();
                sorted
            })
            .collect();
        let mut prefixes = Vec::new();
        let ranks = self.ranks.iter().map(|rank| {
            let target = self.targets.binary_search_by_key(&rank.prefix, |target| target.prefix);
            let Ok(number) = target else { return *rank };
            if rank.is_found {
                return *rank;
            }
            let found = |prefix| Rank { within: 0, prefix, is_found: true };
            if self.targets[number].is_gathered {
                return found(sorted[number][rank.within as usize]);
            }
            let Seen { counts, least, greatest, .. } = &seen[number];
            if least == greatest {
                return found(*least);
            }
            let (digit, before, count) = digit_of(counts, rank.within);
            let prefix = rank.prefix << bits | digit;
            if self.left == bits {
                return found(prefix);
            }
            prefixes.push((prefix, count));
            Rank { within: rank.within - before, prefix, is_found: false }
        });
        let ranks = ranks.collect();
        Self::with_targets(ranks, prefixes, self.left - bits)
    }

    /// The images of the elements, in the order in which their ranks were given.
    pub(super) fn images(&self) -> impl Iterator<Item = u64> + '_ {
        self.ranks.iter().map(|rank| rank.prefix)
    }
}

/// One pass of a search.
pub(super) struct Pass<A>(pub(super) PhantomData<fn() -> A>);

impl<A> Clone for Pass<A> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<A: SortKey> GivenReduction<A> for Pass<A> {
    type Given = Search;
    /// For each target; nothing before the first element.
    type State = Vec<Seen>;

    fn needs_nothing(search: &Search) -> bool {
        search.targets.is_empty()
    }

    fn update(&self, seen: &mut Vec<Seen>, search: &Search, tile: Rows<'_, A>) {
        let bits = digit(search.left);
        if seen.is_empty() {
            let nothing = |target: &Target| {
                let digits = if target.is_gathered { 0 } else { 1 << bits };
                let (least, greatest) = (u64::MAX, 0);
                Seen { counts: vec![0; digits], gathered: Vec::new(), least, greatest }
            };
            seen.extend(search.targets.iter().map(nothing));
        }
        match &search.targets[..] {
            [] => {}
            [only] => {
                let seen = &mut seen[0];
                tile.iter().for_each(|row| {
                    for image in row.iter().map(|value| value.image()) {
                        if image >> search.left == only.prefix {
                            seen.take(image, search.left - bits);
                        }
                    }
                });
            }
            [first, .., last] => tile.iter().for_each(|row| {
                for image in row.iter().map(|value| value.image()) {
                    let prefix = image >> search.left;
                    if prefix < first.prefix || prefix > last.prefix {
                        continue;
                    }
                    let target =
                        search.targets.binary_search_by_key(&prefix, |target| target.prefix);
                    if let Ok(number) = target {
                        seen[number].take(image, search.left - bits);
                    }
                }
            }),
        }
    }

    fn merge(&self, seen: &mut Vec<Seen>, following: Vec<Seen>) {
        if seen.is_empty() {
            *seen = following;
            return;
        }
        for (seen, following) in seen.iter_mut().zip(following) {
            let counts = seen.counts.iter_mut().zip(following.counts);
            counts.for_each(|(count, following)| *count += following);
            seen.gathered.extend(following.gathered);
            seen.least = seen.least.min(following.least);
            seen.greatest = seen.greatest.max(following.greatest);
        }
    }
}

impl Seen {
    /// Takes in an element, whose next digit is followed by so many bits.
    #[inline]
    fn take(&mut self, image: u64, behind: u32) {
        self.least = self.least.min(image);
        self.greatest = self.greatest.max(image);
        if self.counts.is_empty() {
            self.gathered.push(image);
        } else {
            let digit = (image >> behind) as usize & (self.counts.len() - 1);
            self.counts[digit] += 1;
        }
    }
}
