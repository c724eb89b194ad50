//! The distinct texts of a column: each cell becomes the number of its text, looked up by the raw bytes.
//!
//! A key column is looked at once for each row, and mostly says what it has said before. So its bytes are
//! hashed as they stand in the file; whether they are UTF-8 or stand for a missing value is looked at when a
//! text is new. Numbers are given in the order of first appearance: the hash, whose seed differs from run to
//! run, decides where to look and nothing else.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::cell::CellReader;

/// Bytes that are compared and hashed at a stretch.
const WORD: usize = 16;

/// A free slot.
const FREE: u64 = u64::MAX;

/// The distinct texts of a column in the order of their first appearance.
#[derive(Clone, Debug)]
pub struct Dictionary {
    serial: u64,
    seeds: [u64; 2],
    /// The number of a text and the upper half of its hash, where the lower bits of the hash point, or behind.
    slots: Vec<u64>,
    entries: Vec<Entry>,
    texts: String,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    hash: u64,
    /// The first bytes, padded with zeros.
    head: u128,
    length: usize,
    /// Where in the texts it begins; it is there unless it is missing.
    start: usize,
    missing: bool,
}

/// A text that is not UTF-8.
#[derive(Debug)]
pub(super) struct NotUtf8;

impl Dictionary {
    pub(super) fn new() -> Self {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let state = RandomState::new();
        Self {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            seeds: [state.hash_one(0), state.hash_one(1)],
            slots: vec![FREE; 1024],
            entries: Vec::new(),
            texts: String::new(),
        }
    }

    /// A number that no other dictionary of this process has.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// How many texts there are; one of them may be the missing one.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The text of this number; `None` is the missing one.
    pub fn text(&self, number: u32) -> Option<&str> {
        let entry = &self.entries[number as usize];
        (!entry.missing).then(|| &self.texts[entry.start..entry.start + entry.length])
    }

    /// The number of the text of a cell.
    #[inline]
    pub(super) fn number(
        &mut self,
        bytes: &[u8],
        cell: Range<usize>,
        reader: &CellReader,
    ) -> Result<u32, NotUtf8> {
        if bytes.get(cell.start).copied() == reader.quote() && !cell.is_empty() {
            let text = reader.text(&bytes[cell]);
            return self.number_of(&text, 0..text.len(), false, reader);
        }
        let missing = cell.is_empty();
        self.number_of(bytes, cell, missing, reader)
    }

    /// The number of the text at `range` of `bytes`. Of two empty ones, the missing one has another hash.
    #[inline]
    fn number_of(
        &mut self,
        bytes: &[u8],
        range: Range<usize>,
        missing: bool,
        reader: &CellReader,
    ) -> Result<u32, NotUtf8> {
        let head = word(bytes, range.start, range.len());
        let mut hash = fold(self.seeds, head ^ u128::from(missing), range.len() as u64);
        if range.len() > WORD {
            hash = tail_hash(self.seeds, hash, &bytes[range.start + WORD..range.end]);
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let found = self.slots[slot];
            if found == FREE {
                return self.insert(bytes, range, missing, head, hash, slot, reader);
            }
            if found >> 32 == hash >> 32 {
                let number = found as u32;
                let entry = &self.entries[number as usize];
                if entry.head == head
                    && entry.length == range.len()
                    && (range.len() <= WORD || self.is_tail(entry, &bytes[range.clone()]))
                    && (!range.is_empty() || entry.hash == hash)
                {
                    return Ok(number);
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Whether an entry is this long text.
    fn is_tail(&self, entry: &Entry, text: &[u8]) -> bool {
        self.texts.as_bytes()[entry.start..entry.start + entry.length] == *text
    }

    #[cold]
    #[inline(never)]
    #[expect(clippy::too_many_arguments, reason = "what the lookup has found out already")]
    fn insert(
        &mut self,
        bytes: &[u8],
        range: Range<usize>,
        missing: bool,
        head: u128,
        hash: u64,
        slot: usize,
        reader: &CellReader,
    ) -> Result<u32, NotUtf8> {
        let length = range.len();
        let raw = &bytes[range];
        let text = simdutf8::basic::from_utf8(raw).map_err(|_| NotUtf8)?;
        let number = self.entries.len();
        let start = self.texts.len();
        self.texts.push_str(text);
        let missing = missing || reader.is_null_value(raw);
        self.entries.push(Entry { hash, head, length, start, missing });
        self.slots[slot] = slot_of(hash, number);
        if self.entries.len() * 2 > self.slots.len() {
            self.grow();
        }
        Ok(number as u32)
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 4;
        self.slots = vec![FREE; size];
        for (number, entry) in self.entries.iter().enumerate() {
            let mut slot = entry.hash as usize & (size - 1);
            while self.slots[slot] != FREE {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = slot_of(entry.hash, number);
        }
    }
}

fn slot_of(hash: u64, number: usize) -> u64 {
    hash >> 32 << 32 | number as u64
}

/// Up to 16 bytes, padded with zeros.
#[inline]
fn word(bytes: &[u8], start: usize, length: usize) -> u128 {
    match bytes.get(start..start + WORD) {
        Some(whole) => {
            let word = whole.try_into().map_or(0, u128::from_le_bytes);
            if length < WORD { word & ((1 << (8 * length)) - 1) } else { word }
        }
        None => {
            let mut word = [0; WORD];
            let rest = &bytes[start..start + length.min(WORD)];
            word[..rest.len()].copy_from_slice(rest);
            u128::from_le_bytes(word)
        }
    }
}

/// A word and a number as one hash: the two halves of a product.
#[inline]
fn fold([first, second]: [u64; 2], word: u128, with: u64) -> u64 {
    let low = word as u64 ^ first;
    let high = (word >> 64) as u64 ^ second ^ with.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let product = u128::from(low) * u128::from(high);
    product as u64 ^ (product >> 64) as u64
}

/// The hash of a text that begins with the bytes of `hash`, and goes on with these.
fn tail_hash(seeds: [u64; 2], hash: u64, tail: &[u8]) -> u64 {
    (0..tail.len()).step_by(WORD).fold(hash, |hash, at| {
        let length = (tail.len() - at).min(WORD);
        fold(seeds, word(tail, at, length), hash)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_numbered_by_first_appearance(
            cells in prop::collection::vec(
                prop_oneof!["[ab]{0,3}", "[a-c]{15,18}", "x{30}[ab]{1,20}", "\"[ab]{0,2}\"", "\u{0}{0,3}", "-"],
                0..3000,
            ),
        ) {
            let reader = CellReader::new(Some(b'"'), &["-".to_owned()]);
            let bytes = cells.concat().into_bytes();
            let mut dictionary = Dictionary::new();
            let mut known: HashMap<(String, bool), u32> = HashMap::new();
            let mut at = 0;
            for cell in &cells {
                let range = at..at + cell.len();
                at = range.end;
                let text = cell.trim_matches('"').to_owned();
                let next = known.len() as u32;
                let expected = *known.entry((text.clone(), cell.is_empty())).or_insert(next);
                prop_assert_eq!(dictionary.number(&bytes, range, &reader).unwrap(), expected);
                let missing = cell.is_empty() || text == "-";
                prop_assert_eq!(dictionary.text(expected), (!missing).then_some(&*text));
            }
            prop_assert_eq!(dictionary.len(), known.len());
        }
    }

    #[test]
    fn what_is_not_utf8_is_refused() {
        let reader = CellReader::new(None, &[]);
        assert!(Dictionary::new().number(b"\xff", 0..1, &reader).is_err());
    }
}
