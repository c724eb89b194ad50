//! [`Portable`]: how a value of a type is written as bytes and read again, said once for the type.
//!
//! Scratch files and other processes use the same. Numbers are little-endian and floats keep their bits, so a
//! value that has travelled is the value. What is read is not trusted: a length is a claim, and memory is
//! taken for what has been read, never for what is claimed.

use std::collections::BTreeMap;
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

/// Numbers: little-endian, many at once.
macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Portable for $number {
            fn write(&self, to: &mut dyn Write) -> Result<()> {
                to.write_all(&self.to_le_bytes())
            }

            fn read(from: &mut dyn Read) -> Result<Self> {
                let mut bytes = [0; size_of::<$number>()];
                from.read_exact(&mut bytes)?;
                Ok(Self::from_le_bytes(bytes))
            }

            fn write_all(values: &[Self], to: &mut dyn Write) -> Result<()> {
                const SIZE: usize = size_of::<$number>();
                let mut piece = Vec::with_capacity(PIECE.min(values.len() * SIZE));
                for values in values.chunks(PIECE / SIZE) {
                    piece.clear();
                    values.iter().for_each(|value| piece.extend_from_slice(&value.to_le_bytes()));
                    to.write_all(&piece)?;
                }
                Ok(())
            }

            fn read_all(count: u64, from: &mut dyn Read) -> Result<Vec<Self>> {
                const SIZE: usize = size_of::<$number>();
                let mut values = Vec::with_capacity(at_first::<Self>(count));
                let mut piece = vec![0; at_first::<Self>(count) * SIZE];
                let mut left = count;
                while left > 0 {
                    let now = at_first::<Self>(left);
                    let piece = &mut piece[..now * SIZE];
                    from.read_exact(piece)?;
                    let (numbers, _) = piece.as_chunks::<SIZE>();
                    values.extend(numbers.iter().map(|bytes| Self::from_le_bytes(*bytes)));
                    left -= now as u64;
                }
                Ok(values)
            }
        }
    )*};
}

numbers!(u8 u16 u32 u64 u128 i8 i16 i32 i64 i128 f32 f64);

/// As numbers of 64 bits: machines differ in the size of a pointer.
macro_rules! sizes {
    ($($size:ty as $number:ty),*) => {$(
        impl Portable for $size {
            fn write(&self, to: &mut dyn Write) -> Result<()> {
                (*self as $number).write(to)
            }

            fn read(from: &mut dyn Read) -> Result<Self> {
                let number = <$number>::read(from)?;
                let too_large = |_| invalid(format!("{number} is too large on this machine"));
                Self::try_from(number).map_err(too_large)
            }
        }
    )*};
}

sizes!(usize as u64, isize as i64);

impl Portable for bool {
    fn write(&self, to: &mut dyn Write) -> Result<()> {
        u8::from(*self).write(to)
    }

    fn read(from: &mut dyn Read) -> Result<Self> {
        match u8::read(from)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(invalid(format!("the byte {other} is no truth value"))),
        }
    }
}

impl Portable for char {
    fn write(&self, to: &mut dyn Write) -> Result<()> {
        u32::from(*self).write(to)
    }

    fn read(from: &mut dyn Read) -> Result<Self> {
        let number = u32::read(from)?;
        Self::from_u32(number).ok_or_else(|| invalid(format!("{number} is no character")))
    }
}

impl Portable for String {
    fn write(&self, to: &mut dyn Write) -> Result<()> {
        self.len().write(to)?;
        to.write_all(self.as_bytes())
    }

    fn read(from: &mut dyn Read) -> Result<Self> {
        let bytes = Vec::<u8>::read(from)?;
        Self::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::InvalidData, error))
    }
}

impl<T: Portable> Portable for Vec<T> {
    fn write(&self, to: &mut dyn Write) -> Result<()> {
        self.len().write(to)?;
        T::write_all(self, to)
    }

    fn read(from: &mut dyn Read) -> Result<Self> {
        let count = u64::read(from)?;
        T::read_all(count, from)
    }
}

impl<T: Portable, const N: usize> Portable for [T; N] {
    fn write(&self, to: &mut dyn Write) -> Result<()> {
        T::write_all(self, to)
    }

    fn read(from: &mut dyn Read) -> Result<Self> {
        let values = T::read_all(N as u64, from)?;
        Ok(values.try_into().unwrap_or_else(|_| unreachable!("as many are read as asked for")))
    }
}

impl<T: Portable> Portable for Option<T> {
    fn write(&self, to: &mut dyn Write) -> Result<()> {
        self.is_some().write(to)?;
        self.as_ref().map_or(Ok(()), |value| value.write(to))
    }

    fn read(from: &mut dyn Read) -> Result<Self> {
        bool::read(from)?.then(|| T::read(from)).transpose()
    }
}

impl<T: Portable> Portable for Box<T> {
    fn write(&self, to: &mut dyn Write) -> Result<()> {
        T::write(self, to)
    }

    fn read(from: &mut dyn Read) -> Result<Self> {
        T::read(from).map(Self::new)
    }
}

/// In the order of the keys, which also tells bytes that are no map's.
impl<K: Portable + Ord, V: Portable> Portable for BTreeMap<K, V> {
    fn write(&self, to: &mut dyn Write) -> Result<()> {
        self.len().write(to)?;
        self.iter().try_for_each(|(key, value)| {
            key.write(to)?;
            value.write(to)
        })
    }

    fn read(from: &mut dyn Read) -> Result<Self> {
        let mut map = Self::new();
        for _ in 0..u64::read(from)? {
            let (key, value) = (K::read(from)?, V::read(from)?);
            if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(invalid("the keys of a map are not in order"));
            }
            map.insert(key, value);
        }
        Ok(map)
    }
}

macro_rules! tuples {
    ($(($($item:ident)*))*) => {$(
        impl<$($item: Portable),*> Portable for ($($item,)*) {
            #[allow(non_snake_case, unused_variables)]
            fn write(&self, to: &mut dyn Write) -> Result<()> {
                let ($($item,)*) = self;
                $($item.write(to)?;)*
                Ok(())
            }

            #[allow(unused_variables)]
            fn read(from: &mut dyn Read) -> Result<Self> {
                Ok(($($item::read(from)?,)*))
            }
        }
    )*};
}

tuples!(() (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H));

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    fn bytes_of(value: &impl Portable) -> Vec<u8> {
        let mut bytes = Vec::new();
        value.write(&mut bytes).expect("a vector takes any bytes");
        bytes
    }

    /// It comes back, takes all of its bytes, and no part of them is a value.
    fn travels<T: Portable + PartialEq + Debug>(value: T) {
        let bytes = bytes_of(&value);
        let mut rest = &bytes[..];
        assert_eq!(T::read(&mut rest).expect("its own bytes"), value);
        assert_eq!(rest, []);
        for end in 0..bytes.len() {
            let error = T::read(&mut &bytes[..end]).expect_err("too few bytes");
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{end} bytes of {value:?}");
        }
    }

    fn is_refused<T: Portable + Debug>(bytes: &[u8]) {
        let error = T::read(&mut &bytes[..]).expect_err("bytes of no value");
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
    }

    #[test]
    fn values_come_back_as_they_went() {
        travels(-7_i8);
        travels(u128::MAX - 1);
        travels((usize::MAX, isize::MIN));
        travels((true, 'λ', 1.5_f32, ()));
        travels(String::from("lapis λάζουλι"));
        travels(vec![Some(vec![1_u16, 2]), None, Some(vec![])]);
        travels([vec![String::from("a")], vec![]]);
        travels(vec![(); 3]);
        travels(vec![[0_u64; 0]; 3]);
        travels(Box::new((1_u8, [2_i64; 3])));
        travels(BTreeMap::from([(String::from("a"), vec![1]), (String::from("b"), vec![])]));
        travels((0..10_000).map(f64::from).collect::<Vec<_>>().len());
        travels(BTreeMap::from([((), ())]));
    }

    #[test]
    fn many_numbers_come_back_piece_by_piece() {
        let numbers: Vec<f64> = (0..20_000).map(|number| f64::from(number).sqrt()).collect();
        let bytes = bytes_of(&numbers);
        assert_eq!(bytes.len(), 8 + 8 * numbers.len());
        assert_eq!(Vec::<f64>::read(&mut &bytes[..]).unwrap(), numbers);
        assert!(Vec::<f64>::read(&mut &bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn floats_keep_their_bits() {
        for bits in [f64::NAN.to_bits() | 0xbeef, (-0.0_f64).to_bits(), 1] {
            let bytes = bytes_of(&f64::from_bits(bits));
            assert_eq!(f64::read(&mut &bytes[..]).unwrap().to_bits(), bits);
        }
    }

    #[test]
    fn a_claimed_length_takes_no_memory() {
        let claim = bytes_of(&u64::MAX);
        let ends = |error: Error| assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        ends(Vec::<f64>::read(&mut &claim[..]).unwrap_err());
        ends(Vec::<String>::read(&mut &claim[..]).unwrap_err());
        ends(Vec::<()>::read(&mut &claim[..]).unwrap_err());
        ends(Vec::<[[u8; 0]; 9]>::read(&mut &claim[..]).unwrap_err());
        ends(String::read(&mut &claim[..]).unwrap_err());
        ends(BTreeMap::<u8, Vec<u8>>::read(&mut &claim[..]).unwrap_err());
    }

    #[test]
    fn bytes_of_no_value_are_refused() {
        is_refused::<bool>(&[2]);
        is_refused::<Option<u8>>(&[7, 1]);
        is_refused::<char>(&[0, 0xd8, 0, 0]);
        is_refused::<String>(&bytes_of(&vec![0xff_u8]));
        is_refused::<BTreeMap<u8, u8>>(&bytes_of(&vec![(2_u8, 0_u8), (1, 0)]));
        is_refused::<BTreeMap<(), u8>>(&bytes_of(&(u64::MAX, [0_u8; 9])));
    }
}
