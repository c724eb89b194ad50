//! Arrays in files: what is read is what is there, or an error that names it.

mod allocations;
mod npy;
mod npy_corrupt;
mod store;
mod support;
#[cfg(feature = "zarr")]
mod zarr;
#[cfg(feature = "zarr")]
mod zarr_corrupt;
