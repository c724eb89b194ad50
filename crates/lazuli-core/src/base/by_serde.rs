//! Types that `serde` knows are portable: as postcard, behind their length.

use std::io::{Error, ErrorKind, Read, Result, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::portable::{Portable, invalid};

/// Writes a value as [`read_by_serde`] reads it: for implementations of [`Portable`] that
/// [`portable_by_serde!`](crate::portable_by_serde) cannot write, of generic types.
///
/// # Errors
/// Those of `to`; and that the value cannot be serialized.
pub fn write_by_serde<T: Serialize>(value: &T, to: &mut dyn Write) -> Result<()> {
    postcard::to_allocvec(value).map_err(wrong)?.write(to)
}

/// Reads a value that [`write_by_serde`] wrote.
///
/// # Errors
/// As [`Portable::read`].
pub fn read_by_serde<T: DeserializeOwned>(from: &mut dyn Read) -> Result<T> {
    let bytes = Vec::<u8>::read(from)?;
    let (value, rest) = postcard::take_from_bytes(&bytes).map_err(wrong)?;
    if !rest.is_empty() {
        return Err(invalid(format!("{} bytes are left behind a value", rest.len())));
    }
    Ok(value)
}

fn wrong(error: postcard::Error) -> Error {
    Error::new(ErrorKind::InvalidData, error)
}

/// Implements [`Portable`](crate::Portable) for types that implement `Serialize` and `DeserializeOwned` of
/// `serde`.
///
/// ```
/// use lazuli_core::{Portable, portable_by_serde};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// enum Shape { Circle { radius: f64 }, Text(String) }
///
/// portable_by_serde!(Shape);
///
/// let mut bytes = Vec::new();
/// let shapes = vec![Shape::Circle { radius: 0.1 }, Shape::Text("lapis".into())];
/// shapes.write(&mut bytes)?;
/// assert_eq!(Vec::<Shape>::read(&mut &bytes[..])?, shapes);
/// # Ok::<(), std::io::Error>(())
/// ```
#[macro_export]
macro_rules! portable_by_serde {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::Portable for $type {
            fn write(&self, to: &mut dyn ::std::io::Write) -> ::std::io::Result<()> {
                $crate::portable::write_by_serde(self, to)
            }

            fn read(from: &mut dyn ::std::io::Read) -> ::std::io::Result<Self> {
                $crate::portable::read_by_serde(from)
            }
        }
    )+};
}
