//! Reading and writing files at given places, from any number of threads at once.
//!
//! A file is not mapped into memory: one that is cut short meanwhile is an error that says where, and what is
//! read counts as memory where it is held.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::ArrayError;

/// An open file and its name, for errors.
#[derive(Debug)]
pub(crate) struct PositionedFile {
    file: File,
    path: PathBuf,
}

impl PositionedFile {
    pub(crate) fn new(file: File, path: PathBuf) -> Self {
        Self { file, path }
    }

    /// Opens a file for reading; also how long it is.
    pub(crate) fn open(path: &Path) -> Result<(Self, u64), ArrayError> {
        let error = |reason: String| ArrayError::File { path: path.to_owned(), reason };
        // A folder or a pipe is not opened: that of a pipe would wait for its other end.
        let metadata = std::fs::metadata(path).map_err(|reason| error(reason.to_string()))?;
        if !metadata.is_file() {
            return Err(error("is not a file".into()));
        }
        let file = File::open(path).map_err(|reason| error(reason.to_string()))?;
        let len = file.metadata().map_err(|reason| error(reason.to_string()))?.len();
        Ok((Self { file, path: path.to_owned() }, len))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn error(&self, reason: impl Into<String>) -> ArrayError {
        ArrayError::File { path: self.path.clone(), reason: reason.into() }
    }

    /// Fills a slice with the bytes from `offset` on.
    pub(crate) fn read(&self, mut bytes: &mut [u8], mut offset: u64) -> Result<(), ArrayError> {
        while !bytes.is_empty() {
            match read_at(&self.file, bytes, offset) {
                Ok(0) => {
                    return Err(self.error(format!(
                        "ends at byte {offset}, where {} more were to be read: it was cut short after it was opened",
                        bytes.len()
                    )));
                }
                Ok(read) => {
                    bytes = &mut bytes[read..];
                    offset += read as u64;
                }
                Err(reason) if reason.kind() == io::ErrorKind::Interrupted => {}
                Err(reason) => {
                    return Err(self.error(format!("reading at byte {offset}: {reason}")));
                }
            }
        }
        Ok(())
    }

    /// Writes bytes at `offset`.
    pub(crate) fn write(&self, mut bytes: &[u8], mut offset: u64) -> Result<(), ArrayError> {
        while !bytes.is_empty() {
            match write_at(&self.file, bytes, offset) {
                Ok(0) => return Err(self.error(format!("takes no bytes at {offset}"))),
                Ok(written) => {
                    bytes = &bytes[written..];
                    offset += written as u64;
                }
                Err(reason) if reason.kind() == io::ErrorKind::Interrupted => {}
                Err(reason) => {
                    return Err(self.error(format!("writing at byte {offset}: {reason}")));
                }
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}

#[cfg(windows)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_at_a_place_is_read_there() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let write = PositionedFile::new(file.reopen().expect("the same"), file.path().to_owned());
        write.write(b"world", 6).expect("room");
        write.write(b"hello ", 0).expect("room");
        let (read, len) = PositionedFile::open(file.path()).expect("a file to read");
        let mut bytes = [0; 7];
        read.read(&mut bytes, 2).expect("seven bytes");
        assert_eq!((&bytes, len), (b"llo wor", 11));
        file.as_file().set_len(4).expect("a shorter file");
        let error = read.read(&mut bytes, 2).expect_err("two bytes are left").to_string();
        assert!(error.contains("byte 4") && error.contains(&file.path().display().to_string()));
    }
}
