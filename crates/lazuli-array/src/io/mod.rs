//! Arrays in files.

mod map;
pub mod npy;
