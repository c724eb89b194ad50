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

use super::block::{MaskWork, Masks, WIDTH, below, block_at, parity, with_masks};
use super::dense::Dense;
use super::options::Ragged;
use super::projection::{Index, Projection};
use super::record::{Dialect, Walk, ends_field, text_end, walk};

/// Finds the records and the wanted fields of a file, piece by piece.
#[derive(Debug)]
pub(super) struct Scanner {
    dialect: Dialect,
    projection: Projection,
    ragged: Ragged,
    /// Blank lines since the last record. In a file of one column they are missing values, unless they are
    /// the end of the file; in others they do not matter.
    blanks: usize,
    /// The fast way, and how many more pieces that are not well-formed it is tried on.
    dense: Option<Dense>,
    trials: u32,
}

/// Pieces that the fast way fails on before it is given up.
const TRIALS: u32 = 4;

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
    /// More text follows the end of the quoted field that begins at `quote`.
    Continued { quote: usize },
}

/// The record that is being passed through.
struct Open {
    start: usize,
    /// Separators passed.
    separators: usize,
    /// The next of the projection's stops.
    stop: usize,
}

/// A pass, to be compiled for every instruction set.
struct Passing<'a> {
    scanner: &'a mut Scanner,
    bytes: &'a [u8],
    last: bool,
    limit: usize,
    index: &'a mut Index,
}

impl MaskWork for Passing<'_> {
    type Output = Pass;

    #[inline(always)]
    fn run<M: Masks>(self, masks: M) -> Pass {
        self.scanner.pass_by(masks, self.bytes, self.last, self.limit, self.index)
    }
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
    pub(super) fn new(dialect: Dialect, projection: Projection, ragged: Ragged) -> Self {
        let dense = Dense::new(dialect, projection.fields(), projection.stride());
        Self { dialect, projection, ragged, blanks: 0, dense, trials: TRIALS }
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
        if let Some(dense) = self.dense
            && self.trials > 0
            && limit >= bytes.len()
        {
            if let Some(consumed) = dense.pass(bytes, last, index) {
                return Pass { consumed, stop: Stop::Exhausted };
            }
            self.trials -= 1;
            index.clear();
        }
        with_masks(Passing { scanner: self, bytes, last, limit, index })
    }

    #[inline(always)]
    fn pass_by<M: Masks>(
        &mut self,
        masks: M,
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
                self.masks(masks, bytes, last, limit, &mut open, index)
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
    #[inline(always)]
    fn masks<M: Masks>(
        &mut self,
        masks: M,
        bytes: &[u8],
        last: bool,
        limit: usize,
        open: &mut Open,
        index: &mut Index,
    ) -> Leave {
        let Dialect { separator, quote, newline, .. } = self.dialect;
        // All ones inside a quoted field.
        let mut quoted = 0_u64;
        // One if a quote may stand first in the block.
        let mut border = 1_u64;
        // One if a quoted field was closed by the last byte before the block.
        let mut closed = 0_u64;
        let mut base = open.start;
        while base < bytes.len() {
            let (block, valid) = block_at(bytes, base);
            let quotes = quote.map_or(0, |quote| masks.equal(&block, quote)) & valid;
            let mut separators = masks.equal(&block, separator) & valid;
            let mut newlines = masks.equal(&block, newline) & valid;
            let mut stray = 0;
            if quotes | quoted | closed != 0 {
                let inside = parity(quotes) ^ quoted;
                separators &= !inside;
                newlines &= !inside;

                // An opening quote follows a separator, a newline, or the first quote of a pair; and after
                // a closing one a field ends.
                let borders = separators | newlines | quotes;
                stray = quotes & inside & !(borders << 1 | border);
                let closing = quotes & !inside;
                let mut after = (closing << 1 | closed) & !borders & valid;
                while after != 0 {
                    let bit = after.trailing_zeros() as usize;
                    if !ends_field(bytes, base + bit, self.dialect) {
                        stray |= 1 << bit;
                    }
                    after &= after - 1;
                }
                if stray != 0 {
                    newlines &= below(stray.trailing_zeros() as usize);
                }
                quoted = 0_u64.wrapping_sub(inside >> 63);
                closed = closing >> 63;
            }
            border = (separators | newlines | quotes) >> 63;

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
    #[inline(never)]
    fn finish_unusual(
        &mut self,
        bytes: &[u8],
        newline: usize,
        limit: usize,
        open: &Open,
        index: &mut Index,
    ) -> Option<Stop> {
        let fields = self.projection.fields();
        let end = text_end(bytes, open.start, newline);
        index.places.truncate(index.records * self.projection.stride());
        if open.separators == 0 && end == open.start {
            self.blanks += 1;
            return None;
        }
        if fields == 1 {
            while self.blanks > 0 {
                self.blanks -= 1;
                self.projection.note(&[open.start, open.start + 1], index);
                if index.records >= limit {
                    return Some(Stop::Limit);
                }
            }
        }
        let found = open.separators + 1;
        match self.ragged {
            _ if found == fields => self.projection.note(&[open.start, end + 1], index),
            Ragged::Skip => {}
            Ragged::Pad | Ragged::Cut if found < fields || self.ragged == Ragged::Cut => {
                let mut boundaries = vec![open.start];
                walk(bytes, open.start, true, self.dialect, |separator| {
                    boundaries.push(separator + 1);
                });
                // The fields that are not there begin and end where the record ends.
                boundaries.resize(found.max(fields) + 1, end + 1);
                self.projection.note(&boundaries, index);
            }
            _ => return Some(Stop::Ragged { record: open.start, found }),
        }
        None
    }

    /// Reads the open record by walking through it, or drops the comment in its place.
    #[cold]
    #[inline(never)]
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
            match memchr::memchr(self.dialect.newline, &bytes[open.start..]) {
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
            Walk::Continued { quote } => Some(Leave::Stop(Stop::Continued { quote })),
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
