//! Arrays whose element type is known when the file is opened, not when the program is written.

use half::f16;
use lazuli_core::Delayed;
use ndarray::IxDyn;
use num_complex::Complex;

use super::element::StoredElement;
use crate::array::ChunkedArray;
use crate::chunks::IntoChunks;
use crate::error::ArrayError;
use crate::reductions::Stats;

macro_rules! any_array {
    ($($variant:ident($element:ty) $array:ident => $stats:expr;)*) => {
        /// An array of any element type that files hold.
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

            /// The sizes of all blocks along each axis.
            #[must_use]
            pub fn chunks(&self) -> Vec<Vec<usize>> {
                match self { $(Self::$variant(array) => array.chunks(),)* }
            }

            /// The size of the largest block along each axis.
            #[must_use]
            pub fn chunksize(&self) -> Vec<usize> {
                match self { $(Self::$variant(array) => array.chunksize(),)* }
            }

            /// NumPy's name of the element type, as `"float64"`.
            #[must_use]
            pub fn dtype(&self) -> &'static str {
                match self { $(Self::$variant(_) => <$element>::NAME,)* }
            }

            /// How many bytes an element has.
            #[must_use]
            pub fn itemsize(&self) -> usize {
                match self { $(Self::$variant(_) => size_of::<$element>(),)* }
            }

            /// See [`ChunkedArray::rechunk`].
            #[track_caller]
            #[must_use]
            pub fn rechunk(&self, chunks: impl IntoChunks) -> Self {
                match self { $(Self::$variant(array) => Self::$variant(array.rechunk(chunks)),)* }
            }

            /// See [`ChunkedArray::stats`]. Elements of `bool` count as 0 and 1, those of `f16` as `f32`.
            /// Complex numbers have no order: computing the statistics of an array of them is an error.
            #[track_caller]
            pub fn stats(&self, ddof: u64) -> Delayed<Stats> {
                match self { $(Self::$variant($array) => ($stats).stats(ddof),)* }
            }
        }

        /// The array of the element type for which `open` gives one.
        #[track_caller]
        pub(super) fn open_first<E>(open: &impl OpenAs<E>) -> Option<Result<AnyArray, E>> {
            $(if let Some(array) = open.open_as::<$element>() {
                return Some(array.map(AnyArray::$variant));
            })*
            None
        }
    };
}

any_array! {
    F64(f64) array => array;
    F32(f32) array => array;
    F16(f16) array => array.astype::<f32>();
    I64(i64) array => array;
    I32(i32) array => array;
    I16(i16) array => array;
    I8(i8) array => array;
    U64(u64) array => array;
    U32(u32) array => array;
    U16(u16) array => array;
    U8(u8) array => array;
    Bool(bool) array => array.astype::<u8>();
    C64(Complex<f64>) array => unordered(array);
    C32(Complex<f32>) array => unordered(array);
}

/// Something that is opened as an array of one element type.
pub(super) trait OpenAs<E> {
    /// The array, where its elements are of this type.
    #[track_caller]
    fn open_as<A: StoredElement>(&self) -> Option<Result<ChunkedArray<A, IxDyn>, E>>;
}

/// An array that reports that these elements have no order.
fn unordered<A: StoredElement>(array: &ChunkedArray<A, IxDyn>) -> ChunkedArray<f64, IxDyn> {
    ChunkedArray::invalid(ArrayError::Unordered("stats", A::NAME), array.site)
}
