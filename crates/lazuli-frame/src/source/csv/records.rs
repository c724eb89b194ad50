//! A file as pieces of whole records, with the wanted cells marked in each.
//!
//! This joins reading ([`super::pieces`]) and scanning ([`super::scan`]); what the cells say is for the
//! caller. A fault is handed out only after the records before it, so that the first in the file is the one
//! reported.

use std::io::Read;

use super::error::{Fault, Problem};
use super::header::{Header, Layout};
use super::options::Ragged;
use super::pieces::Pieces;
use super::projection::{Index, Projection};
use super::record::Dialect;
use super::scan::{Pass, Scanner, Stop};

/// The beginning of a file: its header is read, its records are not.
#[derive(Debug)]
pub(super) struct Opened<R> {
    pieces: Pieces<R>,
    dialect: Dialect,
    header: Header,
}

/// The records of a file.
#[derive(Debug)]
pub(super) struct Records<R> {
    pieces: Pieces<R>,
    scanner: Scanner,
    index: Index,
    /// Records still asked for.
    limit: usize,
    /// Bytes of the piece at hand that are done with.
    consumed: usize,
    /// Why there is nothing more after the piece at hand.
    end: Option<Result<(), Fault>>,
}

/// Some records, whole, and where the wanted cells are in them.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// The bytes that the places refer to.
    pub(super) bytes: &'a [u8],
    /// Where in the file they begin.
    pub(super) offset: u64,
    /// The records.
    pub(super) index: &'a Index,
    /// What is noted of each record.
    pub(super) projection: &'a Projection,
}

impl<R: Read> Opened<R> {
    /// Reads the header of `source`, which is read in pieces of `size` bytes.
    pub(super) fn new(source: R, size: usize, layout: Layout) -> Result<Self, Fault> {
        let mut pieces = Pieces::new(source, size);
        let header = Header::read(&mut pieces, layout)?;
        let dialect = Dialect { newline: header.newline, ..layout.dialect };
        Ok(Self { pieces, dialect, header })
    }

    /// The bytes that have a meaning.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What the beginning of the file says.
    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> &[String] {
        &self.header.names
    }

    /// The records of a part of the file that begins at a record and `offset` bytes into it, and ends at one.
    pub(super) fn part<S: Read>(&self, source: S, size: usize, offset: u64) -> Opened<S> {
        Opened {
            pieces: Pieces::from(source, size, offset),
            dialect: self.dialect,
            header: Header { records: 0, ..self.header.clone() },
        }
    }

    /// The first `limit` records, with the cells of the columns at the places `wanted`.
    pub(super) fn project(self, wanted: &[usize], limit: usize, ragged: Ragged) -> Records<R> {
        let projection = Projection::new(self.header.names.len(), wanted);
        Records {
            pieces: self.pieces,
            scanner: Scanner::new(self.dialect, projection, ragged),
            index: Index::default(),
            limit,
            consumed: self.header.records,
            end: None,
        }
    }
}

impl<R: Read> Records<R> {
    /// Bytes of the file read so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.pieces.bytes_read()
    }

    /// What is noted of each record.
    pub(super) fn projection(&self) -> &Projection {
        self.scanner.projection()
    }

    /// The next piece; it may hold no record.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'_>>, Fault> {
        if let Some(end) = self.end.take() {
            return end.map(|()| None);
        }
        self.pieces
            .advance(self.consumed)
            .map_err(|refused| Fault::refused(refused, self.pieces.offset()))?;
        let bytes = self.pieces.bytes();
        let offset = self.pieces.offset();
        let last = self.pieces.is_last();
        self.index.clear();
        let Pass { consumed, stop } = self.scanner.pass(bytes, last, self.limit, &mut self.index);
        self.limit -= self.index.records;
        self.consumed = consumed;
        self.end = match stop {
            Stop::Exhausted => last.then_some(Ok(())),
            Stop::Limit => Some(Ok(())),
            Stop::Ragged { record, found } => {
                let expected = self.scanner.projection().fields();
                let fault = Fault::new(Problem::Ragged { expected, found });
                Some(Err(fault.at(offset + record as u64)))
            }
            Stop::Unclosed { quote } => {
                Some(Err(Fault::new(Problem::UnclosedQuote).at(offset + quote as u64)))
            }
            Stop::Continued { quote } => {
                Some(Err(Fault::new(Problem::QuoteContinues).at(offset + quote as u64)))
            }
        };
        Ok(Some(Piece { bytes, offset, index: &self.index, projection: self.scanner.projection() }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::source::csv::ReadErrorKind;
    use crate::source::csv::cell::CellReader;
    use crate::source::csv::oracle::{self, Field, Table};

    const DIALECT: Dialect =
        Dialect { separator: b',', quote: Some(b'"'), comment: None, newline: b'\n' };

    const ENDINGS: &[&str] = &["\n", "\n", "\n", "\r\n", "\n\n", "\r\n\r\n", "\n# c, \"\n"];

    /// The wanted fields that the reader finds, in pieces of `size` bytes.
    fn fields(
        file: &[u8],
        size: usize,
        dialect: Dialect,
        columns: usize,
        wanted: &[usize],
        limit: usize,
        ragged: Ragged,
    ) -> Table {
        let opened = Opened {
            pieces: Pieces::new(file, size),
            dialect,
            header: Header {
                names: (0..columns).map(|at| at.to_string()).collect(),
                renamed: Vec::new(),
                newline: dialect.newline,
                records: 0,
            },
        };
        let cells = CellReader::new(dialect.quote, &[]);
        let mut records = Vec::new();
        let mut reading = opened.project(wanted, limit, ragged);
        let end = loop {
            match reading.next() {
                Ok(None) => break Ok(()),
                Ok(Some(piece)) => {
                    let first = records.len();
                    records.resize(first + piece.index.records, Vec::new());
                    for &column in wanted {
                        let slot = piece.projection.slot(column);
                        let found =
                            piece.index.cells(piece.projection, slot, 0..piece.index.records);
                        for (record, cell) in records[first..].iter_mut().zip(found) {
                            record.push(Field {
                                text: cells.text(&piece.bytes[cell.clone()]).into_owned(),
                                empty: cell.is_empty(),
                            });
                        }
                    }
                }
                Err(fault) => {
                    let (kind, at, _) = fault.parts();
                    break Err((kind, at.expect("the fault has a place")));
                }
            }
        };
        Table { records, end }
    }

    /// The wanted fields that the oracle finds.
    fn expected(
        file: &[u8],
        dialect: Dialect,
        columns: usize,
        wanted: &[usize],
        limit: usize,
        ragged: Ragged,
    ) -> Table {
        let Table { mut records, mut end } = oracle::read(file, 0, columns, dialect, ragged);
        if records.len() >= limit {
            records.truncate(limit);
            end = Ok(());
        }
        for record in &mut records {
            *record = wanted.iter().map(|&column| record[column].clone()).collect();
        }
        Table { records, end }
    }

    fn dialect() -> impl Strategy<Value = Dialect> {
        let quote = prop_oneof![4 => Just(Some(b'"')), 1 => Just(None), 1 => Just(Some(b'\''))];
        let newline = select(&b"\n\n\n\n\r"[..]);
        (select(&b",,;\t\xa7\0"[..]), quote, select(&[None, None, Some(b'#')][..]), newline)
            .prop_map(|(separator, quote, comment, newline)| Dialect {
                separator,
                quote,
                comment,
                newline,
            })
    }

    /// Bytes that mean something, in any order.
    fn noise() -> impl Strategy<Value = Vec<u8>> {
        let byte = select(&b",,,;\"\"'\n\n\r#ab \t\xc3\xbc"[..]);
        prop::collection::vec(byte, 0..200)
    }

    /// Lines of `columns` fields, mostly well-formed.
    fn lines(columns: usize, dialect: Dialect) -> impl Strategy<Value = Vec<u8>> {
        let separator = dialect.separator;
        let quote = dialect.quote.unwrap_or(b'"');
        let quoted = move |text: String| {
            let mut field = vec![quote];
            for byte in text.bytes() {
                field.extend(std::iter::repeat_n(byte, 1 + usize::from(byte == quote)));
            }
            field.push(quote);
            field
        };
        let field = prop_oneof![
            6 => "[a-z0-9 ü]{0,12}".prop_map(String::into_bytes),
            1 => "[a-z]{50,150}".prop_map(String::into_bytes),
            4 => "[a-z,;\"'\n\r#\t]{0,12}".prop_map(quoted),
            1 => "[a-z,\"\n]{60,140}".prop_map(quoted),
        ];
        let ending = select(ENDINGS);
        let stray = prop_oneof![
            15 => Just(Vec::new()),
            1 => Just(b"x\"y".to_vec()),
            1 => Just(b" \"".to_vec()),
            1 => Just(b"\"a\"b".to_vec()),
        ];
        let cut = prop_oneof![9 => Just(false), 1 => Just(true)];
        let line = (prop::collection::vec(field, columns), stray, ending, cut).prop_map(
            move |(fields, stray, ending, cut)| {
                let ending = match dialect.newline {
                    b'\n' => ending.to_owned(),
                    _ => ending.replace("\r\n", "\n").replace('\n', "\r"),
                };
                let fields = [&stray, &fields.join(&separator)[..], ending.as_bytes()].concat();
                if cut { fields[fields.len() / 2..].to_vec() } else { fields }
            },
        );
        (prop::collection::vec(line, 0..12), any::<bool>()).prop_map(|(lines, whole)| {
            let mut file = lines.concat();
            if !whole {
                file.pop();
            }
            file
        })
    }

    fn file() -> impl Strategy<Value = (Vec<u8>, Dialect, usize)> {
        (1_usize..6, dialect()).prop_flat_map(|(columns, dialect)| {
            let bytes = prop_oneof![1 => noise().boxed(), 3 => lines(columns, dialect).boxed()];
            (bytes, Just(dialect), Just(columns))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn the_fields_are_those_of_the_plain_reader(
            (file, dialect, columns) in file(),
            mask: u8,
            size in prop_oneof![1_usize..64, 64_usize..400],
            limit in prop_oneof![Just(usize::MAX), 0_usize..8],
            ragged in select(&[Ragged::Fail, Ragged::Fail, Ragged::Pad, Ragged::Cut, Ragged::Skip][..]),
        ) {
            let wanted: Vec<usize> = (0..columns).filter(|at| mask >> at & 1 == 1).collect();
            prop_assert_eq!(
                fields(&file, size, dialect, columns, &wanted, limit, ragged),
                expected(&file, dialect, columns, &wanted, limit, ragged)
            );
        }
    }

    #[test]
    fn every_boundary_of_pieces_is_crossed() {
        let file =
            b"a,\"b\"\"\n,\",c\r\n\n1,\"\",3\r\n\"x\"\"\",y\"y,\"z,\r\n\"\n,,\n\n\"end\",a,b";
        let all = expected(file, DIALECT, 3, &[0, 1, 2], usize::MAX, Ragged::Fail);
        assert_eq!((all.records.len(), all.end), (5, Ok(())));
        for size in 1..=file.len() + 1 {
            for wanted in [&[][..], &[0], &[1], &[2], &[0, 2], &[2, 0, 1]] {
                assert_eq!(
                    fields(file, size, DIALECT, 3, wanted, usize::MAX, Ragged::Fail),
                    expected(file, DIALECT, 3, wanted, usize::MAX, Ragged::Fail),
                    "{size} {wanted:?}"
                );
            }
        }
    }

    #[test]
    fn quotes_stand_at_every_place_of_a_block() {
        for field in [
            "\"y\"\r",
            "\"y\"\rz",
            "\"y,z\"",
            "x\"y,z\"",
            "x\"y",
            "\"\"\"\"",
            "\"y\"z\"",
            "\"y\n\"\",\"",
            " \"y\"",
        ] {
            for before in 0..200 {
                let file = format!("{},{field},,{field}\n{field},2,3,4\n", "w".repeat(before));
                let all = [0, 1, 2, 3];
                assert_eq!(
                    fields(file.as_bytes(), 4096, DIALECT, 4, &all, usize::MAX, Ragged::Fail),
                    expected(file.as_bytes(), DIALECT, 4, &all, usize::MAX, Ragged::Fail),
                    "{file}"
                );
            }
        }
    }

    #[test]
    fn blank_lines_are_missing_values_of_a_lone_column_except_at_the_end() {
        let empty = |records: &[Vec<Field>]| {
            records.iter().map(|record| record[0].empty).collect::<Vec<_>>()
        };
        for size in 1..20 {
            let lone =
                fields(b"\na\n\r\n\nb\n\n\r\n", size, DIALECT, 1, &[0], usize::MAX, Ragged::Fail);
            assert_eq!(empty(&lone.records), [true, false, true, true, false]);
            let first = fields(b"\na\n\n\nb\n", size, DIALECT, 1, &[0], 3, Ragged::Fail);
            assert_eq!(empty(&first.records), [true, false, true]);
            let pair =
                fields(b"\na,b\n\r\n\nc,d\n\n", size, DIALECT, 2, &[0], usize::MAX, Ragged::Fail);
            assert_eq!(empty(&pair.records), [false, false]);
        }
    }

    #[test]
    fn faults_come_after_the_records_before_them() {
        for size in 1..40 {
            let ragged =
                fields(b"a,b\nc,d\ne\nf,g\n", size, DIALECT, 2, &[0], usize::MAX, Ragged::Fail);
            assert_eq!(ragged.records.len(), 2);
            assert_eq!(ragged.end, Err((ReadErrorKind::Ragged, 8)));
            let open =
                fields(b"a,b\nc,\"d\ne\nf,g\n", size, DIALECT, 2, &[0], usize::MAX, Ragged::Fail);
            assert_eq!(open.records.len(), 1);
            assert_eq!(open.end, Err((ReadErrorKind::UnclosedQuote, 6)));
        }
    }
}
