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
/// use lazuli_frame::source::csv::parse_dtype;
/// use polars::prelude::DataType;
///
/// assert_eq!(parse_dtype("int")?, DataType::Int64);
/// assert_eq!(parse_dtype("VARCHAR")?, DataType::String);
/// assert!(parse_dtype("complex").is_err());
/// # Ok::<(), lazuli_frame::source::csv::ParseDtypeError>(())
/// ```
pub fn parse_dtype(name: &str) -> Result<DataType, ParseDtypeError> {
    let wanted = name.trim().to_ascii_lowercase();
    NAMES
        .into_iter()
        .find(|(_, names)| names.contains(&wanted.as_str()))
        .map(|(dtype, _)| dtype)
        .ok_or_else(|| ParseDtypeError { name: name.to_owned() })
}

/// What the texts of a column could be, as far as they were seen: how many are of each kind, each counted
/// as the narrowest that it could be. Missing ones are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    integers: usize,
    floats: usize,
    booleans: usize,
    texts: usize,
}

impl Tally {
    /// Counts one cell.
    pub(super) fn note(&mut self, cell: &[u8], reader: &CellReader) {
        match reader.number::<i64>(cell) {
            Value::Present(_) => {
                self.integers += 1;
                return;
            }
            Value::Missing => return,
            Value::Bad => {}
        }
        // A NaN in letters that are not on the list of missing values is a missing float.
        if reader.number::<f64>(cell) != Value::Bad {
            // An integer too large for `i64` is likely to identify something, and floats would make
            // several of them one.
            if is_written_as_integer(&reader.text(cell)) {
                self.texts += 1;
            } else {
                self.floats += 1;
            }
        } else if reader.boolean(cell) != Value::Bad {
            self.booleans += 1;
        } else {
            self.texts += 1;
        }
    }

    /// The dtype, `Null` where every text was missing.
    ///
    /// A few texts do not make a number column a text column: whoever asks for it then is told where they
    /// are, instead of getting the greatest of its numbers by their first digits.
    pub(super) fn dtype(self) -> DataType {
        let numbers = self.integers + self.floats;
        let others = self.booleans + self.texts;
        if numbers + others == 0 {
            DataType::Null
        } else if numbers >= others {
            if self.floats == 0 { DataType::Int64 } else { DataType::Float64 }
        } else if numbers + self.texts == 0 {
            DataType::Boolean
        } else {
            DataType::String
        }
    }
}

/// Whether the text of a number has neither point nor exponent, nor is it infinity.
fn is_written_as_integer(number: &[u8]) -> bool {
    number.iter().all(|byte| byte.is_ascii_digit() || b"+- \t".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(cells: &[&str]) -> DataType {
        let reader = CellReader::new(Some(b'"'), &["?".to_owned()]);
        let mut tally = Tally::default();
        cells.iter().for_each(|cell| tally.note(cell.as_bytes(), &reader));
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
        assert_eq!(all.len(), NAMES.iter().map(|(_, names)| names.len()).sum());
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
    fn numbers_are_numbers_if_they_are_half_of_the_cells() {
        assert_eq!(guess(&["1", "x"]), DataType::Int64);
        assert_eq!(guess(&["x", "1", "y"]), DataType::String);
        // Integers and floats count together, missing cells not at all.
        assert_eq!(guess(&["1", "x", "2.5", "y"]), DataType::Float64);
        assert_eq!(guess(&["1", "x", "", "NA", "?"]), DataType::Int64);
        assert_eq!(guess(&["x", "1", "y", "", "NA", "?"]), DataType::String);
        assert_eq!(guess(&["true", "1"]), DataType::Int64);
        assert_eq!(guess(&["true", "false", "1"]), DataType::String);
        assert_eq!(guess(&["true", "x", "1", "2"]), DataType::Int64);
        // Truth values are so only if there is nothing else.
        assert_eq!(guess(&["true", "false", "true", "x"]), DataType::String);
    }

    #[test]
    fn integers_beyond_i64_are_no_numbers() {
        for beyond in ["9223372036854775808", "-9223372036854775809", "\"12345678901234567890\""] {
            assert_eq!(guess(&[beyond]), DataType::String, "{beyond}");
            assert_eq!(guess(&[" +18446744073709551616\t", beyond, "1"]), DataType::String);
            assert_eq!(guess(&["1", beyond, "2"]), DataType::Int64, "{beyond}");
        }
        assert_eq!(guess(&["9223372036854775807", "-9223372036854775808"]), DataType::Int64);
        for float in ["9223372036854775808.0", "12345678901234567890.", "1e20", "1E+20", "inf"] {
            assert_eq!(guess(&[float]), DataType::Float64, "{float}");
        }
    }
}
