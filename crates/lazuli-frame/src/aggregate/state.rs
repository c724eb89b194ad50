//! The state of an aggregate: a small table, a row for each group. With the feature `serde` it can be
//! sent to another process and go on there.
//!
//! polars' own serialization would bring in much that nothing else here needs. A state has few kinds of
//! columns (keys, counts, sums, values of a column), and these are written as they are: their names, and
//! their cells by dtype, bit for bit.

use polars::prelude::DataFrame;

/// What an aggregate knows of the rows seen so far: what [`Aggregation::partial`](super::Aggregation::partial)
/// and [`combine`](super::Aggregation::combine) make.
///
/// With the feature `serde` it serializes. A state of keys or values of other dtypes than numbers, text,
/// booleans, dates and times without a zone is refused with an error that names the column.
#[derive(Clone, Debug)]
pub struct State(pub DataFrame);

#[cfg(feature = "serde")]
mod wire {
    use polars::prelude::{
        BooleanType, ChunkedArray, Column, DataFrame, DataType, Float32Type, Float64Type, Int8Type,
        Int16Type, Int32Type, Int64Type, Int128Type, IntoColumn as _, NewChunkedArray as _,
        PlSmallStr, PolarsResult, StringChunked, TimeUnit, UInt8Type, UInt16Type, UInt32Type,
        UInt64Type,
    };
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

    use super::State;

    #[derive(Serialize, Deserialize)]
    struct Table {
        rows: usize,
        columns: Vec<(String, Cells)>,
    }

    /// What a whole number of time units means.
    #[derive(Clone, Copy, Serialize, Deserialize)]
    enum Clock {
        Moment(Unit),
        Span(Unit),
        OfDay,
    }

    #[derive(Clone, Copy, Serialize, Deserialize)]
    enum Unit {
        Nanoseconds,
        Microseconds,
        Milliseconds,
    }

    impl Clock {
        fn of(dtype: &DataType) -> Option<Self> {
            let unit = |unit: &TimeUnit| match unit {
                TimeUnit::Nanoseconds => Unit::Nanoseconds,
                TimeUnit::Microseconds => Unit::Microseconds,
                TimeUnit::Milliseconds => Unit::Milliseconds,
            };
            match dtype {
                DataType::Datetime(of, None) => Some(Self::Moment(unit(of))),
                DataType::Duration(of) => Some(Self::Span(unit(of))),
                DataType::Time => Some(Self::OfDay),
                _ => None,
            }
        }

        fn dtype(self) -> DataType {
            let unit = |unit| match unit {
                Unit::Nanoseconds => TimeUnit::Nanoseconds,
                Unit::Microseconds => TimeUnit::Microseconds,
                Unit::Milliseconds => TimeUnit::Milliseconds,
            };
            match self {
                Self::Moment(of) => DataType::Datetime(unit(of), None),
                Self::Span(of) => DataType::Duration(unit(of)),
                Self::OfDay => DataType::Time,
            }
        }
    }

    macro_rules! cells {
        ($($dtype:ident $method:ident $polars:ident $cell:ty),*) => {
            /// The cells of a column; None is a missing one.
            #[derive(Serialize, Deserialize)]
            enum Cells {
                Boolean(Vec<Option<bool>>),
                String(Vec<Option<String>>),
                /// How many, all missing.
                Null(usize),
                /// Days since 1970.
                Date(Vec<Option<i32>>),
                /// Moments and spans without a time zone.
                Time(Clock, Vec<Option<i64>>),
                $($dtype(Vec<Option<$cell>>),)*
            }

            impl Cells {
                /// None where a column is of a dtype that no state is sent with.
                fn of(column: &Column) -> Option<Self> {
                    let series = column.as_materialized_series();
                    Some(match column.dtype() {
                        DataType::Boolean => Self::Boolean(series.bool().ok()?.iter().collect()),
                        DataType::String => {
                            let texts = series.str().ok()?.iter();
                            Self::String(texts.map(|text| text.map(str::to_owned)).collect())
                        }
                        DataType::Date => {
                            Self::Date(series.to_physical_repr().i32().ok()?.iter().collect())
                        }
                        DataType::Null => Self::Null(series.len()),
                        $(DataType::$dtype => Self::$dtype(series.$method().ok()?.iter().collect()),)*
                        dtype => {
                            let clock = Clock::of(dtype)?;
                            Self::Time(clock, series.to_physical_repr().i64().ok()?.iter().collect())
                        }
                    })
                }

                fn into_column(self, name: PlSmallStr) -> PolarsResult<Column> {
                    Ok(match self {
                        Self::Null(rows) => Column::full_null(name, rows, &DataType::Null),
                        Self::Time(clock, cells) => {
                            let cells = cells.into_iter();
                            ChunkedArray::<Int64Type>::from_iter_options(name, cells)
                                .into_column()
                                .cast(&clock.dtype())?
                        }
                        Self::Boolean(cells) => {
                            ChunkedArray::<BooleanType>::from_iter_options(name, cells.into_iter())
                                .into_column()
                        }
                        Self::String(cells) => {
                            StringChunked::from_iter_options(name, cells.into_iter()).into_column()
                        }
                        Self::Date(cells) => {
                            ChunkedArray::<Int32Type>::from_iter_options(name, cells.into_iter())
                                .into_date()
                                .into_column()
                        }
                        $(Self::$dtype(cells) => {
                            ChunkedArray::<$polars>::from_iter_options(name, cells.into_iter())
                                .into_column()
                        })*
                    })
                }
            }
        };
    }

    cells!(
        Int8 i8 Int8Type i8, Int16 i16 Int16Type i16, Int32 i32 Int32Type i32, Int64 i64 Int64Type i64,
        Int128 i128 Int128Type i128, UInt8 u8 UInt8Type u8, UInt16 u16 UInt16Type u16,
        UInt32 u32 UInt32Type u32, UInt64 u64 UInt64Type u64, Float32 f32 Float32Type f32,
        Float64 f64 Float64Type f64
    );

    impl Serialize for State {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let columns = self.0.columns().iter().map(|column| {
                let cells = Cells::of(column).ok_or_else(|| {
                    let (name, dtype) = (column.name(), column.dtype());
                    ser::Error::custom(format!(
                        "the column `{name}` of dtype {dtype} cannot be sent"
                    ))
                })?;
                Ok((column.name().to_string(), cells))
            });
            let columns = columns.collect::<Result<Vec<_>, S::Error>>()?;
            Table { rows: self.0.height(), columns }.serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for State {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let table = Table::deserialize(deserializer)?;
            let columns =
                table.columns.into_iter().map(|(name, cells)| cells.into_column(name.into()));
            let columns = columns.collect::<PolarsResult<_>>().map_err(de::Error::custom)?;
            DataFrame::new(table.rows, columns).map(Self).map_err(de::Error::custom)
        }
    }
}
