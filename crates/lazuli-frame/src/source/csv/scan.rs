//! From bytes to structure: where the records of a piece are, and the wanted fields in them.
//!
//! Each block of 64 bytes becomes three masks (separators, newlines, quotes). The parity of the quotes tells
//! which separators and newlines are text. Between two newlines the separators are counted, not visited:
//! the count says whether the next wanted boundary lies here, and whether the record has the right number
//! of fields. What does not fit this scheme (a comment, a quote where none belongs) leaves it at the record's
//! start: a detour reads that one record by [`super::record`], and the masks resume behind it.
//!
//! Nothing here knows a type or a column name. Every pass begins and ends at a record's start, outside
//! quotes, so a piece needs nothing of the piece before it but its incomplete last record.

use super::block::{WIDTH, below, equal, parity};
use super::projection::{Index, Projection};
use super::record::{Dialect, Walk, text_end, walk};

/// Finds the records and the wanted fields of a file, piece by piece.
#[derive(Debug)]
pub(super) struct Scanner {
    dialect: Dialect,
    projection: Projection,
    /// Blank lines since the last record. In a file of one column they are missing values, unless they are
    /// the end of the file; in others they do not matter.
    blanks: usize,
}

/// What a pass over a piece came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    /// Bytes of complete records (and comments and blank lines), which need not be seen again.
    pub(super) consumed: usize,
    /// Why the pass ended.
    pub(super) stop: Stop,
}

/// Why a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The piece holds no further complete record.
    Exhausted,
    /// As many records as asked for were found.
    Limit,
    /// The record at `record` has `found` fields, not as many as the others.
    Ragged { record: usize, found: usize },
    /// The file ends inside the quoted field that begins at `quote`.
    Unclosed { quote: usize },
}

/// The record that is being passed through.
struct Open {
    start: usize,
    /// Separators passed.
    separators: usize,
    /// The next of the projection's stops.
    stop: usize,
}

/// Why the masks were left.
enum Leave {
    /// The open record needs a walk.
    Detour,
    /// The pass is over.
    Stop(Stop),
}

impl Scanner {
    /// Prepares to find what `projection` notes.
    pub(super) fn new(dialect: Dialect, projection: Projection) -> Self {
        Self { dialect, projection, blanks: 0 }
    }

    /// What is noted of each record.
    pub(super) fn projection(&self) -> &Projection {
        &self.projection
    }

    /// Adds the complete records of `bytes` to `index`, until that holds `limit` of them. The bytes begin
    /// at a record's start, `last` says that they end where the file does, and there are fewer than
    /// `u32::MAX` of them.
    pub(super) fn pass(
        &mut self,
        bytes: &[u8],
        last: bool,
        limit: usize,
        index: &mut Index,
    ) -> Pass {
        let mut open = self.begin(0, index);
        let stop = loop {
            if index.records >= limit {
                break Stop::Limit;
            }
            let leave = if self.is_comment(bytes, open.start) {
                Leave::Detour
            } else {
                self.masks(bytes, last, limit, &mut open, index)
            };
            let after = match leave {
                Leave::Detour => self.detour(bytes, last, limit, &mut open, index),
                Leave::Stop(stop) => Some(Leave::Stop(stop)),
            };
            if let Some(Leave::Stop(stop)) = after {
                break stop;
            }
        };
        index.places.truncate(index.records * self.projection.stride());
        Pass { consumed: open.start.min(bytes.len()), stop }
    }

    /// Reads on from the open record by masks, as far as they serve.
    fn masks(
        &mut self,
        bytes: &[u8],
        last: bool,
        limit: usize,
        open: &mut Open,
        index: &mut Index,
    ) -> Leave {
        let Dialect { separator, quote, .. } = self.dialect;
        // All ones inside a quoted field.
        let mut quoted = 0_u64;
        // One if a quote may stand first in the block.
        let mut border = 1_u64;
        let mut base = open.start;
        while base < bytes.len() {
            let (block, valid) = block_at(bytes, base);
            let quotes = quote.map_or(0, |quote| equal(&block, quote)) & valid;
            let inside = parity(quotes) ^ quoted;
            let mut separators = equal(&block, separator) & valid & !inside;
            let mut newlines = equal(&block, b'\n') & valid & !inside;

            // An opening quote follows a separator, a newline, or the first quote of a pair.
            let borders = separators | newlines | quotes;
            let stray = quotes & inside & !(borders << 1 | border);
            if stray != 0 {
                newlines &= below(stray.trailing_zeros() as usize);
            }

            while newlines != 0 {
                let bit = newlines.trailing_zeros() as usize;
                self.skip(separators & below(bit), base, open, index);
                separators &= !below(bit);
                newlines &= newlines - 1;
                if let Some(leave) = self.finish(bytes, base + bit, limit, open, index) {
                    return leave;
                }
            }
            if stray != 0 {
                return Leave::Detour;
            }
            self.skip(separators, base, open, index);
            quoted = 0_u64.wrapping_sub(inside >> 63);
            border = borders >> 63;
            base += WIDTH;
        }
        if last && quoted != 0 {
            // The walk finds the quote that is to blame.
            return Leave::Detour;
        }
        if last && open.start < bytes.len() {
            let leave = self.finish(bytes, bytes.len(), limit, open, index);
            return leave.unwrap_or(Leave::Stop(Stop::Exhausted));
        }
        Leave::Stop(Stop::Exhausted)
    }

    /// Counts the `separators` of the block at `base` as passed, and notes the boundaries wanted among them.
    #[inline(always)]
    fn skip(&self, mut separators: u64, base: usize, open: &mut Open, index: &mut Index) {
        let stops = self.projection.stops();
        let after = open.separators + separators.count_ones() as usize;
        while stops[open.stop] < after {
            for _ in open.separators..stops[open.stop] {
                separators &= separators - 1;
            }
            index.places.push((base + separators.trailing_zeros() as usize + 1) as u32);
            separators &= separators - 1;
            open.separators = stops[open.stop] + 1;
            open.stop += 1;
        }
        open.separators = after;
    }

    /// Ends the open record at `newline` and opens the next.
    #[inline(always)]
    fn finish(
        &mut self,
        bytes: &[u8],
        newline: usize,
        limit: usize,
        open: &mut Open,
        index: &mut Index,
    ) -> Option<Leave> {
        let fields = self.projection.fields();
        if open.separators + 1 != fields || fields == 1 {
            if let Some(stop) = self.finish_unusual(bytes, newline, limit, open, index) {
                return Some(Leave::Stop(stop));
            }
        } else {
            if self.projection.end() {
                let end = text_end(bytes, open.start, newline);
                index.places.push((end + 1) as u32);
            }
            index.records += 1;
        }
        *open = self.begin(newline + 1, index);
        if index.records >= limit {
            Some(Leave::Stop(Stop::Limit))
        } else if self.is_comment(bytes, open.start) {
            Some(Leave::Detour)
        } else {
            None
        }
    }

    /// Ends a record that is the only field of its line, or blank, or ragged.
    #[cold]
    fn finish_unusual(
        &mut self,
        bytes: &[u8],
        newline: usize,
        limit: usize,
        open: &Open,
        index: &mut Index,
    ) -> Option<Stop> {
        let alone = self.projection.fields() == 1;
        let end = text_end(bytes, open.start, newline);
        index.places.truncate(index.records * self.projection.stride());
        if open.separators == 0 && end == open.start {
            self.blanks += 1;
            return None;
        }
        if !alone || open.separators != 0 {
            return Some(Stop::Ragged { record: open.start, found: open.separators + 1 });
        }
        let noted = self.projection.start();
        let mut note = |end: usize| {
            if noted {
                index.places.extend([open.start as u32, (end + 1) as u32]);
            }
            index.records += 1;
            index.records >= limit
        };
        while self.blanks > 0 {
            self.blanks -= 1;
            if note(open.start) {
                return Some(Stop::Limit);
            }
        }
        note(end);
        None
    }

    /// Reads the open record by walking through it, or drops the comment in its place.
    #[cold]
    fn detour(
        &mut self,
        bytes: &[u8],
        last: bool,
        limit: usize,
        open: &mut Open,
        index: &mut Index,
    ) -> Option<Leave> {
        *open = self.begin(open.start, index);
        if self.is_comment(bytes, open.start) {
            match memchr::memchr(b'\n', &bytes[open.start..]) {
                Some(ahead) => *open = self.begin(open.start + ahead + 1, index),
                None if last => *open = self.begin(bytes.len(), index),
                None => return Some(Leave::Stop(Stop::Exhausted)),
            }
            return None;
        }
        let stops = self.projection.stops();
        let walk = walk(bytes, open.start, last, self.dialect, |separator| {
            if stops[open.stop] == open.separators {
                index.places.push((separator + 1) as u32);
                open.stop += 1;
            }
            open.separators += 1;
        });
        match walk {
            Walk::Complete { end } => self.finish(bytes, end, limit, open, index),
            Walk::Incomplete => Some(Leave::Stop(Stop::Exhausted)),
            Walk::Unclosed { quote } => Some(Leave::Stop(Stop::Unclosed { quote })),
        }
    }

    /// Opens the record at `start`, dropping what was noted of an unfinished one.
    #[inline(always)]
    fn begin(&self, start: usize, index: &mut Index) -> Open {
        index.places.truncate(index.records * self.projection.stride());
        if self.projection.start() {
            index.places.push(start as u32);
        }
        Open { start, separators: 0, stop: 0 }
    }

    #[inline(always)]
    fn is_comment(&self, bytes: &[u8], start: usize) -> bool {
        self.dialect.comment.is_some() && bytes.get(start).copied() == self.dialect.comment
    }
}

/// The block at `base`, and the mask of the bytes that it has: past the end it is padded.
#[inline(always)]
fn block_at(bytes: &[u8], base: usize) -> ([u8; WIDTH], u64) {
    let rest = &bytes[base..];
    match rest.first_chunk::<WIDTH>() {
        Some(block) => (*block, !0),
        None => {
            let mut block = [0; WIDTH];
            block[..rest.len()].copy_from_slice(rest);
            (block, below(rest.len()))
        }
    }
}
