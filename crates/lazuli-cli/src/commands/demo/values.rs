//! A sample array file: random numbers whose statistics are known.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::random::Random;

/// Values in the file.
pub(super) const COUNT: usize = 10_000_000;

/// Writes exponentially distributed values as an `.npy` file, version 1.0 of the format: a magic
/// number, a header that is padded to 64 bytes, the values; how many bytes they take.
pub(super) fn write(path: &Path) -> io::Result<u64> {
    let mut random = Random::new(0);
    let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({COUNT},), }}");
    let preamble = 10;
    let length = (preamble + header.len() + 1).next_multiple_of(64) - preamble;
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&(length as u16).to_le_bytes())?;
    writeln!(out, "{header:width$}", width = length - 1)?;
    for _ in 0..COUNT {
        out.write_all(&random.exponential().to_le_bytes())?;
    }
    let file = out.into_inner()?;
    Ok(file.metadata()?.len())
}
