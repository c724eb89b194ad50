//! From cells to typed columns: the one place where CSV becomes polars.

use std::ops::Range;

use polars::prelude::{
    BooleanChunkedBuilder, ChunkedBuilder, Column, DataType, Float32Type, Float64Type, Int32Type,
    Int64Type, IntoColumn, PlSmallStr, PolarsNumericType, PrimitiveChunkedBuilder,
    StringChunkedBuilder, UInt32Type, UInt64Type,
};

use super::cell::{CellReader, Number, Value};
use super::error::{Problem, excerpt};

/// A column that grows by a cell for each record.
pub(super) enum ColumnBuilder {
    Int32(PrimitiveChunkedBuilder<Int32Type>),
    Int64(PrimitiveChunkedBuilder<Int64Type>),
    UInt32(PrimitiveChunkedBuilder<UInt32Type>),
    UInt64(PrimitiveChunkedBuilder<UInt64Type>),
    Float32(PrimitiveChunkedBuilder<Float32Type>),
    Float64(PrimitiveChunkedBuilder<Float64Type>),
    Boolean(BooleanChunkedBuilder),
    String(StringChunkedBuilder),
}

/// The first cell of a column that is no value of its dtype.
pub(super) struct Rejected {
    /// Where its bytes begin.
    pub(super) start: usize,
    /// What is wrong with it.
    pub(super) problem: Problem,
}

impl ColumnBuilder {
    /// An empty column; `None` if there is no reading cells as `dtype`.
    pub(super) fn new(name: PlSmallStr, dtype: &DataType) -> Option<Self> {
        Some(match dtype {
            DataType::Int32 => Self::Int32(PrimitiveChunkedBuilder::new(name, 0)),
            DataType::Int64 => Self::Int64(PrimitiveChunkedBuilder::new(name, 0)),
            DataType::UInt32 => Self::UInt32(PrimitiveChunkedBuilder::new(name, 0)),
            DataType::UInt64 => Self::UInt64(PrimitiveChunkedBuilder::new(name, 0)),
            DataType::Float32 => Self::Float32(PrimitiveChunkedBuilder::new(name, 0)),
            DataType::Float64 => Self::Float64(PrimitiveChunkedBuilder::new(name, 0)),
            DataType::Boolean => Self::Boolean(BooleanChunkedBuilder::new(name, 0)),
            DataType::String => Self::String(StringChunkedBuilder::new(name, 0)),
            _ => return None,
        })
    }

    /// Appends what `reader` makes of `cells`, ranges of `bytes`, up to the first that it cannot read.
    pub(super) fn extend(
        &mut self,
        bytes: &[u8],
        cells: impl Iterator<Item = Range<usize>>,
        reader: &CellReader,
    ) -> Result<(), Rejected> {
        match self {
            Self::Int32(builder) => numbers(builder, bytes, cells, reader),
            Self::Int64(builder) => numbers(builder, bytes, cells, reader),
            Self::UInt32(builder) => numbers(builder, bytes, cells, reader),
            Self::UInt64(builder) => numbers(builder, bytes, cells, reader),
            Self::Float32(builder) => numbers(builder, bytes, cells, reader),
            Self::Float64(builder) => numbers(builder, bytes, cells, reader),
            Self::Boolean(builder) => booleans(builder, bytes, cells, reader),
            Self::String(builder) => texts(builder, bytes, cells, reader),
        }
    }

    /// The column.
    pub(super) fn finish(self) -> Column {
        match self {
            Self::Int32(builder) => builder.finish().into_column(),
            Self::Int64(builder) => builder.finish().into_column(),
            Self::UInt32(builder) => builder.finish().into_column(),
            Self::UInt64(builder) => builder.finish().into_column(),
            Self::Float32(builder) => builder.finish().into_column(),
            Self::Float64(builder) => builder.finish().into_column(),
            Self::Boolean(builder) => builder.finish().into_column(),
            Self::String(builder) => builder.finish().into_column(),
        }
    }
}

fn numbers<T>(
    builder: &mut PrimitiveChunkedBuilder<T>,
    bytes: &[u8],
    cells: impl Iterator<Item = Range<usize>>,
    reader: &CellReader,
) -> Result<(), Rejected>
where
    T: PolarsNumericType,
    T::Native: Number,
{
    for cell in cells {
        let start = cell.start;
        let cell = &bytes[cell];
        match reader.number::<T::Native>(cell) {
            Value::Present(value) => builder.append_value(value),
            Value::Missing => builder.append_null(),
            Value::Bad => {
                return Err(bad_cell(start, &reader.text(cell), T::get_static_dtype()));
            }
        }
    }
    Ok(())
}

fn booleans(
    builder: &mut BooleanChunkedBuilder,
    bytes: &[u8],
    cells: impl Iterator<Item = Range<usize>>,
    reader: &CellReader,
) -> Result<(), Rejected> {
    for cell in cells {
        let start = cell.start;
        let cell = &bytes[cell];
        match reader.boolean(cell) {
            Value::Present(value) => builder.append_value(value),
            Value::Missing => builder.append_null(),
            Value::Bad => {
                return Err(bad_cell(start, &reader.text(cell), DataType::Boolean));
            }
        }
    }
    Ok(())
}

fn texts(
    builder: &mut StringChunkedBuilder,
    bytes: &[u8],
    cells: impl Iterator<Item = Range<usize>>,
    reader: &CellReader,
) -> Result<(), Rejected> {
    for cell in cells {
        let start = cell.start;
        let Some(text) = reader.optional_text(&bytes[cell]) else {
            builder.append_null();
            continue;
        };
        match simdutf8::basic::from_utf8(&text) {
            Ok(text) => builder.append_value(text),
            Err(_) => {
                return Err(Rejected { start, problem: Problem::InvalidUtf8(excerpt(&text)) });
            }
        }
    }
    Ok(())
}

#[cold]
fn bad_cell(start: usize, text: &[u8], dtype: DataType) -> Rejected {
    Rejected { start, problem: Problem::BadCell { text: excerpt(text), dtype } }
}
