//! The grammar once more, as slowly and plainly as possible: what the reader is tested against.
//!
//! A state machine over single bytes, after the one in Python's `csv` module.

use super::ReadErrorKind;
use super::options::Ragged;
use super::record::Dialect;

/// A field without its quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: Vec<u8>,
    /// Whether there is nothing at all, not even quotes.
    pub(super) empty: bool,
}

/// A file, and how it ends: well, or with a fault at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) records: Vec<Vec<Field>>,
    pub(super) end: Result<(), (ReadErrorKind, u64)>,
}

enum State {
    FieldStart,
    Unquoted,
    Quoted,
    QuoteInQuoted,
}

/// Reads records of `columns` fields each, the first of which begins at `start`.
pub(super) fn read(
    file: &[u8],
    start: usize,
    columns: usize,
    dialect: Dialect,
    ragged: Ragged,
) -> Table {
    let mut records: Vec<Vec<Field>> = Vec::new();
    let mut blanks = 0;
    let mut at = start;
    while at < file.len() {
        if dialect.comment == Some(file[at]) {
            while at < file.len() && file[at] != dialect.newline {
                at += 1;
            }
            at += 1;
            continue;
        }
        let record_start = at;
        let (mut fields, next) = match record(file, at, dialect) {
            Ok(record) => record,
            Err((kind, quote)) => return Table { records, end: Err((kind, quote as u64)) },
        };
        at = next;
        let missing = Field { text: Vec::new(), empty: true };
        if fields.len() == 1 && fields[0].empty {
            blanks += usize::from(columns == 1);
            continue;
        }
        records.extend(std::iter::repeat_n(vec![missing.clone()], blanks));
        blanks = 0;
        match ragged {
            _ if fields.len() == columns => records.push(fields),
            Ragged::Skip => {}
            Ragged::Pad | Ragged::Cut if fields.len() < columns || ragged == Ragged::Cut => {
                fields.resize(columns, missing);
                records.push(fields);
            }
            _ => {
                let end = Err((ReadErrorKind::Ragged, record_start as u64));
                return Table { records, end };
            }
        }
    }
    Table { records, end: Ok(()) }
}

/// The record at `start` and where the next begins; or what is wrong with a quoted field, and where it begins.
fn record(
    file: &[u8],
    start: usize,
    dialect: Dialect,
) -> Result<(Vec<Field>, usize), (ReadErrorKind, usize)> {
    let mut fields = Vec::new();
    let mut text = Vec::new();
    let mut state = State::FieldStart;
    let mut field_start = start;
    let mut at = start;
    while at < file.len() {
        let byte = file[at];
        let is_quote = dialect.quote == Some(byte);
        state = match state {
            State::FieldStart if is_quote => State::Quoted,
            State::QuoteInQuoted if is_quote => {
                text.push(byte);
                State::Quoted
            }
            State::Quoted if is_quote => State::QuoteInQuoted,
            State::Quoted => {
                text.push(byte);
                State::Quoted
            }
            _ if byte == dialect.separator => {
                fields.push(Field { text: std::mem::take(&mut text), empty: at == field_start });
                field_start = at + 1;
                State::FieldStart
            }
            _ if byte == dialect.newline => break,
            State::QuoteInQuoted => {
                let rest = &file[at..];
                if byte == b'\r' && (rest.len() == 1 || rest[1] == dialect.newline) {
                    text.push(byte);
                    State::Unquoted
                } else {
                    return Err((ReadErrorKind::QuoteContinues, field_start));
                }
            }
            _ => {
                text.push(byte);
                State::Unquoted
            }
        };
        at += 1;
    }
    if matches!(state, State::Quoted) {
        return Err((ReadErrorKind::UnclosedQuote, field_start));
    }
    let mut empty = at == field_start;
    if at > field_start && file[at - 1] == b'\r' {
        text.pop();
        empty = at - 1 == field_start;
    }
    fields.push(Field { text, empty });
    Ok((fields, at + 1))
}
