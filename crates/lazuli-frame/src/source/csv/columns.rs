//! The wanted columns while they grow, and the batches that are taken of them.

use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::{DataFrame, DataType, PlSmallStr};

use super::bad::BadCell;
use super::builders::{CodeBuilder, ColumnBuilder, Rejected};
use super::cell::CellReader;
use super::dictionary::Dictionary;
use super::error::{Fault, Problem};
use super::options::CsvOptions;
use super::projection::Slot;
use super::records::{Piece, Records};

/// A column to be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Its name.
    pub name: PlSmallStr,
    /// What its cells are read as. As `Null`, what the first one that is not missing looks like.
    pub dtype: DataType,
    /// Whether nobody has said that this is its dtype. Then digits that begin with zero are no number.
    pub guessed: bool,
    /// Whether its texts are wanted as numbers of a dictionary's entries, see [`Coded`].
    pub coded: bool,
}

impl Wanted {
    /// A column of a dtype that is known to be right.
    pub fn new(name: PlSmallStr, dtype: DataType) -> Self {
        Self { name, dtype, guessed: false, coded: false }
    }
}

/// A column of texts as numbers of a dictionary's entries, one for each record.
#[derive(Clone, Debug)]
pub struct Coded {
    /// The name of the column.
    pub name: PlSmallStr,
    /// The number of each record's text.
    pub codes: Vec<u32>,
    /// The texts, of all batches so far.
    pub dictionary: Arc<Dictionary>,
}

/// Some records.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The columns asked for that are not coded, in the order asked for. Its height is the number of records,
    /// also if there is no column.
    pub frame: DataFrame,
    /// The others.
    pub coded: Vec<Coded>,
    /// The cells that are no value of their column's dtype, in the order of the file.
    pub bad: Vec<BadCell>,
}

/// The wanted columns of a file, which grow by some records at a time.
pub(super) struct Columns {
    growing: Vec<Growing>,
    bad: Vec<BadCell>,
    reader: CellReader,
    guessing: CellReader,
}

/// A wanted column while it is read.
struct Growing {
    name: PlSmallStr,
    slot: Slot,
    guessed: bool,
    grown: Grown,
}

enum Grown {
    Values(ColumnBuilder),
    Codes(CodeBuilder),
}

impl Columns {
    /// The columns at these places of the records, of which nothing was read yet.
    pub(super) fn new<R: Read>(
        columns: &[Wanted],
        places: &[usize],
        records: &Records<R>,
        options: &CsvOptions,
    ) -> Result<Self, Fault> {
        let start = |(column, &place): (&Wanted, &usize)| {
            let name = column.name.clone();
            let grown = match column.coded {
                true => Grown::Codes(CodeBuilder::new(name.clone())),
                false => match ColumnBuilder::new(name.clone(), &column.dtype) {
                    Some(builder) => Grown::Values(builder),
                    None => {
                        let problem = Problem::UnsupportedDtype(column.dtype.clone());
                        return Err(Fault::new(problem).in_column(&name));
                    }
                },
            };
            let slot = records.projection().slot(place);
            Ok(Growing { name, slot, guessed: column.guessed, grown })
        };
        let growing = columns.iter().zip(places).map(start).collect::<Result<_, _>>()?;
        let reader = CellReader::of(options);
        Ok(Self { growing, bad: Vec::new(), guessing: reader.guessing(), reader })
    }

    /// Appends the cells of some records of a piece to every column; the batch has so many records already.
    pub(super) fn extend(&mut self, before: usize, piece: &Piece<'_>, records: Range<usize>) {
        let mut bad = Vec::new();
        for column in &mut self.growing {
            let cells = piece.index.cells(piece.projection, column.slot, records.clone());
            let reader = if column.guessed { &self.guessing } else { &self.reader };
            match &mut column.grown {
                Grown::Values(builder) => {
                    builder.extend(before, piece.bytes, cells, reader, &mut bad);
                }
                Grown::Codes(builder) => builder.extend(piece.bytes, cells, reader, &mut bad),
            }
            self.bad.extend(bad.drain(..).map(|rejected: Rejected| BadCell {
                column: column.name.clone(),
                record: rejected.record,
                offset: piece.offset + rejected.start as u64,
                text: rejected.text,
                dtype: rejected.dtype,
            }));
        }
    }

    /// The first bad cell that is in no batch yet.
    pub(super) fn first_bad(&self) -> Option<&BadCell> {
        self.bad.iter().min_by_key(|cell| cell.offset)
    }

    /// The records so far, of which there are `height`.
    pub(super) fn take(&mut self, height: usize) -> Batch {
        let mut columns = Vec::with_capacity(self.growing.len());
        let mut coded = Vec::new();
        for column in &mut self.growing {
            match &mut column.grown {
                Grown::Values(builder) => columns.push(builder.take()),
                Grown::Codes(builder) => {
                    let next = Vec::with_capacity(builder.codes.len());
                    coded.push(Coded {
                        name: builder.name.clone(),
                        codes: std::mem::replace(&mut builder.codes, next),
                        dictionary: Arc::clone(&builder.dictionary),
                    });
                }
            }
        }
        let frame = DataFrame::new(height, columns)
            .expect("the columns are as long as there are records, and named differently");
        let mut bad = std::mem::take(&mut self.bad);
        // A column that is wanted plain and coded has a bad cell twice.
        bad.sort_by_key(|cell| cell.offset);
        bad.dedup_by_key(|cell| cell.offset);
        Batch { frame, coded, bad }
    }
}
