//! `.npy` files, written in parallel, whole or absent.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::TempPath;

use super::Sink;
use crate::array::ChunkedArray;
use crate::chunks::{Axes, Region, count_elements};
use crate::error::ArrayError;
use crate::io::{PositionedFile, StoredElement, npy};
use crate::temporary;

/// An `.npy` file to be written, in C order and this machine's order of bytes.
///
/// The elements go to a new file in the same folder, each block to its place, and the file gets its name when
/// all are there: others see the old file or the new one whole, and where the compute fails the old one
/// stays. So an array may be stored over the file that it is read from.
#[derive(Clone, Debug)]
pub struct NpyFile {
    path: PathBuf,
}

impl NpyFile {
    /// The file with this name. One that is there is replaced.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned() }
    }
}

/// A file that is being written, and what it is called until it is whole.
#[derive(Debug)]
pub struct OpenNpy {
    file: PositionedFile,
    temporary: Mutex<Option<TempPath>>,
    shape: Axes,
    /// The byte at which the elements begin.
    start: u64,
}

/// A block that is being written.
#[derive(Debug)]
pub struct NpyBlock {
    region: Region,
    /// How many neighbours in the block's C order are neighbours in the file.
    run: usize,
    written: usize,
}

impl<A: StoredElement> Sink<A> for NpyFile {
    type Open = OpenNpy;
    type Block = NpyBlock;
    type Output = ();
    type Error = ArrayError;

    fn open(&self, shape: &[usize], _: &[Vec<usize>]) -> Result<OpenNpy, ArrayError> {
        let error = |reason: String| ArrayError::File { path: self.path.clone(), reason };
        if self.path.is_dir() {
            return Err(error("is a folder".into()));
        }
        let header = npy::header_of::<A>(shape);
        let start = header.len() as u64;
        let bytes = count_elements(shape)? as u64;
        let bytes = bytes.checked_mul(size_of::<A>() as u64).and_then(|len| len.checked_add(start));
        let bytes = bytes.ok_or_else(|| ArrayError::TooManyBytes { shape: shape.to_vec() })?;
        let (file, temporary) = temporary::file_beside(&self.path)
            .map_err(|reason| error(reason.to_string()))?
            .into_parts();
        file.set_len(bytes)
            .map_err(|reason| error(format!("making room for {bytes} bytes: {reason}")))?;
        let file = PositionedFile::new(file, self.path.clone());
        file.write(&header, 0)?;
        Ok(OpenNpy { file, temporary: Mutex::new(Some(temporary)), shape: shape.into(), start })
    }

    fn begin(
        &self,
        open: &OpenNpy,
        start: &[usize],
        shape: &[usize],
    ) -> Result<NpyBlock, ArrayError> {
        let region = Region { start: start.into(), shape: shape.into() };
        let run = region.run_in(&open.shape);
        Ok(NpyBlock { region, run, written: 0 })
    }

    fn write(
        &self,
        open: &OpenNpy,
        block: &mut NpyBlock,
        mut elements: &[A],
    ) -> Result<(), ArrayError> {
        while !elements.is_empty() {
            let place = block.region.place_in(block.written, &open.shape);
            let left = block.run - block.written % block.run;
            let (row, rest) = elements.split_at(elements.len().min(left));
            let offset = open.start + (place * size_of::<A>()) as u64;
            open.file.write(bytemuck::cast_slice(row), offset)?;
            block.written += row.len();
            elements = rest;
        }
        Ok(())
    }

    fn end(&self, _: &OpenNpy, _: NpyBlock) -> Result<(), ArrayError> {
        Ok(())
    }

    fn commit(&self, open: &OpenNpy) -> Result<(), ArrayError> {
        let temporary = open.temporary.lock().ok().and_then(|mut temporary| temporary.take());
        let named = temporary.map_or(Ok(()), |temporary| temporary.persist(&self.path));
        named.map_err(|reason| open.file.error(format!("cannot be replaced: {}", reason.error)))
    }
}

impl<A: StoredElement, D: ndarray::Dimension> ChunkedArray<A, D> {
    /// Stores the array as an `.npy` file when it is computed, in C order; see [`NpyFile`]. Its blocks are
    /// written by the tasks that compute them, in the same pass as everything else that is asked of the same
    /// data.
    ///
    /// ```
    /// use lazuli_array::{ChunkedArray, open_npy};
    /// use lazuli_array::ndarray::Ix1;
    /// use lazuli_core::compute;
    ///
    /// let folder = tempfile::tempdir().unwrap();
    /// let path = folder.path().join("squares.npy");
    /// let x = ChunkedArray::from_fn([1000], [100], |[i]| (i * i) as f64);
    /// let ((), mean) = compute((x.store_npy(&path), x.mean()))?; // one pass
    /// assert_eq!(compute(open_npy::<f64, Ix1>(&path)?.mean())?, mean);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    #[track_caller]
    pub fn store_npy(&self, path: impl AsRef<Path>) -> lazuli_core::Delayed<()> {
        self.store(NpyFile::new(path))
    }
}
