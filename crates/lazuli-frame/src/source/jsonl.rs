//! JSON lines: an object in each line, a partition for each file.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use lazuli_core::{Error, Result};
use polars::prelude::{DataFrame, PlSmallStr, Schema};
use polars_io::ndjson::core::{is_json_line, parse_ndjson};
use polars_io::ndjson::infer_schema;

use super::agreed::{AgreedFiles, Format};
use super::parquet::open;
use super::{IntoFiles, Source as _};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::pool;
use crate::source::csv::BATCH;
use crate::table::dtype_of;

/// Lines at the beginning of a file from which its columns and their dtypes are known.
const SAMPLE: usize = 1000;

/// Files of JSON lines as one table: a partition for each file, in their order.
///
/// The first 1,000 lines of each file are sampled (on the shared pool) for its columns and their dtypes. A field that
/// a line lacks is a missing value; one that no sampled line has is not there. A value that does not fit its column
/// is an error that names the file and the line. Integers in some files and fractions in others are `f64`; that
/// files disagree otherwise is an error where the column is asked for.
///
/// # Errors
/// No files; a file that cannot be read; sampled lines that are no JSON objects.
pub fn scan_jsonl(files: impl IntoFiles) -> Result<Frame> {
    pool::share()?;
    let files = files.into_files().map_err(Error::plan)?;
    AgreedFiles::file_by_file("sample schema", files, schema, true, JsonLines)
}

struct JsonLines;

fn schema(path: &Path) -> Result<Schema, FrameError> {
    let mut reader = BufReader::new(open(path)?);
    if reader.fill_buf().map_err(|error| FrameError::file(path, error))?.is_empty() {
        return Err(FrameError::Empty { path: path.to_owned() });
    }
    infer_schema(&mut reader, NonZeroUsize::new(SAMPLE))
        .map_err(|error| FrameError::format(path, "JSON lines", error))
}

/// What a batch of lines takes, as text and as rows.
const PIECE: u64 = 16 << 20;

/// Some lines of a file.
#[derive(Default)]
struct Lines {
    text: Vec<u8>,
    /// How many of them have something in them.
    rows: usize,
    /// The number of the first, counted from 1.
    first: u64,
    /// How many there are.
    count: u64,
}

impl Lines {
    /// The next lines, so many rows of them. They have no rows at the end of the file.
    fn next(reader: &mut BufReader<File>, first: u64) -> std::io::Result<Self> {
        let mut lines = Self { first, ..Self::default() };
        while lines.rows < BATCH {
            let start = lines.text.len();
            if reader.read_until(b'\n', &mut lines.text)? == 0 {
                break;
            }
            lines.count += 1;
            lines.rows += usize::from(is_json_line(lines.text[start..].trim_ascii_end()));
        }
        Ok(lines)
    }

    fn parse(&self, path: &Path, schema: &Schema) -> Result<DataFrame, FrameError> {
        if schema.is_empty() {
            return Ok(DataFrame::new(self.rows, Vec::new())?);
        }
        parse_ndjson(&self.text, Some(self.rows), schema, false).map_err(|error| {
            // The line that is to blame is looked for when there is one.
            let lines = (self.first..).zip(self.text.split(|byte| *byte == b'\n'));
            let parse = |(number, line): (u64, &[u8])| {
                Some((number, parse_ndjson(line, Some(1), schema, false).err()?))
            };
            let (line, error) = lines.filter_map(parse).next().unwrap_or((self.first, error));
            FrameError::Line { path: path.to_owned(), line, reason: error.to_string() }
        })
    }
}

impl Format for JsonLines {
    /// Lines are parsed batch by batch.
    fn working_bytes(&self, bytes: u64) -> u64 {
        bytes.min(PIECE)
    }

    fn load(
        &self,
        files: &AgreedFiles<Self>,
        partition: usize,
        columns: &[PlSmallStr],
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<u64, FrameError> {
        let path = files.path(partition);
        let schema = columns.iter().map(|name| (name.clone(), dtype_of(files.schema(), name)));
        let schema: Schema = schema.collect();
        let mut reader = BufReader::new(open(path)?);
        let (mut first, mut bytes, mut pushed) = (1, 0, false);
        loop {
            let lines =
                Lines::next(&mut reader, first).map_err(|error| FrameError::file(path, error))?;
            if lines.rows == 0 && pushed {
                return Ok(bytes);
            }
            first += lines.count;
            bytes += lines.text.len() as u64;
            pushed = true;
            if push(lines.parse(path, &schema)?).is_break() {
                return Ok(bytes);
            }
        }
    }
}
