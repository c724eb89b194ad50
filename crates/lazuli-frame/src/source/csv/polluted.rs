//! Files as they come: a clean table, polluted in every way that is known from the wild. Each loads as the clean one
//! does, or is refused for a reason, at a line; none loads as something else.

use std::fs;
use std::io::Write;

use polars::prelude::{DataFrame, DataType, df};

use super::*;

const ROWS: usize = 8;

/// What must come of a file.
enum Expected {
    /// The clean table.
    Clean,
    /// A refusal of this kind, and of a line if one is to blame.
    Refused(ReadErrorKind, Option<u64>),
}

struct Polluted {
    name: String,
    bytes: Vec<u8>,
    options: CsvOptions,
    expected: Expected,
}

/// The rows of the clean table, as they are written.
fn rows() -> Vec<[String; 3]> {
    let name = |row: usize| match row % 4 {
        0 => format!("Ann {row}"),
        1 => format!("\"Bo, {row}\""),
        2 => format!("\"Cé \"\"{row}\"\"\""),
        _ => "Größe".to_owned(),
    };
    (0..ROWS).map(|row| [row.to_string(), name(row), format!("{row}.25")]).collect()
}

fn clean() -> DataFrame {
    let name = |row: usize| match row % 4 {
        0 => format!("Ann {row}"),
        1 => format!("Bo, {row}"),
        2 => format!("Cé \"{row}\""),
        _ => "Größe".to_owned(),
    };
    df!(
        "id" => (0..ROWS as i64).collect::<Vec<_>>(),
        "name" => (0..ROWS).map(name).collect::<Vec<_>>(),
        "value" => (0..ROWS).map(|row| row as f64 + 0.25).collect::<Vec<_>>(),
    )
    .unwrap()
}

/// The clean table as lines, the header first.
fn lines() -> Vec<String> {
    let rows = rows().into_iter().map(|row| row.join(","));
    std::iter::once("id,name,value".to_owned()).chain(rows).collect()
}

fn text() -> String {
    lines().join("\n") + "\n"
}

/// All of the corpus.
struct Corpus(Vec<Polluted>);

impl Corpus {
    fn add(
        &mut self,
        name: &str,
        bytes: impl Into<Vec<u8>>,
        options: &CsvOptions,
        expected: Expected,
    ) {
        let (name, options) = (name.to_owned(), options.clone());
        self.0.push(Polluted { name, bytes: bytes.into(), options, expected });
    }

    fn loads(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.add(name, bytes, &CsvOptions::default(), Expected::Clean);
    }

    fn loads_with(&mut self, name: &str, bytes: impl Into<Vec<u8>>, options: CsvOptions) {
        self.add(name, bytes, &options, Expected::Clean);
    }

    fn refused(&mut self, name: &str, bytes: impl Into<Vec<u8>>, kind: ReadErrorKind, line: u64) {
        let line = (line > 0).then_some(line);
        self.add(name, bytes, &CsvOptions::default(), Expected::Refused(kind, line));
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    to.write_all(bytes).and_then(|()| to.finish()).unwrap()
}

fn utf_16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Ways to write the same table.
fn dialects(corpus: &mut Corpus) {
    let plain = CsvOptions::default;
    let text = text();
    corpus.loads("clean", text.as_str());
    corpus.loads("byte order mark", format!("\u{feff}{text}"));
    corpus.loads("no last newline", text.trim_end());
    for (name, end) in [("CRLF", "\r\n"), ("CR", "\r")] {
        corpus.loads(name, text.replace('\n', end));
        corpus.loads(&format!("{name}, no last one"), text.trim_end().replace('\n', end));
        corpus.loads(&format!("{name} and a mark"), format!("\u{feff}{}", text.replace('\n', end)));
    }
    for blanks in 1..5 {
        corpus.loads(
            &format!("{blanks} blank lines at the end"),
            text.clone() + &"\n".repeat(blanks),
        );
        let between = lines().join(&"\n".repeat(blanks + 1)) + "\n";
        corpus.loads(&format!("{blanks} blank lines between rows"), between);
        corpus.loads(&format!("{blanks} blank lines before"), "\n".repeat(blanks) + &text);
        let ends = ["\n", "\r\n"];
        let mixed = lines()
            .into_iter()
            .enumerate()
            .map(|(at, line)| line + ends[usize::from(at % (blanks + 1) == 0)]);
        corpus.loads(&format!("LF and CRLF, every {blanks}"), mixed.collect::<String>());
        let preamble = "exported \"by hand, on\nMonday\n".repeat(blanks);
        let skipped = plain().with_skip_rows(2 * blanks);
        corpus.loads_with(&format!("{blanks} preambles"), preamble + &text, skipped);
        let comments = "# a \"comment, of\n".repeat(blanks);
        let commented = lines().join(&format!("\n{comments}")) + "\n";
        corpus.loads_with(
            &format!("{blanks} comments"),
            commented,
            plain().with_comment(Some(b'#')),
        );
    }
    for separator in [b';', b'\t', b'|', b'\x01', b'~'] {
        let byte = char::from(separator).to_string();
        let quoted = |cell: String| if cell.contains(',') { cell } else { cell.replace(&byte, "") };
        let rows = rows().into_iter().map(|row| row.map(quoted).join(&byte) + "\n");
        let file = format!("id{byte}name{byte}value\n{}", rows.collect::<String>());
        corpus.loads_with(
            &format!("separator {separator}"),
            file,
            plain().with_separator(separator),
        );
    }
    let quote_all = |cell: String| if cell.starts_with('"') { cell } else { format!("\"{cell}\"") };
    let all: String = rows().into_iter().map(|row| row.map(quote_all).join(",") + "\n").collect();
    corpus.loads("every field quoted", format!("\"id\",\"name\",\"value\"\n{all}"));
    let spaced: String =
        rows().into_iter().map(|[id, name, value]| format!(" {id}\t,{name}, {value} \n")).collect();
    corpus.loads("spaces around numbers", format!("id,name,value\n{spaced}"));
    let signed: String =
        rows().into_iter().map(|[id, name, value]| format!("+{id},{name},+{value}\n")).collect();
    corpus.loads("plus signs", format!("id,name,value\n{signed}"));
    let exponents: String =
        rows().into_iter().map(|[id, name, value]| format!("{id},{name},{value}00e0\n")).collect();
    corpus.loads("exponents", format!("id,name,value\n{exponents}"));
    let commas: String = rows()
        .into_iter()
        .map(|[id, name, value]| format!("{id};{};{}\n", name, value.replace('.', ",")))
        .collect();
    let german = plain().with_separator(b';').with_decimal(b',');
    corpus.loads_with("decimal commas", format!("id;name;value\n{commas}"), german);
    let more: String = lines().into_iter().map(|line| line + ",x,,\n").collect();
    corpus.loads("more columns, without names", more.replacen(",x,,", ",x,,x", 1));
    let cut = plain().with_ragged(Ragged::Cut);
    let longer = lines().join(",too,many\n").replacen(",too,many", "", 1) + "\n";
    corpus.loads_with("longer rows, cut", longer, cut);
    let noise = lines().join("\nnot,a,row,of,this\n") + "\n";
    corpus.loads_with("other rows, skipped", noise, plain().with_ragged(Ragged::Skip));
}

/// Ways to store it.
fn stored(corpus: &mut Corpus) {
    let text = text();
    corpus.loads("gzip", gzip(text.as_bytes()));
    corpus.loads("gzip of a marked text", gzip(format!("\u{feff}{text}").as_bytes()));
    corpus.loads(
        "gzip in members",
        [gzip(&text.as_bytes()[..9]), gzip(&text.as_bytes()[9..])].concat(),
    );
    corpus.loads("zstd", zstd::encode_all(text.as_bytes(), 3).unwrap());
    for (name, text) in [("", text.clone()), (" with CRLF", text.replace('\n', "\r\n"))] {
        for (mark, text) in [("", text.clone()), (" and a mark", format!("\u{feff}{text}"))] {
            corpus.loads(&format!("UTF-16 LE{name}{mark}"), utf_16(&text, u16::to_le_bytes));
            corpus.loads(&format!("UTF-16 BE{name}{mark}"), utf_16(&text, u16::to_be_bytes));
            corpus.loads(
                &format!("UTF-16 LE{name}{mark}, gzip"),
                gzip(&utf_16(&text, u16::to_le_bytes)),
            );
        }
    }
    let (latin, ..) = encoding_rs::WINDOWS_1252.encode(&text);
    for name in ["latin1", "windows-1252", "ISO-8859-15"] {
        let options = CsvOptions::default().with_encoding(name.parse().ok());
        corpus.loads_with(name, &*latin, options.clone());
        corpus.loads_with(&format!("{name}, gzip"), gzip(&latin), options);
    }
    corpus.refused("Latin-1 without a word", &*latin, ReadErrorKind::InvalidUtf8, 4);
    let mut odd = utf_16(&text, u16::to_le_bytes);
    odd.pop();
    corpus.refused("half a character", odd, ReadErrorKind::Io, 0);
    for (name, magic) in [
        ("xz", &b"\xfd7zXZ\0\0"[..]),
        ("zip", b"PK\x03\x04\x14\0\0\0"),
        ("Parquet", b"PAR1\x15\x04\x15\x10"),
        ("Arrow", b"ARROW1\0\0"),
    ] {
        corpus.refused(name, magic, ReadErrorKind::OtherFormat, 0);
    }
    let whole = gzip(text.repeat(50).as_bytes());
    for part in 2..6 {
        let cut = &whole[..whole.len() * part / 6];
        corpus.refused(&format!("gzip, {part} sixths of it"), cut, ReadErrorKind::Io, 0);
    }
}

/// What goes wrong in one row, whichever that is.
fn broken_rows(corpus: &mut Corpus) {
    use ReadErrorKind::{BadCell, QuoteContinues, Ragged, UnclosedQuote};
    for row in 0..ROWS {
        let line = row as u64 + 2;
        let with = |broken: &str| {
            let mut lines = lines();
            lines[row + 1] = broken.to_owned();
            lines.join("\n") + "\n"
        };
        // The next quote, if there is one, closes it where no field ends.
        let unclosed = if row < 6 { QuoteContinues } else { UnclosedQuote };
        corpus.refused(&format!("unclosed quote {row}"), with("1,\"x,1.5"), unclosed, line);
        corpus.refused(
            &format!("text after a quote {row}"),
            with("1,\"x\"y,1.5"),
            QuoteContinues,
            line,
        );
        corpus.refused(
            &format!("a space after a quote {row}"),
            with("1,\"x\" ,1.5"),
            QuoteContinues,
            line,
        );
        corpus.refused(&format!("a field more {row}"), with("1,x,1.5,"), Ragged, line);
        corpus.refused(&format!("a field less {row}"), with("1,x"), Ragged, line);
        corpus.refused(&format!("another table {row}"), with("total,count\n8,8"), Ragged, line);
        corpus.refused(&format!("the header again {row}"), with("id,name,value"), BadCell, line);
        corpus.refused(&format!("a word for a number {row}"), with("one,x,1.5"), BadCell, line);
        corpus.refused(
            &format!("too many digits {row}"),
            with("9223372036854775808,x,1.5"),
            BadCell,
            line,
        );
        corpus.refused(&format!("a fraction {row}"), with("1.5,x,1.5"), BadCell, line);
        corpus.refused(&format!("a decimal comma {row}"), with("1,x,\"1,5\""), BadCell, line);
        corpus.refused(&format!("a unit {row}"), with("1,x,1.5 kg"), BadCell, line);
    }
}

/// What is wrong with a file as a whole.
fn broken_files(corpus: &mut Corpus) {
    corpus.refused("empty", "", ReadErrorKind::Empty, 0);
    corpus.refused("a mark alone", "\u{feff}", ReadErrorKind::Empty, 0);
    corpus.refused("blank lines alone", "\n\r\n\n", ReadErrorKind::Empty, 0);
    corpus.refused(
        "a preamble",
        format!("A report\n\n{}", text()),
        ReadErrorKind::MissingColumn,
        0,
    );
    for separator in [";", "\t", "|", "::"] {
        let other = text().replace(',', separator);
        corpus.refused(&format!("separator {separator}"), other, ReadErrorKind::MissingColumn, 0);
    }
    for name in ["Id", "id ", "ID"] {
        let other = text().replacen("id", name, 1);
        corpus.refused(&format!("{name} for id"), other, ReadErrorKind::MissingColumn, 0);
    }
}

#[test]
fn polluted_files_load_right_or_are_refused() {
    let mut corpus = Corpus(Vec::new());
    dialects(&mut corpus);
    stored(&mut corpus);
    broken_rows(&mut corpus);
    broken_files(&mut corpus);
    assert!(corpus.0.len() >= 100, "{}", corpus.0.len());

    let columns: Vec<_> =
        clean().schema().iter().map(|(name, dtype)| (name.clone(), dtype.clone())).collect();
    let path = std::env::temp_dir().join(format!("lazuli-polluted-{}.csv", std::process::id()));
    for Polluted { name, bytes, options, expected } in corpus.0 {
        fs::write(&path, bytes).unwrap();
        let read = read_columns(&path, &columns, &options);
        match (expected, read) {
            (Expected::Clean, Ok(read)) => {
                assert!(read.frame.equals(&clean()), "{name}: {}", read.frame);
                // What is guessed is right as well: the number column is one of numbers.
                let sampled = sample_schema(&path, &options).unwrap();
                assert_eq!(sampled.columns().get("id"), Some(&DataType::Int64), "{name}");
            }
            (Expected::Refused(kind, line), Err(error)) => {
                assert_eq!((error.kind(), error.line()), (kind, line), "{name}: {error}");
                assert_eq!(error.path(), path);
            }
            (Expected::Clean, Err(error)) => panic!("{name}: {error}"),
            (Expected::Refused(..), Ok(read)) => panic!("{name}: {}", read.frame),
        }
    }
    fs::remove_file(path).unwrap();
}
