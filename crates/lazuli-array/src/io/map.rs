//! Files mapped into memory: the one module of this crate with unsafe code.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// Maps a file for reading.
///
/// The file must not be shortened or written to while it is mapped: what is read would change under
/// the reader, or be gone. That is the usual contract of a data file that is being analysed; it is
/// said in the documentation of every function that opens one.
pub(super) fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the map is read-only and owned by the source that reads it, and elements are plain
    // numbers for which every bit pattern is a value. That nobody changes the file meanwhile cannot be
    // checked here; it is the caller's documented promise.
    unsafe { Mmap::map(file) }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write as _;

    #[test]
    fn a_mapped_file_is_read_to_its_last_byte() {
        let path = std::env::temp_dir().join(format!("lazuli-map-{}", std::process::id()));
        let bytes: Vec<u8> = (0..10_000_u32).map(|index| index as u8).collect();
        File::create(&path).and_then(|mut file| file.write_all(&bytes)).expect("a file to map");
        let mapped = File::open(&path).and_then(|file| super::map(&file)).expect("a map of it");
        std::fs::remove_file(&path).expect("the file goes, its map stays");
        assert_eq!(&mapped[..], &bytes[..]);
    }
}
