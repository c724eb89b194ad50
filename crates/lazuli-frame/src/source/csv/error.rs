//! Why a file could not be read: one opaque error that knows file, line and column.
//!
//! Below the entry points nobody knows a path, and nobody counts lines: what goes wrong there is a [`Fault`],
//! which knows a place in the file. Only when it becomes a [`ReadError`] are the lines before that
//! place counted, by reading the file once more.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use polars::prelude::DataType;

use super::input::open;
use super::pieces::{PIECE, Refused};

/// A file that could not be read as asked.
///
/// Its text is one line, such as
/// `data/x.csv: line 17, column "dep_delay": cannot read "abc" as i64`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    line: Option<u64>,
    column: Option<String>,
    problem: Problem,
}

/// What went wrong, see [`ReadError::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The file cannot be opened or read: it is missing, or a directory, or reading it failed.
    Io,
    /// The file has no header, nor any record.
    Empty,
    /// The options contradict one another.
    Options,
    /// A column cannot be read into the dtype that was asked for, which is not one this reader makes.
    UnsupportedDtype,
    /// A column was asked for twice.
    DuplicateColumn,
    /// The file has no column of a name that was asked for.
    MissingColumn,
    /// A record has more or fewer fields than the first.
    Ragged,
    /// A quoted field does not end before the file does.
    UnclosedQuote,
    /// More text follows the end of a quoted field.
    QuoteContinues,
    /// The file is no text in UTF-8: it is compressed, or of another format or encoding.
    OtherFormat,
    /// A record is longer than 1 GiB.
    RecordTooLong,
    /// A text is not UTF-8.
    InvalidUtf8,
    /// A cell is no value of its column's dtype.
    BadCell,
}

impl ReadError {
    /// What went wrong.
    pub fn kind(&self) -> ReadErrorKind {
        self.0.problem.kind()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The line, counted from 1: of the cell, or of the record's start. Quoted newlines count as lines,
    /// as they do in an editor.
    pub fn line(&self) -> Option<u64> {
        self.0.line
    }

    /// The name of the column.
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// The failure to open or read the file, if it was that.
    pub fn io_error(&self) -> Option<&io::Error> {
        match &self.0.problem {
            Problem::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        match (self.line, &self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column:?}: ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, Some(column)) => write!(f, "column {column:?}: ")?,
            (None, None) => {}
        }
        self.problem.fmt(f)
    }
}

/// What went wrong, and with what. Its text completes `file: line, column:`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("cannot be read: {0}")]
    Io(io::Error),
    #[error("the file is empty")]
    Empty,
    #[error("the file is empty but for blank lines and comments")]
    NoRecord,
    #[error("the {0} and the {1} cannot be the same byte")]
    SameByte(&'static str, &'static str),
    #[error("a line break cannot be the {0}")]
    LineBreak(&'static str),
    #[error(
        "cannot be read as {0}: CSV is read as i32, i64, u32, u64, f32, f64, bool, date, time, datetime or str"
    )]
    UnsupportedDtype(DataType),
    #[error("this column was asked for twice")]
    AskedTwice,
    #[error("there is no such column; there are {}", Listed(.0))]
    MissingColumn(Vec<String>),
    #[error("expected {expected} fields, found {found}")]
    Ragged { expected: usize, found: usize },
    #[error("the quote that opens here is never closed")]
    UnclosedQuote,
    #[error("text follows the closing quote of the field that begins here")]
    QuoteContinues,
    #[error("this is no CSV text, it is {0}")]
    OtherFormat(&'static str),
    #[error("the file has no more than the {0} lines to skip")]
    Skipped(usize),
    #[error("a record longer than 1 GiB begins here; is a quote not closed?")]
    RecordTooLong,
    #[error("{0:?} is not UTF-8; in another encoding, it has to be named")]
    InvalidUtf8(String),
    #[error("a column name is not UTF-8: {0:?}")]
    InvalidName(String),
    #[error("cannot read {text:?} as {dtype}")]
    BadCell { text: String, dtype: DataType },
}

impl Problem {
    fn kind(&self) -> ReadErrorKind {
        match self {
            Self::Io(_) => ReadErrorKind::Io,
            Self::Empty | Self::NoRecord | Self::Skipped(_) => ReadErrorKind::Empty,
            Self::SameByte(..) | Self::LineBreak(_) => ReadErrorKind::Options,
            Self::UnsupportedDtype(_) => ReadErrorKind::UnsupportedDtype,
            Self::AskedTwice => ReadErrorKind::DuplicateColumn,
            Self::MissingColumn(_) => ReadErrorKind::MissingColumn,
            Self::Ragged { .. } => ReadErrorKind::Ragged,
            Self::UnclosedQuote => ReadErrorKind::UnclosedQuote,
            Self::QuoteContinues => ReadErrorKind::QuoteContinues,
            Self::OtherFormat(_) => ReadErrorKind::OtherFormat,
            Self::RecordTooLong => ReadErrorKind::RecordTooLong,
            Self::InvalidUtf8(_) | Self::InvalidName(_) => ReadErrorKind::InvalidUtf8,
            Self::BadCell { .. } => ReadErrorKind::BadCell,
        }
    }
}

/// A problem at a place of a file that is yet to be named.
#[derive(Debug)]
pub(super) struct Fault(Box<Unlocated>);

#[derive(Debug)]
struct Unlocated {
    problem: Problem,
    /// Bytes before the place.
    offset: Option<u64>,
    column: Option<String>,
}

impl Fault {
    /// A problem with a file as a whole.
    #[cold]
    pub(super) fn new(problem: Problem) -> Self {
        Self(Box::new(Unlocated { problem, offset: None, column: None }))
    }

    /// It lies `offset` bytes into the file.
    pub(super) fn at(mut self, offset: u64) -> Self {
        self.0.offset = Some(offset);
        self
    }

    /// It lies in the column of this name.
    pub(super) fn in_column(mut self, name: &str) -> Self {
        self.0.column = Some(name.to_owned());
        self
    }

    /// The refusal of a piece that begins `offset` bytes into the file.
    pub(super) fn refused(refused: Refused, offset: u64) -> Self {
        match refused {
            Refused::Io(error) => Self::new(Problem::Io(error)),
            Refused::RecordTooLong => Self::new(Problem::RecordTooLong).at(offset),
        }
    }

    /// Names the file, and counts the lines up to the place.
    #[cold]
    pub(super) fn locate(self, path: &Path, encoding: Option<&'static Encoding>) -> ReadError {
        let Unlocated { problem, offset, column } = *self.0;
        ReadError(Box::new(Inner {
            path: path.to_owned(),
            line: offset.and_then(|offset| line_of(path, encoding, offset)),
            column,
            problem,
        }))
    }

    /// The kind, the place and the column, for comparison.
    #[cfg(test)]
    pub(super) fn parts(&self) -> (ReadErrorKind, Option<u64>, Option<&str>) {
        (self.0.problem.kind(), self.0.offset, self.0.column.as_deref())
    }
}

/// The line of a place in the text of a file; `None` if it cannot be read.
pub(super) fn line_of(
    path: &Path,
    encoding: Option<&'static Encoding>,
    offset: u64,
) -> Option<u64> {
    lines_at(path, encoding, &[offset])[0]
}

/// The lines of places in the text of a file, which are in order, by reading it once; `None` where it cannot be read.
pub(super) fn lines_at(
    path: &Path,
    encoding: Option<&'static Encoding>,
    offsets: &[u64],
) -> Vec<Option<u64>> {
    let mut lines = vec![None; offsets.len()];
    if let Ok(mut text) = open(path, encoding) {
        let (mut place, mut counter) = (0, LineCounter::default());
        for (line, &offset) in lines.iter_mut().zip(offsets) {
            if counter.read(&mut text, offset - place).is_err() {
                break;
            }
            place = offset;
            *line = Some(counter.line());
        }
    }
    lines
}

/// Counts the lines of a text that is read in order.
#[derive(Default)]
struct LineCounter {
    ends: u64,
    after_cr: bool,
}

impl LineCounter {
    /// The line, counted from 1, of the next byte.
    fn line(&self) -> u64 {
        self.ends + 1
    }

    /// Reads so many bytes more, if there are.
    fn read(&mut self, source: &mut impl Read, bytes: u64) -> io::Result<()> {
        let mut source = source.take(bytes);
        let mut buffer = vec![0; PIECE.min(usize::try_from(bytes).unwrap_or(PIECE))];
        loop {
            match source.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => self.ends += line_ends(&buffer[..read], &mut self.after_cr),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The ends of lines in `bytes`: LF, CR LF or CR, whatever the file has, as editors count. Whether a CR came
/// last is carried on, since the LF of a CR LF may come first in the next bytes.
fn line_ends(bytes: &[u8], after_cr: &mut bool) -> u64 {
    let mut ends = 0;
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        let second = if at == 0 { *after_cr } else { bytes[at - 1] == b'\r' };
        ends += u64::from(bytes[at] == b'\r' || !second);
    }
    *after_cr = bytes.last() == Some(&b'\r');
    ends
}

/// The text of a cell as far as it is of use in a message.
#[cold]
pub(super) fn excerpt(text: &[u8]) -> String {
    const LONGEST: usize = 40;
    // Four bytes is as long as a character gets.
    let text = String::from_utf8_lossy(&text[..text.len().min(4 * (LONGEST + 1))]);
    let mut excerpt: String = text.chars().take(LONGEST).collect();
    if excerpt.len() < text.len() {
        excerpt.push_str("...");
    }
    excerpt
}

/// Names, quoted and separated by commas; the first few of many.
struct Listed<'a>(&'a [String]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 30;
        for (at, name) in self.0.iter().take(MOST).enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{name:?}")?;
        }
        match self.0.len().checked_sub(MOST) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_up_to_the_place() {
        let text = &b"a\nbc\n\nd"[..];
        let line_at = |text: &[u8], places: u64| {
            let mut counter = LineCounter::default();
            counter.read(&mut &text[..], places).unwrap();
            counter.line()
        };
        let lines: Vec<u64> = (0..=7).map(|at| line_at(text, at)).collect();
        assert_eq!(lines, [1, 1, 2, 2, 2, 3, 4, 4]);
        assert_eq!(line_at(b"a\r\nb\rc\n\r", 8), 5);
        let mut after_cr = false;
        assert_eq!([line_ends(b"a\r", &mut after_cr), line_ends(b"\nb", &mut after_cr)], [1, 0]);
    }

    #[test]
    fn excerpts_are_short_and_whole_characters() {
        assert_eq!(excerpt(b"abc"), "abc");
        assert_eq!(excerpt("ü".repeat(40).as_bytes()), "ü".repeat(40));
        assert_eq!(excerpt("夜".repeat(41).as_bytes()), "夜".repeat(40) + "...");
        assert_eq!(excerpt(b"\xff!"), "\u{fffd}!");
    }

    #[test]
    fn a_message_is_one_line_that_names_the_place() {
        let fault =
            Fault::new(Problem::BadCell { text: "a\"\nb".to_owned(), dtype: DataType::Int64 });
        let error = fault.in_column("delay").locate(Path::new("no/such.csv"), None);
        assert_eq!(
            error.to_string(),
            r#"no/such.csv: column "delay": cannot read "a\"\nb" as i64"#
        );
        assert_eq!(error.kind(), ReadErrorKind::BadCell);
        assert_eq!(error.column(), Some("delay"));
    }
}
