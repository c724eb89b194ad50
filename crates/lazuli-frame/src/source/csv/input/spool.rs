//! What can be read only once, copied to a file that can be read again.
//!
//! The copy has no name, so that it is gone when the process ends, however that may be. It is kept until then:
//! nobody can tell that a pipe will not be asked for again, and it cannot be read a second time.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The copies of this process, by the names of what they are copies of.
static COPIES: LazyLock<Mutex<Vec<(PathBuf, Shared)>>> = LazyLock::new(Mutex::default);

/// The lock is held while one reads, since all move the same cursor.
type Shared = Arc<Mutex<File>>;

/// A copy, read by one reader of several.
pub(super) struct Spooled {
    file: Shared,
    at: u64,
}

/// Whether a file is a stream that ends when it has been read.
pub(super) fn is_read_once(metadata: &Metadata) -> bool {
    !metadata.is_file() && !metadata.is_dir()
}

/// All of standard input.
pub(super) fn standard_input() -> io::Result<Spooled> {
    copy_of(Path::new("-"), || Ok(io::stdin().lock()))
}

/// All of the stream that is open as `file`.
pub(super) fn pipe(path: &Path, file: File) -> io::Result<Spooled> {
    copy_of(path, || Ok(file))
}

fn copy_of<R: Read>(path: &Path, open: impl FnOnce() -> io::Result<R>) -> io::Result<Spooled> {
    // Whoever else asks for it meanwhile waits: there is one stream.
    let mut copies = COPIES.lock().unwrap_or_else(PoisonError::into_inner);
    let known = copies.iter().find(|(known, _)| known == path);
    let file = match known {
        Some((_, file)) => Arc::clone(file),
        None => {
            let mut file = tempfile::tempfile()?;
            io::copy(&mut open()?, &mut file)?;
            let file = Arc::new(Mutex::new(file));
            copies.push((path.to_owned(), Arc::clone(&file)));
            file
        }
    };
    Ok(Spooled { file, at: 0 })
}

impl Read for Spooled {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Spooled {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let to = match to {
            SeekFrom::Current(by) => {
                let to = self.at.checked_add_signed(by);
                SeekFrom::Start(to.ok_or(io::ErrorKind::InvalidInput)?)
            }
            to => to,
        };
        self.at = file.seek(to)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_read_once_and_seen_by_all() {
        let mut opened = 0;
        let path = Path::new("/a/pipe/of/this/test");
        for _ in 0..3 {
            let mut copy = copy_of(path, || {
                opened += 1;
                Ok(&b"a,b\n1,2\n"[..])
            })
            .unwrap();
            let mut other = copy_of(path, || Ok(&b"nobody asks for this"[..])).unwrap();
            let mut text = String::new();
            copy.seek(SeekFrom::Start(4)).unwrap();
            other.seek(SeekFrom::End(-1)).unwrap();
            copy.read_to_string(&mut text).unwrap();
            other.read_to_string(&mut text).unwrap();
            assert_eq!(text, "1,2\n\n");
        }
        assert_eq!(opened, 1);
    }
}
