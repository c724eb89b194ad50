//! Arrays in files.

mod any;
mod element;
pub mod npy;
mod positioned;

pub use any::AnyArray;
pub use element::StoredElement;
pub(crate) use positioned::PositionedFile;
