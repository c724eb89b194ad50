//! Where a large file can be cut: at the true beginnings of records, also where quoted texts have line ends.
//!
//! Of a newline in the middle of a file nobody knows whether it ends a record or is part of a quoted text. So
//! each block of the file is read twice over, from both: its *readings*, each with the place where a record
//! begins and the place where the first record after the block does. That is done for all blocks at once, and
//! knows structure only. Then, from the beginning of the file, where all is known, the reading of each block is
//! the one that begins where that of the block before has ended. What cannot be matched is left in one part with
//! what is before it, and read in sequence.

use std::io::{Read, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::dense::Dense;
use super::error::{Fault, Problem, ReadError};
use super::infer::after_closing_quote;
use super::input::{Input, ReadSeek, open};
use super::options::{CsvOptions, Ragged};
use super::pieces::{PIECE, Pieces};
use super::projection::{Index, Projection};
use super::record::{Dialect, Walk, walk};
use super::records::Opened;
use super::scan::{Scanner, Stop};

/// Bytes in which the first record of a block must begin, or the block is no part of its own.
const WINDOW: u64 = 4 << 20;

/// How one block can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readings {
    block: Range<u64>,
    /// Where the first record of the block begins, and the first record behind it.
    readings: Vec<(u64, u64)>,
}

/// The blocks of a file of this many bytes: none if it is to be read in one part.
pub fn blocks(bytes: u64, options: &CsvOptions) -> Vec<Range<u64>> {
    let size = options.block_size().max(1);
    if bytes <= size {
        return Vec::new();
    }
    (0..bytes.div_ceil(size)).map(|at| at * size..((at + 1) * size).min(bytes)).collect()
}

/// How this block of a file can be read.
///
/// # Errors
///
/// If the file cannot be read, or has no header.
pub fn readings(
    path: &Path,
    block: Range<u64>,
    options: &CsvOptions,
) -> Result<Readings, ReadError> {
    let read = || {
        let Input::Plain(mut file) = open(path, options.encoding())? else {
            // What is decoded is read from its beginning.
            return Ok(Readings { block: block.clone(), readings: Vec::new() });
        };
        let opened = Opened::new(&mut file, PIECE, options.layout()?)?;
        let (dialect, fields) = (opened.dialect(), opened.names().len());
        let first = opened.header().records as u64;
        drop(opened);
        let mut readings = Vec::new();
        // Of a lone column a blank line is a missing value unless the file ends with it, which only who has read
        // to the end knows.
        let starts = match block.start {
            _ if fields == 1 => Vec::new(),
            0 => vec![first],
            place => starts(&mut *file, place, dialect)?,
        };
        for start in starts {
            if let Some(end) = end(&mut *file, start, block.end, dialect, fields)? {
                readings.push((start, end));
            }
        }
        Ok(Readings { block: block.clone(), readings })
    };
    read().map_err(|fault: Fault| fault.locate(path, options.encoding()))
}

/// The parts of a file, one for each block, in the order of the file; some may be empty. Together they are the
/// whole file of this many bytes, and each begins where a record does, or at zero.
pub fn parts(readings: &[Readings], bytes: u64) -> Vec<Range<u64>> {
    let mut parts = vec![bytes..bytes; readings.len()];
    let mut blocks = readings.iter().enumerate();
    let Some((mut part, first)) = blocks.next() else { return parts };
    let mut start = 0;
    let mut end = first.readings.first().map(|reading| reading.1);
    for (at, next) in blocks {
        let Some(known) = end else { break };
        if known >= next.block.end {
            // A record that goes on behind the block: no other begins in it.
            continue;
        }
        end = next.readings.iter().find(|reading| reading.0 == known).map(|reading| reading.1);
        if end.is_some() {
            parts[part] = start..known;
            (part, start) = (at, known);
        }
    }
    parts[part] = start..bytes;
    parts
}

/// Where the first record at or after `place`, which is not zero, may begin: behind the first newline, or if that is part of a
/// quoted text, behind the record that the text is in.
fn starts(file: &mut dyn ReadSeek, place: u64, dialect: Dialect) -> Result<Vec<u64>, Fault> {
    // The newline may be the byte before.
    let from = place - 1;
    let mut window = Vec::new();
    seek(file, from)?;
    file.take(WINDOW).read_to_end(&mut window).map_err(|error| Fault::new(Problem::Io(error)))?;
    let Some(newline) = memchr::memchr(dialect.newline, &window) else { return Ok(Vec::new()) };
    let text = &window[newline..];
    let behind = dialect.quote.and_then(|quote| after_closing_quote(text, quote, dialect));
    let mut starts = vec![from + newline as u64 + 1];
    starts.extend(behind.map(|behind| from + (newline + behind) as u64));
    Ok(starts)
}

/// Where the first record at or after `place` begins, if one begins at `start`; `None` if what follows are no
/// records.
fn end(
    file: &mut dyn ReadSeek,
    start: u64,
    place: u64,
    dialect: Dialect,
    fields: usize,
) -> Result<Option<u64>, Fault> {
    if start >= place {
        return Ok(Some(start));
    }
    let skimmed = skim(file, start, place, dialect, fields)?;
    let last = match skimmed {
        Some(last) => last,
        None => match scan(file, start, place, dialect, fields)? {
            Some(last) => last,
            None => return Ok(None),
        },
    };
    if last >= place {
        return Ok(Some(last));
    }
    // The record, or the comment, that the block ends in.
    seek(file, last)?;
    let mut pieces = Pieces::from(&mut *file, PIECE, last);
    loop {
        pieces.advance(0).map_err(|refused| Fault::refused(refused, last))?;
        let bytes = pieces.bytes();
        let is_comment = dialect.comment.is_some() && bytes.first().copied() == dialect.comment;
        let dialect = Dialect { quote: dialect.quote.filter(|_| !is_comment), ..dialect };
        match walk(bytes, 0, pieces.is_last(), dialect, |_| ()) {
            Walk::Complete { end } => {
                let behind = last + (end + 1).min(bytes.len()) as u64;
                return Ok(Some(behind));
            }
            Walk::Incomplete => {}
            Walk::Unclosed { .. } | Walk::Continued { .. } => return Ok(None),
        }
    }
}

/// Where the last record that ends before `place` does, if all quotes from `start` on stand where they belong.
fn skim(
    file: &mut dyn ReadSeek,
    start: u64,
    place: u64,
    dialect: Dialect,
    fields: usize,
) -> Result<Option<u64>, Fault> {
    let Some(dense) = Dense::for_structure(dialect, fields) else { return Ok(None) };
    seek(file, start)?;
    let mut pieces = Pieces::from(file.take(place - start), PIECE, start);
    let mut consumed = 0;
    loop {
        let offset = pieces.offset();
        pieces.advance(consumed).map_err(|refused| Fault::refused(refused, offset))?;
        match dense.skim(pieces.bytes()) {
            Some(end) => consumed = end,
            None => return Ok(None),
        }
        if pieces.is_last() {
            return Ok(Some(pieces.offset() + consumed as u64));
        }
    }
}

/// The same record by record; `None` if what follows are no records.
fn scan(
    file: &mut dyn ReadSeek,
    start: u64,
    place: u64,
    dialect: Dialect,
    fields: usize,
) -> Result<Option<u64>, Fault> {
    seek(file, start)?;
    let mut scanner = Scanner::new(dialect, Projection::new(fields, &[]), Ragged::Skip);
    let mut index = Index::default();
    let mut pieces = Pieces::from(file.take(place - start), PIECE, start);
    let mut consumed = 0;
    loop {
        let offset = pieces.offset();
        pieces.advance(consumed).map_err(|refused| Fault::refused(refused, offset))?;
        index.clear();
        let pass = scanner.pass(pieces.bytes(), false, usize::MAX, &mut index);
        if pass.stop != Stop::Exhausted {
            return Ok(None);
        }
        consumed = pass.consumed;
        if pieces.is_last() {
            return Ok(Some(pieces.offset() + consumed as u64));
        }
    }
}

fn seek(file: &mut dyn ReadSeek, to: u64) -> Result<(), Fault> {
    file.seek(SeekFrom::Start(to)).map(|_| ()).map_err(|error| Fault::new(Problem::Io(error)))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::ops::ControlFlow;

    use polars::prelude::{DataFrame, DataType};
    use proptest::prelude::*;

    use super::super::columns::Wanted;
    use super::super::table::{append, read_batches};
    use super::*;

    fn split(path: &Path, options: &CsvOptions) -> Vec<Range<u64>> {
        let bytes = fs::metadata(path).unwrap().len();
        let blocks = blocks(bytes, options).into_iter();
        let readings: Vec<Readings> =
            blocks.map(|block| readings(path, block, options).unwrap()).collect();
        parts(&readings, bytes)
    }

    fn read(path: &Path, part: Option<Range<u64>>) -> Result<Option<DataFrame>, String> {
        let columns = ["a", "b"].map(|name| Wanted::new(name.into(), DataType::String));
        let mut read: Option<DataFrame> = None;
        let options = CsvOptions::default().with_comment(Some(b'#'));
        read_batches(path, part, &columns, &options, &mut |batch| {
            match &mut read {
                None => read = Some(batch.frame),
                Some(read) => append(read, batch.frame),
            }
            ControlFlow::Continue(())
        })
        .map_err(|error| error.to_string())?;
        Ok(read)
    }

    fn line() -> impl Strategy<Value = String> {
        let field = || {
            prop_oneof![
                4 => "[a-z]{0,6}",
                3 => "\"([a-z,\n]|\"\"){0,20}\"",
                1 => "[a-z]\"[a-z]",
            ]
        };
        let end = prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\n# a \",\" b\n")];
        let bad = prop_oneof![40 => Just(""), 1 => Just(",x"), 1 => Just("\"")];
        (field(), field(), bad, end).prop_map(|(a, b, bad, end)| format!("{a},{b}{bad}{end}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn parts_are_the_whole(lines in prop::collection::vec(line(), 0..40), size in 16_u64..400) {
            let folder = tempfile();
            let path = folder.join("x.csv");
            fs::write(&path, format!("a,b\n{}", lines.concat())).unwrap();
            let options = CsvOptions::default().with_comment(Some(b'#')).with_block_size(size);
            let parts = split(&path, &options);
            let mut at = 0;
            for part in parts.iter().filter(|part| !part.is_empty()) {
                prop_assert_eq!(part.start, at);
                at = part.end;
            }
            let whole = read(&path, None);
            let mut together: Result<Option<DataFrame>, String> = Ok(None);
            for part in parts.into_iter().filter(|part| !part.is_empty()) {
                match (&mut together, read(&path, Some(part))) {
                    (Ok(Some(before)), Ok(Some(after))) => append(before, after),
                    (Ok(None), Ok(first)) => together = Ok(first),
                    (Ok(_), Err(error)) => together = Err(error),
                    _ => {}
                }
            }
            if at > 0 {
                match (whole, together) {
                    (Ok(Some(whole)), Ok(Some(together))) => {
                        prop_assert!(whole.equals_missing(&together), "{} {}", whole, together);
                    }
                    (whole, together) => prop_assert_eq!(whole.err(), together.err()),
                }
            }
            fs::remove_dir_all(folder).unwrap();
        }
    }

    fn tempfile() -> std::path::PathBuf {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("lazuli-split-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn blocks_begin_inside_quoted_texts() {
        let folder = tempfile();
        let path = folder.join("x.csv");
        let record = "1,\"two\nlines, \"\"quoted\"\"\nand more\"\n";
        fs::write(&path, format!("a,b\n{}", record.repeat(200))).unwrap();
        for size in 40..120 {
            let parts = split(&path, &CsvOptions::default().with_block_size(size));
            let begun = parts.iter().filter(|part| !part.is_empty()).count();
            assert!(begun * 40 > parts.len() * 30, "{size}: {begun} of {}", parts.len());
            let aligned = parts.iter().filter(|part| part.start > 0 && !part.is_empty());
            assert!(aligned.into_iter().all(|part| (part.start - 4) % record.len() as u64 == 0));
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
