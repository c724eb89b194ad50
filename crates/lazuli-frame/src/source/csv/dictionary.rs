//! The distinct texts of a column: each cell becomes the number of its text, looked up by the raw bytes.
//!
//! A key column is looked at once for each row, and mostly says what it has said before. So what is looked up is
//! the *spelling* of a cell, its bytes as they stand in the file; what text that is, whether it is UTF-8 and whether
//! it stands for a missing value are questions of a new spelling. `abc` and `"abc"` are two spellings of one text.
//! Numbers are given in the order of first appearance: the hash, whose seed differs from run to run, decides
//! where to look and nothing else.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use super::cell::CellReader;

/// Bytes that are compared and hashed at a stretch.
const WORD: usize = 16;

/// A free slot.
const FREE: u64 = u64::MAX;

/// Slots that still fit the cache. So many are kept mostly free: a spelling that is not where its hash points is a
/// wrong guess of the processor for each of its rows.
const CACHED: usize = 1 << 14;

/// The distinct texts of a column in the order of their first appearance.
#[derive(Clone, Debug)]
pub struct Dictionary {
    serial: u64,
    seeds: [u64; 2],
    /// The place of a spelling and the upper half of its hash, where the lower bits of the hash point, or behind.
    slots: Vec<u64>,
    spellings: Vec<Spelling>,
    /// Of each number, where its text is; `None` is the missing one.
    texts: Vec<Option<Range<usize>>>,
    /// The texts, and the spellings that are longer than a word and differ from their texts.
    bytes: Vec<u8>,
}

/// Set in the length of what is no spelling of a cell, but a text that as a spelling would be another: one that is
/// empty, or begins with a quote.
const TEXT: u32 = 1 << 31;

/// How some cells are written.
#[derive(Clone, Copy, Debug)]
struct Spelling {
    /// The first bytes, padded with zeros.
    head: [u64; 2],
    hash: u64,
    /// Where in the bytes it is, if it is longer than its head.
    start: usize,
    /// Its length, and [`TEXT`] where it is no spelling.
    length: u32,
    /// The number of the text that it is.
    number: u32,
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
            slots: vec![FREE; 256],
            spellings: Vec::new(),
            texts: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// A number that no other dictionary of this process has.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// How many texts there are; one of them may be the missing one.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The text of this number; `None` is the missing one.
    pub fn text(&self, number: u32) -> Option<&str> {
        let text = self.texts[number as usize].clone()?;
        // It was looked at when it was new.
        std::str::from_utf8(&self.bytes[text]).ok()
    }

    /// Appends the numbers of the texts in `cells`, ranges of `bytes`, to `numbers`; or says which cell is not
    /// UTF-8.
    #[inline(always)]
    pub(super) fn extend(
        &mut self,
        bytes: &[u8],
        cells: impl Iterator<Item = Range<usize>>,
        reader: &CellReader,
        numbers: &mut Vec<u32>,
    ) -> Result<(), (NotUtf8, Range<usize>)> {
        for cell in cells {
            let number = match self.known(bytes, &cell) {
                Some(number) => number,
                None => {
                    self.look_up(&bytes[cell.clone()], 0, reader).map_err(|error| (error, cell))?
                }
            };
            numbers.push(number);
        }
        Ok(())
    }

    /// The number of what is missing.
    #[cold]
    pub(super) fn missing(&mut self, reader: &CellReader) -> u32 {
        self.look_up(b"", 0, reader).unwrap_or_else(|NotUtf8| unreachable!("nothing is UTF-8"))
    }

    /// The number of a cell that is short and known, and found at once.
    #[inline(always)]
    fn known(&self, bytes: &[u8], cell: &Range<usize>) -> Option<u32> {
        let window = bytes.get(cell.start..cell.start + WORD)?;
        let length = cell.len();
        let mask = MASKS.get(length)?;
        let (words, _) = window.as_chunks::<8>();
        let head = [0, 1].map(|at| u64::from_le_bytes(words[at]) & mask[at]);
        let hash = fold(self.seeds, head, length as u64);
        let found = *self.slots.get(hash as usize & (self.slots.len() - 1))?;
        let spelling = self.spellings.get(found as u32 as usize)?;
        let differs = (spelling.head[0] ^ head[0]) | (spelling.head[1] ^ head[1]);
        (differs | u64::from(spelling.length) ^ length as u64 == 0).then_some(spelling.number)
    }

    /// The number of any cell; or of a text, if `kind` is [`TEXT`].
    #[inline(never)]
    fn look_up(&mut self, cell: &[u8], kind: u32, reader: &CellReader) -> Result<u32, NotUtf8> {
        let length = cell.len() as u32 | kind;
        let (head, hash) = hash(self.seeds, cell, length);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let found = self.slots[slot];
            if found == FREE {
                let number = self.number_new(cell, kind, reader)?;
                self.insert(cell, Spelling { head, hash, start: 0, length, number });
                return Ok(number);
            }
            if found >> 32 == hash >> 32 {
                let spelling = &self.spellings[found as u32 as usize];
                if spelling.head == head
                    && spelling.length == length
                    && (cell.len() <= WORD || self.bytes[spelling.start..][..cell.len()] == *cell)
                {
                    return Ok(spelling.number);
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The number of the text of a cell that is written as none was before.
    fn number_new(&mut self, cell: &[u8], kind: u32, reader: &CellReader) -> Result<u32, NotUtf8> {
        let is_quoted = |text: &[u8]| !text.is_empty() && text.first().copied() == reader.quote();
        if kind != TEXT && is_quoted(cell) {
            let text = reader.text(cell);
            let kind = if text.is_empty() || is_quoted(&text) { TEXT } else { 0 };
            return self.look_up(&text, kind, reader);
        }
        if kind != TEXT && cell.is_empty() {
            self.texts.push(None);
            return Ok(self.texts.len() as u32 - 1);
        }
        self.push_text(cell, reader)
    }

    fn push_text(&mut self, text: &[u8], reader: &CellReader) -> Result<u32, NotUtf8> {
        simdutf8::basic::from_utf8(text).map_err(|_| NotUtf8)?;
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text);
        self.texts.push((!reader.is_null_value(text)).then_some(start..self.bytes.len()));
        Ok(self.texts.len() as u32 - 1)
    }

    fn insert(&mut self, cell: &[u8], mut spelling: Spelling) {
        if cell.len() > WORD {
            let text = self.texts[spelling.number as usize].clone();
            spelling.start = match text.filter(|text| self.bytes[text.clone()] == *cell) {
                Some(text) => text.start,
                None => {
                    let start = self.bytes.len();
                    self.bytes.extend_from_slice(cell);
                    start
                }
            };
        }
        self.spellings.push(spelling);
        let share = if self.slots.len() < CACHED { 8 } else { 2 };
        if self.spellings.len() * share > self.slots.len() {
            self.slots = vec![FREE; self.slots.len() * 4];
            for place in 0..self.spellings.len() {
                self.place(place);
            }
        } else {
            self.place(self.spellings.len() - 1);
        }
    }

    /// Notes where a spelling is.
    fn place(&mut self, place: usize) {
        let hash = self.spellings[place].hash;
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while self.slots[slot] != FREE {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = hash >> 32 << 32 | place as u64;
    }
}

/// By the length of a text, the bytes that are in its first words.
const MASKS: [[u64; 2]; WORD + 1] = {
    let mut masks = [[u64::MAX; 2]; WORD + 1];
    let mut length = 0;
    while length < WORD {
        if length < 8 {
            masks[length] = [(1 << (8 * length)) - 1, 0];
        } else {
            masks[length][1] = (1 << (8 * (length - 8))) - 1;
        }
        length += 1;
    }
    masks
};

/// The first bytes of a text, and the hash of all and of a length.
fn hash(seeds: [u64; 2], text: &[u8], length: u32) -> ([u64; 2], u64) {
    let head = words(text);
    let tail = text.get(WORD..).unwrap_or_default().chunks(WORD);
    let hash =
        tail.fold(fold(seeds, head, length.into()), |hash, part| fold(seeds, words(part), hash));
    (head, hash)
}

/// Up to 16 bytes, padded with zeros.
fn words(bytes: &[u8]) -> [u64; 2] {
    let mut padded = [0; WORD];
    let length = bytes.len().min(WORD);
    padded[..length].copy_from_slice(&bytes[..length]);
    let (words, _) = padded.as_chunks::<8>();
    [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])]
}

/// Two words and a number as one hash: the two halves of a product.
#[inline(always)]
fn fold(seeds: [u64; 2], words: [u64; 2], with: u64) -> u64 {
    let low = words[0] ^ seeds[0];
    let high = words[1] ^ seeds[1] ^ with.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let product = u128::from(low) * u128::from(high);
    product as u64 ^ (product >> 64) as u64
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
                prop_oneof!["[ab]{0,3}", "[a-c]{15,18}", "x{30}[ab]{1,20}", "\"[ab]{0,2}\"", "\"(\"\"|a){0,3}\"", "\u{0}{0,3}", "-"],
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
                let text = match cell.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
                    Some(text) => text.replace("\"\"", "\""),
                    None => cell.clone(),
                };
                let next = known.len() as u32;
                let expected = *known.entry((text.clone(), cell.is_empty())).or_insert(next);
                let mut numbers = Vec::new();
                dictionary.extend(&bytes, [range].into_iter(), &reader, &mut numbers).unwrap();
                prop_assert_eq!(numbers, [expected]);
                let missing = cell.is_empty() || text == "-";
                prop_assert_eq!(dictionary.text(expected), (!missing).then_some(&*text));
            }
            prop_assert_eq!(dictionary.len(), known.len());
        }
    }

    #[test]
    fn what_is_not_utf8_is_refused() {
        let reader = CellReader::new(None, &[]);
        let mut numbers = Vec::new();
        let cells = [0..1, 2..3].into_iter();
        let (NotUtf8, cell) =
            Dictionary::new().extend(b"a,\xff", cells, &reader, &mut numbers).unwrap_err();
        assert_eq!((numbers, cell), (vec![0], 2..3));
    }
}
