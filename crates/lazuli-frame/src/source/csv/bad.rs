//! Cells that are no value of their column's dtype: data, until somebody decides what becomes of them.

use std::fmt;
use std::path::Path;

use polars::prelude::{BooleanChunked, DataType, PlSmallStr};

use super::error::{Fault, Problem, lines_at};
use super::options::CsvOptions;

/// A cell that is no value of its column's dtype, or no text. In its column there is a missing value instead.
#[derive(Clone, Debug, PartialEq)]
pub struct BadCell {
    /// Its column.
    pub column: PlSmallStr,
    /// Which record of the batch it is in.
    pub record: usize,
    /// Where it begins: this many bytes of the file's text are before it.
    pub offset: u64,
    /// What it says, as far as it is of use in a message.
    pub text: String,
    /// What its column is; none, where the text is not UTF-8.
    pub dtype: Option<DataType>,
}

impl BadCell {
    /// What was expected in its place.
    pub fn expected(&self) -> String {
        self.dtype.as_ref().map_or_else(|| "text in UTF-8".to_owned(), ToString::to_string)
    }

    fn problem(&self) -> Problem {
        let text = self.text.clone();
        match &self.dtype {
            Some(dtype) => Problem::BadCell { text, dtype: dtype.clone() },
            None => Problem::InvalidUtf8(text),
        }
    }

    /// The cell as the reason why a file cannot be read.
    pub(super) fn fault(&self) -> Fault {
        Fault::new(self.problem()).at(self.offset).in_column(&self.column)
    }
}

/// What is wrong with it: `cannot read "x" as i64`.
impl fmt::Display for BadCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem().fmt(f)
    }
}

/// For which of so many records none of these columns has a bad cell.
pub(crate) fn sound(
    bad: &[BadCell],
    records: usize,
    is_needed: impl Fn(&PlSmallStr) -> bool,
) -> Option<BooleanChunked> {
    let mut needed = bad.iter().filter(|cell| is_needed(&cell.column)).peekable();
    needed.peek()?;
    let mut sound = vec![true; records];
    needed.for_each(|cell| sound[cell.record] = false);
    Some(sound.into_iter().collect())
}

/// The lines of these places in the text of a file, which are in order; none, if it cannot be read again.
pub(crate) fn lines_of(path: &Path, offsets: &[u64], options: &CsvOptions) -> Vec<Option<u64>> {
    lines_at(path, options.encoding(), offsets)
}
