//! The elements of a Zarr array as a source: the chunks of a block are decoded into memory, and lent.

use std::path::PathBuf;
use std::sync::Arc;

use zarrs::array::{Array, ArrayBytes, ArraySubset};
use zarrs::storage::ReadableStorageTraits as _;
use zarrs::storage::byte_range::ByteRange;

use super::{Folder, codec_options};
use crate::chunks::{Axes, AxisChunks, Region, unravel};
use crate::error::ArrayError;
use crate::expr::View;
use crate::io::element::StoredElement;
use crate::source::{IsOver, Source, Window, in_c_order};
use crate::tile::Tiling;

/// Elements of type `A` in the chunks of an array.
pub(super) struct ZarrSource {
    pub(super) name: String,
    pub(super) array: Arc<Array<Folder>>,
    /// How chunks cut each axis.
    pub(super) axes: Vec<AxisChunks>,
    /// The elements of the largest chunk.
    pub(super) chunk: usize,
    /// Whether chunks are Blosc's, which say how long they are decoded.
    pub(super) is_blosc: bool,
}

/// Bytes that other codecs may add before Blosc, as a checksum does.
const ADDED: u64 = 64;

/// What a chunk and a region have in common.
struct Common {
    chunk: Axes,
    /// From the start of the chunk.
    in_chunk: Axes,
    /// From the start of the region.
    in_region: Axes,
    shape: Axes,
}

impl ZarrSource {
    /// The chunks that a region has a part of, in order, and which part.
    fn chunks(&self, region: &Region) -> impl Iterator<Item = Common> + '_ {
        let region = region.clone();
        let range = |axis: usize| {
            let (start, len) = (region.start[axis], region.shape[axis]);
            let first = self.axes[axis].block_at(start).unwrap_or(0);
            let last = self.axes[axis].block_at((start + len).saturating_sub(1)).unwrap_or(0);
            (first, if len == 0 { 0 } else { last + 1 - first })
        };
        let (first, counts): (Axes, Axes) = (0..self.axes.len()).map(range).unzip();
        (0..counts.iter().product()).map(move |number| {
            let mut common = Common {
                chunk: unravel(number, &counts),
                in_chunk: Axes::new(),
                in_region: Axes::new(),
                shape: Axes::new(),
            };
            for axis in 0..self.axes.len() {
                common.chunk[axis] += first[axis];
                let (start, len) = self.axes[axis].block(common.chunk[axis]);
                let begin = start.max(region.start[axis]);
                let end = (start + len).min(region.start[axis] + region.shape[axis]);
                common.in_chunk.push(begin - start);
                common.in_region.push(begin - region.start[axis]);
                common.shape.push(end - begin);
            }
            common
        })
    }

    fn path(&self, chunk: &[u64]) -> PathBuf {
        self.array.storage().path(&self.array.chunk_key(chunk))
    }

    /// All elements of a region, in C order.
    fn load<A: StoredElement>(
        &self,
        region: &Region,
        is_over: IsOver<'_>,
    ) -> Result<Vec<A>, ArrayError> {
        let mut elements = Vec::new();
        elements.try_reserve_exact(region.len()).map_err(|_| ArrayError::File {
            path: self.array.storage().root().to_owned(),
            reason: format!("a block of shape {:?} does not fit memory", &region.shape[..]),
        })?;
        elements.resize(region.len(), self.fill_value::<A>()?);
        for common in self.chunks(region) {
            if is_over() {
                return Err(ArrayError::Stopped);
            }
            let chunk: Vec<u64> = common.chunk.iter().map(|&index| index as u64).collect();
            let unreadable = |reason: String| ArrayError::File {
                path: self.path(&chunk),
                reason: format!("chunk {chunk:?}: {reason}"),
            };
            let is_there = self.array.storage().size_key(&self.array.chunk_key(&chunk));
            if is_there.map_err(|error| unreadable(error.to_string()))?.is_none() {
                continue;
            }
            if self.is_blosc {
                self.check_blosc::<A>(&chunk).map_err(unreadable)?;
            }
            let wide = |axes: &Axes| axes.iter().map(|&index| index as u64).collect::<Vec<_>>();
            let part =
                ArraySubset::new_with_start_shape(wide(&common.in_chunk), wide(&common.shape))
                    .map_err(|error| unreadable(error.to_string()))?;
            let bytes: ArrayBytes<'static> = self
                .array
                .retrieve_chunk_subset_opt(&chunk, &part, &codec_options())
                .map_err(|error| unreadable(error.to_string()))?;
            let bytes = bytes.into_fixed().map_err(|error| unreadable(error.to_string()))?;
            let expected = common.shape.iter().product::<usize>() * size_of::<A>();
            if bytes.len() != expected {
                let found = bytes.len();
                return Err(unreadable(format!("has {found} bytes of elements, not {expected}")));
            }
            place(&bytes, &common, region, &mut elements)?;
        }
        Ok(elements)
    }

    /// Whether a chunk claims to be decoded to as many bytes as it should: they are allocated before.
    ///
    /// The format: a header of 16 bytes, of which those from 4 on are the decoded length, little-endian.
    fn check_blosc<A>(&self, chunk: &[u64]) -> Result<(), String> {
        let (store, key) = (self.array.storage(), self.array.chunk_key(chunk));
        let header = store.get_partial(&key, ByteRange::FromStart(0, Some(16)));
        let header = header.map_err(|error| error.to_string())?;
        let claim = header.as_deref().and_then(|header| header.get(4..8)?.try_into().ok());
        let claim = claim.map_or(0, u32::from_le_bytes);
        let most = (self.chunk as u64).saturating_mul(size_of::<A>() as u64) + ADDED;
        if u64::from(claim) > most {
            return Err(format!(
                "claims {claim} bytes of elements, more than the {most} of a chunk"
            ));
        }
        Ok(())
    }

    /// What elements are whose chunk is not there.
    fn fill_value<A: StoredElement>(&self) -> Result<A, ArrayError> {
        let bytes = self.array.fill_value().as_ne_bytes();
        if bytes.len() != size_of::<A>() {
            return Err(ArrayError::File {
                path: self.array.storage().root().to_owned(),
                reason: format!("its fill value has {} bytes", bytes.len()),
            });
        }
        let mut value = A::default();
        A::fill(std::slice::from_mut(&mut value), false, &mut |out| {
            out.copy_from_slice(bytes);
            Ok(())
        })?;
        Ok(value)
    }
}

/// Puts decoded elements, in C order of what they are, where they belong in their region.
fn place<A: StoredElement>(
    bytes: &[u8],
    common: &Common,
    region: &Region,
    elements: &mut [A],
) -> Result<(), ArrayError> {
    // Axes that are whole in the region, and the one before them, are one run.
    let mut run = 1;
    let mut outer = common.shape.len();
    while outer > 0 {
        outer -= 1;
        run *= common.shape[outer];
        if common.shape[outer] != region.shape[outer] {
            break;
        }
    }
    let mut rest = bytes;
    for number in 0..common.shape[..outer].iter().product() {
        let index = unravel(number, &common.shape[..outer]);
        let axes = common.in_region.iter().zip(&region.shape).enumerate();
        let at = axes.fold(0, |at, (axis, (start, len))| {
            at * len + start + index.get(axis).copied().unwrap_or(0)
        });
        A::fill(&mut elements[at..at + run], false, &mut |out| {
            let (own, following) = rest.split_at(out.len());
            out.copy_from_slice(own);
            rest = following;
            Ok(())
        })?;
    }
    Ok(())
}

impl<A: StoredElement> Source<A> for ZarrSource {
    fn name(&self) -> &str {
        &self.name
    }

    /// The elements of the block; and of one chunk, as it is stored and decoded.
    fn loaded_bytes(&self, view: &View) -> u64 {
        let chunk = (self.chunk as u64).saturating_mul(2 * size_of::<A>() as u64);
        view.bounds().bytes(size_of::<A>()).saturating_add(chunk)
    }

    fn is_stored(&self) -> bool {
        true
    }

    fn gathers(&self, view: &View, tiling: &Tiling) -> bool {
        let region = view.bounds();
        in_c_order(Vec::<A>::new(), &region).gathers(&view.inside(&region), tiling)
    }

    fn window(&self, view: &View, is_over: IsOver<'_>) -> Result<Window<A>, ArrayError> {
        let region = view.bounds();
        let elements = self.load::<A>(&region, is_over)?;
        in_c_order(elements, &region).window(&view.inside(&region), is_over)
    }
}
