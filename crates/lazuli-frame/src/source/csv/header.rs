//! The beginning of a file: how it is written, how many columns there are, and what they are called.
//!
//! A file that is no text in UTF-8 is known by its first bytes and refused by name: read as text it would be
//! one column of noise. Line ends are LF (a CR before it is dropped). Only a file whose first 64 KiB have CR
//! outside of quotes, and no LF, is one of the kind that ends its lines in CR.

use std::collections::HashSet;
use std::io::Read;
use std::ops::Range;

use super::cell::CellReader;
use super::error::{Fault, Problem, excerpt};
use super::pieces::Pieces;
use super::record::{Dialect, Walk, text_end, walk};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes in which the first line must end, for a file to be looked at as one that ends its lines in CR.
const FIRST_LINE: usize = 64 * 1024;

/// What files begin with that are no text in UTF-8, and what they are.
const OTHERS: [(&[u8], &str); 9] = [
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
    (b"BZh", "compressed by bzip2"),
    (b"\xfd7zXZ\0", "compressed by xz"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
];

/// How the beginning of a file is to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) dialect: Dialect,
    /// Whether the first record holds the column names.
    pub(super) has_header: bool,
    /// Lines before it.
    pub(super) skip_rows: usize,
}

/// A column that is called otherwise than its file calls it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Renamed {
    /// Its place, counted from 1.
    pub place: usize,
    /// What the file calls it: nothing, or what an earlier column is called.
    pub written: String,
    /// What it is called here.
    pub name: String,
}

/// What the beginning of a file says.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// The names of the columns, no two the same.
    pub(super) names: Vec<String>,
    /// Those among them that the file does not have.
    pub(super) renamed: Vec<Renamed>,
    /// What ends a line.
    pub(super) newline: u8,
    /// Where in the first piece the records begin.
    pub(super) records: usize,
}

/// The fields of the first record, as ranges of the piece, and where the next one begins.
struct First {
    fields: Vec<Range<usize>>,
    next: usize,
}

impl Header {
    /// Reads the header from `pieces`, of which nothing was read yet. The first piece is then at hand.
    pub(super) fn read<R: Read>(pieces: &mut Pieces<R>, layout: Layout) -> Result<Self, Fault> {
        let (first, start, newline) = loop {
            pieces.advance(0).map_err(|refused| Fault::refused(refused, pieces.offset()))?;
            let (bytes, last) = (pieces.bytes(), pieces.is_last());
            if bytes.len() < 8 && !last {
                continue;
            }
            if let Some(what) = other_format(bytes) {
                return Err(Fault::new(Problem::OtherFormat(what)));
            }
            let start = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
            let Some(newline) = newline(bytes, start, last, layout.dialect) else { continue };
            let dialect = Dialect { newline, ..layout.dialect };
            let Some(start) = skip_lines(bytes, start, layout.skip_rows, newline) else {
                if last {
                    return Err(Fault::new(Problem::Skipped(layout.skip_rows)));
                }
                continue;
            };
            if let Some(first) = first_record(bytes, start, last, dialect)? {
                break (first, start, newline);
            }
        };
        if !layout.has_header {
            let names = (1..=first.fields.len()).map(numbered).collect();
            return Ok(Self { names, renamed: Vec::new(), newline, records: start });
        }
        let cells = CellReader::new(layout.dialect.quote, &[]);
        let mut written = Vec::with_capacity(first.fields.len());
        for field in first.fields {
            let at = field.start as u64;
            let text = cells.text(&pieces.bytes()[field]);
            match simdutf8::basic::from_utf8(&text) {
                Ok(name) => written.push(name.to_owned()),
                Err(_) => return Err(Fault::new(Problem::InvalidName(excerpt(&text))).at(at)),
            }
        }
        let (names, renamed) = distinct(written);
        Ok(Self { names, renamed, newline, records: first.next })
    }
}

/// The name of a column without one.
fn numbered(place: usize) -> String {
    format!("column_{place}")
}

/// The names with each one once: a column without a name is called by its place, and the second of a name by
/// the name and a number.
fn distinct(written: Vec<String>) -> (Vec<String>, Vec<Renamed>) {
    let mut taken: HashSet<String> = written.iter().cloned().collect();
    let mut seen: HashSet<String> = HashSet::with_capacity(written.len());
    let mut renamed = Vec::new();
    let mut names = Vec::with_capacity(written.len());
    for (at, written) in written.into_iter().enumerate() {
        if !written.trim().is_empty() && seen.insert(written.clone()) {
            names.push(written);
            continue;
        }
        let name = match written.trim() {
            "" => free(&taken, numbered(at + 1)),
            _ => free(&taken, written.clone()),
        };
        taken.insert(name.clone());
        names.push(name.clone());
        renamed.push(Renamed { place: at + 1, written, name });
    }
    (names, renamed)
}

/// The name, with the least number from 2 on after it that makes it free, where it is taken.
fn free(taken: &HashSet<String>, name: String) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or(name)
}

/// What the file is, if it is no text in UTF-8 by its first bytes.
fn other_format(bytes: &[u8]) -> Option<&'static str> {
    let known = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what);
    let halves = matches!(bytes, [0, second, ..] if *second != 0)
        || matches!(bytes, [first, 0, ..] if *first != 0);
    known.or(halves.then_some("UTF-16 text"))
}

/// What ends a line of the file; `None` if `bytes` do not say yet.
fn newline(bytes: &[u8], start: usize, last: bool, dialect: Dialect) -> Option<u8> {
    let mut seen_cr = false;
    let mut quoted = false;
    let mut comment = false;
    let mut border = Some(b'\n');
    for (at, &byte) in bytes.iter().enumerate().skip(start).take(FIRST_LINE) {
        if quoted {
            quoted = Some(byte) != dialect.quote;
        } else if Some(byte) == dialect.quote && border.is_some() && !comment {
            quoted = true;
        } else if byte == b'\n' {
            return Some(b'\n');
        } else if byte == b'\r' {
            seen_cr |= bytes.get(at + 1) != Some(&b'\n');
            comment = false;
        } else if Some(byte) == dialect.comment && matches!(border, Some(b'\n' | b'\r')) {
            comment = true;
        }
        // A quote after a closing quote is the other one of a pair.
        border =
            (byte == dialect.separator || byte == b'\r' || Some(byte) == dialect.quote && !quoted)
                .then_some(byte);
    }
    let decided = last || bytes.len() - start >= FIRST_LINE;
    decided.then_some(if seen_cr { b'\r' } else { b'\n' })
}

/// Where the line after the first `lines` begins.
fn skip_lines(bytes: &[u8], start: usize, lines: usize, newline: u8) -> Option<usize> {
    let mut start = start;
    for _ in 0..lines {
        start += memchr::memchr(newline, &bytes[start..])? + 1;
    }
    Some(start)
}

/// The first record at or after `start` that is neither a comment nor blank; `None` if `bytes` hold no
/// whole one.
fn first_record(
    bytes: &[u8],
    start: usize,
    last: bool,
    dialect: Dialect,
) -> Result<Option<First>, Fault> {
    let mut start = start;
    while start < bytes.len() {
        if dialect.comment == Some(bytes[start]) {
            match memchr::memchr(dialect.newline, &bytes[start..]) {
                Some(ahead) => start += ahead + 1,
                None => break,
            }
            continue;
        }
        let mut fields = Vec::new();
        let mut field = start;
        let end = match walk(bytes, start, last, dialect, |separator| {
            fields.push(field..separator);
            field = separator + 1;
        }) {
            Walk::Complete { end } => end,
            Walk::Incomplete => return Ok(None),
            Walk::Unclosed { quote } => {
                return Err(Fault::new(Problem::UnclosedQuote).at(quote as u64));
            }
            Walk::Continued { quote } => {
                return Err(Fault::new(Problem::QuoteContinues).at(quote as u64));
            }
        };
        let text_end = text_end(bytes, start, end);
        let next = (end + 1).min(bytes.len());
        if text_end > start {
            fields.push(field..text_end);
            return Ok(Some(First { fields, next }));
        }
        start = next;
    }
    match last {
        false => Ok(None),
        true if bytes.is_empty() => Err(Fault::new(Problem::Empty)),
        true => Err(Fault::new(Problem::NoRecord)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::csv::ReadErrorKind;

    const DIALECT: Dialect =
        Dialect { separator: b',', quote: Some(b'"'), comment: Some(b'#'), newline: b'\n' };

    /// Names and the rest of the file, which must not depend on the size of the pieces.
    fn header(file: &[u8], has_header: bool) -> Result<(Vec<String>, Vec<u8>), Fault> {
        let read = |size| {
            let mut pieces = Pieces::new(file, size);
            let header =
                Header::read(&mut pieces, Layout { dialect: DIALECT, has_header, skip_rows: 0 })?;
            Ok((header.names, file[header.records..].to_vec()))
        };
        for size in 1..8 {
            match (read(size), read(64)) {
                (Ok(small), Ok(large)) => assert_eq!(small, large),
                (Err(small), Err(large)) => assert_eq!(Fault::parts(&small), large.parts()),
                _ => panic!("the size of the pieces matters"),
            }
        }
        read(64)
    }

    #[test]
    fn names_are_the_first_record() {
        let (names, rest) =
            header(b"\xef\xbb\xbf\n#c\r\n\r\na,\"b\n\"\"c\",\r\n1,2,3\n", true).unwrap();
        assert_eq!(names, ["a", "b\n\"c", "column_3"]);
        assert_eq!(rest, b"1,2,3\n");
        let (names, rest) = header(b"a", true).unwrap();
        assert_eq!((names, rest), (vec!["a".to_owned()], vec![]));
    }

    #[test]
    fn without_a_header_the_first_record_is_counted_only() {
        let (names, rest) = header(b"\xef\xbb\xbf\"1\",2\n3,4", false).unwrap();
        assert_eq!(names, ["column_1", "column_2"]);
        assert_eq!(rest, b"\"1\",2\n3,4");
    }

    #[test]
    fn faults() {
        let parts = |file: &[u8]| {
            let fault = header(file, true).unwrap_err();
            let (kind, at, column) = fault.parts();
            (kind, at, column.map(str::to_owned))
        };
        assert_eq!(parts(b""), (ReadErrorKind::Empty, None, None));
        assert_eq!(parts(b"\xef\xbb\xbf"), (ReadErrorKind::Empty, None, None));
        assert_eq!(parts(b"\n#c\n#d"), (ReadErrorKind::Empty, None, None));
        assert_eq!(parts(b"\na,\"b"), (ReadErrorKind::UnclosedQuote, Some(3), None));
        assert_eq!(parts(b"a,\"b\"c\n"), (ReadErrorKind::QuoteContinues, Some(2), None));
        for other in
            [&b"\xff\xfea\0,\0b\0\n\0"[..], b"a\0,\0b\0", b"\0a\0,", b"\x1f\x8b\x08\0", b"PAR1xyz"]
        {
            assert_eq!(parts(other), (ReadErrorKind::OtherFormat, None, None));
        }
        assert_eq!(parts(b"a,\xff\n"), (ReadErrorKind::InvalidUtf8, Some(2), None));
    }

    #[test]
    fn names_that_are_missing_or_taken_are_made_up() {
        let (names, _) = header(b"a,,a,a_2,a, ,column_2\n", true).unwrap();
        assert_eq!(names, ["a", "column_2_2", "a_3", "a_2", "a_4", "column_6", "column_2"]);
    }

    #[test]
    fn lines_end_in_cr_where_no_lf_does() {
        let (names, rest) = header(b"a,b\r1,2\r", true).unwrap();
        assert_eq!((names, rest), (vec!["a".to_owned(), "b".to_owned()], b"1,2\r".to_vec()));
        let (names, rest) = header(b"#c,\"\r\"a\n\"\"\",b\r1,2", true).unwrap();
        assert_eq!((&*names[0], &*rest), ("a\n\"", &b"1,2"[..]));
        let (names, _) = header(b"a\rb,c\n1,2\r", true).unwrap();
        assert_eq!(names, ["a\rb", "c"]);
        let (names, rest) = header(b"\"a\r\n\",b\r1,2\r", true).unwrap();
        assert_eq!((&*names[0], &*rest), ("a\r\n", &b"1,2\r"[..]));
    }
}
