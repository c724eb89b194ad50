//! What a file says of itself: its column names, and dtypes guessed from its beginning and its end.
//!
//! The end is sampled because files grow there: a column that was all integers in January may not be in
//! December. Where a record begins in the middle of a file cannot be known for certain, since what looks
//! like a newline may be part of a quoted text. So both readings of the end are tried, and it counts only
//! if exactly one of them makes whole records of the right number of fields all the way.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use encoding_rs::Encoding;
use polars::prelude::{DataType, PlSmallStr, Schema};

use super::cell::CellReader;
use super::dtype::{Kind, Tally};
use super::error::{Fault, Problem, ReadError, excerpt, line_of};
use super::header::Renamed;
use super::input::{Input, open};
use super::options::CsvOptions;
use super::projection::{Index, Projection};
use super::record::{Dialect, Walk, closing_quote, walk};
use super::records::Opened;
use super::scan::{Scanner, Stop};
use super::table::places_of;

/// Bytes sampled at either end of a file, unless there are many files.
pub(crate) const SAMPLE: usize = 64 * 1024;

/// What one file says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct FileSchema {
    columns: Schema,
    bytes: u64,
    renamed: Vec<Renamed>,
    witnesses: Vec<Option<Witness>>,
}

/// The first cell that shows that a column is no number column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// What it says, or how it begins.
    pub text: String,
    /// Bytes of the file's text before it, and what that is written in.
    offset: u64,
    encoding: Option<&'static Encoding>,
}

impl Witness {
    /// Its line, counted from 1, for which the file is read up to it.
    pub fn line(&self, path: &Path) -> Option<u64> {
        line_of(path, self.encoding, self.offset)
    }
}

impl FileSchema {
    /// The names and dtypes of the columns, in the file's order. A column of which the sample holds only
    /// missing values has the dtype `Null`, unless the options name another.
    pub fn columns(&self) -> &Schema {
        &self.columns
    }

    /// Bytes in the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The columns that are called otherwise than the file calls them.
    pub fn renamed(&self) -> &[Renamed] {
        &self.renamed
    }

    /// The first cell seen of a column that made it text.
    pub fn witness(&self, column: &str) -> Option<&Witness> {
        self.witnesses.get(self.columns.index_of(column)?)?.as_ref()
    }

    /// What a file of these columns says.
    #[cfg(test)]
    pub(super) fn for_tests(columns: Schema) -> Self {
        Self { columns, bytes: 0, renamed: Vec::new(), witnesses: Vec::new() }
    }
}

/// Reads the header of a CSV file, and guesses the dtypes of its columns from the first and the last 64
/// KiB. Dtypes that the options name are not guessed.
///
/// A column has the narrowest of these dtypes that every cell seen fits which is not missing: `i64`, `f64`,
/// `bool`, `str`. Dates are text. So are digits that begin with a zero, and integers that `i64` cannot hold,
/// lest different ones become the same number. A cell that was not seen and does not fit is an error when it is
/// read.
///
/// # Errors
///
/// If the file cannot be read, is empty, lacks a column that the options give a dtype, or is malformed in the
/// sampled beginning.
pub fn sample_schema(path: &Path, options: &CsvOptions) -> Result<FileSchema, ReadError> {
    sample_ends(path, SAMPLE, options)
}

/// As [`sample_schema`], from the first and the last `size` bytes.
///
/// # Errors
///
/// As [`sample_schema`].
pub fn sample_ends(
    path: &Path,
    size: usize,
    options: &CsvOptions,
) -> Result<FileSchema, ReadError> {
    let sample = || match open(path, options.encoding())? {
        Input::Plain(file) => sample(file, size, options),
        Input::Decoded(text) => {
            let beginning = Beginning::read(text, size, false, options)?;
            // How much text there is, nobody knows.
            let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
            beginning.schema(bytes, options)
        }
    };
    sample().map_err(|fault| fault.locate(path, options.encoding()))
}

/// Samples `size` bytes at either end of `source`.
fn sample<S: Read + Seek>(
    mut source: S,
    size: usize,
    options: &CsvOptions,
) -> Result<FileSchema, Fault> {
    let bytes = seek(&mut source, SeekFrom::End(0))?;
    seek(&mut source, SeekFrom::Start(0))?;
    let whole = bytes <= 2 * size as u64;
    let mut beginning = Beginning::read(&mut source, size, whole, options)?;
    if !whole {
        let offset = bytes - size as u64;
        seek(&mut source, SeekFrom::Start(offset))?;
        let mut tail = Vec::with_capacity(size);
        source
            .take(size as u64)
            .read_to_end(&mut tail)
            .map_err(|error| Fault::new(Problem::Io(error)))?;
        beginning.sample.note_tail(&tail, offset, beginning.dialect);
    }
    beginning.schema(bytes, options)
}

/// What the beginning of a file shows.
struct Beginning {
    dialect: Dialect,
    names: Vec<String>,
    renamed: Vec<Renamed>,
    sample: Sample,
}

impl Beginning {
    /// Samples the first `size` bytes, or all.
    fn read<R: Read>(
        source: R,
        size: usize,
        whole: bool,
        options: &CsvOptions,
    ) -> Result<Self, Fault> {
        let opened = Opened::new(source, size, options.layout()?)?;
        let dialect = opened.dialect();
        let names = opened.names().to_vec();
        let renamed = opened.header().renamed.clone();
        let mut sample = Sample::new(names.len(), options);
        let mut records = opened.project(&sample.all_columns(), usize::MAX, options.ragged());
        while let Some(piece) = records.next()? {
            sample.note(piece.bytes, piece.offset, piece.index, piece.projection);
            if !whole && piece.index.records > 0 {
                break;
            }
        }
        Ok(Self { dialect, names, renamed, sample })
    }

    /// What is thought of a file of so many bytes.
    fn schema(self, bytes: u64, options: &CsvOptions) -> Result<FileSchema, Fault> {
        let Self { names, renamed, mut sample, .. } = self;
        let mut dtypes: Vec<DataType> = sample.tallies.into_iter().map(Tally::dtype).collect();
        let fixed = options.schema().iter().map(|(name, _)| name.as_str());
        for (place, (_, dtype)) in places_of(fixed, &names)?.into_iter().zip(options.schema()) {
            dtypes[place] = dtype.clone();
            sample.witnesses[place] = None;
        }
        let columns = names.into_iter().map(PlSmallStr::from).zip(dtypes).collect();
        Ok(FileSchema { columns, bytes, renamed, witnesses: sample.witnesses })
    }
}

fn seek(source: &mut impl Seek, to: SeekFrom) -> Result<u64, Fault> {
    source.seek(to).map_err(|error| Fault::new(Problem::Io(error)))
}

/// What has been seen of each column.
struct Sample {
    tallies: Vec<Tally>,
    witnesses: Vec<Option<Witness>>,
    reader: CellReader,
    options: CsvOptions,
}

impl Sample {
    fn new(columns: usize, options: &CsvOptions) -> Self {
        Self {
            tallies: vec![Tally::default(); columns],
            witnesses: vec![None; columns],
            reader: CellReader::of(options).guessing(),
            options: options.clone(),
        }
    }

    fn all_columns(&self) -> Vec<usize> {
        (0..self.tallies.len()).collect()
    }

    /// Notes the cells of some records, of which all columns are marked in `index`. The bytes begin at
    /// `offset` in the file.
    fn note(&mut self, bytes: &[u8], offset: u64, index: &Index, projection: &Projection) {
        for (place, tally) in self.tallies.iter_mut().enumerate() {
            let witness = &mut self.witnesses[place];
            for cell in index.cells(projection, projection.slot(place), 0..index.records) {
                let offset = offset + cell.start as u64;
                let cell = &bytes[cell];
                let kind = tally.note(cell, &self.reader);
                if witness.is_none() && matches!(kind, Kind::Text | Kind::Boolean) {
                    let text = excerpt(&self.reader.text(cell));
                    *witness = Some(Witness { text, offset, encoding: self.options.encoding() });
                }
            }
        }
    }

    /// Notes the cells of the records at the end of a file, of which `tail` holds the last bytes, if it is
    /// certain where they begin.
    fn note_tail(&mut self, tail: &[u8], offset: u64, dialect: Dialect) {
        let outside = after_first_newline(tail, 0, dialect);
        let inside = dialect.quote.and_then(|quote| after_closing_quote(tail, quote, dialect));
        let mut starts: Vec<usize> = [outside, inside].into_iter().flatten().collect();
        starts.dedup();
        let readings: Vec<(usize, Scanner, Index)> =
            starts.into_iter().filter_map(|start| self.reading(tail, start, dialect)).collect();
        if let [(start, scanner, index)] = &readings[..] {
            self.note(&tail[*start..], offset + *start as u64, index, scanner.projection());
        }
    }

    /// The records from `start` to the end of the file, if that is what they are.
    fn reading(
        &self,
        tail: &[u8],
        start: usize,
        dialect: Dialect,
    ) -> Option<(usize, Scanner, Index)> {
        let projection = Projection::new(self.tallies.len(), &self.all_columns());
        let mut scanner = Scanner::new(dialect, projection, self.options.ragged());
        let mut index = Index::default();
        let pass = scanner.pass(&tail[start..], true, usize::MAX, &mut index);
        (pass.stop == Stop::Exhausted && index.records > 0).then_some((start, scanner, index))
    }
}

/// Where the second record begins, if `start` lies in an unquoted field of the first.
fn after_first_newline(tail: &[u8], start: usize, dialect: Dialect) -> Option<usize> {
    match walk(tail, start, true, dialect, |_| ()) {
        Walk::Complete { end } if end < tail.len() => Some(end + 1),
        _ => None,
    }
}

/// Where the second record begins, if the bytes begin in a quoted field of the first.
pub(super) fn after_closing_quote(tail: &[u8], quote: u8, dialect: Dialect) -> Option<usize> {
    let first = memchr::memchr(quote, tail)?;
    let close = if tail.get(first + 1) == Some(&quote) {
        // One of a pair: what follows is still inside, as if it had just been opened.
        closing_quote(tail, first + 1)?
    } else {
        first
    };
    match tail.get(close + 1) {
        Some(&next) if next == dialect.separator || next == b'\r' || next == dialect.newline => {
            after_first_newline(tail, close + 1, dialect)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::source::csv::ReadErrorKind;

    fn dtypes(file: &str, size: usize, options: &CsvOptions) -> Vec<DataType> {
        let sampled = sample(Cursor::new(file), size, options).unwrap();
        assert_eq!(sampled.bytes(), file.len() as u64);
        sampled.columns().iter_values().cloned().collect()
    }

    /// A file with `rows` lines, the last of which is `end`.
    fn with_end(rows: usize, line: &str, end: &str) -> String {
        format!("a,b\n{}{end}", line.repeat(rows))
    }

    #[test]
    fn a_small_file_is_seen_whole() {
        let file = "i,f,b,t,m,q\n1,2,true,x,NA,\"1\"\n2,.5,FALSE,,,\"2\"\n";
        let expected = [
            DataType::Int64,
            DataType::Float64,
            DataType::Boolean,
            DataType::String,
            DataType::Null,
            DataType::Int64,
        ];
        for size in [16, 64, 4096] {
            assert_eq!(dtypes(file, size, &CsvOptions::default())[0], expected[0]);
        }
        assert_eq!(dtypes(file, 4096, &CsvOptions::default()), expected);
    }

    #[test]
    fn the_end_of_a_large_file_is_seen_too() {
        let plain = CsvOptions::default();
        assert_eq!(
            dtypes(&with_end(100, "1,2\n", ""), 64, &plain),
            [DataType::Int64, DataType::Int64]
        );
        let expected = [DataType::Float64, DataType::Float64];
        assert_eq!(dtypes(&with_end(100, "1,2\n", "1.5,2e9"), 64, &plain), expected);
        assert_eq!(dtypes(&with_end(100, "1,\"2\"\n", "1.5,2e9"), 64, &plain), expected);
        let expected = [DataType::Float64, DataType::String];
        assert_eq!(dtypes(&with_end(100, ",\n", "1.5,x"), 64, &plain), expected);
    }

    #[test]
    fn both_ends_are_counted_together() {
        let plain = CsvOptions::default();
        let b = |end: usize| dtypes(&with_end(100, "1,2\n", &"1,x\n".repeat(end)), 64, &plain);
        // 15 records are seen of either end.
        assert_eq!(b(0), [DataType::Int64, DataType::Int64]);
        assert_eq!(b(1), [DataType::Int64, DataType::String]);
        let file = with_end(100, "1,2\n", &"1,2\n".repeat(100)).replacen("1,2", "1,x", 1);
        assert_eq!(dtypes(&file, 64, &plain), [DataType::Int64, DataType::String]);
    }

    /// Wherever in a record the end's sample begins, quoted newlines and separators do not mislead it.
    #[test]
    fn the_end_is_read_from_a_record_on_or_not_at_all() {
        let options = CsvOptions::default();
        let line = "1,\"x\n2,\"\"y\"\",\n\"\n";
        for size in 20..120 {
            let seen = dtypes(&with_end(100, line, "2.5,z\n"), size, &options);
            assert!([DataType::Int64, DataType::Float64].contains(&seen[0]), "{size}: {seen:?}");
            assert_eq!(seen[1], DataType::String);
        }
        let sure = (20..120).filter(|&size| {
            dtypes(&with_end(100, line, "2.5,z\n"), size, &options)[0] == DataType::Float64
        });
        assert!(sure.count() > 50);
    }

    #[test]
    fn of_two_readings_of_the_end_only_the_sure_one_counts() {
        let options = CsvOptions::default();
        let dialect = options.dialect().unwrap();
        let guesses = |columns: usize, tail: &str| {
            let mut sample = Sample::new(columns, &options);
            sample.note_tail(tail.as_bytes(), 0, dialect);
            sample.tallies.into_iter().map(Tally::dtype).collect::<Vec<_>>()
        };
        use DataType::{Float64, Int64, Null, String};
        assert_eq!(guesses(2, "x\n1,y\n"), [Int64, String]);
        // Both find the same records.
        assert_eq!(guesses(2, "x\",3\n4,5\n"), [Int64, Int64]);
        // Read as unquoted, the third line has too many fields.
        assert_eq!(guesses(2, "x\n1,2\n1,2,3\ny\",3\n4,5.5\n"), [Int64, Float64]);
        // Read as quoted, a quote is never closed.
        assert_eq!(guesses(1, "x\n\"\n1\n\"\nabc\n"), [String]);
        // Either may be: the second line is text, or the end of one.
        assert_eq!(guesses(1, "a\nb\"\n1\n"), [Null]);
        // Neither can be.
        assert_eq!(guesses(2, "x\n1,2\n3"), [Null, Null]);
    }

    #[test]
    fn dtypes_that_are_set_are_not_guessed() {
        let options =
            CsvOptions::default().with_schema([("b", DataType::String), ("a", DataType::UInt32)]);
        let expected = [DataType::UInt32, DataType::String];
        assert_eq!(dtypes(&with_end(1, "1,2\n", ""), 64, &options), expected);
        let unknown = CsvOptions::default().with_schema([("c", DataType::String)]);
        let fault = sample(Cursor::new("a,b\n1,2\n"), 64, &unknown).unwrap_err();
        assert_eq!(fault.parts(), (ReadErrorKind::MissingColumn, None, Some("c")));
    }

    #[test]
    fn the_beginning_must_be_well_formed() {
        let fault = sample(Cursor::new("a,b\n1,2\n3\n"), 64, &CsvOptions::default()).unwrap_err();
        assert_eq!(fault.parts(), (ReadErrorKind::Ragged, Some(8), None));
    }
}
