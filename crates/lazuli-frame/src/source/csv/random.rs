//! Random files, read as whole and in parts, against the plain reader and plain rules for cells.
//!
//! `LAZULI_CASES=50000` makes it thorough.

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use polars::prelude::{Column, DataFrame, DataType, NamedFrom, Series};
use proptest::prelude::*;
use proptest::sample::select;

use super::oracle::{self, Field};
use super::record::Dialect;
use super::*;

fn cases() -> u32 {
    std::env::var("LAZULI_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

/// How a file is stored.
#[derive(Clone, Copy, Debug)]
enum Stored {
    Plain,
    Gzip,
    Zstd,
    Bzip2,
    Utf16,
    Latin1,
}

/// A file, and how it is to be read.
#[derive(Clone, Debug)]
struct Case {
    dialect: Dialect,
    ragged: Ragged,
    columns: usize,
    body: String,
    stored: Stored,
    block_size: u64,
}

fn cell(quote: char) -> impl Strategy<Value = String> {
    let quoted = move |text: String| {
        format!("{quote}{}{quote}", text.replace(quote, &format!("{quote}{quote}")))
    };
    prop_oneof![
        6 => "-?[0-9]{1,12}",
        6 => "-?[0-9]{1,6}\\.[0-9]{1,6}",
        2 => "[+-]?[0-9]{0,20}\\.?[0-9]{0,12}(e[+-]?[0-9]{1,2})?",
        3 => select(&["", "", "NA", " ", "null", "NaN", "nan", " 7", "0012", "+5", "inf", "-"][..])
            .prop_map(str::to_owned),
        2 => select(&["true", "False", "TRUE", "yes"][..]).prop_map(str::to_owned),
        3 => "[a-zü ]{0,12}",
        2 => "[a-z,;\t\"'\n\r0-9ü]{0,16}".prop_map(quoted),
        1 => "[0-9]{1,4}".prop_map(quoted),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let dialect =
        (select(&b",,;\t"[..]), select(&b"\"\"'"[..]), select(&[None, None, Some(b'#')][..]))
            .prop_map(|(separator, quote, comment)| Dialect {
                separator,
                quote: Some(quote),
                comment,
                newline: b'\n',
            });
    let stored = [
        Stored::Plain,
        Stored::Plain,
        Stored::Plain,
        Stored::Gzip,
        Stored::Zstd,
        Stored::Bzip2,
        Stored::Utf16,
        Stored::Latin1,
    ];
    let policies = [Ragged::Fail, Ragged::Fail, Ragged::Pad, Ragged::Cut, Ragged::Skip];
    (1_usize..6, dialect, select(stored.to_vec()), select(policies.to_vec()), 16_u64..400)
        .prop_flat_map(|(columns, dialect, stored, ragged, block_size)| {
            let ends = select(&["\n", "\n", "\n", "\n", "\r\n", "\n\n", "\n#c,\"\n"][..]);
            // Now and then a row of another width, and a quote where none belongs.
            let width = prop_oneof![30 => Just(columns), 1 => Just(columns + 1), 1 => 1..=columns];
            let stray = prop_oneof![60 => Just(""), 1 => Just("\"a\"b"), 1 => Just("x\"y"), 1 => Just("\"")];
            let quote = char::from(dialect.quote.unwrap_or(b'"'));
            let row = (prop::collection::vec(cell(quote), columns + 1), width, stray, ends).prop_map(
                move |(cells, width, stray, end)| {
                    let separator = char::from(dialect.separator).to_string();
                    format!("{}{stray}{end}", cells[..width].join(&separator))
                },
            );
            let row = row.boxed();
            let rows = prop_oneof![4 => prop::collection::vec(row.clone(), 0..30), 1 => prop::collection::vec(row, 200..400)];
            (rows, any::<bool>()).prop_map(move |(rows, whole)| {
                let mut body = rows.concat();
                if !whole {
                    body.pop();
                }
                Case { dialect, ragged, columns, body, stored, block_size }
            })
        })
}

impl Case {
    fn header(&self) -> String {
        let names: Vec<String> = (0..self.columns).map(|column| format!("c{column}")).collect();
        names.join(&char::from(self.dialect.separator).to_string()) + "\n"
    }

    fn options(&self) -> CsvOptions {
        let options = CsvOptions::default()
            .with_separator(self.dialect.separator)
            .with_quote(self.dialect.quote)
            .with_comment(self.dialect.comment)
            .with_ragged(self.ragged)
            .with_block_size(self.block_size);
        match self.stored {
            Stored::Latin1 => options.with_encoding("latin1".parse().ok()),
            _ => options,
        }
    }

    fn stored(&self) -> Vec<u8> {
        let text = self.header() + &self.body;
        match self.stored {
            Stored::Plain => text.into_bytes(),
            Stored::Gzip => {
                let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                to.write_all(text.as_bytes()).and_then(|()| to.finish()).unwrap()
            }
            Stored::Zstd => zstd::encode_all(text.as_bytes(), 1).unwrap(),
            Stored::Bzip2 => {
                let mut to = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                to.write_all(text.as_bytes()).and_then(|()| to.finish()).unwrap()
            }
            Stored::Utf16 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Stored::Latin1 => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        }
    }
}

/// What one cell could be, by the rules as they are told to users.
fn kind(field: &Field) -> DataType {
    let text = String::from_utf8(field.text.clone()).unwrap();
    let text = text.trim_matches([' ', '\t']);
    if ["", "NA", "N/A", "NaN", "null", "NULL", "None"].contains(&text) {
        return DataType::Null;
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let is_code = digits.len() > 1 && digits.starts_with('0');
        let is_number = !is_code && text.parse::<i64>().is_ok();
        return if is_number { DataType::Int64 } else { DataType::String };
    }
    if text.parse::<f64>().is_ok() {
        DataType::Float64
    } else if ["true", "false"].contains(&&*text.to_lowercase()) {
        DataType::Boolean
    } else {
        DataType::String
    }
}

/// The narrowest dtype of all of these.
fn narrowest(kinds: &[DataType]) -> DataType {
    let seen: Vec<&DataType> = kinds.iter().filter(|kind| !kind.is_null()).collect();
    let all = |dtypes: &[DataType]| seen.iter().all(|kind| dtypes.contains(kind));
    match () {
        () if seen.is_empty() => DataType::Null,
        () if all(&[DataType::Int64]) => DataType::Int64,
        () if all(&[DataType::Int64, DataType::Float64]) => DataType::Float64,
        () if all(&[DataType::Boolean]) => DataType::Boolean,
        () => DataType::String,
    }
}

fn column(name: &str, fields: &[&Field], dtype: &DataType) -> Column {
    let texts = || {
        fields.iter().map(|field| {
            let text = String::from_utf8(field.text.clone()).unwrap();
            let is_missing = kind(field).is_null();
            (text.trim_matches([' ', '\t']).to_owned(), is_missing, text, field.empty)
        })
    };
    let series = match dtype {
        DataType::Null => Series::new_null(name.into(), fields.len()),
        DataType::Int64 => {
            let cells =
                texts().map(|(text, missing, ..)| (!missing).then(|| text.parse().unwrap()));
            Series::new(name.into(), cells.collect::<Vec<Option<i64>>>())
        }
        DataType::Float64 => {
            let cells = texts().map(|(text, missing, ..)| {
                let number = (!missing).then(|| text.parse().unwrap());
                number.filter(|number: &f64| !number.is_nan())
            });
            Series::new(name.into(), cells.collect::<Vec<Option<f64>>>())
        }
        DataType::Boolean => {
            let cells = texts()
                .map(|(text, missing, ..)| (!missing).then(|| text.to_lowercase() == "true"));
            Series::new(name.into(), cells.collect::<Vec<Option<bool>>>())
        }
        _ => {
            let cells = texts().map(|(_, _, text, empty)| (!empty).then_some(text));
            Series::new(name.into(), cells.collect::<Vec<Option<String>>>())
        }
    };
    series.into()
}

/// All parts of a file, one after another; or the first error.
fn read(path: &Path, columns: &[Wanted], options: &CsvOptions) -> Result<DataFrame, ReadError> {
    let bytes = fs::metadata(path).unwrap().len();
    let each = blocks(bytes, options).into_iter().map(|block| readings(path, block, options));
    let each: Vec<Readings> = each.collect::<Result<_, _>>()?;
    let parts = match &each[..] {
        [] => vec![None],
        each => parts(each, bytes).into_iter().map(Some).collect(),
    };
    let mut read: Option<DataFrame> = None;
    for part in parts {
        if part.as_ref().is_some_and(std::ops::Range::is_empty) {
            continue;
        }
        read_batches(path, part, columns, options, &mut |batch| {
            match &mut read {
                None => read = Some(batch.frame),
                Some(read) => append(read, batch.frame),
            }
            ControlFlow::Continue(())
        })?;
    }
    Ok(read.expect("there is a part"))
}

/// A path for one case, gone at its end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("lazuli-random-{}-{number}", std::process::id())))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn random_files_are_what_the_plain_reader_says(case in case(), mask: u8) {
        let place = Place::new();
        fs::write(&place.0, case.stored()).unwrap();
        let options = case.options();
        let text = case.header() + &case.body;
        let start = case.header().len();
        let plain = oracle::read(text.as_bytes(), start, case.columns, case.dialect, case.ragged);
        let names: Vec<String> = (0..case.columns).map(|column| format!("c{column}")).collect();
        let fields = |column: usize| -> Vec<&Field> {
            plain.records.iter().map(|record| &record[column]).collect()
        };
        let dtypes: Vec<DataType> = (0..case.columns)
            .map(|column| {
                let kinds: Vec<DataType> = fields(column).into_iter().map(kind).collect();
                narrowest(&kinds)
            })
            .collect();
        let chosen: Vec<usize> = (0..case.columns).filter(|column| mask >> column & 1 == 1).collect();
        let wanted = |dtype: &dyn Fn(usize) -> DataType| -> Vec<Wanted> {
            let wanted = chosen.iter().map(|&column| Wanted {
                guessed: true,
                ..Wanted::new(names[column].as_str().into(), dtype(column))
            });
            wanted.collect()
        };
        match plain.end {
            Ok(()) => {
                let sampled = sample_schema(&place.0, &options).unwrap();
                let seen: Vec<DataType> = sampled.columns().iter_values().cloned().collect();
                prop_assert_eq!(&seen, &dtypes);
                let found = read(&place.0, &wanted(&|column| dtypes[column].clone()), &options).unwrap();
                let expected = chosen.iter().map(|&at| column(&names[at], &fields(at), &dtypes[at]));
                let expected = DataFrame::new(plain.records.len(), expected.collect()).unwrap();
                prop_assert!(found.equals_missing(&expected), "{} {}", found, expected);
            }
            Err((kind, at)) => {
                let error = read(&place.0, &wanted(&|_| DataType::String), &options).unwrap_err();
                let before = &text.as_bytes()[..at as usize];
                let ends = before.iter().enumerate().filter(|&(at, byte)| {
                    *byte == b'\r' || *byte == b'\n' && (at == 0 || before[at - 1] != b'\r')
                });
                prop_assert_eq!((error.kind(), error.line()), (kind, Some(1 + ends.count() as u64)));
            }
        }
    }
}
