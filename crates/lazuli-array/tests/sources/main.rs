//! Where the elements of arrays come from and go to: files, stores, tasks and other arrays. What is read is what
//! is there, or an error that names it.

mod allocations;
mod dtypes;
mod joined;
mod npy;
mod npy_corrupt;
mod rechunked;
mod store;
mod support;
#[cfg(feature = "zarr")]
mod zarr;
#[cfg(feature = "zarr")]
mod zarr_corrupt;
#[cfg(feature = "zarr")]
mod zarr_store;
