//! Properties of the whole split, against polars on the table in one piece.

mod accuracy;
mod dtypes;
mod groups;
mod refusals;
mod table;
mod whole;
