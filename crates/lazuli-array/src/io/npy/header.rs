//! The header of an `.npy` file: which elements, in which order and shape, and where they begin.
//!
//! The format: the magic `\x93NUMPY`, the version (major, minor), the length of what follows (two bytes in
//! version 1.0, four from 2.0 on, little-endian), and the text of a Python dictionary with the keys `descr`,
//! `fortran_order` and `shape`, in Latin-1 (UTF-8 in version 3.0). Source: NumPy Enhancement Proposal 1, and
//! `numpy/lib/format.py`.
//!
//! The text is the little of Python that NumPy writes, and is read here without recursion. Nothing is
//! allocated by what a file claims: a header is never longer than its file, nor than [`LONGEST`].

#[cfg(test)]
mod tests;

use super::super::element::{ElementKind, StoredElement};
use super::super::positioned::PositionedFile;
use crate::error::ArrayError;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Bytes of the longest header that is read: NumPy itself trusts none beyond 10,000.
const LONGEST: u64 = 1 << 20;

/// NumPy begins elements at a multiple of this.
const ALIGNMENT: usize = 64;

/// What a header says.
#[derive(Debug)]
pub(super) struct Header {
    /// The element type as it is written.
    pub(super) descr: String,
    pub(super) is_fortran: bool,
    pub(super) shape: Vec<usize>,
    /// The byte at which the elements begin.
    pub(super) start: u64,
}

impl Header {
    /// Reads the header of a file of this length.
    pub(super) fn read(file: &PositionedFile, file_len: u64) -> Result<Self, ArrayError> {
        let foreign = |reason: &str| file.error(format!("is not an .npy file: {reason}"));
        if file_len == 0 {
            return Err(file.error("is empty"));
        }
        let mut prefix = [0; 12];
        let prefix = &mut prefix[..usize::try_from(file_len).map_or(12, |len| len.min(12))];
        file.read(prefix, 0)?;
        if !prefix.starts_with(MAGIC) {
            return Err(foreign("it does not begin with the format's magic bytes"));
        }
        let cut_short = || file.error("is cut short: its header is not whole");
        let (len, before) = match prefix {
            [_, _, _, _, _, _, 1, 0, a, b, ..] => (u64::from(u16::from_le_bytes([*a, *b])), 10),
            [_, _, _, _, _, _, 2 | 3, 0, a, b, c, d] => {
                (u64::from(u32::from_le_bytes([*a, *b, *c, *d])), 12)
            }
            [_, _, _, _, _, _, 1..=3, 0, ..] => return Err(cut_short()),
            [_, _, _, _, _, _, major, minor, ..] => {
                return Err(file.error(format!(
                    "is of version {major}.{minor} of the .npy format; 1.0, 2.0 and 3.0 are known"
                )));
            }
            _ => return Err(cut_short()),
        };
        if len > LONGEST {
            return Err(file.error(format!("has a header of {len} bytes, above {LONGEST}")));
        }
        if before + len > file_len {
            return Err(cut_short());
        }
        let mut text = vec![0; len as usize];
        file.read(&mut text, before)?;
        let text = if prefix[6] == 3 {
            String::from_utf8(text).map_err(|_| file.error("has a header that is not UTF-8"))?
        } else {
            text.into_iter().map(char::from).collect()
        };
        let (descr, is_fortran, shape) =
            dictionary(&text).map_err(|reason| file.error(format!("its header: {reason}")))?;
        Ok(Self { descr, is_fortran, shape, start: before + len })
    }

    /// Whether the elements are of type `A`; and if so, whether their bytes are in the other order than
    /// this machine's.
    pub(super) fn swaps<A: StoredElement>(&self) -> Option<bool> {
        let mut descr = self.descr.strip_prefix(['\'', '"'])?.strip_suffix(['\'', '"'])?.chars();
        let (order, kind) = match descr.next()? {
            order @ ('<' | '>' | '|' | '=') => (order, descr.next()?),
            kind => ('=', kind),
        };
        let size: usize = match (kind, descr.as_str()) {
            ('?', "") => return (A::KIND == ElementKind::Bool).then_some(false),
            (_, digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                digits.parse().ok()?
            }
            _ => return None,
        };
        let swap = match order {
            '<' => cfg!(target_endian = "big"),
            '>' => cfg!(target_endian = "little"),
            _ => false,
        };
        (kind == A::KIND.letter() && size == size_of::<A>()).then_some(swap)
    }
}

/// How NumPy writes an element type in this machine's order of bytes, as `<f8`.
pub(crate) fn descr_of<A: StoredElement>() -> String {
    let order = match () {
        () if size_of::<A>() == 1 => '|',
        () if cfg!(target_endian = "little") => '<',
        () => '>',
    };
    format!("{order}{}{}", A::KIND.letter(), size_of::<A>())
}

/// The bytes before the elements of a file in C order: version 1.0, or 2.0 where the shape is too long.
pub(crate) fn header_of<A: StoredElement>(shape: &[usize]) -> Vec<u8> {
    let mut lengths: String = shape.iter().map(|len| format!("{len}, ")).collect();
    if shape.len() > 1 {
        lengths.truncate(lengths.len() - 2);
    } else {
        lengths.truncate(lengths.trim_end().len());
    }
    let text = format!(
        "{{'descr': '{}', 'fortran_order': False, 'shape': ({lengths}), }}",
        descr_of::<A>()
    );
    let padded = |before: usize| (before + text.len() + 1).next_multiple_of(ALIGNMENT) - before;
    let mut header = MAGIC.to_vec();
    let len = if let Ok(len) = u16::try_from(padded(10)) {
        header.extend([1, 0]);
        header.extend(len.to_le_bytes());
        usize::from(len)
    } else {
        header.extend([2, 0]);
        header.extend((padded(12) as u32).to_le_bytes());
        padded(12)
    };
    let before = header.len();
    header.extend(text.as_bytes());
    header.resize(before + len - 1, b' ');
    header.push(b'\n');
    header
}

type Dictionary = (String, bool, Vec<usize>);

/// The three values of the dictionary; each key once, and no other.
fn dictionary(text: &str) -> Result<Dictionary, String> {
    let mut rest = Rest(text);
    let (mut descr, mut is_fortran, mut shape) = (None, None, None);
    rest.take('{')?;
    while !rest.takes('}') {
        let key = rest.value()?;
        rest.take(':')?;
        let value = rest.value()?;
        let is_new = match key.trim_matches(['\'', '"']) {
            "descr" => descr.replace(value.to_owned()).is_none(),
            "fortran_order" => is_fortran.replace(boolean(value)?).is_none(),
            "shape" => shape.replace(lengths(value)?).is_none(),
            _ => return Err(format!("the key {} is unknown", shortened(key))),
        };
        if !is_new {
            return Err(format!("the key {key} is there twice"));
        }
        if !rest.takes(',') {
            rest.take('}')?;
            break;
        }
    }
    if !start(rest.0).is_empty() {
        return Err(format!("{} is behind its end", shortened(start(rest.0))));
    }
    match (descr, is_fortran, shape) {
        (Some(descr), Some(is_fortran), Some(shape)) => Ok((descr, is_fortran, shape)),
        (None, ..) => Err("the key 'descr' is missing".into()),
        (_, None, _) => Err("the key 'fortran_order' is missing".into()),
        _ => Err("the key 'shape' is missing".into()),
    }
}

/// The text that is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn takes(&mut self, expected: char) -> bool {
        let after = start(self.0).strip_prefix(expected);
        self.0 = after.unwrap_or(self.0);
        after.is_some()
    }

    fn take(&mut self, expected: char) -> Result<(), String> {
        if self.takes(expected) {
            return Ok(());
        }
        let found = start(self.0);
        Err(format!("`{expected}` is expected before {}", shortened(found)))
    }

    /// The text of the next value: up to the comma, colon or bracket that ends it, outside of quotes and
    /// of brackets of its own.
    fn value(&mut self) -> Result<&'a str, String> {
        let text = start(self.0);
        let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
        for (at, sign) in text.char_indices() {
            match (quote, sign) {
                (Some(_), _) if escaped => escaped = false,
                (Some(_), '\\') => escaped = true,
                (Some(open), _) if sign == open => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(sign),
                (None, '(' | '[' | '{') => depth += 1,
                (None, ',' | ':' | '}' | ')' | ']') if depth == 0 => {
                    let value = text[..at].trim_ascii_end();
                    if value.is_empty() {
                        return Err(format!(
                            "a value is missing before {}",
                            shortened(&text[at..])
                        ));
                    }
                    self.0 = &text[at..];
                    return Ok(value);
                }
                (None, ')' | ']' | '}') => depth -= 1,
                _ => {}
            }
        }
        Err(format!("{} does not end", shortened(text)))
    }
}

/// The text without the white space before it: that of ASCII, as Python has it.
fn start(text: &str) -> &str {
    text.trim_ascii_start()
}

fn boolean(value: &str) -> Result<bool, String> {
    match value {
        "True" => Ok(true),
        "False" => Ok(false),
        _ => Err(format!("'fortran_order' is {}, not True or False", shortened(value))),
    }
}

/// A tuple of lengths, as `()`, `(3,)` or `(3, 4)`. Python 2 wrote some with an `L` behind.
fn lengths(value: &str) -> Result<Vec<usize>, String> {
    let misfit = || format!("'shape' is {}, not a tuple of lengths", shortened(value));
    let inside = value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let inside = inside.ok_or_else(misfit)?.trim_ascii();
    if inside.is_empty() {
        return Ok(Vec::new());
    }
    let listed = inside.strip_suffix(',');
    if listed.is_none() && !inside.contains(',') {
        return Err(misfit());
    }
    listed
        .unwrap_or(inside)
        .split(',')
        .map(|len| {
            let len = len.trim_ascii();
            let len = len.strip_suffix('L').unwrap_or(len);
            let is_number = !len.is_empty() && len.bytes().all(|digit| digit.is_ascii_digit());
            if !is_number {
                return Err(misfit());
            }
            len.parse().map_err(|_| format!("the length {} is too large", shortened(len)))
        })
        .collect()
}

/// So much of a text as a message should show.
fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(40).collect();
    if shown.len() < text.len() {
        shown.push_str("..");
    }
    format!("{shown:?}")
}
