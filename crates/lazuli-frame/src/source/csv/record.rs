//! The grammar of a record, byte by byte: what a separator, a newline and a quote mean where they stand.
//!
//! This is the plain definition. The mask scanner ([`super::scan`]) must agree with it, and hands over to
//! it the records whose quotes stand where none belongs. A quote opens a quoted field only as the field's
//! first byte; inside, two quotes stand for one, and a single one closes. A field ends with its closing quote:
//! anything but a separator or a line's end after it is a fault. Anywhere else a quote is text. A line ends in
//! LF or CR LF, and a CR elsewhere is text; or it ends in CR, in a file that has no LF outside of quotes (see
//! [`super::header`]).

/// The bytes that have a meaning in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Stands between two fields.
    pub(super) separator: u8,
    /// Opens and closes a quoted field.
    pub(super) quote: Option<u8>,
    /// Makes a line a comment when it is the line's first byte.
    pub(super) comment: Option<u8>,
    /// Ends a line: LF, or CR in files of the kind that has no LF.
    pub(super) newline: u8,
}

/// How a walk through one record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// At its newline, or at the end of the file, which then is `end`.
    Complete { end: usize },
    /// The bytes ended first, and there are more in the file.
    Incomplete,
    /// The file ended inside the quoted field that begins at `quote`.
    Unclosed { quote: usize },
    /// More text follows the end of the quoted field that begins at `quote`.
    Continued { quote: usize },
}

/// Walks through the record that begins at `start` and calls `separator` with the place of each separator.
/// `last` says that the bytes end where the file does.
pub(super) fn walk(
    bytes: &[u8],
    start: usize,
    last: bool,
    dialect: Dialect,
    mut separator: impl FnMut(usize),
) -> Walk {
    let mut at = start;
    loop {
        if dialect.quote.is_some() && bytes.get(at).copied() == dialect.quote {
            let quote = at;
            match closing_quote(bytes, quote) {
                Some(close) if ends_field(bytes, close + 1, dialect) => at = close + 1,
                // What follows may be the CR of a CR LF, or the other quote of a pair.
                Some(close) if close + 2 >= bytes.len() && !last => return Walk::Incomplete,
                Some(_) => return Walk::Continued { quote },
                None if last => return Walk::Unclosed { quote },
                None => return Walk::Incomplete,
            }
        }
        match memchr::memchr2(dialect.separator, dialect.newline, &bytes[at..]) {
            Some(ahead) if bytes[at + ahead] == dialect.newline => {
                return Walk::Complete { end: at + ahead };
            }
            Some(ahead) => {
                separator(at + ahead);
                at += ahead + 1;
            }
            None if last => return Walk::Complete { end: bytes.len() },
            None => return Walk::Incomplete,
        }
    }
}

/// The place of the quote that closes the one at `open`: the first that is not one of a pair.
pub(super) fn closing_quote(bytes: &[u8], open: usize) -> Option<usize> {
    let quote = bytes[open];
    let mut at = open + 1;
    loop {
        at += memchr::memchr(quote, &bytes[at..])?;
        if bytes.get(at + 1) != Some(&quote) {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether a field that is closed before the place `at` ends there.
pub(super) fn ends_field(bytes: &[u8], at: usize, dialect: Dialect) -> bool {
    match bytes.get(at) {
        None => true,
        Some(&byte) if byte == dialect.separator || byte == dialect.newline => true,
        Some(b'\r') => bytes.get(at + 1).is_none_or(|&byte| byte == dialect.newline),
        Some(_) => false,
    }
}

/// Where the text of the line `start..newline` ends: before the CR of a CR LF.
#[inline(always)]
pub(super) fn text_end(bytes: &[u8], start: usize, newline: usize) -> usize {
    if newline > start && bytes[newline - 1] == b'\r' { newline - 1 } else { newline }
}
