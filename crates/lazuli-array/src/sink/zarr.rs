//! Zarr arrays, written in parallel, a chunk for each block, whole or absent.

mod metadata;

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use zarrs::array::{Array, ArrayBytes, ArrayToBytesCodecTraits as _, ChunkShape};

use super::Sink;
use crate::array::ChunkedArray;
use crate::chunks::{Axes, AxisChunks, count_elements, unravel};
use crate::error::ArrayError;
use crate::io::StoredElement;
use crate::io::zarr::{Folder, Node, NodeVersion, codec_options};
use crate::temporary;

/// How the chunks of a Zarr array are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ZarrCodec {
    /// Not at all.
    None,
    /// Gzip, at a level from 0 to 9.
    Gzip(u32),
    /// Zstandard, at a level from -131072 to 22.
    Zstd(i32),
    /// Blosc with LZ4 and bytes shuffled, at a level from 0 to 9.
    Blosc(u8),
}

/// A Zarr array to be written: a folder, with a chunk for each block of the array that is stored.
///
/// Blocks must be of one size along each axis but for the last: [`rechunk`](ChunkedArray::rechunk) others
/// first. Chunks of zeros alone are left out, since zero is the fill value.
///
/// The array goes to a new folder beside, which gets its name when all chunks are there: others see the whole
/// array or none. Groups on the way from the store (a folder whose name ends in `.zarr`, or a group that is
/// there) are made where they are missing.
///
/// ```
/// use lazuli_array::{ChunkedArray, ZarrArray, ZarrCodec, open_zarr_any};
/// use lazuli_core::compute;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("store.zarr/temperature");
/// let x = ChunkedArray::from_fn([1000, 1000], [500, 500], |[i, j]| (i + j) as f32);
/// let array = ZarrArray::new(&path).codec(ZarrCodec::Blosc(5)).shards_of([100, 100]);
/// let ((), mean) = compute((x.store(array), x.mean()))?; // one pass
/// assert_eq!(compute(open_zarr_any(&path)?.stats(0))?.mean, mean);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ZarrArray {
    path: PathBuf,
    version: NodeVersion,
    codec: ZarrCodec,
    inner: Option<Vec<usize>>,
    replaces: bool,
}

impl ZarrArray {
    /// The array in this folder, as `store.zarr/temperature`: of version 3, its chunks compressed by Zstandard
    /// at level 1.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            version: NodeVersion::V3,
            codec: ZarrCodec::Zstd(1),
            inner: None,
            replaces: false,
        }
    }

    /// Writes version 2 of the format.
    #[must_use]
    pub fn v2(mut self) -> Self {
        self.version = NodeVersion::V2;
        self
    }

    /// How chunks are compressed.
    #[must_use]
    pub fn codec(mut self, codec: ZarrCodec) -> Self {
        self.codec = codec;
        self
    }

    /// Makes each block a shard of chunks of these sizes, which must divide those of the blocks: one file,
    /// of which parts are read. Version 3 only.
    #[must_use]
    pub fn shards_of(mut self, chunks: impl Into<Vec<usize>>) -> Self {
        self.inner = Some(chunks.into());
        self
    }

    /// Replaces an array that is there. Without this, that is an error.
    #[must_use]
    pub fn replace(mut self) -> Self {
        self.replaces = true;
        self
    }

    fn error(&self, reason: impl Into<String>) -> ArrayError {
        ArrayError::File { path: self.path.clone(), reason: reason.into() }
    }

    fn io_error(&self, path: &Path, reason: &io::Error) -> ArrayError {
        ArrayError::File { path: path.to_owned(), reason: reason.to_string() }
    }

    /// The sizes of chunks, from those of blocks.
    fn chunk_shape(&self, chunks: &[Vec<usize>]) -> Result<Vec<usize>, ArrayError> {
        let of_axis = |sizes: &Vec<usize>| {
            match AxisChunks::of_sizes(sizes) {
            Some(AxisChunks::Regular { chunk, .. }) => Ok(chunk),
            _ => Err(self.error(format!(
                "takes chunks of one size along each axis, and these are {sizes:?}: `rechunk` the array first"
            ))),
        }
        };
        chunks.iter().map(of_axis).collect()
    }

    /// Whether the place is free; and the groups that have to be made on the way to it.
    fn missing_groups(&self) -> Result<Vec<PathBuf>, ArrayError> {
        match Node::of(&self.path)? {
            Some(Node::Array(_)) if self.replaces => {}
            Some(Node::Array(_)) => {
                return Err(self.error("is there already: `replace` it, or choose another name"));
            }
            Some(Node::Group(_)) => return Err(self.error("is a group, which is not replaced")),
            None if self.path.symlink_metadata().is_ok() => {
                return Err(self.error("is there already, and is no Zarr array"));
            }
            None => {}
        }
        let mut missing = Vec::new();
        let mut is_inside = false;
        for folder in self.path.ancestors().skip(1) {
            match Node::of(folder)? {
                Some(Node::Group(version)) if version == self.version => {
                    is_inside = true;
                    break;
                }
                Some(Node::Group(_)) => {
                    let folder = folder.display();
                    return Err(self.error(format!(
                        "cannot be written: {folder} is a group of another version of Zarr"
                    )));
                }
                Some(Node::Array(_)) => {
                    let folder = folder.display();
                    return Err(self.error(format!("cannot be written: {folder} is an array")));
                }
                None => missing.push(folder.to_owned()),
            }
            if folder.extension().is_some_and(|extension| extension == "zarr") {
                is_inside = true;
                break;
            }
        }
        if !is_inside {
            missing.clear();
        }
        missing.reverse();
        Ok(missing)
    }

    /// Makes the groups on the way, then gives the new folder its name.
    fn finish(&self, folder: TempDir) -> Result<(), ArrayError> {
        for group in self.missing_groups()? {
            fs::create_dir_all(&group).map_err(|reason| self.io_error(&group, &reason))?;
            let (name, text) = metadata::of_group(self.version);
            let path = group.join(name);
            // Another array of the same compute may have made it.
            if !path.exists() {
                fs::write(&path, text).map_err(|reason| self.io_error(&path, &reason))?;
            }
        }
        let mut old = None;
        if self.replaces && self.path.exists() {
            let aside = temporary::folder_beside(&self.path)
                .map_err(|reason| self.io_error(&self.path, &reason))?;
            fs::rename(&self.path, aside.path().join("old"))
                .map_err(|reason| self.io_error(&self.path, &reason))?;
            old = Some(aside);
        }
        fs::rename(folder.path(), &self.path).map_err(|reason| {
            // The old array goes back where it was, as far as that can be done.
            if let Some(old) = &old {
                let _ = fs::rename(old.path().join("old"), &self.path);
            }
            self.error(format!("the new array cannot get this name: {reason}"))
        })?;
        // It has another name now, and stays.
        let _ = folder.keep();
        Ok(())
    }
}

/// An array that is being written, in a folder that is gone unless it is finished.
#[derive(Debug)]
pub struct OpenZarr {
    folder: Mutex<Option<TempDir>>,
    array: Array<Folder>,
    chunk: Axes,
}

/// A chunk that is being computed.
#[derive(Debug)]
pub struct ZarrBlock<A> {
    start: Axes,
    shape: Axes,
    elements: Vec<A>,
}

impl<A: StoredElement> Sink<A> for ZarrArray {
    type Open = OpenZarr;
    type Block = ZarrBlock<A>;
    type Output = ();
    type Error = ArrayError;

    fn open(&self, shape: &[usize], chunks: &[Vec<usize>]) -> Result<OpenZarr, ArrayError> {
        count_elements(shape)?;
        let chunk = self.chunk_shape(chunks)?;
        let groups = self.missing_groups()?;
        // The new folder is made where the first folder of the way is there, so that nothing of the way has to
        // be made before all is well.
        let beside = groups.iter().find(|group| !group.exists()).unwrap_or(&self.path);
        let folder =
            temporary::folder_beside(beside).map_err(|reason| self.io_error(beside, &reason))?;
        let (name, text) = metadata::of_array::<A>(self, shape, &chunk)?;
        let path = folder.path().join(name);
        fs::write(&path, text).map_err(|reason| self.io_error(&path, &reason))?;
        let array = Array::open(Arc::new(Folder::new(folder.path())), "/")
            .map_err(|reason| self.error(format!("cannot be written so: {reason}")))?;
        let chunk = chunk.into();
        Ok(OpenZarr { folder: Mutex::new(Some(folder)), array, chunk })
    }

    fn begin(
        &self,
        _: &OpenZarr,
        start: &[usize],
        shape: &[usize],
    ) -> Result<ZarrBlock<A>, ArrayError> {
        let len = shape.iter().product();
        let mut elements = Vec::new();
        elements
            .try_reserve_exact(len)
            .map_err(|_| self.error(format!("a chunk of shape {shape:?} does not fit memory")))?;
        Ok(ZarrBlock { start: start.into(), shape: shape.into(), elements })
    }

    fn write(
        &self,
        _: &OpenZarr,
        block: &mut ZarrBlock<A>,
        elements: &[A],
    ) -> Result<(), ArrayError> {
        block.elements.extend_from_slice(elements);
        Ok(())
    }

    fn end(&self, open: &OpenZarr, block: ZarrBlock<A>) -> Result<(), ArrayError> {
        let chunk: Vec<u64> =
            block.start.iter().zip(&open.chunk).map(|(start, len)| (start / len) as u64).collect();
        let failed = |reason: String| self.error(format!("chunk {chunk:?}: {reason}"));
        let elements = padded(block, &open.chunk);
        let shape: ChunkShape =
            open.array.chunk_shape(&chunk).map_err(|error| failed(error.to_string()))?;
        let bytes = ArrayBytes::Fixed(Cow::Borrowed(bytemuck::cast_slice(&elements)));
        if bytes.is_fill_value(open.array.fill_value()) {
            return Ok(());
        }
        let (dtype, fill) = (open.array.data_type(), open.array.fill_value());
        let encoded = open
            .array
            .codecs()
            .encode(bytes, &shape, dtype, fill, &codec_options())
            .map_err(|error| failed(error.to_string()))?;
        let path = open.array.storage().path(&open.array.chunk_key(&chunk));
        let written = match fs::write(&path, &encoded) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => path
                .parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| fs::write(&path, &encoded)),
            written => written,
        };
        written.map_err(|reason| failed(reason.to_string()))
    }

    fn commit(&self, open: &OpenZarr) -> Result<(), ArrayError> {
        let folder = open.folder.lock().ok().and_then(|mut folder| folder.take());
        folder.map_or(Ok(()), |folder| self.finish(folder))
    }

    /// The elements of a block, and what they are encoded as.
    fn working_bytes(&self, block_len: usize) -> u64 {
        (block_len as u64).saturating_mul(3 * size_of::<A>() as u64)
    }
}

/// The elements of a whole chunk: those of a block at the end of an axis, and zeros behind it.
fn padded<A: StoredElement>(block: ZarrBlock<A>, chunk: &Axes) -> Vec<A> {
    if block.shape == *chunk {
        return block.elements;
    }
    let mut elements = vec![A::default(); chunk.iter().product()];
    let run = block.shape.last().copied().unwrap_or(1).max(1);
    let outer = &block.shape[..block.shape.len().saturating_sub(1)];
    for (number, row) in block.elements.chunks(run).enumerate() {
        let index = unravel(number, outer);
        let at = chunk
            .iter()
            .enumerate()
            .fold(0, |at, (axis, len)| at * len + index.get(axis).copied().unwrap_or(0));
        elements[at..at + run].copy_from_slice(row);
    }
    elements
}

impl<A: StoredElement, D: ndarray::Dimension> ChunkedArray<A, D> {
    /// Stores the array as a Zarr array when it is computed, a chunk for each block, in the same pass as
    /// everything else that is asked of the same data; see [`ZarrArray`], which also says how to choose version,
    /// codec and shards.
    #[track_caller]
    pub fn store_zarr(&self, path: impl AsRef<Path>) -> lazuli_core::Delayed<()> {
        self.store(ZarrArray::new(path))
    }
}
