//! Zarr arrays in folders, versions 2 and 3, by the crate `zarrs`.
//!
//! A store is a folder; groups and arrays are folders in it, each with its metadata inside, so that an array is
//! opened by its path: `store.zarr/temperature`. A task that needs a block reads and decodes the chunks of it
//! one after another on its own thread: `zarrs` is never asked to use more.

mod folder;
mod node;
mod source;

use std::path::Path;
use std::sync::Arc;

use lazuli_core::{Error, Result};
use ndarray::{Dimension, IxDyn};
use zarrs::array::{Array, ArrayMetadata, CodecOptions};
use zarrs::plugin::ExtensionName;

use super::any::{AnyArray, OpenAs, open_first};
use super::element::StoredElement;
use crate::array::ChunkedArray;
use crate::chunks::{AxisChunks, AxisSizes, Chunks, MAX_BLOCKS, count_elements};
use crate::error::ArrayError;
use crate::source::leaf;
pub(crate) use folder::Folder;
pub(crate) use node::{Node, NodeVersion};
use source::ZarrSource;

/// Opens a Zarr array lazily, in blocks that are its chunks (its shards, where it has these).
///
/// Chunks that are not there have the fill value. [`rechunk`](ChunkedArray::rechunk) costs nothing but that a
/// chunk is decoded by every block that has a part of it: blocks should be made of whole chunks.
///
/// ```
/// use lazuli_array::ndarray::Ix2;
/// use lazuli_array::{ChunkedArray, open_zarr};
/// use lazuli_core::compute;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("store.zarr/temperature");
/// let x = ChunkedArray::from_fn([100, 50], [30, 20], |[i, j]| (i * j) as f32);
/// compute(x.store_zarr(&path))?;
/// let y = open_zarr::<f32, Ix2>(&path)?;
/// assert_eq!(y.chunksize(), [30, 20]);
/// assert_eq!(compute(y.max())?, 99.0 * 49.0);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
///
/// # Errors
/// When there is no Zarr array, its metadata is not understood, or it holds other elements or another number
/// of axes than asked for. Each names the folder. Of a group, the error lists its arrays.
#[track_caller]
pub fn open_zarr<A: StoredElement, D: Dimension>(
    path: impl AsRef<Path>,
) -> Result<ChunkedArray<A, D>> {
    let opened = Zarr::open(path.as_ref());
    opened.and_then(|zarr| zarr.as_array()).map_err(Error::plan)
}

/// Opens a Zarr array of any element type; see [`open_zarr`].
///
/// # Errors
/// As [`open_zarr`].
#[track_caller]
pub fn open_zarr_any(path: impl AsRef<Path>) -> Result<AnyArray> {
    let zarr = match Zarr::open(path.as_ref()) {
        Ok(zarr) => zarr,
        Err(error) => return Err(Error::plan(error)),
    };
    let unknown = || zarr.error(format!("elements of type {} are not supported", zarr.dtype));
    open_first(&zarr).unwrap_or_else(|| Err(unknown())).map_err(Error::plan)
}

/// The arrays of a Zarr group and of the groups in it: their paths below it, in order.
///
/// ```
/// use lazuli_array::{ChunkedArray, list_zarr};
/// use lazuli_core::compute;
///
/// let folder = tempfile::tempdir().unwrap();
/// let store = folder.path().join("store.zarr");
/// let x = ChunkedArray::arange(0.0, 10.0, 1.0, 4);
/// compute((x.store_zarr(store.join("day/wind")), x.store_zarr(store.join("day/rain"))))?;
/// assert_eq!(list_zarr(&store)?, ["day/rain", "day/wind"]);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
///
/// # Errors
/// When there is no Zarr group, or a folder cannot be read.
#[track_caller]
pub fn list_zarr(path: impl AsRef<Path>) -> Result<Vec<String>> {
    node::arrays_in(path.as_ref()).map_err(Error::plan)
}

/// How arrays are decoded and encoded: by the thread that asks, and by no other.
pub(crate) fn codec_options() -> CodecOptions {
    CodecOptions::default().with_concurrent_target(1).with_chunk_concurrent_minimum(1)
}

/// An opened array.
struct Zarr {
    array: Arc<Array<Folder>>,
    dtype: String,
    shape: Vec<usize>,
}

impl Zarr {
    fn open(path: &Path) -> Result<Self, ArrayError> {
        let error = |reason: String| ArrayError::File { path: path.to_owned(), reason };
        match Node::of(path)? {
            Some(Node::Array(_)) => {}
            Some(Node::Group(_)) => {
                let arrays = node::arrays_in(path)?.join(", ");
                return Err(error(format!("is a Zarr group; its arrays are: {arrays}")));
            }
            None => return Err(error("is not a Zarr array: it has no metadata of one".into())),
        }
        let array = Array::open(Arc::new(Folder::new(path)), "/")
            .map_err(|reason| error(format!("its metadata: {reason}")))?;
        let shape = array.shape().iter().map(|&len| usize::try_from(len));
        let shape = shape
            .collect::<Result<Vec<_>, _>>()
            .map_err(|reason| error(format!("its shape: {reason}")))?;
        count_elements(&shape).map_err(|reason| error(reason.to_string()))?;
        let dtype = array.data_type().name_v3().map_or_else(String::new, |name| name.into_owned());
        Ok(Self { array: Arc::new(array), dtype, shape })
    }

    fn error(&self, reason: String) -> ArrayError {
        ArrayError::File { path: self.array.storage().root().to_owned(), reason }
    }

    #[track_caller]
    fn as_array<A: StoredElement, D: Dimension>(&self) -> Result<ChunkedArray<A, D>, ArrayError> {
        let path = || self.array.storage().root().to_owned();
        if self.dtype != A::NAME {
            let (expected, found) = (A::NAME, self.dtype.clone());
            return Err(ArrayError::DtypeMismatch { path: path(), expected, found });
        }
        if let Some(expected) = D::NDIM
            && expected != self.shape.len()
        {
            let found = self.shape.len();
            return Err(ArrayError::AxesMismatch { path: path(), expected, found });
        }
        let axes = self.axes()?;
        let chunks = axes.iter().map(|axis| match axis {
            AxisChunks::Regular { chunk, .. } => AxisSizes::Size(*chunk),
            AxisChunks::Irregular(_) => AxisSizes::Sizes(axis.sizes().collect()),
        });
        let chunks = Chunks::Each(chunks.collect());
        let array = Arc::clone(&self.array);
        let chunk = self.chunk_elements::<A>(&axes)?;
        let name = path().display().to_string();
        let source = ZarrSource { name, array, axes, chunk, is_blosc: self.is_blosc() };
        Ok(ChunkedArray::in_chunks(leaf::<A>(source), &self.shape, chunks))
    }

    /// How the chunks cut each axis.
    fn axes(&self) -> Result<Vec<AxisChunks>, ArrayError> {
        let is_regular = match self.array.metadata() {
            ArrayMetadata::V2(_) => true,
            ArrayMetadata::V3(metadata) => metadata.chunk_grid.name() == "regular",
        };
        let counts = self.array.chunk_grid_shape();
        let blocks = counts.iter().try_fold(1_u64, |blocks, &count| blocks.checked_mul(count));
        if blocks.is_none_or(|blocks| blocks > MAX_BLOCKS as u64) {
            return Err(self.error(format!("has {counts:?} chunks, more than a plan can have")));
        }
        let size_at = |axis: usize, index: u64| {
            let mut chunk = vec![0; counts.len()];
            chunk[axis] = index;
            let shape = self.array.chunk_shape(&chunk);
            shape
                .map(|shape| usize::try_from(shape[axis].get()).unwrap_or(usize::MAX))
                .map_err(|reason| self.error(format!("its chunks: {reason}")))
        };
        (0..self.shape.len())
            .map(|axis| {
                let len = self.shape[axis];
                if is_regular || self.shape.contains(&0) {
                    let size = if self.shape.contains(&0) { len.max(1) } else { size_at(axis, 0)? };
                    return Ok(AxisChunks::regular(len, size));
                }
                let sizes = (0..counts[axis]).map(|index| size_at(axis, index));
                let mut sizes = sizes.collect::<Result<Vec<_>, _>>()?;
                // The last chunk may reach beyond the axis.
                let before = sizes
                    .iter()
                    .rev()
                    .skip(1)
                    .fold(0, |sum: usize, &size| sum.saturating_add(size));
                if let Some(last) = sizes.last_mut() {
                    *last = (*last).min(len.saturating_sub(before));
                }
                AxisChunks::of_sizes(&sizes).filter(|axis| axis.len() == len).ok_or_else(|| {
                    self.error(format!("its chunks {sizes:?} do not sum up to an axis of {len}"))
                })
            })
            .collect()
    }

    /// Whether the bytes of chunks are those of Blosc.
    fn is_blosc(&self) -> bool {
        match self.array.metadata() {
            ArrayMetadata::V2(metadata) => {
                metadata.compressor.as_ref().is_some_and(|codec| codec.id() == "blosc")
            }
            ArrayMetadata::V3(metadata) => {
                metadata.codecs.last().is_some_and(|codec| codec.name() == "blosc")
            }
        }
    }

    /// The elements of the largest chunk, which must fit memory.
    fn chunk_elements<A>(&self, axes: &[AxisChunks]) -> Result<usize, ArrayError> {
        if self.shape.contains(&0) {
            return Ok(0);
        }
        // That of the first chunk is right where chunks are regular, and they reach beyond the array.
        let first = self.array.chunk_shape(&vec![0; self.shape.len()]);
        let first = first.map_err(|reason| self.error(format!("its chunks: {reason}")))?;
        let shape: Vec<u64> = first
            .iter()
            .zip(axes)
            .map(|(first, axis)| first.get().max(axis.largest() as u64))
            .collect();
        let elements = shape
            .iter()
            .try_fold(1_usize, |elements, &len| elements.checked_mul(usize::try_from(len).ok()?));
        let bytes = elements.and_then(|elements| elements.checked_mul(size_of::<A>()));
        match (elements, bytes.map(isize::try_from)) {
            (Some(elements), Some(Ok(_))) => Ok(elements),
            _ => Err(self.error(format!("its chunks of shape {shape:?} fit no memory"))),
        }
    }
}

impl OpenAs<ArrayError> for Zarr {
    #[track_caller]
    fn open_as<A: StoredElement>(&self) -> Option<Result<ChunkedArray<A, IxDyn>, ArrayError>> {
        (self.dtype == A::NAME).then(|| self.as_array())
    }
}
