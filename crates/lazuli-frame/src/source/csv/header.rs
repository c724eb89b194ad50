//! The first record of a file: how many columns there are, and what they are called.

use std::collections::HashMap;
use std::io::Read;
use std::ops::Range;

use super::cell::CellReader;
use super::error::{Fault, Problem, excerpt};
use super::pieces::Pieces;
use super::record::{Dialect, Walk, text_end, walk};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What the beginning of a file says.
#[derive(Debug)]
pub(super) struct Header {
    /// The names of the columns, no two the same.
    pub(super) names: Vec<String>,
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
    pub(super) fn read<R: Read>(
        pieces: &mut Pieces<R>,
        dialect: Dialect,
        has_header: bool,
    ) -> Result<Self, Fault> {
        let (first, start) = loop {
            pieces.advance(0).map_err(|refused| Fault::refused(refused, pieces.offset()))?;
            let bytes = pieces.bytes();
            if bytes.len() < BYTE_ORDER_MARK.len() && !pieces.is_last() {
                continue;
            }
            let start = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
            if let Some(first) = first_record(bytes, start, pieces.is_last(), dialect)? {
                break (first, start);
            }
        };
        if !has_header {
            let names = (1..=first.fields.len()).map(|at| format!("column_{at}"));
            return Ok(Self { names: names.collect(), records: start });
        }
        let cells = CellReader::new(dialect.quote, &[]);
        let mut places = HashMap::new();
        let mut names: Vec<String> = Vec::with_capacity(first.fields.len());
        for field in first.fields {
            let at = field.start as u64;
            let text = cells.text(&pieces.bytes()[field]);
            let name = match simdutf8::basic::from_utf8(&text) {
                Ok(name) => name.to_owned(),
                Err(_) => return Err(Fault::new(Problem::InvalidName(excerpt(&text))).at(at)),
            };
            if let Some(same) = places.insert(name.clone(), names.len()) {
                let problem = Problem::DuplicateColumn(same + 1, names.len() + 1);
                return Err(Fault::new(problem).at(at).in_column(&name));
            }
            names.push(name);
        }
        Ok(Self { names, records: first.next })
    }
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
            match memchr::memchr(b'\n', &bytes[start..]) {
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

    const DIALECT: Dialect = Dialect { separator: b',', quote: Some(b'"'), comment: Some(b'#') };

    /// Names and the rest of the file, which must not depend on the size of the pieces.
    fn header(file: &[u8], has_header: bool) -> Result<(Vec<String>, Vec<u8>), Fault> {
        let read = |size| {
            let mut pieces = Pieces::new(file, size);
            let header = Header::read(&mut pieces, DIALECT, has_header)?;
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
        assert_eq!(names, ["a", "b\n\"c", ""]);
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
        assert_eq!(
            parts(b"a,b,a\n"),
            (ReadErrorKind::DuplicateColumn, Some(4), Some("a".to_owned()))
        );
        assert_eq!(parts(b"a,\xff\n"), (ReadErrorKind::InvalidUtf8, Some(2), None));
    }
}
