//! A folder as a store of `zarrs`: a key is a path below it.
//!
//! Nothing is cached and nothing is locked: arrays are written whole or not at all, by `sink`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zarrs::storage::byte_range::{ByteRange, ByteRangeIterator, InvalidByteRangeError};
use zarrs::storage::{Bytes, MaybeBytesIterator, ReadableStorageTraits, StorageError, StoreKey};

use crate::io::PositionedFile;

/// A folder that holds an array.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The file of a key.
    pub(crate) fn path(&self, key: &StoreKey) -> PathBuf {
        self.root.join(key.as_str())
    }
}

fn not_there<T>(error: io::Error) -> Result<Option<T>, StorageError> {
    // A folder on the way that is a file holds no chunk either.
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
        _ => Err(Arc::new(error).into()),
    }
}

impl ReadableStorageTraits for Folder {
    fn get_partial_many<'a>(
        &'a self,
        key: &StoreKey,
        byte_ranges: ByteRangeIterator<'a>,
    ) -> Result<MaybeBytesIterator<'a>, StorageError> {
        let path = self.path(key);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) => return not_there(error),
        };
        let len = file.metadata().map_err(Arc::new)?.len();
        let file = PositionedFile::new(file, path);
        Ok(Some(Box::new(byte_ranges.map(move |range| {
            // What a damaged index claims is not allocated.
            let is_inside = match range {
                ByteRange::FromStart(start, None) => start <= len,
                ByteRange::FromStart(start, Some(length)) => {
                    start.checked_add(length).is_some_and(|end| end <= len)
                }
                ByteRange::Suffix(length) => length <= len,
            };
            if !is_inside {
                return Err(InvalidByteRangeError::new(range, len).into());
            }
            let mut bytes = vec![0; range.length(len) as usize];
            file.read(&mut bytes, range.start(len))
                .map_err(|error| StorageError::Other(error.to_string()))?;
            Ok(Bytes::from(bytes))
        }))))
    }

    fn size_key(&self, key: &StoreKey) -> Result<Option<u64>, StorageError> {
        match std::fs::metadata(self.path(key)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) => not_there(error),
        }
    }

    fn supports_get_partial(&self) -> bool {
        true
    }
}
