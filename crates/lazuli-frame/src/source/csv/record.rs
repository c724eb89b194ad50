//! The grammar of a record, byte by byte: what a separator, a newline and a quote mean where they stand.
//!
//! This is the plain definition. The mask scanner ([`super::scan`]) must agree with it, and hands over to
//! it the records whose quotes stand where none belongs. A quote opens a quoted field only as the field's
//! first byte; inside, two quotes stand for one, and a single one closes. Anywhere else a quote is text,
//! and so is what follows a closing quote up to the next separator. A line ends in LF or CR LF; a CR
//! elsewhere is text.

/// The bytes that have a meaning in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// Stands between two fields.
    pub(super) separator: u8,
    /// Opens and closes a quoted field.
    pub(super) quote: Option<u8>,
    /// Makes a line a comment when it is the line's first byte.
    pub(super) comment: Option<u8>,
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
                Some(close) => at = close + 1,
                None if last => return Walk::Unclosed { quote },
                None => return Walk::Incomplete,
            }
        }
        match memchr::memchr2(dialect.separator, b'\n', &bytes[at..]) {
            Some(ahead) if bytes[at + ahead] == b'\n' => return Walk::Complete { end: at + ahead },
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

/// Where the text of the line `start..newline` ends: before the CR of a CR LF.
#[inline]
pub(super) fn text_end(bytes: &[u8], start: usize, newline: usize) -> usize {
    if newline > start && bytes[newline - 1] == b'\r' { newline - 1 } else { newline }
}
