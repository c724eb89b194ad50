//! Moving bytes between a value and the blocks of a scratch file, a block at a time.

use std::fs::File;
use std::io::{self, Read, Write};

use super::{BLOCK, Extent, Scratch};

/// Where a block begins.
fn start(block: u32) -> u64 {
    u64::from(block) * BLOCK as u64
}

fn check(is_over: &dyn Fn() -> bool) -> io::Result<()> {
    if is_over() { Err(io::Error::other("the compute is over")) } else { Ok(()) }
}

pub(super) struct Writer<'s> {
    scratch: &'s Scratch,
    file: &'s File,
    /// What is in the file.
    extent: Extent,
    /// What is not yet: less than a block.
    buffer: Vec<u8>,
    is_over: &'s dyn Fn() -> bool,
}

impl<'s> Writer<'s> {
    pub(super) fn new(scratch: &'s Scratch, file: &'s File, is_over: &'s dyn Fn() -> bool) -> Self {
        Self { scratch, file, extent: Extent::default(), buffer: Vec::new(), is_over }
    }

    /// Puts a block, or the beginning of the last one, into the file.
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        check(self.is_over)?;
        let block = self.scratch.block()?;
        // Noted first, so that it is given back when it cannot be written.
        self.extent.blocks.push(block);
        position::write_all(self.file, bytes, start(block))?;
        self.extent.len += bytes.len() as u64;
        Ok(())
    }

    fn put_buffer(&mut self) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let put = self.put(&buffer);
        buffer.clear();
        self.buffer = buffer;
        put
    }

    pub(super) fn finish(mut self) -> io::Result<Extent> {
        if !self.buffer.is_empty() {
            self.put_buffer()?;
        }
        Ok(std::mem::take(&mut self.extent))
    }
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.is_empty() && bytes.len() >= BLOCK {
            self.put(&bytes[..BLOCK])?;
            return Ok(BLOCK);
        }
        let now = bytes.len().min(BLOCK - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..now]);
        if self.buffer.len() == BLOCK {
            self.put_buffer()?;
        }
        Ok(now)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was not finished is given back.
impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if !self.extent.blocks.is_empty() {
            self.scratch.blocks.lock().free.append(&mut self.extent.blocks);
        }
    }
}

pub(super) struct Reader<'s> {
    file: &'s File,
    extent: &'s Extent,
    /// Bytes that have left the file: all of the buffer among them.
    read: u64,
    /// One block, or what there is of it.
    buffer: Vec<u8>,
    /// Of the buffer.
    taken: usize,
    is_over: &'s dyn Fn() -> bool,
}

impl<'s> Reader<'s> {
    pub(super) fn new(file: &'s File, extent: &'s Extent, is_over: &'s dyn Fn() -> bool) -> Self {
        Self { file, extent, read: 0, buffer: Vec::new(), taken: 0, is_over }
    }

    /// Bytes that nobody has taken yet.
    pub(super) fn left(&self) -> u64 {
        self.extent.len - self.read + (self.buffer.len() - self.taken) as u64
    }

    /// How much of the next block there is; the file is always left at the start of one.
    fn next(&self) -> usize {
        (self.extent.len - self.read).min(BLOCK as u64) as usize
    }

    /// Reads the next block.
    fn get(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        check(self.is_over)?;
        let block = self.extent.blocks[(self.read / BLOCK as u64) as usize];
        position::read_exact(self.file, bytes, start(block))?;
        self.read += bytes.len() as u64;
        Ok(())
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.buffer.len() {
            let next = self.next();
            if next == 0 || bytes.is_empty() {
                return Ok(0);
            }
            if bytes.len() >= next {
                self.get(&mut bytes[..next])?;
                return Ok(next);
            }
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.resize(next, 0);
            self.taken = 0;
            self.get(&mut buffer)?;
            self.buffer = buffer;
        }
        let now = bytes.len().min(self.buffer.len() - self.taken);
        bytes[..now].copy_from_slice(&self.buffer[self.taken..self.taken + now]);
        self.taken += now;
        Ok(now)
    }
}

/// Reading and writing at a place of a file that many use at once.
mod position {
    use std::fs::File;
    use std::io;

    #[cfg(unix)]
    use std::os::unix::fs::FileExt;
    #[cfg(windows)]
    use std::os::windows::fs::FileExt;

    #[cfg(unix)]
    pub(super) fn write_all(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
        file.write_all_at(bytes, at)
    }

    #[cfg(unix)]
    pub(super) fn read_exact(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
        file.read_exact_at(bytes, at)
    }

    #[cfg(windows)]
    pub(super) fn write_all(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match file.seek_write(bytes, at)? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                written => (bytes, at) = (&bytes[written..], at + written as u64),
            }
        }
        Ok(())
    }

    #[cfg(windows)]
    pub(super) fn read_exact(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match file.seek_read(bytes, at)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => (bytes, at) = (&mut bytes[read..], at + read as u64),
            }
        }
        Ok(())
    }
}
