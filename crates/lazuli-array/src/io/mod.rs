//! Arrays in files.

mod any;
mod element;
pub mod npy;
mod positioned;
#[cfg(feature = "zarr")]
pub mod zarr;

pub use any::AnyArray;
#[cfg(feature = "zarr")]
pub(crate) use element::ElementKind;
pub use element::StoredElement;
pub(crate) use positioned::PositionedFile;
