//! Which files to read, and how CSV files are written.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lazuli::frame::polars::prelude::DataType;
use lazuli::frame::source::csv::{Encoding, OnError, Ragged, parse_dtype};
use lazuli::frame::{CsvOptions, Frame, IntoFiles as _, scan_with};

use crate::text::visible;

/// Files, and how CSV files are written.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// Files, or patterns such as 'data/*.csv': .parquet, .arrow, .ipc, .feather, .jsonl, .ndjson; others are CSV, compressed
    /// or not; - is standard input
    #[arg(required = true)]
    files: Vec<String>,
    /// The character between two fields; \t is a tab [default: a comma, or a tab if the files are .tsv]
    #[arg(long, value_name = "CHAR", value_parser = byte)]
    separator: Option<u8>,
    /// The character around fields that contain separators, line breaks or quotes; '' for none
    #[arg(long, value_name = "CHAR", default_value = "\"", value_parser = optional_byte)]
    quote: OptionalByte,
    /// The character that makes a comment of a line that begins with it
    #[arg(long, value_name = "CHAR", value_parser = byte)]
    comment: Option<u8>,
    /// The files have no header: the columns are column_1, column_2 ..
    #[arg(long)]
    no_header: bool,
    /// How many lines come before the header
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip_rows: usize,
    /// What becomes of rows with more or fewer fields than there are columns
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    ragged: Widths,
    /// How many bytes of a file one task reads; larger files are split
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..))]
    block_size: Option<u64>,
    /// Another text that stands for a missing value (may be repeated)
    #[arg(long = "null-value", value_name = "TEXT", allow_hyphen_values = true)]
    null_values: Vec<String>,
    /// A text that is true, beside the word (may be repeated)
    #[arg(long = "true-value", value_name = "TEXT", allow_hyphen_values = true)]
    true_values: Vec<String>,
    /// A text that is false, beside the word (may be repeated)
    #[arg(long = "false-value", value_name = "TEXT", allow_hyphen_values = true)]
    false_values: Vec<String>,
    /// The character before the decimals of a number
    #[arg(long, value_name = "CHAR", default_value = ".", value_parser = byte)]
    decimal: u8,
    /// The character between every three digits of a number
    #[arg(long, value_name = "CHAR", value_parser = byte)]
    thousands: Option<u8>,
    /// How text is encoded that is neither UTF-8 nor recognized as UTF-16: latin1, windows-1252, shift_jis ..
    #[arg(long, value_name = "NAME")]
    encoding: Option<Encoding>,
    /// How dates are written, such as %d.%m.%Y; they are read where --schema says so
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<String>,
    /// How times of day are written, such as %I:%M %p
    #[arg(long, value_name = "FORMAT")]
    time_format: Option<String>,
    /// How moments are written, such as %d.%m.%Y %H:%M:%S
    #[arg(long, value_name = "FORMAT")]
    datetime_format: Option<String>,
    /// Dtypes that are not to be guessed
    #[arg(long, value_name = "COLUMN=DTYPE,..", value_delimiter = ',', value_parser = column)]
    schema: Vec<(String, DataType)>,
}

impl Source {
    /// The files as one lazy table, in which cells that cannot be read are errors.
    pub(crate) fn frame(self) -> lazuli::Result<Frame> {
        self.frame_with(OnError::Fail)
    }

    /// The files as one lazy table.
    pub(crate) fn frame_with(self, on_error: OnError) -> lazuli::Result<Frame> {
        let files =
            self.files.iter().map(|pattern| pattern.into_files().map_err(lazuli::Error::plan));
        let files = files.collect::<lazuli::Result<Vec<_>>>()?;
        let files = files.concat();
        let is_tsv = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "tsv");
        let usual = if files.iter().all(is_tsv) { b'\t' } else { b',' };
        let options = CsvOptions::default()
            .with_separator(self.separator.unwrap_or(usual))
            .with_true_values(self.true_values)
            .with_false_values(self.false_values)
            .with_decimal(self.decimal)
            .with_thousands(self.thousands)
            .with_encoding(self.encoding)
            .with_date_format(self.date_format)
            .with_time_format(self.time_format)
            .with_datetime_format(self.datetime_format)
            .with_quote(self.quote.0)
            .with_comment(self.comment)
            .with_header(!self.no_header)
            .with_skip_rows(self.skip_rows)
            .with_ragged(self.ragged.into())
            .with_on_error(on_error)
            .with_null_values(self.null_values)
            .with_schema(self.schema);
        let options = match self.block_size {
            Some(bytes) => options.with_block_size(bytes),
            None => options,
        };
        let frame = scan_with(files, options)?;
        for note in frame.notes() {
            eprintln!("note: {}", visible(note));
        }
        Ok(frame)
    }
}

/// What becomes of rows of another width.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Widths {
    /// They are errors
    #[default]
    Fail,
    /// Short ones are filled up with missing values, long ones are errors
    Pad,
    /// Short ones are filled up, long ones are cut
    Cut,
    /// They are left out
    Skip,
}

impl From<Widths> for Ragged {
    fn from(widths: Widths) -> Self {
        match widths {
            Widths::Fail => Self::Fail,
            Widths::Pad => Self::Pad,
            Widths::Cut => Self::Cut,
            Widths::Skip => Self::Skip,
        }
    }
}

/// A byte or none, as one value.
#[derive(Clone, Copy, Debug)]
struct OptionalByte(Option<u8>);

fn byte(text: &str) -> Result<u8, String> {
    match (text, text.as_bytes()) {
        ("\\t", _) => Ok(b'\t'),
        (_, &[byte]) if byte.is_ascii() => Ok(byte),
        _ => Err("not one ASCII character".to_owned()),
    }
}

fn optional_byte(text: &str) -> Result<OptionalByte, String> {
    if text.is_empty() { Ok(OptionalByte(None)) } else { byte(text).map(Some).map(OptionalByte) }
}

fn column(text: &str) -> Result<(String, DataType), String> {
    let (name, dtype) = text.rsplit_once('=').ok_or("not of the form COLUMN=DTYPE")?;
    let dtype = parse_dtype(dtype).map_err(|error| error.to_string())?;
    Ok((name.to_owned(), dtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_one_byte() {
        assert_eq!(byte(";"), Ok(b';'));
        assert_eq!(byte("\\t"), Ok(b'\t'));
        assert!(byte("").is_err() && byte(";;").is_err() && byte("ä").is_err());
        assert_eq!(optional_byte("").unwrap().0, None);
        assert_eq!(optional_byte("'").unwrap().0, Some(b'\''));
    }

    #[test]
    fn a_column_has_a_dtype() {
        assert_eq!(column("a=b=i32"), Ok(("a=b".to_owned(), DataType::Int32)));
        assert!(column("a").is_err());
        assert!(column("a=complex").unwrap_err().contains("complex"));
    }
}
