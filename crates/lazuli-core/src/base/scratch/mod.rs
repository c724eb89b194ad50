//! A scratch file: bytes that are written, read back, and gone at the end.
//!
//! The file is made when it is first needed. It has no name, so nothing of it is left when it is closed,
//! however the process ends. It is cut into blocks of one size: what is stored need not say before how long
//! it is, and every block that was given back is as good as any other for what comes next. The lock guards
//! the list of free blocks alone. A block belongs to one writer, or to one [`Extent`], so bytes are moved
//! outside of it (`transfer`), each at a place that nobody else writes to.

mod transfer;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::base::sync::Mutex;
use transfer::{Reader, Writer};

/// Bytes of a block; also what a transfer holds beside the value.
pub(crate) const BLOCK: usize = 64 << 10;

/// The folder for scratch files, where that is not the system's.
pub(crate) const FOLDER: &str = "LAZULI_SCRATCH_DIR";

pub(crate) struct Scratch {
    folder: PathBuf,
    file: OnceLock<File>,
    blocks: Mutex<Blocks>,
}

#[derive(Default)]
struct Blocks {
    /// All from here on are free.
    end: u32,
    /// Free ones before that.
    free: Vec<u32>,
}

/// Where stored bytes are. Not `Clone`: whoever has it may give the blocks back.
#[derive(Debug, Default)]
pub(crate) struct Extent {
    blocks: Vec<u32>,
    len: u64,
}

impl Extent {
    pub(crate) fn len(&self) -> u64 {
        self.len
    }
}

impl Scratch {
    /// In the folder that the environment names, or else the system's.
    pub(crate) fn new() -> Self {
        let named = std::env::var_os(FOLDER).filter(|folder| !folder.is_empty());
        Self::inside(named.map_or_else(std::env::temp_dir, PathBuf::from))
    }

    fn inside(folder: PathBuf) -> Self {
        Self { folder, file: OnceLock::new(), blocks: Mutex::default() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    fn file(&self) -> io::Result<&File> {
        match self.file.get() {
            Some(file) => Ok(file),
            None => {
                let made = tempfile::tempfile_in(&self.folder)?;
                // Another may have been faster; this one is then closed and gone.
                Ok(self.file.get_or_init(|| made))
            }
        }
    }

    /// Keeps what `write` writes. Looks at each block whether that is still wanted.
    ///
    /// # Errors
    /// When the file cannot be made or written, `write` fails, or `is_over`.
    pub(crate) fn store(
        &self,
        is_over: &dyn Fn() -> bool,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Extent> {
        let file = self.file()?;
        let mut writer = Writer::new(self, file, is_over);
        write(&mut writer)?;
        writer.finish()
    }

    /// Reads what was kept. All of it must be wanted.
    ///
    /// # Errors
    /// When the file cannot be read, `read` fails or leaves bytes, or `is_over`.
    pub(crate) fn load<T>(
        &self,
        extent: &Extent,
        is_over: &dyn Fn() -> bool,
        read: impl FnOnce(&mut dyn Read) -> io::Result<T>,
    ) -> io::Result<T> {
        let file = self.file()?;
        let mut reader = Reader::new(file, extent, is_over);
        let value = read(&mut reader)?;
        match reader.left() {
            0 => Ok(value),
            left => {
                let message = format!("{left} of {} bytes were not read", extent.len);
                Err(io::Error::new(io::ErrorKind::InvalidData, message))
            }
        }
    }

    /// Gives the blocks back.
    pub(crate) fn release(&self, extent: Extent) {
        self.blocks.lock().free.extend(extent.blocks);
    }

    fn block(&self) -> io::Result<u32> {
        let mut blocks = self.blocks.lock();
        if let Some(block) = blocks.free.pop() {
            return Ok(block);
        }
        let block = blocks.end;
        blocks.end = block.checked_add(1).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(len: usize, seed: usize) -> Vec<u8> {
        (0..len).map(|place| (place * 31 + seed * 7 + place / 251) as u8).collect()
    }

    /// Written and read in pieces of these lengths.
    fn there_and_back(scratch: &Scratch, len: usize, write: usize, read: usize) -> Extent {
        let all = bytes(len, write);
        let put = |to: &mut dyn Write| all.chunks(write).try_for_each(|piece| to.write_all(piece));
        let extent = scratch.store(&|| false, put).expect("a writable folder");
        assert_eq!(extent.len(), len as u64);
        let get = |from: &mut dyn Read| {
            let mut back = vec![0; len];
            back.chunks_mut(read).try_for_each(|piece| from.read_exact(piece))?;
            Ok(back)
        };
        let back = scratch.load(&extent, &|| false, get).expect("it was written");
        assert!(back == all, "{len} bytes by {write}, read by {read}");
        extent
    }

    #[test]
    fn bytes_come_back_as_they_went_in() {
        let scratch = Scratch::new();
        for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 17] {
            for (write, read) in [(len, len), (1000, 7), (7, 1000), (BLOCK + 3, BLOCK - 3)] {
                there_and_back(&scratch, len, write.max(1), read.max(1));
            }
        }
    }

    #[test]
    fn space_that_was_given_back_is_used_again() {
        let scratch = Scratch::new();
        let kept = there_and_back(&scratch, 5 * BLOCK, BLOCK, BLOCK);
        for round in 1..20 {
            let extent = there_and_back(&scratch, round * BLOCK / 4, 999, 999);
            scratch.release(extent);
        }
        let failed = scratch.store(&|| false, |to| {
            to.write_all(&bytes(3 * BLOCK, 0))?;
            Err(io::Error::other("on purpose"))
        });
        assert_eq!(failed.expect_err("on purpose").to_string(), "on purpose");
        assert_eq!(scratch.blocks.lock().end, 10);
        assert_eq!(scratch.blocks.lock().free.len(), 5);
        scratch.release(kept);
        assert_eq!(scratch.blocks.lock().free.len(), 10);
    }

    #[test]
    fn the_file_has_no_name_and_is_made_when_it_is_needed() {
        let folder = tempfile::tempdir().expect("a folder");
        let scratch = Scratch::inside(folder.path().to_owned());
        assert!(scratch.file.get().is_none());
        there_and_back(&scratch, 100, 100, 100);
        assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0);
        let missing = Scratch::inside(folder.path().join("none"));
        let error = missing.store(&|| false, |_| Ok(())).expect_err("there is no such folder");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn bytes_that_nobody_reads_and_a_compute_that_is_over_are_errors() {
        let scratch = Scratch::new();
        let extent = there_and_back(&scratch, 3 * BLOCK, 100, 100);
        let error = scratch.load(&extent, &|| false, |from| from.read_exact(&mut [0; 100]));
        let error = error.expect_err("most of it is left");
        assert_eq!(
            error.to_string(),
            format!("{} of {} bytes were not read", 3 * BLOCK - 100, 3 * BLOCK)
        );
        let beyond =
            scratch.load(&extent, &|| false, |from| from.read_exact(&mut vec![0; 4 * BLOCK]));
        assert_eq!(beyond.expect_err("not so many").kind(), io::ErrorKind::UnexpectedEof);
        let over = scratch.load(&extent, &|| true, |from| from.read_exact(&mut [0]));
        assert_eq!(over.expect_err("it is over").to_string(), "the compute is over");
        let over = scratch.store(&|| true, |to| to.write_all(&bytes(BLOCK, 0)));
        assert_eq!(over.expect_err("it is over").to_string(), "the compute is over");
    }
}
