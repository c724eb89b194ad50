//! NumPy's `.npy` files, read and written in place.
//!
//! The header is read when the file is opened, the elements when a block is computed: as many bytes at a time
//! as a tile or a block needs, from where they lie. Versions 1.0, 2.0 and 3.0, both orders of axes and both
//! orders of bytes.

mod header;
mod pieces;
mod source;

use std::path::Path;
use std::sync::Arc;

use lazuli_core::{Error, Result};
use ndarray::{Dimension, IxDyn};

use super::any::{AnyArray, OpenAs, open_first};
use super::element::StoredElement;
use super::positioned::PositionedFile;
use crate::array::ChunkedArray;
use crate::chunks::{Chunks, count_elements};
use crate::error::ArrayError;
use crate::source::leaf;
use header::Header;
#[cfg(feature = "zarr")]
pub(crate) use header::descr_of;
pub(crate) use header::header_of;
use source::NpySource;

/// Bytes of a block, unless the array is rechunked.
const BLOCK_BYTES: u64 = 8 << 20;

/// Opens an `.npy` file lazily, in blocks of about 8 MiB that are whole in the last axes.
///
/// Elements are read when they are needed, from the file as it is then: it should not be changed while the
/// array is in use. One that was cut short meanwhile is an error. Files in Fortran order or in the other order
/// of bytes are read as they are.
///
/// ```
/// use lazuli_array::{ChunkedArray, open_npy};
/// use lazuli_array::ndarray::Ix2;
/// use lazuli_core::compute;
///
/// let folder = tempfile::tempdir().unwrap();
/// let path = folder.path().join("x.npy");
/// let x = ChunkedArray::from_fn([100, 50], [10, 50], |[i, j]| (i * j) as f64);
/// compute(x.store_npy(&path))?;
/// let y = open_npy::<f64, Ix2>(&path)?;
/// assert_eq!(compute(y.max())?, 99.0 * 49.0);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
///
/// # Errors
/// When the file cannot be opened, is no `.npy` file, is cut short, or holds other elements or another
/// number of axes than asked for. Each names the file.
#[track_caller]
pub fn open_npy<A: StoredElement, D: Dimension>(
    path: impl AsRef<Path>,
) -> Result<ChunkedArray<A, D>> {
    let opened = Npy::open(path.as_ref());
    opened.and_then(|npy| npy.as_array()).map_err(Error::plan)
}

/// Opens an `.npy` file of any element type; see [`open_npy`].
///
/// # Errors
/// As [`open_npy`].
#[track_caller]
pub fn open_npy_any(path: impl AsRef<Path>) -> Result<AnyArray> {
    let npy = match Npy::open(path.as_ref()) {
        Ok(npy) => npy,
        Err(error) => return Err(Error::plan(error)),
    };
    let unknown =
        || npy.file.error(format!("elements of type {} are not supported", npy.header.descr));
    open_first(&npy).unwrap_or_else(|| Err(unknown())).map_err(Error::plan)
}

/// An opened file.
struct Npy {
    file: Arc<PositionedFile>,
    header: Header,
    len: u64,
}

impl Npy {
    fn open(path: &Path) -> Result<Self, ArrayError> {
        let (file, len) = PositionedFile::open(path)?;
        let header = Header::read(&file, len)?;
        Ok(Self { file: Arc::new(file), header, len })
    }

    #[track_caller]
    fn as_array<A: StoredElement, D: Dimension>(&self) -> Result<ChunkedArray<A, D>, ArrayError> {
        let Header { descr, is_fortran, shape, start } = &self.header;
        let Some(swap) = self.header.swaps::<A>() else {
            return Err(ArrayError::DtypeMismatch {
                path: self.file.path().to_owned(),
                expected: A::NAME,
                found: descr.clone(),
            });
        };
        if let Some(expected) = D::NDIM
            && expected != shape.len()
        {
            let found = shape.len();
            let path = self.file.path().to_owned();
            return Err(ArrayError::AxesMismatch { path, expected, found });
        }
        let elements = count_elements(shape).map_err(|error| self.file.error(error.to_string()))?;
        let have = self.len - start;
        let needed = (elements as u64).checked_mul(size_of::<A>() as u64);
        if needed.is_none_or(|needed| needed > have) {
            return Err(self.file.error(format!(
                "is cut short: shape {shape:?} of {} does not fit in {have} bytes of elements",
                A::NAME,
            )));
        }
        // Distances of neighbours: the last axis is dense in C order, the first in Fortran order.
        let mut strides: smallvec::SmallVec<[isize; 4]> = shape.iter().map(|_| 1).collect();
        let mut dense = 1_isize;
        for number in 0..shape.len() {
            let axis = if *is_fortran { number } else { shape.len() - 1 - number };
            strides[axis] = dense;
            dense *= shape[axis].max(1) as isize;
        }
        let source = NpySource {
            name: self.file.path().display().to_string(),
            file: Arc::clone(&self.file),
            start: *start,
            strides,
            swap,
        };
        Ok(ChunkedArray::in_chunks(leaf::<A>(source), shape, Chunks::auto(BLOCK_BYTES)))
    }
}

impl OpenAs<ArrayError> for Npy {
    #[track_caller]
    fn open_as<A: StoredElement>(&self) -> Option<Result<ChunkedArray<A, IxDyn>, ArrayError>> {
        self.header.swaps::<A>().map(|_| self.as_array())
    }
}
