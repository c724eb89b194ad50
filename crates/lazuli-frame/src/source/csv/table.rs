//! The wanted columns of one file, batch by batch.
//!
//! A batch is a fixed number of records, counted from where the reading began: where one ends depends neither
//! on the columns that are wanted, nor on the pieces in which the file is read.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};
use std::path::Path;

use polars::prelude::{DataFrame, DataType, PlSmallStr};

use super::bad::{BadCell, sound};
use super::columns::{Batch, Columns, Wanted};
use super::error::{Fault, Problem, ReadError};
use super::input::{Input, open};
use super::options::{CsvOptions, OnError};
use super::pieces::PIECE;
use super::records::Opened;

/// Records in a batch: a few columns of them fit the cache.
pub const BATCH: usize = 16 * 1024;

/// Bytes in which a header is looked for before a part of a file is read.
const BEGINNING: usize = 64 * 1024;

/// What was read of a file.
#[derive(Clone, Debug)]
pub struct CsvRead {
    /// The columns asked for, in the order asked for. Its height is the number of records read, also if no
    /// column was asked for.
    pub frame: DataFrame,
    /// Bytes of the file read.
    pub bytes: u64,
}

/// Reads the columns of these names, as these dtypes and in this order, from a CSV file. Only their cells are
/// looked at; but that every record has as many fields as the first is made sure of.
///
/// The dtypes are those of [`parse_dtype`](super::parse_dtype); how missing values are written, see
/// [`CsvOptions::with_null_values`]. Spaces and tabs around numbers do not matter, a NaN is a missing value.
///
/// # Errors
///
/// If the file cannot be read, is empty, lacks a wanted column, or is malformed; or if a wanted cell is no
/// value of its column's dtype, unless [`CsvOptions::with_on_error`] says otherwise. Of several faults in the
/// file's records, it is the first.
///
/// # Examples
///
/// ```
/// use lazuli_frame::source::csv::{CsvOptions, read_columns};
/// use polars::prelude::{DataType, df};
///
/// let path = std::env::temp_dir().join(format!("lazuli-columns-{}.csv", std::process::id()));
/// std::fs::write(&path, "id,name,delay\n1,\"Ann, B.\",5\n2,Cem,NA\n")?;
/// let delay = ("delay".into(), DataType::Int64);
/// let read = read_columns(&path, &[delay], &CsvOptions::default())?;
/// assert_eq!(read.frame, df!("delay" => [Some(5_i64), None])?.slice(0, 2));
/// assert_eq!(read.bytes, 37);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_columns(
    path: &Path,
    columns: &[(PlSmallStr, DataType)],
    options: &CsvOptions,
) -> Result<CsvRead, ReadError> {
    let wanted = columns.iter().map(|(name, dtype)| Wanted::new(name.clone(), dtype.clone()));
    read_head(path, &wanted.collect::<Vec<_>>(), usize::MAX, options)
}

/// Reads no more than the first `rows` records, and otherwise as [`read_columns`] does. What follows them
/// is not looked at. Coded columns are left out.
///
/// # Errors
///
/// As [`read_columns`].
pub fn read_head(
    path: &Path,
    columns: &[Wanted],
    rows: usize,
    options: &CsvOptions,
) -> Result<CsvRead, ReadError> {
    open(path, options.encoding())
        .and_then(|input| read(input, PIECE, columns, rows, options))
        .map_err(|fault| fault.locate(path, options.encoding()))
}

/// Reads the columns batch by batch, and gives each to `push`, which may end the reading. At least one batch is
/// pushed, if only an empty one, unless there is an error before. `part` is the part of the file to read, which
/// begins at a record or at zero, and ends where one does: the whole file, if there is none. How many bytes were
/// read.
///
/// # Errors
///
/// As [`read_columns`], but for bad cells, which the batches have.
pub fn read_batches(
    path: &Path,
    part: Option<Range<u64>>,
    columns: &[Wanted],
    options: &CsvOptions,
    push: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<u64, ReadError> {
    let read = || {
        let (start, end) = part.map_or((0, u64::MAX), |part| (part.start, part.end));
        let mut file = match open(path, options.encoding())? {
            Input::Plain(file) => file,
            // A part of it is all of it.
            text => {
                let opened = Opened::new(text, PIECE, options.layout()?)?;
                return batches(opened, columns, usize::MAX, options, push);
            }
        };
        if start == 0 {
            let opened = Opened::new(file.take(end), PIECE, options.layout()?)?;
            return batches(opened, columns, usize::MAX, options, push);
        }
        let beginning = Opened::new(&mut file, BEGINNING, options.layout()?)?;
        let io = |error| Fault::new(Problem::Io(error));
        let mut file = match open(path, options.encoding())? {
            Input::Plain(file) => file,
            Input::Decoded(_) => return Err(io(io::Error::other("it has become another file"))),
        };
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        let opened = beginning.part(file.take(end - start), PIECE, start);
        Ok(batches(opened, columns, usize::MAX, options, push)? - start)
    };
    read().map_err(|fault| fault.locate(path, options.encoding()))
}

/// Reads `columns` of the first `limit` records of `source`, in pieces of `size` bytes.
fn read<R: Read>(
    source: R,
    size: usize,
    columns: &[Wanted],
    limit: usize,
    options: &CsvOptions,
) -> Result<CsvRead, Fault> {
    let opened = Opened::new(source, size, options.layout()?)?;
    let mut frame: Option<DataFrame> = None;
    let mut failed = None;
    let bytes = batches(opened, columns, limit, options, &mut |batch| {
        match (settle(batch, options.on_error()), &mut frame) {
            (Err(fault), _) => {
                failed = Some(fault);
                return ControlFlow::Break(());
            }
            (Ok(rows), None) => frame = Some(rows),
            (Ok(rows), Some(frame)) => append(frame, rows),
        }
        ControlFlow::Continue(())
    })?;
    if let Some(fault) = failed {
        return Err(fault);
    }
    let mut frame = frame.unwrap_or_default();
    frame.rechunk_mut();
    Ok(CsvRead { frame, bytes })
}

/// The rows of a batch, as the options say of those with bad cells.
///
/// # Errors
///
/// The first bad cell, where such a cell is an error.
pub(crate) fn settled(
    batch: Batch,
    path: &Path,
    options: &CsvOptions,
) -> Result<DataFrame, ReadError> {
    settle(batch, options.on_error()).map_err(|fault| fault.locate(path, options.encoding()))
}

fn settle(batch: Batch, on_error: OnError) -> Result<DataFrame, Fault> {
    match (on_error, batch.bad.first()) {
        (OnError::Fail, Some(bad)) => Err(bad.fault()),
        (OnError::Skip, Some(_)) => {
            let sound = sound(&batch.bad, batch.frame.height(), |_| true);
            let kept = sound.map(|sound| batch.frame.filter_seq(&sound));
            Ok(kept.transpose().expect("a mask for every record").unwrap_or(batch.frame))
        }
        _ => Ok(batch.frame),
    }
}

/// Appends the rows of a batch. A column without a value so far takes the dtype of the one that has some.
pub(super) fn append(frame: &mut DataFrame, batch: DataFrame) {
    let height = frame.height() + batch.height();
    let columns = frame.columns().iter().zip(batch.columns()).map(|(before, after)| {
        let mut before = match before.dtype() {
            DataType::Null => before.cast(after.dtype()).expect("nulls are of every dtype"),
            _ => before.clone(),
        };
        let after = match after.dtype() {
            DataType::Null => after.cast(before.dtype()).expect("nulls are of every dtype"),
            _ => after.clone(),
        };
        before.append_owned(after).expect("the batches are of the same dtypes");
        before
    });
    let columns = columns.collect();
    *frame = DataFrame::new(height, columns).expect("every column has grown by the batch");
}

/// Reads the first `limit` records of an opened file, and pushes batch after batch. Where the last piece ended.
fn batches<R: Read>(
    opened: Opened<R>,
    columns: &[Wanted],
    limit: usize,
    options: &CsvOptions,
    push: &mut dyn FnMut(Batch) -> ControlFlow<()>,
) -> Result<u64, Fault> {
    let mut asked: HashSet<(&str, bool)> = HashSet::new();
    if let Some(twice) = columns.iter().find(|column| !asked.insert((&column.name, column.coded))) {
        return Err(Fault::new(Problem::AskedTwice).in_column(&twice.name));
    }
    let names = columns.iter().map(|column| column.name.as_str());
    let places = places_of(names, opened.names())?;
    let mut records = opened.project(&places, limit, options.ragged());
    let mut columns = Columns::new(columns, &places, &records, options)?;
    let mut filled = 0;
    let mut pushed = false;
    // Where bad cells are errors, one before a fault of the file is the first thing that is wrong with it.
    let mut first_bad = None;
    let fails = options.on_error() == OnError::Fail;
    loop {
        let piece = match records.next() {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(fault) => {
                let bad = || columns.first_bad().filter(|_| fails).map(BadCell::fault);
                return Err(first_bad.or_else(bad).unwrap_or(fault));
            }
        };
        let mut from = 0;
        while from < piece.index.records {
            let to = piece.index.records.min(from + BATCH - filled);
            columns.extend(filled, &piece, from..to);
            filled += to - from;
            from = to;
            if filled == BATCH {
                pushed = true;
                let batch = columns.take(std::mem::take(&mut filled));
                if fails && first_bad.is_none() {
                    first_bad = batch.bad.first().map(BadCell::fault);
                }
                if push(batch).is_break() {
                    return Ok(records.bytes_read());
                }
            }
        }
    }
    if filled > 0 || !pushed {
        // Nothing follows that it could end.
        let _ = push(columns.take(filled));
    }
    Ok(records.bytes_read())
}

/// The places of `wanted` among `names`.
pub(super) fn places_of<'a>(
    wanted: impl Iterator<Item = &'a str>,
    names: &[String],
) -> Result<Vec<usize>, Fault> {
    let known: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    let place = |name| {
        known
            .get(name)
            .copied()
            .ok_or_else(|| Fault::new(Problem::MissingColumn(names.to_vec())).in_column(name))
    };
    wanted.map(place).collect()
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;
    use proptest::prelude::*;

    use super::*;
    use crate::source::csv::ReadErrorKind;

    fn columns(wanted: &[(&str, DataType)]) -> Vec<Wanted> {
        let owned = wanted.iter().map(|(name, dtype)| Wanted::new((*name).into(), dtype.clone()));
        owned.collect()
    }

    fn frame(file: &str, size: usize, wanted: &[(&str, DataType)]) -> Result<DataFrame, Fault> {
        let options = CsvOptions::default();
        let read = read(file.as_bytes(), size, &columns(wanted), usize::MAX, &options)?;
        assert_eq!(read.bytes, file.len() as u64);
        Ok(read.frame)
    }

    /// A cell as it is written, and what it says.
    fn cell<T: Clone + std::fmt::Debug>(
        written: impl Strategy<Value = (String, T)>,
    ) -> impl Strategy<Value = (String, Option<T>)> {
        prop_oneof![
            4 => (written, 0..3).prop_map(|((text, value), form)| (
                match form {
                    0 => format!("\"{text}\""),
                    1 => format!(" {text} "),
                    _ => text,
                },
                Some(value),
            )),
            1 => prop_oneof!["", "NA", "\"NaN\"", " null", "None"].prop_map(|text| (text, None)),
        ]
    }

    fn number() -> impl Strategy<Value = f32> {
        any::<f32>().prop_filter("a NaN is no value", |value| !value.is_nan())
    }

    fn text() -> impl Strategy<Value = (String, Option<String>)> {
        prop_oneof![
            4 => "[a-z,\"\nü]{0,20}".prop_map(|text| {
                (format!("\"{}\"", text.replace('"', "\"\"")), Some(text))
            }),
            1 => "[a-zü 0-9]{1,20}".prop_map(|text| (text.clone(), Some(text))),
            1 => Just((String::new(), None)),
            1 => Just(("NA".to_owned(), Some("NA".to_owned()))),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn cells_become_what_they_say(
            rows in prop::collection::vec(
                (
                    cell(any::<i64>().prop_map(|value| (value.to_string(), value))),
                    text(),
                    cell(number().prop_map(|value| (value.to_string(), value))),
                    cell(any::<bool>().prop_map(|value| (value.to_string(), value))),
                ),
                0..40,
            ),
            size in 1_usize..300,
        ) {
            let mut file = "integer,text,float,truth\n".to_owned();
            for (integer, text, float, truth) in &rows {
                file += &format!("{},{},{},{}\n", integer.0, text.0, float.0, truth.0);
            }
            let truth: Vec<Option<bool>> = rows.iter().map(|row| row.3.1).collect();
            let float: Vec<Option<f32>> = rows.iter().map(|row| row.2.1).collect();
            let integer: Vec<Option<i64>> = rows.iter().map(|row| row.0.1).collect();
            let text: Vec<Option<String>> = rows.iter().map(|row| row.1.1.clone()).collect();
            let expected = df!(
                "truth" => truth, "float" => float, "text" => text, "integer" => integer
            ).unwrap();
            let found = frame(&file, size, &[
                ("truth", DataType::Boolean),
                ("float", DataType::Float32),
                ("text", DataType::String),
                ("integer", DataType::Int64),
            ]).unwrap();
            prop_assert_eq!(found.schema(), expected.schema());
            prop_assert!(found.equals_missing(&expected), "{} {}", found, expected);
        }
    }

    const FILE: &str = "a,b,c\n1,x,2.5\n2,y,\n3,z,1e3\n";

    #[test]
    fn rows_are_counted_without_columns() {
        let counted = frame(FILE, 8, &[]).unwrap();
        assert_eq!((counted.height(), counted.width()), (3, 0));
        assert_eq!(frame("a,b", 8, &[]).unwrap().height(), 0);
    }

    #[test]
    fn a_header_alone_is_an_empty_table() {
        for file in ["a,b", "a,b\n", "a,b\r\n\r\n"] {
            let empty = frame(file, 4, &[("b", DataType::Int64)]).unwrap();
            assert_eq!(empty.height(), 0);
            assert_eq!(empty.schema().get("b"), Some(&DataType::Int64));
        }
    }

    #[test]
    fn reading_stops_after_the_rows_asked_for() {
        let wanted = columns(&[("a", DataType::Int64)]);
        for size in 1..40 {
            for rows in 0..5 {
                let file = FILE.replace("3,z", "not looked at");
                let read = read(file.as_bytes(), size, &wanted, rows, &CsvOptions::default());
                match rows {
                    0..3 => assert_eq!(read.unwrap().frame.height(), rows),
                    _ => assert_eq!(read.unwrap_err().parts().0, ReadErrorKind::Ragged),
                }
            }
        }
    }

    #[test]
    fn without_a_header_columns_are_numbered() {
        let options = CsvOptions::default().with_header(false).with_separator(b';');
        let wanted = columns(&[("column_2", DataType::UInt32)]);
        let read = read(&b"1;2\n3;4"[..], 3, &wanted, usize::MAX, &options).unwrap();
        assert_eq!(read.frame, df!("column_2" => [2_u32, 4]).unwrap());
    }

    #[test]
    fn the_first_fault_of_the_file_is_the_one_reported() {
        let file = "a,b\n1,2\nx,3\n4,y\n5\n";
        for size in 1..30 {
            let parts = |wanted: &[(&str, DataType)]| {
                let fault = frame(file, size, wanted).unwrap_err();
                let (kind, at, column) = fault.parts();
                (kind, at.unwrap(), column.map(str::to_owned))
            };
            let (a, b) = (("a", DataType::Int64), ("b", DataType::Int64));
            let bad_a = (ReadErrorKind::BadCell, 8, Some("a".to_owned()));
            let bad_b = (ReadErrorKind::BadCell, 14, Some("b".to_owned()));
            assert_eq!(parts(&[b.clone(), a.clone()]), bad_a);
            assert_eq!(parts(&[a, b.clone()]), bad_a);
            assert_eq!(parts(&[b]), bad_b);
            assert_eq!(parts(&[]), (ReadErrorKind::Ragged, 16, None));
        }
    }

    #[test]
    fn requests_that_cannot_be_met() {
        let kind = |wanted: &[(&str, DataType)]| frame(FILE, 64, wanted).unwrap_err().parts().0;
        assert_eq!(kind(&[("d", DataType::Int64)]), ReadErrorKind::MissingColumn);
        assert_eq!(kind(&[("a", DataType::Int128)]), ReadErrorKind::UnsupportedDtype);
        let twice = [("a", DataType::Int64), ("a", DataType::Float64)];
        assert_eq!(kind(&twice), ReadErrorKind::DuplicateColumn);
    }
}
