//! The reader as a whole, on files: what the caller is told when something is wrong.

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::{DataType, PlSmallStr, df};

use super::*;

/// A file that is gone after the test.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    /// The name must be used by one test only.
    fn new(name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = std::env::temp_dir().join(format!("lazuli-read-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn wanted(columns: &[(&str, DataType)]) -> Vec<(PlSmallStr, DataType)> {
    let owned = columns.iter().map(|(name, dtype)| ((*name).into(), dtype.clone()));
    owned.collect()
}

/// The error of reading `columns`, without the name of the file that must precede it.
fn complaint(path: &Path, columns: &[(&str, DataType)]) -> (ReadError, String) {
    let error = read_columns(path, &wanted(columns), &CsvOptions::default()).unwrap_err();
    let message = error.to_string();
    let rest = message.strip_prefix(&format!("{}: ", path.display()));
    assert_eq!(error.path(), path);
    assert!(!message.contains('\n'));
    let rest = rest.unwrap().to_owned();
    (error, rest)
}

#[test]
fn a_bad_cell_is_named_by_line_and_column() {
    let content = "id,\"the\nname\",delay\n1,\"a\n\nb\",5\n2,c,\"1\n7\"\n";
    let file = TemporaryFile::new("bad-cell.csv", content);
    let (error, message) =
        complaint(&file.0, &[("id", DataType::Int64), ("delay", DataType::Int64)]);
    assert_eq!(message, r#"line 6, column "delay": cannot read "1\n7" as i64"#);
    assert_eq!(error.kind(), ReadErrorKind::BadCell);
    assert_eq!((error.line(), error.column()), (Some(6), Some("delay")));
    let (_, message) = complaint(&file.0, &[("the\nname", DataType::Boolean)]);
    assert_eq!(message, r#"line 3, column "the\nname": cannot read "a\n\nb" as bool"#);
}

#[test]
fn a_bad_cell_far_into_a_file_is_named_by_line() {
    let mut content = "n,s\n".to_owned();
    for row in 0..100_000 {
        content += &format!("{row},{:09}\r\n", row % 7);
    }
    content += "99999999999999999999,x\n";
    let file = TemporaryFile::new("far.csv", content);
    let (error, message) = complaint(&file.0, &[("n", DataType::Int64)]);
    assert_eq!(error.line(), Some(100_002));
    assert!(message.ends_with(r#"cannot read "99999999999999999999" as i64"#));
    let head = read_head(&file.0, &wanted(&[("n", DataType::Int64)]), 3, &CsvOptions::default());
    let head = head.unwrap();
    assert_eq!(head.frame, df!("n" => [0_i64, 1, 2]).unwrap());
    assert!(head.bytes < fs::metadata(&file.0).unwrap().len());
}

#[test]
fn malformed_records_are_named_by_line() {
    let file = TemporaryFile::new("ragged.csv", "a,b\n1,2\n\n1,2,3\n");
    let (error, message) = complaint(&file.0, &[("a", DataType::Int64)]);
    assert_eq!(message, "line 4: expected 2 fields, found 3");
    assert_eq!((error.kind(), error.column()), (ReadErrorKind::Ragged, None));

    let file = TemporaryFile::new("unclosed.csv", "a,b\n1,2\n\"x\ny\",\"4\n5,6\n");
    let (error, message) = complaint(&file.0, &[("a", DataType::String)]);
    assert_eq!(message, "line 4: the quote that opens here is never closed");
    assert_eq!(error.kind(), ReadErrorKind::UnclosedQuote);

    let file = TemporaryFile::new("latin.csv", b"a,b\n\xe9,M\xfcller\n");
    let (error, message) = complaint(&file.0, &[("b", DataType::String)]);
    assert_eq!(message, "line 2, column \"b\": \"M\u{fffd}ller\" is not UTF-8");
    assert_eq!(error.kind(), ReadErrorKind::InvalidUtf8);
}

#[test]
fn headers_that_cannot_be_met() {
    let file = TemporaryFile::new("columns.csv", "year,month\n2013,1\n");
    let (error, message) = complaint(&file.0, &[("day", DataType::Int64)]);
    assert_eq!(message, r#"column "day": there is no such column; there are "year", "month""#);
    assert_eq!((error.kind(), error.column()), (ReadErrorKind::MissingColumn, Some("day")));

    let file = TemporaryFile::new("twice.csv", "# flights\nyear,year\n");
    let options = CsvOptions::default().with_comment(Some(b'#'));
    let error = sample_schema(&file.0, &options).unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(2), Some("year")));
    assert_eq!(error.kind(), ReadErrorKind::DuplicateColumn);
}

#[test]
fn files_that_cannot_be_read() {
    let empty = TemporaryFile::new("empty.csv", "");
    let (error, message) = complaint(&empty.0, &[]);
    assert_eq!((error.kind(), &*message), (ReadErrorKind::Empty, "the file is empty"));
    let blank = TemporaryFile::new("blank.csv", "\n\r\n");
    assert_eq!(complaint(&blank.0, &[]).0.kind(), ReadErrorKind::Empty);

    let (error, message) = complaint(Path::new("no/such/file.csv"), &[]);
    assert_eq!(error.kind(), ReadErrorKind::Io);
    assert_eq!(error.io_error().unwrap().kind(), std::io::ErrorKind::NotFound);
    assert!(message.starts_with("cannot be read: "), "{message}");
    let (error, message) = complaint(&std::env::temp_dir(), &[]);
    assert_eq!(error.kind(), ReadErrorKind::Io);
    assert_eq!(message, "cannot be read: it is a directory");
}

/// The columns that the sample of a file says it has.
fn sampled(path: &Path) -> Vec<(PlSmallStr, DataType)> {
    let sampled = sample_schema(path, &CsvOptions::default()).unwrap();
    reconcile(&[(path.to_owned(), sampled)]).unwrap().into_iter().collect()
}

/// A file of which `middle` lies between the sampled ends, with `line` around it.
fn unseen_middle(name: &str, line: &str, middle: &str) -> TemporaryFile {
    let end = line.repeat(200_000 / line.len());
    TemporaryFile::new(name, format!("a,b\n{end}{middle}{end}"))
}

#[test]
fn a_column_of_which_only_missing_values_were_seen() {
    let file = unseen_middle("missing.csv", "NA,1\n", "2.5,1\n7,1\n");
    let columns = sampled(&file.0);
    assert_eq!(columns, wanted(&[("a", DataType::Float64), ("b", DataType::Int64)]));
    let read = read_columns(&file.0, &columns, &CsvOptions::default()).unwrap().frame;
    let a = read.column("a").unwrap().f64().unwrap();
    assert_eq!(a.iter().flatten().collect::<Vec<f64>>(), [2.5, 7.0]);

    let file = unseen_middle("missing-text.csv", "NA,1\n", "x,1\n");
    let (error, message) = complaint(&file.0, &[("a", sampled(&file.0)[0].1.clone())]);
    assert_eq!(error.line(), Some(40_002));
    assert_eq!(message, r#"line 40002, column "a": cannot read "x" as f64"#);
}

#[test]
fn a_number_column_with_a_few_texts_is_refused_only_if_asked_for() {
    let file =
        TemporaryFile::new("few.csv", "a,b\n1,2\n3,4.5\nabc,6\n12345678901234567890,\n7,8\n");
    let columns = sampled(&file.0);
    assert_eq!(columns, wanted(&[("a", DataType::Int64), ("b", DataType::Float64)]));
    let (_, message) = complaint(&file.0, &[("a", DataType::Int64)]);
    assert_eq!(message, r#"line 4, column "a": cannot read "abc" as i64"#);
    let read = read_columns(&file.0, &columns[1..], &CsvOptions::default()).unwrap();
    let expected = df!("b" => [Some(2.0), Some(4.5), Some(6.0), None, Some(8.0)]).unwrap();
    assert!(read.frame.equals_missing(&expected));
}

#[test]
fn integers_beyond_i64_stay_apart() {
    let ids = ["12345678901234567890", "12345678901234567891"];
    let file = TemporaryFile::new("ids.csv", format!("id\n{}\n", ids.join("\n")));
    let columns = sampled(&file.0);
    let read = read_columns(&file.0, &columns, &CsvOptions::default()).unwrap();
    assert_eq!(read.frame, df!("id" => ids).unwrap());

    let file = TemporaryFile::new("one-id.csv", format!("id\n1\n2\n{}\n3\n", ids[0]));
    let (_, message) = complaint(&file.0, &[("id", sampled(&file.0)[0].1.clone())]);
    assert_eq!(message, r#"line 4, column "id": cannot read "12345678901234567890" as i64"#);
}

#[test]
fn what_is_sampled_can_be_read() {
    let content = "\u{feff}code;n;x;ok\r\nNA;1;NA;TRUE\r\n;;-;false\r\n\"\";3;1,5;\r\n";
    let file = TemporaryFile::new("sampled.csv", content);
    let options = CsvOptions::default()
        .with_separator(b';')
        .with_null_values(["-"])
        .with_schema([("n", parse_dtype("float").unwrap())]);
    let sampled = sample_schema(&file.0, &options).unwrap();
    let schema = reconcile(&[(file.0.clone(), sampled)]).unwrap();
    let columns: Vec<(PlSmallStr, DataType)> = schema.into_iter().collect();
    let read = read_columns(&file.0, &columns, &options).unwrap();
    let expected = df!(
        "code" => [None::<f64>, None, None],
        "n" => [Some(1.0), None, Some(3.0)],
        "x" => [Some("NA"), None, Some("1,5")],
        "ok" => [Some(true), Some(false), None],
    );
    assert!(read.frame.equals_missing(&expected.unwrap()), "{}", read.frame);
}
