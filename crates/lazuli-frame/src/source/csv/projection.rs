//! Which field boundaries of a record are worth remembering.
//!
//! Boundary `c` of a record is where its field `c` begins, and the last boundary lies one past where the
//! last field ends: field `c` is the bytes from boundary `c` to one before boundary `c + 1`. To project a
//! few columns the scanner notes only the boundaries on either side of them, a fixed number per record,
//! and the columns find their cells again by their [`Slot`].

use std::ops::Range;

/// The boundaries that the scanner notes of each record.
#[derive(Clone, Debug)]
pub(super) struct Projection {
    /// Fields in a record.
    fields: usize,
    /// Whether the record's own start is noted.
    start: bool,
    /// The separators (counted from zero) after which a boundary is noted, rising, closed by `usize::MAX`.
    stops: Vec<usize>,
    /// Whether the record's end is noted.
    end: bool,
}

/// Where one column finds its cells among the boundaries noted of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// The place of the column.
    column: usize,
    from: usize,
}

impl Projection {
    /// Notes what the columns at the places `wanted`, each below `fields`, need.
    pub(super) fn new(fields: usize, wanted: &[usize]) -> Self {
        let mut noted = vec![false; fields + 1];
        for &column in wanted {
            noted[column] = true;
            noted[column + 1] = true;
        }
        let mut stops: Vec<usize> = (1..fields).filter(|&at| noted[at]).map(|at| at - 1).collect();
        stops.push(usize::MAX);
        Self { fields, start: noted[0], stops, end: noted[fields] }
    }

    /// Fields in a record.
    pub(super) fn fields(&self) -> usize {
        self.fields
    }

    /// Whether the record's own start is noted.
    pub(super) fn start(&self) -> bool {
        self.start
    }

    /// The separators (counted from zero) after which a boundary is noted, rising, closed by `usize::MAX`.
    pub(super) fn stops(&self) -> &[usize] {
        &self.stops
    }

    /// Whether the record's end is noted.
    pub(super) fn end(&self) -> bool {
        self.end
    }

    /// Adds a record of which all boundaries are known.
    pub(super) fn note(&self, boundaries: &[usize], index: &mut Index) {
        let start = self.start.then_some(0);
        let stops = self.stops[..self.stops.len() - 1].iter().map(|stop| stop + 1);
        let noted = start.into_iter().chain(stops).chain(self.end.then_some(self.fields));
        index.places.extend(noted.map(|boundary| boundaries[boundary] as u32));
        index.records += 1;
    }

    /// Boundaries noted of each record.
    pub(super) fn stride(&self) -> usize {
        usize::from(self.start) + (self.stops.len() - 1) + usize::from(self.end)
    }

    /// Where the wanted column at the place `column` finds its cells.
    pub(super) fn slot(&self, column: usize) -> Slot {
        let from = match column.checked_sub(1) {
            None => 0,
            Some(separator) => {
                let before = self.stops.partition_point(|&stop| stop < separator);
                usize::from(self.start) + before
            }
        };
        Slot { column, from }
    }
}

/// The boundaries noted of the records of one piece, as places in it.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// [`Projection::stride`] places for each record. If the index is dense, all boundaries instead: each
    /// record's end is the start of the next. What follows has no meaning.
    pub(super) places: Vec<u32>,
    /// Records found.
    pub(super) records: usize,
    /// Whether the index is dense, and then how many bytes (a CR) stand between a record's text and its newline.
    pub(super) dense: Option<u32>,
}

impl Index {
    /// Forgets the records.
    pub(super) fn clear(&mut self) {
        self.records = 0;
        self.dense = None;
    }

    /// The cells of a column in these records, a range of the piece for each.
    #[inline(always)]
    pub(super) fn cells(
        &self,
        projection: &Projection,
        slot: Slot,
        records: Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> {
        let (stride, from, behind) = match self.dense {
            None => (projection.stride(), slot.from, 1),
            Some(cut) if slot.column + 1 == projection.fields() => {
                (projection.fields(), slot.column, 1 + cut)
            }
            Some(_) => (projection.fields(), slot.column, 1),
        };
        let places = &self.places[(records.start * stride + from).min(self.places.len())..];
        let ends = places.get(1..).unwrap_or_default().iter().step_by(stride);
        places.iter().step_by(stride).zip(ends).take(records.len()).map(move |(&start, &end)| {
            let end = (end - behind) as usize;
            // A field that the record does not have begins behind its end.
            (start as usize).min(end)..end
        })
    }
}
