//! Dtypes by name, and dtypes guessed from the texts of a column.

use polars::prelude::{DataType, TimeUnit};

use super::cell::{CellReader, Value};

/// The names of the dtypes that CSV can be read as, with the preferred one first.
const NAMES: [(DataType, &[&str]); 11] = [
    (DataType::Int32, &["i32", "int32", "int4"]),
    (DataType::Int64, &["i64", "int64", "int", "integer", "bigint", "long"]),
    (DataType::UInt32, &["u32", "uint32"]),
    (DataType::UInt64, &["u64", "uint64", "uint"]),
    (DataType::Float32, &["f32", "float32", "float4", "real"]),
    (DataType::Float64, &["f64", "float64", "float8", "float", "double", "double precision"]),
    (DataType::Boolean, &["bool", "boolean"]),
    (DataType::Date, &["date"]),
    (DataType::Time, &["time"]),
    (
        DataType::Datetime(TimeUnit::Microseconds, None),
        &["datetime[μs]", "datetime[us]", "datetime", "timestamp"],
    ),
    (DataType::String, &["str", "string", "text", "varchar", "char", "utf8"]),
];

/// A name that is no dtype's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no dtype is called {name:?}; there are i32, i64, u32, u64, f32, f64, bool, date, time, datetime and str"
)]
pub struct ParseDtypeError {
    name: String,
}

/// The dtype of a name, as polars and SQL write them, in any case: `i64` and `BIGINT` are the same. Where the
/// two disagree about the size, the larger is meant: `int` is `i64`, `float` is `f64`.
///
/// # Errors
///
/// If no dtype that CSV can be read as has that name.
///
/// # Examples
///
/// ```
/// use lazuli_frame::source::csv::parse_dtype;
/// use polars::prelude::DataType;
///
/// assert_eq!(parse_dtype("int")?, DataType::Int64);
/// assert_eq!(parse_dtype("VARCHAR")?, DataType::String);
/// assert!(parse_dtype("complex").is_err());
/// # Ok::<(), lazuli_frame::source::csv::ParseDtypeError>(())
/// ```
pub fn parse_dtype(name: &str) -> Result<DataType, ParseDtypeError> {
    let wanted = name.trim().to_lowercase();
    NAMES
        .into_iter()
        .find(|(_, names)| names.contains(&wanted.as_str()))
        .map(|(dtype, _)| dtype)
        .ok_or_else(|| ParseDtypeError { name: name.to_owned() })
}

/// What one text could be: the narrowest of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Missing,
    Integer,
    Float,
    Boolean,
    Text,
}

impl Kind {
    /// What a cell could be, by a reader that guesses.
    pub(super) fn of(cell: &[u8], guessing: &CellReader) -> Self {
        match guessing.number::<i64>(cell) {
            Value::Present(_) => return Self::Integer,
            Value::Missing => return Self::Missing,
            Value::Bad => {}
        }
        // A NaN in letters that are not on the list of missing values is a missing float.
        if guessing.number::<f64>(cell) != Value::Bad {
            Self::Float
        } else if guessing.boolean(cell) != Value::Bad {
            Self::Boolean
        } else {
            Self::Text
        }
    }

    /// The dtype of a column that begins with it.
    pub(super) fn dtype(self) -> DataType {
        match self {
            Self::Missing => DataType::Null,
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Text => DataType::String,
        }
    }
}

/// What the texts of a column could be, as far as they were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    integers: bool,
    floats: bool,
    booleans: bool,
    texts: bool,
}

impl Tally {
    /// Notes one cell; what it is.
    pub(super) fn note(&mut self, cell: &[u8], reader: &CellReader) -> Kind {
        let kind = Kind::of(cell, reader);
        match kind {
            Kind::Missing => {}
            Kind::Integer => self.integers = true,
            Kind::Float => self.floats = true,
            Kind::Boolean => self.booleans = true,
            Kind::Text => self.texts = true,
        }
        kind
    }

    /// The narrowest dtype that all texts fit, `Null` where every one was missing.
    pub(super) fn dtype(self) -> DataType {
        let numbers = self.integers || self.floats;
        match (self.texts, self.booleans, numbers) {
            (false, false, false) => DataType::Null,
            (false, false, true) if self.floats => DataType::Float64,
            (false, false, true) => DataType::Int64,
            (false, true, false) => DataType::Boolean,
            _ => DataType::String,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(cells: &[&str]) -> DataType {
        let reader = CellReader::new(Some(b'"'), &["?".to_owned()]).guessing();
        let mut tally = Tally::default();
        for cell in cells {
            tally.note(cell.as_bytes(), &reader);
        }
        tally.dtype()
    }

    #[test]
    fn the_names_of_a_dtype_are_its_own() {
        let mut all: Vec<&str> = NAMES.iter().flat_map(|(_, names)| *names).copied().collect();
        for (dtype, names) in NAMES {
            assert_eq!(dtype.to_string(), names[0]);
            for name in names {
                assert_eq!(parse_dtype(&name.to_uppercase()), Ok(dtype.clone()));
            }
        }
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), NAMES.iter().map(|(_, names)| names.len()).sum::<usize>());
    }

    #[test]
    fn guesses_are_the_narrowest_that_hold_all() {
        assert_eq!(guess(&[]), DataType::Null);
        assert_eq!(guess(&["", "NA", "?"]), DataType::Null);
        assert_eq!(guess(&["1", "", "-2"]), DataType::Int64);
        assert_eq!(guess(&["1", "2.5", "NA"]), DataType::Float64);
        assert_eq!(guess(&["1", "nan"]), DataType::Float64);
        assert_eq!(guess(&["True", "false", ""]), DataType::Boolean);
        assert_eq!(guess(&["2013-01-01"]), DataType::String);
        assert_eq!(guess(&["\"1\"", "\"NA\""]), DataType::Int64);
    }

    #[test]
    fn one_text_makes_text() {
        assert_eq!(guess(&["12", "AB"]), DataType::String);
        assert_eq!(guess(&["1", "2", "2.5", "3", "x"]), DataType::String);
        assert_eq!(guess(&["true", "1"]), DataType::String);
        assert_eq!(guess(&["true", "false", "true", "x"]), DataType::String);
        assert_eq!(guess(&["1", "", "NA", "?"]), DataType::Int64);
    }

    #[test]
    fn digits_with_a_leading_zero_are_text() {
        assert_eq!(guess(&["01234", "1234"]), DataType::String);
        assert_eq!(guess(&["0.5", "00"]), DataType::String);
        assert_eq!(guess(&["0", "10", "-0", "0.05"]), DataType::Float64);
    }

    #[test]
    fn integers_beyond_i64_are_no_numbers() {
        for beyond in ["9223372036854775808", "-9223372036854775809", "\"12345678901234567890\""] {
            assert_eq!(guess(&[beyond]), DataType::String, "{beyond}");
            assert_eq!(guess(&["1", beyond, "2.5"]), DataType::String, "{beyond}");
        }
        assert_eq!(guess(&["9223372036854775807", "-9223372036854775808"]), DataType::Int64);
        for float in ["9223372036854775808.0", "12345678901234567890.", "1e20", "1E+20", "inf"] {
            assert_eq!(guess(&[float]), DataType::Float64, "{float}");
        }
    }
}
