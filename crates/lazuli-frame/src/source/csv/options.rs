//! How a CSV file is written: what the caller knows of it before it is opened.

use polars::prelude::{DataType, PlSmallStr};

use super::encoding::Encoding;
use super::error::{Fault, Problem};
use super::header::Layout;
use super::moment::Formats;
use super::record::Dialect;

/// What becomes of records that have more or fewer fields than there are columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ragged {
    /// They are errors.
    #[default]
    Fail,
    /// Fields that are not there are missing values; fields too many are errors.
    Pad,
    /// Fields that are not there are missing values; fields too many are not looked at.
    Cut,
    /// They are left out.
    Skip,
}

/// What becomes of cells that are no value of their column's dtype, or no text.
///
/// What is asked of a table decides which cells are looked at: a cell of a column that an answer does not need changes
/// nothing about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnError {
    /// They are errors: all files are read, and the first twenty cells are named.
    #[default]
    Fail,
    /// They are missing values.
    Null,
    /// The rows that they are in are left out of what needs them.
    Skip,
}

/// How CSV files are written, and what of their columns is known beforehand.
///
/// The default is RFC 4180 with a header: comma, double quotes, no comments. Lines end in LF or CR LF (or all
/// in CR), a byte-order mark is dropped, blank lines at the end are ignored. A blank line elsewhere is a missing
/// value if the file has one column, and is skipped if it has more.
///
/// # Examples
///
/// ```
/// use lazuli_frame::source::csv::{CsvOptions, parse_dtype};
///
/// let options = CsvOptions::default()
///     .with_separator(b';')
///     .with_comment(Some(b'#'))
///     .with_null_values(["-", "n/a"])
///     .with_schema([("postcode", parse_dtype("str")?)]);
/// assert_eq!(options.separator(), b';');
/// # Ok::<(), lazuli_frame::source::csv::ParseDtypeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CsvOptions {
    separator: u8,
    quote: Option<u8>,
    comment: Option<u8>,
    has_header: bool,
    skip_rows: usize,
    ragged: Ragged,
    on_error: OnError,
    block_size: u64,
    null_values: Vec<String>,
    true_values: Vec<String>,
    false_values: Vec<String>,
    decimal: u8,
    thousands: Option<u8>,
    encoding: Option<Encoding>,
    formats: Formats,
    schema: Vec<(PlSmallStr, DataType)>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            separator: b',',
            quote: Some(b'"'),
            comment: None,
            has_header: true,
            skip_rows: 0,
            ragged: Ragged::Fail,
            on_error: OnError::Fail,
            block_size: 64 << 20,
            null_values: Vec::new(),
            true_values: Vec::new(),
            false_values: Vec::new(),
            decimal: b'.',
            thousands: None,
            encoding: None,
            formats: Formats::default(),
            schema: Vec::new(),
        }
    }
}

impl CsvOptions {
    /// Sets the byte between two fields.
    #[must_use]
    pub fn with_separator(mut self, separator: u8) -> Self {
        self.separator = separator;
        self
    }

    /// Sets the byte around fields that contain separators, newlines or quotes; with `None` nothing does.
    #[must_use]
    pub fn with_quote(mut self, quote: Option<u8>) -> Self {
        self.quote = quote;
        self
    }

    /// Sets the byte that makes a comment of a line that begins with it; with `None` there are no comments.
    #[must_use]
    pub fn with_comment(mut self, comment: Option<u8>) -> Self {
        self.comment = comment;
        self
    }

    /// Says whether the first record holds the column names. If not, they are `column_1`, `column_2`, ..
    #[must_use]
    pub fn with_header(mut self, has_header: bool) -> Self {
        self.has_header = has_header;
        self
    }

    /// Sets how many lines come before the header, or before the first record if there is none. A line is a
    /// line here, whatever quotes are in it.
    #[must_use]
    pub fn with_skip_rows(mut self, lines: usize) -> Self {
        self.skip_rows = lines;
        self
    }

    /// Sets what becomes of records that have more or fewer fields than there are columns.
    #[must_use]
    pub fn with_ragged(mut self, ragged: Ragged) -> Self {
        self.ragged = ragged;
        self
    }

    /// Sets what becomes of cells that cannot be read as their column's dtype. Which they are, see
    /// [`Frame::rejects`](crate::Frame::rejects).
    #[must_use]
    pub fn with_on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// Sets how many bytes of a file are read by one task (64 MiB unless set): a larger file is several partitions.
    #[must_use]
    pub fn with_block_size(mut self, bytes: u64) -> Self {
        self.block_size = bytes;
        self
    }

    /// Sets further texts that stand for a missing value, in columns of any dtype. In columns that are not
    /// text, the empty field, `NA`, `N/A`, `NaN`, `null`, `NULL` and `None` always do; in text columns, the
    /// empty field that is not quoted.
    #[must_use]
    pub fn with_null_values<S: Into<String>>(
        mut self,
        null_values: impl IntoIterator<Item = S>,
    ) -> Self {
        self.null_values = null_values.into_iter().map(Into::into).collect();
        self
    }

    /// Sets further texts that are true, beside `true` in any case.
    #[must_use]
    pub fn with_true_values<S: Into<String>>(
        mut self,
        true_values: impl IntoIterator<Item = S>,
    ) -> Self {
        self.true_values = true_values.into_iter().map(Into::into).collect();
        self
    }

    /// Sets further texts that are false, beside `false` in any case.
    #[must_use]
    pub fn with_false_values<S: Into<String>>(
        mut self,
        false_values: impl IntoIterator<Item = S>,
    ) -> Self {
        self.false_values = false_values.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the byte between the whole part of a number and its decimals: a point, unless set.
    #[must_use]
    pub fn with_decimal(mut self, decimal: u8) -> Self {
        self.decimal = decimal;
        self
    }

    /// Sets the byte that may stand between every three digits of the whole part of a number; with `None` none
    /// may.
    #[must_use]
    pub fn with_thousands(mut self, thousands: Option<u8>) -> Self {
        self.thousands = thousands;
        self
    }

    /// Sets the encoding of texts that are neither in UTF-8 nor, by the looks of their first bytes, in UTF-16.
    #[must_use]
    pub fn with_encoding(mut self, encoding: Option<Encoding>) -> Self {
        self.encoding = encoding;
        self
    }

    /// Sets how the cells of columns of the dtype `Date` are written, in the words of `strftime`, such as `%d.%m.%Y`.
    /// With `None` they are as in `2013-01-31`. No column is taken for dates by itself: see
    /// [`Self::with_schema`].
    #[must_use]
    pub fn with_date_format(mut self, format: Option<impl Into<String>>) -> Self {
        self.formats.date = format.map(Into::into);
        self
    }

    /// Sets how times of day are written, such as `%I:%M %p`; with `None` as in `23:59` or `23:59:01.5`.
    #[must_use]
    pub fn with_time_format(mut self, format: Option<impl Into<String>>) -> Self {
        self.formats.time = format.map(Into::into);
        self
    }

    /// Sets how moments are written, such as `%d.%m.%Y %H:%M:%S`; with `None` as a date, perhaps with a time of day
    /// behind a space or a `T`.
    #[must_use]
    pub fn with_datetime_format(mut self, format: Option<impl Into<String>>) -> Self {
        self.formats.datetime = format.map(Into::into);
        self
    }

    /// Sets the dtypes of some columns, by name, instead of guessing them. A text column of mostly
    /// numbers needs this, see [`sample_schema`](super::sample_schema).
    #[must_use]
    pub fn with_schema<S: Into<PlSmallStr>>(
        mut self,
        schema: impl IntoIterator<Item = (S, DataType)>,
    ) -> Self {
        self.schema = schema.into_iter().map(|(name, dtype)| (name.into(), dtype)).collect();
        self
    }

    /// The byte between two fields.
    pub fn separator(&self) -> u8 {
        self.separator
    }

    /// The byte around quoted fields.
    pub fn quote(&self) -> Option<u8> {
        self.quote
    }

    /// The byte that begins a comment.
    pub fn comment(&self) -> Option<u8> {
        self.comment
    }

    /// Whether the first record holds the column names.
    pub fn has_header(&self) -> bool {
        self.has_header
    }

    /// The lines before the header.
    pub fn skip_rows(&self) -> usize {
        self.skip_rows
    }

    /// What becomes of records of another width.
    pub fn ragged(&self) -> Ragged {
        self.ragged
    }

    /// What becomes of cells that cannot be read.
    pub fn on_error(&self) -> OnError {
        self.on_error
    }

    /// How many bytes of a file are read by one task.
    pub fn block_size(&self) -> u64 {
        self.block_size
    }

    /// The texts set to stand for a missing value.
    pub fn null_values(&self) -> &[String] {
        &self.null_values
    }

    /// The texts set to be true.
    pub fn true_values(&self) -> &[String] {
        &self.true_values
    }

    /// The texts set to be false.
    pub fn false_values(&self) -> &[String] {
        &self.false_values
    }

    /// The byte before the decimals of a number.
    pub fn decimal(&self) -> u8 {
        self.decimal
    }

    /// The byte between every three digits.
    pub fn thousands(&self) -> Option<u8> {
        self.thousands
    }

    /// How dates and times are written.
    pub(super) fn formats(&self) -> &Formats {
        &self.formats
    }

    /// What the text is encoded in, if that was set to anything but UTF-8.
    pub(super) fn encoding(&self) -> Option<&'static encoding_rs::Encoding> {
        self.encoding.and_then(Encoding::decoded)
    }

    /// The dtypes set, by column name.
    pub fn schema(&self) -> &[(PlSmallStr, DataType)] {
        &self.schema
    }

    /// How the beginning of a file is to be read.
    pub(super) fn layout(&self) -> Result<Layout, Fault> {
        let (has_header, skip_rows) = (self.has_header, self.skip_rows);
        Ok(Layout { dialect: self.dialect()?, has_header, skip_rows })
    }

    /// The bytes that have a meaning, if each has no more than one. The end of a line is for the file to say.
    pub(super) fn dialect(&self) -> Result<Dialect, Fault> {
        let bytes =
            [("separator", Some(self.separator)), ("quote", self.quote), ("comment", self.comment)];
        for (at, &(name, byte)) in bytes.iter().enumerate() {
            if matches!(byte, Some(b'\n' | b'\r')) {
                return Err(Fault::new(Problem::LineBreak(name)));
            }
            for &(other, same) in &bytes[..at] {
                if byte.is_some() && byte == same {
                    return Err(Fault::new(Problem::SameByte(other, name)));
                }
            }
        }
        if self.thousands == Some(self.decimal) {
            return Err(Fault::new(Problem::SameByte("decimal", "thousands separator")));
        }
        Ok(Dialect {
            separator: self.separator,
            quote: self.quote,
            comment: self.comment,
            newline: b'\n',
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::csv::ReadErrorKind;

    #[test]
    fn no_byte_has_two_meanings() {
        assert!(CsvOptions::default().dialect().is_ok());
        assert!(CsvOptions::default().with_quote(None).dialect().is_ok());
        let contradictory = [
            CsvOptions::default().with_separator(b'"'),
            CsvOptions::default().with_separator(b'\n'),
            CsvOptions::default().with_quote(Some(b'\r')),
            CsvOptions::default().with_comment(Some(b',')),
            CsvOptions::default().with_comment(Some(b'"')),
            CsvOptions::default().with_decimal(b',').with_thousands(Some(b',')),
        ];
        for options in contradictory {
            let (kind, ..) = options.dialect().unwrap_err().parts();
            assert_eq!(kind, ReadErrorKind::Options, "{options:?}");
        }
    }
}
