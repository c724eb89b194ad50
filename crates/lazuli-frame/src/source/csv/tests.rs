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
    let n = Wanted::new("n".into(), DataType::Int64);
    let head = read_head(&file.0, &[n], 3, &CsvOptions::default());
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
    assert_eq!(
        message,
        "line 2, column \"b\": \"M\u{fffd}ller\" is not UTF-8; in another encoding, it has to be named"
    );
    assert_eq!(error.kind(), ReadErrorKind::InvalidUtf8);
}

#[test]
fn headers_that_cannot_be_met() {
    let file = TemporaryFile::new("columns.csv", "year,month\n2013,1\n");
    let (error, message) = complaint(&file.0, &[("day", DataType::Int64)]);
    assert_eq!(message, r#"column "day": there is no such column; there are "year", "month""#);
    assert_eq!((error.kind(), error.column()), (ReadErrorKind::MissingColumn, Some("day")));

    let content = "# flights\nyear,,year\n1,2,3\n";
    let file = TemporaryFile::new("twice.csv", content);
    let options = CsvOptions::default().with_comment(Some(b'#'));
    let sampled = sample_schema(&file.0, &options).unwrap();
    let names: Vec<&str> = sampled.columns().iter_names().map(|name| name.as_str()).collect();
    assert_eq!(names, ["year", "column_2", "year_2"]);
    let renamed = |place, written: &str, name: &str| Renamed {
        place,
        written: written.to_owned(),
        name: name.to_owned(),
    };
    assert_eq!(sampled.renamed(), [renamed(2, "", "column_2"), renamed(3, "year", "year_2")]);
    let read = read_columns(&file.0, &wanted(&[("year_2", DataType::Int64)]), &options).unwrap();
    assert_eq!(read.frame, df!("year_2" => [3_i64]).unwrap());
}

#[test]
fn lines_that_end_in_cr() {
    let content = "name,note,n\rAnn,\"two\nlines\",1\rBo,x,2\r\rCy,y,three\r";
    let file = TemporaryFile::new("old-mac.csv", content);
    let read =
        read_columns(&file.0, &wanted(&[("note", DataType::String)]), &CsvOptions::default());
    assert_eq!(read.unwrap().frame, df!("note" => ["two\nlines", "x", "y"]).unwrap());
    let (error, message) = complaint(&file.0, &[("n", DataType::Int64)]);
    assert_eq!(message, r#"line 6, column "n": cannot read "three" as i64"#);
    assert_eq!(error.kind(), ReadErrorKind::BadCell);
}

#[test]
fn text_after_a_closing_quote() {
    let file = TemporaryFile::new("inches.csv", "id,size\n1,\"5\"\n2,\"6\" wide\"\n3,7\n");
    let (error, message) = complaint(&file.0, &[("size", DataType::String)]);
    assert_eq!(message, "line 3: text follows the closing quote of the field that begins here");
    assert_eq!(error.kind(), ReadErrorKind::QuoteContinues);
}

#[test]
fn dates_and_times() {
    let content =
        "day,at,moment\n2013-01-31,07:30,2013-01-31T07:30:00.5\nNA,,\n2000-02-29,0:00,x\n";
    let file = TemporaryFile::new("moments.csv", content);
    let dtypes = ["date", "time", "datetime"].map(|name| parse_dtype(name).unwrap());
    let [day, at, moment] = dtypes.clone();
    let columns = wanted(&[("moment", moment.clone()), ("at", at.clone()), ("day", day.clone())]);
    let wanted: Vec<Wanted> =
        columns.iter().map(|(name, dtype)| Wanted::new(name.clone(), dtype.clone())).collect();
    let head = read_head(&file.0, &wanted, 2, &CsvOptions::default()).unwrap().frame;
    let cells = |name: &str| {
        let column = head.column(name).unwrap().to_physical_repr();
        (0..2).map(|row| column.get(row).unwrap().extract::<i64>()).collect::<Vec<_>>()
    };
    assert_eq!(head.dtypes(), [moment.clone(), at.clone(), day.clone()]);
    assert_eq!(cells("day"), [Some(15_736), None]);
    assert_eq!(cells("at"), [Some(27_000_000_000_000), None]);
    assert_eq!(cells("moment"), [Some(1_359_617_400_500_000), None]);
    let (_, message) = complaint(&file.0, &[("at", at)]);
    assert_eq!(message, r#"line 4, column "at": cannot read "0:00" as time"#);
    let (_, message) = complaint(&file.0, &[("moment", moment)]);
    assert_eq!(message, r#"line 4, column "moment": cannot read "x" as datetime[μs]"#);

    let file = TemporaryFile::new("german.csv", "day\n31.1.2013\n29.2.2013\n");
    let options = CsvOptions::default().with_date_format(Some("%d.%m.%Y"));
    let error = read_columns(&file.0, &[("day".into(), day.clone())], &options).unwrap_err();
    assert_eq!((error.kind(), error.line()), (ReadErrorKind::BadCell, Some(3)));
    let wanted = [Wanted::new("day".into(), day)];
    let head = read_head(&file.0, &wanted, 1, &options).unwrap().frame;
    assert_eq!(head.columns()[0].to_physical_repr().get(0).unwrap().extract(), Some(15_736));
}

#[test]
fn files_that_are_no_text() {
    for (name, content, what) in [
        ("x.csv.xz", &b"\xfd7zXZ\0\0\0"[..], "compressed by xz"),
        ("x.xlsx", b"PK\x03\x04\x14\0", "a zip archive or a spreadsheet"),
        ("x.csv", b"PAR1\x15\x04", "a Parquet file"),
    ] {
        let file = TemporaryFile::new(name, content);
        let error = sample_schema(&file.0, &CsvOptions::default()).unwrap_err();
        assert_eq!(error.kind(), ReadErrorKind::OtherFormat);
        assert!(
            error.to_string().ends_with(&format!("this is no CSV text, it is {what}")),
            "{error}"
        );
    }
}

#[test]
fn files_that_are_compressed_or_encoded() {
    let rows: String = (0..5000).map(|row| format!("{row},größe {}\n", row % 7)).collect();
    let text = format!("n,name\n{rows}x,last\n");
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (latin, ..) = encoding_rs::WINDOWS_1252.encode(&text);
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let latin_1 = CsvOptions::default().with_encoding(Some("latin1".parse().unwrap()));
    let plain = CsvOptions::default();
    for (name, content, options) in [
        ("plain.csv", text.as_bytes(), &plain),
        ("text.csv.zst", &zstd, &plain),
        ("wide.csv", &utf_16, &plain),
        ("latin.csv", &latin, &latin_1),
    ] {
        let file = TemporaryFile::new(name, content);
        let sampled = sample_schema(&file.0, options).unwrap();
        assert_eq!(sampled.columns().get("name"), Some(&DataType::String), "{name}");
        let names = wanted(&[("name", DataType::String)]);
        let read = read_columns(&file.0, &names, options).unwrap().frame;
        assert_eq!((read.height(), read.width()), (5001, 1));
        assert_eq!(read.column("name").unwrap().get(8).unwrap().get_str(), Some("größe 1"));

        // In blocks: what is decoded is one part.
        let options = options.clone().with_block_size(1000);
        let bytes = std::fs::metadata(&file.0).unwrap().len();
        let each = blocks(bytes, &options).into_iter();
        let each: Vec<_> = each.map(|block| readings(&file.0, block, &options).unwrap()).collect();
        let mut rows = 0;
        for part in parts(&each, bytes).into_iter().filter(|part| !part.is_empty()) {
            let names = [Wanted::new("name".into(), DataType::String)];
            read_batches(&file.0, Some(part), &names, &options, &mut |batch| {
                rows += batch.frame.height();
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        }
        assert_eq!(rows, 5001, "{name}");

        // The line is that of the text.
        let numbers = wanted(&[("n", DataType::Int64)]);
        let error = read_columns(&file.0, &numbers, &options).unwrap_err();
        assert_eq!((error.kind(), error.line()), (ReadErrorKind::BadCell, Some(5002)), "{name}");
    }
    let file = TemporaryFile::new("not-utf8.csv", &latin[..]);
    let (error, message) = complaint(&file.0, &[("name", DataType::String)]);
    assert_eq!((error.kind(), error.line()), (ReadErrorKind::InvalidUtf8, Some(2)));
    assert!(
        message.ends_with("is not UTF-8; in another encoding, it has to be named"),
        "{message}"
    );
}

#[test]
fn digits_that_begin_with_zero_are_text() {
    let file = TemporaryFile::new("zip.csv", "zip,n\n01234,1\n1234,2\n");
    assert_eq!(sampled(&file.0), wanted(&[("zip", DataType::String), ("n", DataType::Int64)]));
    let set = read_columns(&file.0, &wanted(&[("zip", DataType::Int64)]), &CsvOptions::default());
    assert_eq!(set.unwrap().frame, df!("zip" => [1234_i64, 1234]).unwrap());
    // Also where none was sampled.
    let file = unseen_middle("zip-late.csv", "1234,1\n", "01234,1\n");
    let zip = Wanted { guessed: true, ..Wanted::new("a".into(), sampled(&file.0)[0].1.clone()) };
    assert_eq!(zip.dtype, DataType::Int64);
    let read = read_head(&file.0, &[zip], usize::MAX, &CsvOptions::default());
    let message = read.unwrap_err().to_string();
    assert!(message.ends_with(r#"column "a": cannot read "01234" as i64"#), "{message}");
}

#[test]
fn records_of_another_width() {
    let content = "a,b,c\n1,2,3\n4\n5,6,7,8\n9,\"1\n0\",11\n";
    let file = TemporaryFile::new("widths.csv", content);
    let read = |ragged, column: &str| {
        let options = CsvOptions::default().with_ragged(ragged);
        let read = read_columns(&file.0, &wanted(&[(column, DataType::String)]), &options)?;
        let column = read.frame.column(column).unwrap().str().unwrap().clone();
        Ok::<_, ReadError>(column.iter().map(|cell| cell.map(str::to_owned)).collect::<Vec<_>>())
    };
    let cells = |cells: &[&str]| {
        let some = cells.iter().map(|cell| (!cell.is_empty()).then(|| (*cell).to_owned()));
        some.collect::<Vec<_>>()
    };
    assert_eq!(read(Ragged::Fail, "a").unwrap_err().line(), Some(3));
    assert_eq!(read(Ragged::Pad, "a").unwrap_err().line(), Some(4));
    assert_eq!(read(Ragged::Cut, "a").unwrap(), cells(&["1", "4", "5", "9"]));
    assert_eq!(read(Ragged::Cut, "b").unwrap(), cells(&["2", "", "6", "1\n0"]));
    assert_eq!(read(Ragged::Cut, "c").unwrap(), cells(&["3", "", "7", "11"]));
    assert_eq!(read(Ragged::Skip, "c").unwrap(), cells(&["3", "11"]));
}

#[test]
fn lines_before_the_header() {
    let file = TemporaryFile::new("preamble.csv", "Report \"2013\nof June\na,b\n1,2\n");
    let options = CsvOptions::default().with_skip_rows(2);
    let read = read_columns(&file.0, &wanted(&[("b", DataType::Int64)]), &options).unwrap();
    assert_eq!(read.frame, df!("b" => [2_i64]).unwrap());
    let error = sample_schema(&file.0, &CsvOptions::default().with_skip_rows(9)).unwrap_err();
    assert_eq!(error.kind(), ReadErrorKind::Empty);
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
    reconcile(&[(path.to_owned(), sampled)]).unwrap().schema.into_iter().collect()
}

/// A file of which `middle` lies between the sampled ends, with `line` around it.
fn unseen_middle(name: &str, line: &str, middle: &str) -> TemporaryFile {
    let end = line.repeat(200_000 / line.len());
    TemporaryFile::new(name, format!("a,b\n{end}{middle}{end}"))
}

#[test]
fn a_column_of_which_only_missing_values_were_seen() {
    for (name, middle, dtype) in [
        ("missing.csv", "2.5,1\n7,1\n", DataType::Float64),
        ("missing-whole.csv", "2,1\n7,1\n", DataType::Int64),
        ("missing-text.csv", "x,1\n7,1\n", DataType::String),
    ] {
        let file = unseen_middle(name, "NA,1\n", middle);
        let columns = sampled(&file.0);
        assert_eq!(columns, wanted(&[("a", DataType::Null), ("b", DataType::Int64)]));
        let a = Wanted { guessed: true, ..Wanted::new("a".into(), DataType::Null) };
        let read = read_head(&file.0, &[a], usize::MAX, &CsvOptions::default()).unwrap().frame;
        assert_eq!(read.column("a").unwrap().dtype(), &dtype);
    }
    let file = unseen_middle("missing-then.csv", "NA,1\n", "2,1\n2.5,1\n");
    let a = Wanted { guessed: true, ..Wanted::new("a".into(), DataType::Null) };
    let error = read_head(&file.0, &[a], usize::MAX, &CsvOptions::default()).unwrap_err();
    assert!(error.to_string().ends_with(r#"column "a": cannot read "2.5" as i64"#), "{error}");
}

#[test]
fn one_text_makes_a_column_text_and_is_remembered() {
    let content = "a,b\n1,2\n3,4.5\nabc,6\n12345678901234567890,\n7,8\n";
    let file = TemporaryFile::new("few.csv", content);
    let columns = sampled(&file.0);
    assert_eq!(columns, wanted(&[("a", DataType::String), ("b", DataType::Float64)]));
    let schema = sample_schema(&file.0, &CsvOptions::default()).unwrap();
    let witness = schema.witness("a").unwrap();
    assert_eq!((&*witness.text, witness.line(&file.0)), ("abc", Some(4)));
    assert_eq!(schema.witness("b"), None);
    let (_, message) = complaint(&file.0, &[("a", DataType::Int64)]);
    assert_eq!(message, r#"line 4, column "a": cannot read "abc" as i64"#);
}

#[test]
fn integers_beyond_i64_stay_apart() {
    let ids = ["12345678901234567890", "12345678901234567891"];
    let file = TemporaryFile::new("ids.csv", format!("id\n{}\n", ids.join("\n")));
    let columns = sampled(&file.0);
    let read = read_columns(&file.0, &columns, &CsvOptions::default()).unwrap();
    assert_eq!(read.frame, df!("id" => ids).unwrap());
}

/// Batches have a fixed number of records, whatever is wanted of them.
#[test]
fn batches_are_cut_by_records() {
    let mut content = "k,v\n".to_owned();
    for row in 0..2 * BATCH + 5 {
        content += &format!("{},{row}\n", "xyz".repeat(row % 5));
    }
    let file = TemporaryFile::new("batches.csv", content);
    let key = Wanted { coded: true, ..Wanted::new("k".into(), DataType::String) };
    let value = Wanted::new("v".into(), DataType::Int64);
    for wanted in [vec![], vec![value.clone()], vec![value, key]] {
        let mut heights = Vec::new();
        let mut codes = 0;
        read_batches(&file.0, None, &wanted, &CsvOptions::default(), &mut |batch| {
            heights.push(batch.frame.height());
            codes += batch.coded.iter().map(|coded| coded.codes.len()).sum::<usize>();
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(heights, [BATCH, BATCH, 5]);
        assert_eq!(codes, if wanted.len() == 2 { 2 * BATCH + 5 } else { 0 });
    }
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
    let schema = reconcile(&[(file.0.clone(), sampled)]).unwrap().schema;
    let columns: Vec<(PlSmallStr, DataType)> = schema.into_iter().collect();
    let read = read_columns(&file.0, &columns, &options).unwrap();
    let expected = df!(
        "code" => polars::prelude::Series::full_null("code".into(), 3, &DataType::Null),
        "n" => [Some(1.0), None, Some(3.0)],
        "x" => [Some("NA"), None, Some("1,5")],
        "ok" => [Some(true), Some(false), None],
    );
    assert!(read.frame.equals_missing(&expected.unwrap()), "{}", read.frame);
}
