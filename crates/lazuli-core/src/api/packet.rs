//! Values on their way between processes: what stands around the bytes of a value.
//!
//! ```text
//! "lzl1"  fingerprint of the cut  hash of the value's id  hash of what the value is  length  the value
//!  4       8                       8                       8                          8       length
//! ```
//!
//! So bytes of another value, of another graph or of another type are refused, and not taken for this one.

use thiserror::Error as ThisError;

use crate::base::codec::Codec;
use crate::base::error::{self, Error, Result};
use crate::base::portable::Portable as _;
use crate::base::value::Value;
use crate::graph::fingerprint::Fnv;

/// Why a piece of a cut plan cannot be run as asked: the source of errors of the kind
/// [`ErrorKind::Portable`](crate::ErrorKind::Portable).
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum PortableError {
    /// The other process has cut another graph.
    #[error(
        "its fingerprint is {found:016x} where {expected:016x} was expected: it is of another graph"
    )]
    Fingerprint {
        /// Of the cut here.
        expected: u64,
        /// Of the other one.
        found: u64,
    },
    /// No node of the cut has this id.
    #[error("the cut has no node `{id}`")]
    UnknownNode {
        /// The id.
        id: String,
    },
    /// A value that is needed was not given.
    #[error("the value `{id}` is needed and was not given")]
    Missing {
        /// The id of the value.
        id: String,
    },
    /// A value was given that is not needed.
    #[error("the value `{id}` was given and is not needed")]
    Unexpected {
        /// The id of the value.
        id: String,
    },
    /// A value was given twice.
    #[error("the value `{id}` was given twice")]
    Twice {
        /// The id of the value.
        id: String,
    },
    /// The bytes are of something else.
    #[error("the bytes given for the value `{id}` are {what}")]
    Foreign {
        /// The id of the value.
        id: String,
        /// What they are of.
        what: &'static str,
    },
    /// The bytes cannot be read.
    #[error("the bytes given for the value `{id}` cannot be read: {source}")]
    Unreadable {
        /// The id of the value.
        id: String,
        /// Why not.
        source: std::io::Error,
    },
    /// More bytes than the value has.
    #[error("the bytes given for the value `{id}` are {bytes} more than it has")]
    Trailing {
        /// The id of the value.
        id: String,
        /// How many.
        bytes: u64,
    },
    /// The value was computed and cannot be written.
    #[error("the value `{id}` cannot be written: {source}")]
    Unwritable {
        /// The id of the value.
        id: String,
        /// Why not.
        source: std::io::Error,
    },
}

const MARK: [u8; 4] = *b"lzl1";
const LENGTH: usize = 28;
const HEADER: usize = 36;

/// One value of a cut.
pub(crate) struct Packet<'a> {
    pub(crate) fingerprint: u64,
    pub(crate) id: &'a str,
    pub(crate) codec: &'a Codec,
}

impl Packet<'_> {
    pub(crate) fn write(&self, value: &Value) -> Result<Vec<u8>> {
        let written = error::caught(|| {
            let mut bytes = Vec::new();
            self.header().write(&mut bytes)?;
            self.codec.write(value, &mut bytes)?;
            let length = (bytes.len() - HEADER) as u64;
            bytes[LENGTH..HEADER].copy_from_slice(&length.to_le_bytes());
            Ok::<_, std::io::Error>(bytes)
        })?;
        written.map_err(|source| {
            Error::portable(PortableError::Unwritable { id: self.id.to_owned(), source })
        })
    }

    pub(crate) fn read(&self, bytes: &[u8]) -> Result<Value> {
        error::caught(|| self.checked(bytes))?.map_err(Error::portable)
    }

    fn checked(&self, bytes: &[u8]) -> Result<Value, PortableError> {
        let id = || self.id.to_owned();
        let mut rest = bytes;
        let header = Header::read(&mut rest)
            .map_err(|source| PortableError::Unreadable { id: id(), source })?;
        let (mark, fingerprint, value, what, length) = header;
        let (own_mark, own_fingerprint, own_value, own_what, _) = self.header();
        let foreign = |what| Err(PortableError::Foreign { id: id(), what });
        if mark != own_mark {
            return foreign("no value of a cut plan");
        }
        if fingerprint != own_fingerprint {
            return foreign("of a value of another graph");
        }
        if value != own_value {
            return foreign("of another value");
        }
        if what != own_what {
            return foreign("of a value of another type");
        }
        let left = rest.len() as u64;
        if left > length {
            return Err(PortableError::Trailing { id: id(), bytes: left - length });
        }
        if left < length {
            let source = std::io::ErrorKind::UnexpectedEof.into();
            return Err(PortableError::Unreadable { id: id(), source });
        }
        let value = self
            .codec
            .read(&mut rest)
            .map_err(|source| PortableError::Unreadable { id: id(), source })?;
        match rest.len() as u64 {
            0 => Ok(value),
            bytes => Err(PortableError::Trailing { id: id(), bytes }),
        }
    }

    /// With no length yet.
    fn header(&self) -> Header {
        (MARK, self.fingerprint, hash(self.id), hash(&self.codec.describe()), 0)
    }
}

type Header = ([u8; 4], u64, u64, u64, u64);

fn hash(text: &str) -> u64 {
    let mut hash = Fnv::default();
    hash.text(text);
    hash.finish()
}
