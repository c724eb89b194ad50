//! Dtypes by name, and dtypes guessed from the texts of a column.

use polars::prelude::DataType;

use super::cell::{CellReader, Value};

/// The names of the dtypes that CSV can be read as, with the preferred one first.
const NAMES: [(DataType, &[&str]); 8] = [
    (DataType::Int32, &["i32", "int32", "int4"]),
    (DataType::Int64, &["i64", "int64", "int", "integer", "bigint", "long"]),
    (DataType::UInt32, &["u32", "uint32"]),
    (DataType::UInt64, &["u64", "uint64", "uint"]),
    (DataType::Float32, &["f32", "float32", "float4", "real"]),
    (DataType::Float64, &["f64", "float64", "float8", "float", "double", "double precision"]),
    (DataType::Boolean, &["bool", "boolean"]),
    (DataType::String, &["str", "string", "text", "varchar", "char", "utf8"]),
];

/// A name that is no dtype's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no dtype is called {name:?}; there are i32, i64, u32, u64, f32, f64, bool and str")]
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
/// use lazuli_frame::read::parse_dtype;
/// use polars::prelude::DataType;
///
/// assert_eq!(parse_dtype("int")?, DataType::Int64);
/// assert_eq!(parse_dtype("VARCHAR")?, DataType::String);
/// assert!(parse_dtype("complex").is_err());
/// # Ok::<(), lazuli_frame::read::ParseDtypeError>(())
/// ```
pub fn parse_dtype(name: &str) -> Result<DataType, ParseDtypeError> {
    let wanted = name.trim().to_ascii_lowercase();
    NAMES
        .into_iter()
        .find(|(_, names)| names.contains(&wanted.as_str()))
        .map(|(dtype, _)| dtype)
        .ok_or_else(|| ParseDtypeError { name: name.to_owned() })
}

/// What the texts of a column could all be, as far as they were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Guess {
    /// None was seen but missing ones.
    #[default]
    Missing,
    Boolean,
    Integer,
    Float,
    Text,
}

impl Guess {
    /// What one cell could be.
    pub(super) fn of(cell: &[u8], reader: &CellReader) -> Self {
        match reader.number::<i64>(cell) {
            Value::Present(_) => return Self::Integer,
            Value::Missing => return Self::Missing,
            Value::Bad => {}
        }
        // A NaN in letters that are not on the list of missing values is a missing float.
        if reader.number::<f64>(cell) != Value::Bad {
            Self::Float
        } else if reader.boolean(cell) != Value::Bad {
            Self::Boolean
        } else {
            Self::Text
        }
    }

    /// What both could be.
    pub(super) fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Missing, guess) | (guess, Self::Missing) => guess,
            (one, two) if one == two => one,
            (Self::Integer, Self::Float) | (Self::Float, Self::Integer) => Self::Float,
            _ => Self::Text,
        }
    }

    /// The dtype, `Null` where every text was missing.
    pub(super) fn dtype(self) -> DataType {
        match self {
            Self::Missing => DataType::Null,
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Text => DataType::String,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(cells: &[&str]) -> DataType {
        let reader = CellReader::new(Some(b'"'), &["?".to_owned()]);
        cells
            .iter()
            .map(|cell| Guess::of(cell.as_bytes(), &reader))
            .fold(Guess::default(), Guess::join)
            .dtype()
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
        assert_eq!(all.len(), NAMES.iter().map(|(_, names)| names.len()).sum());
    }

    #[test]
    fn guesses_are_the_narrowest_that_hold_all() {
        assert_eq!(guess(&[]), DataType::Null);
        assert_eq!(guess(&["", "NA", "?"]), DataType::Null);
        assert_eq!(guess(&["1", "", "-2"]), DataType::Int64);
        assert_eq!(guess(&["1", "2.5", "NA"]), DataType::Float64);
        assert_eq!(guess(&["9223372036854775808"]), DataType::Float64);
        assert_eq!(guess(&["1", "nan"]), DataType::Float64);
        assert_eq!(guess(&["True", "false", ""]), DataType::Boolean);
        assert_eq!(guess(&["true", "1"]), DataType::String);
        assert_eq!(guess(&["1", "x"]), DataType::String);
        assert_eq!(guess(&["2013-01-01"]), DataType::String);
        assert_eq!(guess(&["\"1\"", "\"NA\""]), DataType::Int64);
    }
}
