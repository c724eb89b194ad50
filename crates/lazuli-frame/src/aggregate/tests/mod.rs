//! Properties of the whole split, against polars on the table in one piece.

mod accuracy;
mod dtypes;
mod groups;
mod refusals;
#[cfg(feature = "serde")]
mod sent;
mod table;
mod whole;
