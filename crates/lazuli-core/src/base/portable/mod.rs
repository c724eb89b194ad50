//! [`Portable`]: how a value of a type is written as bytes and read again, said once for the type.
//!
//! Scratch files and other processes use the same. Numbers are little-endian and floats keep their bits, so a
//! value that has travelled is the value. What is read is not trusted: a length is a claim, and memory is
//! taken for what has been read, never for what is claimed.

mod types;

use std::io::{Error, ErrorKind, Read, Result, Write};

/// A type whose values can leave the process: into a scratch file, or to another process that runs the same
/// program.
///
/// ```
/// use std::io::{Read, Result, Write};
/// use lazuli_core::Portable;
///
/// #[derive(Debug, PartialEq)]
/// struct Range { low: f64, high: f64 }
///
/// impl Portable for Range {
///     fn write(&self, to: &mut dyn Write) -> Result<()> {
///         (self.low, self.high).write(to)
///     }
///     fn read(from: &mut dyn Read) -> Result<Self> {
///         let (low, high) = Portable::read(from)?;
///         Ok(Self { low, high })
///     }
/// }
///
/// let mut bytes = Vec::new();
/// Range { low: -1.5, high: 2.5 }.write(&mut bytes)?;
/// assert_eq!(bytes.len(), 16);
/// assert_eq!(Range::read(&mut &bytes[..])?, Range { low: -1.5, high: 2.5 });
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// What an implementation promises: `read` takes exactly the bytes that `write` gave and yields an equal value;
/// on any other bytes it fails, or yields some value, without panicking and without taking more memory than
/// a small multiple of the bytes there are. A type that has a size writes at least one byte. Types with
/// `serde` derives need no code of their own: see `portable_by_serde!` (feature `portable`).
pub trait Portable: Sized {
    /// Writes the value.
    ///
    /// # Errors
    /// Those of `to`.
    fn write(&self, to: &mut dyn Write) -> Result<()>;

    /// Reads a value that was written.
    ///
    /// # Errors
    /// Those of `from`; [`UnexpectedEof`](ErrorKind::UnexpectedEof) where it ends too soon;
    /// [`InvalidData`](ErrorKind::InvalidData) where the bytes are none that a value was written as.
    fn read(from: &mut dyn Read) -> Result<Self>;

    /// Writes many values, without their number: where that is cheaper than one after another.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    fn write_all(values: &[Self], to: &mut dyn Write) -> Result<()> {
        for value in values {
            if size_of::<Self>() == 0 {
                // So that as many claimed values are as many bytes.
                to.write_all(&[0])?;
            }
            value.write(to)?;
        }
        Ok(())
    }

    /// Reads so many values that [`write_all`](Self::write_all) wrote.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn read_all(count: u64, from: &mut dyn Read) -> Result<Vec<Self>> {
        let mut values = Vec::with_capacity(at_first::<Self>(count));
        for _ in 0..count {
            if size_of::<Self>() == 0 {
                u8::read(from)?;
            }
            values.push(Self::read(from)?);
        }
        Ok(values)
    }
}

/// Bytes that are taken at once for what is only claimed to come.
const PIECE: usize = 64 << 10;

/// How many of the claimed values there is room for at first.
fn at_first<T>(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX).min(PIECE / size_of::<T>().max(1))
}

#[cold]
pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidData, message.into())
}
