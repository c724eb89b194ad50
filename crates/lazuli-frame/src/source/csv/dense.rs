//! Every boundary of well-formed records: the fast way through the usual piece.
//!
//! The general scanner ([`super::scan`]) decides at each newline and each wanted separator, and guesses wrong
//! where rows are short or cells vary in length. Here nothing is decided: the places of all separators and
//! newlines that are not text are listed, a block's at a time. If then every n-th of them is a newline, and there
//! are no other newlines, they are the boundaries of records of n fields. A piece that is not like that (a blank
//! line, a ragged record, a stray quote, mixed line ends) is left to the general scanner as a whole.

use super::block::{MaskWork, Masks, WIDTH, block_at, parity, with_masks};
use super::projection::Index;
use super::record::Dialect;

/// Fields of a record for each boundary that is wanted, beyond which skipping ahead is faster.
const FEW: usize = 16;

/// Finds all boundaries of records of so many fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dense {
    dialect: Dialect,
    fields: usize,
}

/// What is carried from block to block.
struct Carry {
    /// All ones inside a quoted field.
    quoted: u64,
    /// One if a quote may stand first in the block.
    border: u64,
    /// One if a quoted field was closed by the last byte before the block.
    closed: u64,
    /// One if a CR was the last byte before the block.
    returned: u64,
    /// One if that CR follows a closing quote, so that it must be one of a CR LF.
    unended: u64,
}

impl Carry {
    /// Before the first byte of a record.
    const START: Self = Self { quoted: 0, border: 1, closed: 0, returned: 0, unended: 0 };
}

struct Passing<'a> {
    dense: Dense,
    bytes: &'a [u8],
    last: bool,
    index: &'a mut Index,
}

struct Skimming<'a> {
    dense: Dense,
    bytes: &'a [u8],
}

impl MaskWork for Skimming<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run<M: Masks>(self, masks: M) -> Option<usize> {
        self.dense.skim_by(masks, self.bytes)
    }
}

impl MaskWork for Passing<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run<M: Masks>(self, masks: M) -> Option<usize> {
        self.dense.pass_by(masks, self.bytes, self.last, self.index)
    }
}

impl Dense {
    /// `None` where this would be slow, or wrong: comments, and blank lines in a file of one column, have a
    /// meaning.
    pub(super) fn new(dialect: Dialect, fields: usize, noted: usize) -> Option<Self> {
        let serves = fields > 1 && dialect.comment.is_none() && fields <= FEW * noted.max(1);
        serves.then_some(Self { dialect, fields })
    }

    /// For [`Self::skim`] alone, in a file of so many fields.
    pub(super) fn for_structure(dialect: Dialect, fields: usize) -> Option<Self> {
        dialect.comment.is_none().then_some(Self { dialect, fields })
    }

    /// Where the complete records of `bytes` end, whatever their fields are; `None` if there is a quote where none
    /// belongs. The bytes begin at a record's start.
    pub(super) fn skim(&self, bytes: &[u8]) -> Option<usize> {
        with_masks(Skimming { dense: *self, bytes })
    }

    #[inline(always)]
    fn skim_by<M: Masks>(self, masks: M, bytes: &[u8]) -> Option<usize> {
        let mut carry = Carry::START;
        let mut end = 0;
        for base in (0..bytes.len()).step_by(WIDTH) {
            let (block, valid) = block_at(bytes, base);
            let (_, newlines) = self.structure(masks, &block, valid, &mut carry)?;
            let behind = base + WIDTH - newlines.leading_zeros() as usize;
            end = if newlines == 0 { end } else { behind };
        }
        Some(end)
    }

    /// Adds the complete records of `bytes` to the empty `index`, and says where they end; `None` if there is
    /// anything unusual. The bytes begin at a record's start, and there are fewer than `u32::MAX` of them.
    pub(super) fn pass(&self, bytes: &[u8], last: bool, index: &mut Index) -> Option<usize> {
        with_masks(Passing { dense: *self, bytes, last, index })
    }

    #[inline(always)]
    fn pass_by<M: Masks>(
        self,
        masks: M,
        bytes: &[u8],
        last: bool,
        index: &mut Index,
    ) -> Option<usize> {
        let mut carry = Carry::START;
        let mut newlines = 0;
        let mut returns = 0;
        // What is there from the last piece is overwritten: to clear it would mean to fill it with zeros again.
        room(&mut index.places, 0)[0] = 0;
        let mut used = 1;
        for base in (0..bytes.len()).step_by(WIDTH) {
            let (block, valid) = block_at(bytes, base);
            let (separators, ends) = self.structure(masks, &block, valid, &mut carry)?;
            let carriages = masks.equal(&block, b'\r');
            newlines += ends.count_ones();
            returns += ((carriages << 1 | carry.returned) & ends).count_ones();
            carry.returned = carriages >> 63;
            let room = room(&mut index.places, used);
            used += list(separators | ends, base, room);
        }
        let records = newlines as usize;
        let cut = if returns == 0 || self.dialect.newline == b'\r' {
            0
        } else if returns == newlines {
            1
        } else {
            return None;
        };
        if last && (carry.quoted != 0 || bytes.last() != Some(&self.dialect.newline)) {
            return None;
        }
        let boundaries = index.places[..used].get(..records * self.fields + 1)?;
        let newline = self.dialect.newline;
        let ends = boundaries.iter().step_by(self.fields).skip(1);
        let others = ends.map(|&end| u8::from(bytes[end as usize - 1] != newline));
        if others.fold(0, |others, other| others | other) != 0 {
            return None;
        }
        let end = *boundaries.last()? as usize;
        index.records = records;
        index.dense = Some(cut);
        Some(end)
    }

    /// The separators and newlines of a block that are not text; `None` where a quote stands where none belongs.
    #[inline(always)]
    fn structure<M: Masks>(
        self,
        masks: M,
        block: &[u8; WIDTH],
        valid: u64,
        carry: &mut Carry,
    ) -> Option<(u64, u64)> {
        let Dialect { separator, quote, newline, .. } = self.dialect;
        let quotes = quote.map_or(0, |quote| masks.equal(block, quote)) & valid;
        let mut separators = masks.equal(block, separator) & valid;
        let mut newlines = masks.equal(block, newline) & valid;
        if quotes | carry.quoted | carry.closed | carry.unended != 0 {
            let inside = parity(quotes) ^ carry.quoted;
            separators &= !inside;
            newlines &= !inside;
            let borders = separators | newlines | quotes;
            let stray = quotes & inside & !(borders << 1 | carry.border);
            let closing = quotes & !inside;
            let mut continued = (closing << 1 | carry.closed) & !borders & valid;
            let mut unended = carry.unended & !newlines & valid;
            carry.unended = 0;
            if continued != 0 {
                // The CR of a CR LF is no border, and the LF may come first in the next block.
                let returns = continued & masks.equal(block, b'\r');
                continued &= !returns;
                unended |= returns & !(newlines >> 1) & !(1 << 63);
                carry.unended = returns >> 63;
            }
            if stray | continued | unended != 0 {
                return None;
            }
            carry.quoted = 0_u64.wrapping_sub(inside >> 63);
            carry.closed = closing >> 63;
        }
        carry.border = (separators | newlines | quotes) >> 63;
        Some((separators, newlines))
    }
}

/// Room for the boundaries of one more block.
#[inline(always)]
fn room(places: &mut Vec<u32>, used: usize) -> &mut [u32; WIDTH] {
    if places.len() < used + WIDTH {
        grow(places, used);
    }
    places[used..].first_chunk_mut().expect("there is room for a block")
}

#[cold]
#[inline(never)]
fn grow(places: &mut Vec<u32>, used: usize) {
    places.resize((used * 2).max(16 * 1024), 0);
}

/// Lists the places behind the bits of a mask, and counts them. What is written beyond them is overwritten.
#[inline(always)]
fn list(mut mask: u64, base: usize, room: &mut [u32; WIDTH]) -> usize {
    let count = mask.count_ones() as usize;
    let behind = base as u32 + 1;
    let mut at = 0;
    while at < count {
        for place in &mut room[at..at + 8] {
            *place = behind.wrapping_add(mask.trailing_zeros());
            mask &= mask.wrapping_sub(1);
        }
        at += 8;
    }
    count
}
