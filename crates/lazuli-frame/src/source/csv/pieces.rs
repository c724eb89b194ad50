//! From a file to pieces of it: one buffer, filled again and again.
//!
//! What a pass over a piece did not consume (its incomplete last record) moves to the front, and the file is
//! read on behind it. So every piece begins at a record's start, and a record that is longer than the buffer
//! makes it grow. Reading in pieces that fit the cache is faster than a memory map, whose page faults
//! cost more than the scan.

use std::cell::RefCell;
use std::io::{self, Read};

/// Bytes of a file read at once.
pub(super) const PIECE: usize = 256 * 1024;

/// The longest record that is still believed to be one, in bytes. The scanner's places in a piece are 32
/// bits wide.
const LONGEST_RECORD: usize = 1 << 30;

thread_local! {
    /// The buffer of the last file that this thread has read: of many small files, each would fault its pages in.
    static SPARE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The pieces of a file.
#[derive(Debug)]
pub(super) struct Pieces<R> {
    source: R,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are in use.
    filled: usize,
    /// Where in the file the buffer begins.
    offset: u64,
    ended: bool,
    longest: usize,
}

/// Why there is no next piece.
#[derive(Debug)]
pub(super) enum Refused {
    /// Reading failed.
    Io(io::Error),
    /// The record at the piece's start is too long to be one.
    RecordTooLong,
}

impl<R: Read> Pieces<R> {
    /// Reads `source` in pieces of `size` bytes. The first is empty, see [`Pieces::advance`].
    pub(super) fn new(source: R, size: usize) -> Self {
        Self::from(source, size, 0)
    }

    /// The same, of a source that begins `offset` bytes into its file.
    pub(super) fn from(source: R, size: usize, offset: u64) -> Self {
        let mut buffer = SPARE.with(RefCell::take);
        buffer.resize(size, 0);
        Self { source, buffer, filled: 0, offset, ended: false, longest: LONGEST_RECORD }
    }

    /// The piece.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }

    /// Where in the file the piece begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the piece ends where the file does.
    pub(super) fn is_last(&self) -> bool {
        self.ended
    }

    /// Bytes of the file before the end of the piece.
    pub(super) fn bytes_read(&self) -> u64 {
        self.offset + self.filled as u64
    }

    /// Moves on to the piece that begins `consumed` bytes later. If none were, it is the same piece, but
    /// longer.
    pub(super) fn advance(&mut self, consumed: usize) -> Result<(), Refused> {
        self.buffer.copy_within(consumed..self.filled, 0);
        self.filled -= consumed;
        self.offset += consumed as u64;
        if self.filled == self.buffer.len() {
            if self.filled >= self.longest {
                return Err(Refused::RecordTooLong);
            }
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        while !self.ended && self.filled < self.buffer.len() {
            match self.source.read(&mut self.buffer[self.filled..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Refused::Io(error)),
            }
        }
        Ok(())
    }
}

impl<R> Drop for Pieces<R> {
    fn drop(&mut self) {
        if self.buffer.len() == PIECE {
            SPARE.with(|spare| spare.replace(std::mem::take(&mut self.buffer)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_carried_over_and_the_buffer_grows() {
        let mut pieces = Pieces::new(&b"abcdefgh"[..], 3);
        pieces.advance(0).unwrap();
        assert_eq!((pieces.bytes(), pieces.offset()), (&b"abc"[..], 0));
        pieces.advance(2).unwrap();
        assert_eq!((pieces.bytes(), pieces.offset()), (&b"cde"[..], 2));
        pieces.advance(0).unwrap();
        assert_eq!((pieces.bytes(), pieces.offset()), (&b"cdefgh"[..], 2));
        assert!(!pieces.is_last());
        pieces.advance(5).unwrap();
        assert_eq!((pieces.bytes(), pieces.offset()), (&b"h"[..], 7));
        assert!(pieces.is_last());
        assert_eq!(pieces.bytes_read(), 8);
    }

    #[test]
    fn a_record_without_an_end_is_refused() {
        let mut pieces = Pieces::new(io::repeat(b'x'), 4);
        pieces.longest = 16;
        pieces.advance(0).unwrap();
        pieces.advance(0).unwrap();
        pieces.advance(0).unwrap();
        assert_eq!(pieces.bytes().len(), 16);
        assert!(matches!(pieces.advance(0), Err(Refused::RecordTooLong)));
    }

    #[test]
    fn a_failure_to_read_is_passed_on() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        let mut pieces = Pieces::new(Broken, 4);
        assert!(matches!(pieces.advance(0), Err(Refused::Io(_))));
    }
}
