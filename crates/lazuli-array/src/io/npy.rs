//! NumPy's `.npy` files, mapped into memory.
//!
//! The header is read when the file is opened, the elements when a block is computed.

use std::any::TypeId;
use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazuli_core::{Delayed, Error, Result};
use memmap2::Mmap;
use ndarray::{Dimension, IxDyn};
use npyz::{DType, Endianness, NpyHeader, Order, TypeChar};

use super::map::map;
use crate::array::ChunkedArray;
use crate::chunks::{Chunks, count_elements};
use crate::error::ArrayError;
use crate::kernels::Scalar;
use crate::reductions::Stats;
use crate::source::{InMemory, Memory, leaf};

/// Bytes of a block, unless the array is rechunked.
const BLOCK_BYTES: u64 = 8 << 20;

/// An element type of `.npy` files.
pub trait NpyElement: Scalar + Default + bytemuck::AnyBitPattern {
    /// NumPy's name of the type, as `"float64"`.
    const NAME: &'static str;
}

macro_rules! elements {
    ($($element:ty, $name:literal, $variant:ident, $kind:ident, $size:literal;)*) => {
        $(impl NpyElement for $element {
            const NAME: &'static str = $name;
        })*

        /// An array of any element type that `.npy` files hold and lazuli computes with.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum AnyArray {
            $(#[doc = concat!("Elements of type `", stringify!($element), "`.")]
            $variant(ChunkedArray<$element, IxDyn>),)*
        }

        impl AnyArray {
            /// The shape.
            #[must_use]
            pub fn shape(&self) -> &[usize] {
                match self { $(Self::$variant(array) => array.shape(),)* }
            }

            /// NumPy's name of the element type, as `"float64"`.
            #[must_use]
            pub fn dtype(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// See [`ChunkedArray::stats`].
            #[track_caller]
            pub fn stats(&self, ddof: u64) -> Delayed<Stats> {
                match self { $(Self::$variant(array) => array.stats(ddof),)* }
            }
        }

        #[track_caller]
        fn open_as(npy: Npy) -> Result<AnyArray, ArrayError> {
            $(if npy.holds(TypeChar::$kind, $size) {
                return Ok(AnyArray::$variant(npy.into_array::<$element, IxDyn>()?));
            })*
            Err(npy.error(format!("elements of type {} are not supported", npy.dtype())))
        }

        fn type_of<A: 'static>() -> Option<(TypeChar, u64)> {
            $(if TypeId::of::<A>() == TypeId::of::<$element>() {
                return Some((TypeChar::$kind, $size));
            })*
            None
        }
    };
}

elements! {
    f64, "float64", F64, Float, 8;
    f32, "float32", F32, Float, 4;
    i64, "int64", I64, Int, 8;
    i32, "int32", I32, Int, 4;
    i16, "int16", I16, Int, 2;
    i8, "int8", I8, Int, 1;
    u64, "uint64", U64, Uint, 8;
    u32, "uint32", U32, Uint, 4;
    u16, "uint16", U16, Uint, 2;
    u8, "uint8", U8, Uint, 1;
}

/// Opens an `.npy` file lazily, in blocks of about 8 MiB that are whole in the last axes.
///
/// The file is mapped into memory: it must not be changed while the array is in use. Files in Fortran
/// order are read where they lie, too.
///
/// # Errors
/// When the file cannot be opened, is no `.npy` file, is cut short, or holds other elements or another
/// number of axes than asked for. Each names the file.
#[track_caller]
pub fn open_npy<A: NpyElement, D: Dimension>(path: impl AsRef<Path>) -> Result<ChunkedArray<A, D>> {
    match open(path.as_ref()) {
        Ok(npy) => npy.into_array().map_err(Error::plan),
        Err(error) => Err(Error::plan(error)),
    }
}

/// Opens an `.npy` file of any element type; see [`open_npy`].
///
/// # Errors
/// As [`open_npy`].
#[track_caller]
pub fn open_npy_any(path: impl AsRef<Path>) -> Result<AnyArray> {
    match open(path.as_ref()) {
        Ok(npy) => open_as(npy).map_err(Error::plan),
        Err(error) => Err(Error::plan(error)),
    }
}

/// An opened file: its header, and its bytes.
struct Npy {
    path: PathBuf,
    header: NpyHeader,
    shape: Vec<usize>,
    map: Mmap,
    /// Where the elements begin.
    start: usize,
}

fn open(path: &Path) -> Result<Npy, ArrayError> {
    let error = |reason: String| ArrayError::File { path: path.to_owned(), reason };
    let file = File::open(path).map_err(|reason| error(reason.to_string()))?;
    let metadata = file.metadata().map_err(|reason| error(reason.to_string()))?;
    if !metadata.is_file() {
        return Err(error("is not a file".into()));
    }
    if metadata.len() == 0 {
        return Err(error("is empty".into()));
    }
    let map = map(&file).map_err(|reason| error(reason.to_string()))?;
    let mut cursor = Cursor::new(&map[..]);
    let header = NpyHeader::from_reader(&mut cursor)
        .map_err(|reason| error(format!("is not an .npy file: {reason}")))?;
    let start = cursor.position() as usize;
    let shape = header.shape().iter().map(|&len| usize::try_from(len));
    let shape = shape.collect::<Result<Vec<_>, _>>();
    let shape = shape.map_err(|reason| error(format!("its shape: {reason}")))?;
    Ok(Npy { path: path.to_owned(), header, shape, map, start })
}

impl Npy {
    fn error(&self, reason: String) -> ArrayError {
        ArrayError::File { path: self.path.clone(), reason }
    }

    /// The element type as the header writes it.
    fn dtype(&self) -> String {
        self.header.dtype().descr()
    }

    /// Whether the elements are of this kind and size, in this machine's byte order.
    fn holds(&self, kind: TypeChar, size: u64) -> bool {
        let DType::Plain(element) = self.header.dtype() else { return false };
        let native = match element.endianness() {
            Endianness::Little => cfg!(target_endian = "little"),
            Endianness::Big => cfg!(target_endian = "big"),
            Endianness::Irrelevant => true,
        };
        native && element.type_char() == kind && element.size_field() == size
    }

    #[track_caller]
    fn into_array<A: NpyElement, D: Dimension>(self) -> Result<ChunkedArray<A, D>, ArrayError> {
        if !type_of::<A>().is_some_and(|(kind, size)| self.holds(kind, size)) {
            let (expected, found) = (A::NAME, self.dtype());
            return Err(ArrayError::DtypeMismatch { path: self.path, expected, found });
        }
        if let Some(expected) = D::NDIM
            && expected != self.shape.len()
        {
            let found = self.shape.len();
            return Err(ArrayError::AxesMismatch { path: self.path, expected, found });
        }
        let elements =
            count_elements(&self.shape).map_err(|error| self.error(error.to_string()))?;
        let bytes = elements.checked_mul(size_of::<A>());
        let Some(bytes) = bytes.filter(|&bytes| bytes <= self.map.len() - self.start) else {
            let have = self.map.len() - self.start;
            return Err(self.error(format!(
                "is cut short: shape {:?} of {} does not fit in {have} bytes of elements",
                self.shape,
                A::NAME,
            )));
        };
        let range = self.start..self.start + bytes;
        if let Err(reason) = bytemuck::try_cast_slice::<u8, A>(&self.map[range.clone()]) {
            return Err(self.error(format!("its elements cannot be mapped: {reason}")));
        }
        let (shape, name) = (self.shape, self.path.display().to_string());
        // Distances of neighbours: the last axis is dense in C order, the first in Fortran order.
        let mut strides: smallvec::SmallVec<[isize; 4]> = shape.iter().map(|_| 1).collect();
        let mut dense = 1_isize;
        let axes: Box<dyn Iterator<Item = usize>> = match self.header.order() {
            Order::C => Box::new((0..shape.len()).rev()),
            Order::Fortran => Box::new(0..shape.len()),
        };
        for axis in axes {
            strides[axis] = dense;
            dense *= shape[axis].max(1) as isize;
        }
        let mapped = Mapped { map: self.map, range };
        let source: InMemory<A> =
            InMemory { name, memory: Arc::new(mapped), start: 0, strides, is_mapped: true };
        Ok(ChunkedArray::in_chunks(leaf(source), &shape, Chunks::auto(BLOCK_BYTES)))
    }
}

/// The elements of a mapped file.
struct Mapped {
    map: Mmap,
    range: std::ops::Range<usize>,
}

impl<A: NpyElement> Memory<A> for Mapped {
    fn elements(&self) -> &[A] {
        // Checked when the file was opened.
        bytemuck::cast_slice(&self.map[self.range.clone()])
    }
}
