//! The same rows by every source; each file is read once for all that is asked in one compute.

use std::fs::{self, File};
use std::path::Path;

use lazuli_core::{Delayed, compute};
use lazuli_frame::polars::prelude::*;
use lazuli_frame::{Frame, scan_csv, scan_csv_with, scan_ipc, scan_jsonl, scan_parquet};

use crate::support::{Loads, assert_close, everywhere, refusal, table};

/// The table in three files of a format.
fn files(folder: &Path, table: &DataFrame, extension: &str) -> String {
    let whole = Frame::from_dataframe(table, 3);
    let path = folder.join(extension);
    compute(match extension {
        "parquet" => whole.to_parquet(&path),
        "csv" => whole.to_csv(&path),
        "arrow" => whole.to_ipc(&path),
        _ => whole.to_jsonl(&path),
    })
    .unwrap();
    path.join(format!("*.{extension}")).display().to_string()
}

fn scanned(folder: &Path, table: &DataFrame) -> Vec<Frame> {
    let [csv, parquet, ipc, jsonl] =
        ["csv", "parquet", "arrow", "jsonl"].map(|extension| files(folder, table, extension));
    let schema = table.schema().as_ref().clone();
    let third = table.height() / 3 + 1;
    let delayed = (0..3).map(|part| Delayed::value(table.slice(part * third as i64, third)));
    vec![
        scan_csv(&csv).unwrap(),
        scan_parquet(&parquet).unwrap(),
        scan_ipc(&ipc).unwrap(),
        scan_jsonl(&jsonl).unwrap(),
        Frame::from_delayed(schema, delayed),
        Frame::from_dataframe(table, 5),
    ]
}

#[test]
fn every_source_gives_the_same_rows() {
    let table = table(1000, 1);
    let folder = tempfile::tempdir().unwrap();
    for (source, frame) in scanned(folder.path(), &table).iter().enumerate() {
        assert_eq!(frame.schema().unwrap(), table.schema().as_ref(), "{source}");
        let found = everywhere(frame);
        assert!(found.equals_missing(&table), "{source}: {found} {table}");
        let few = everywhere(&frame.select(["f", "k"]).filter(col("k").eq(lit("ü"))));
        let expected = table
            .clone()
            .lazy()
            .select([col("f"), col("k")])
            .filter(col("k").eq(lit("ü")))
            .collect()
            .unwrap();
        assert!(few.equals_missing(&expected), "{source}: {few}");
        assert_eq!(compute(frame.len()).unwrap(), 1000);
        assert!(compute(frame.head(400)).unwrap().equals_missing(&table.head(Some(400))));
        let by_key = everywhere(&frame.group_by("k").agg([col("n").sum(), col("f").mean(), len()]));
        let expected = table
            .clone()
            .lazy()
            .group_by_stable([col("k")])
            .agg([col("n").sum(), col("f").mean(), len()])
            .collect()
            .unwrap();
        assert_close(&by_key, &expected, 1e3);
    }
}

#[test]
fn each_file_is_read_once_for_all_that_is_asked() {
    let table = table(1000, 2);
    let folder = tempfile::tempdir().unwrap();
    for frame in &scanned(folder.path(), &table)[..4] {
        let (loads, executor) = Loads::watch();
        let few = frame.filter(col("n").gt(lit(0)));
        let names: Vec<String> = frame
            .files()
            .iter()
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        let both = Frame::concat([few.clone(), frame.clone()]);
        executor
            .compute((
                (frame.column("n").max::<i64>(), frame, &few, few.sample(0.5, 1)),
                (few.group_by("k").agg(col("f").median()), few.agg(len()), frame.describe()),
                (both.agg(col("n").sum()), both.tail(3), few.top_k(3, "f", Default::default())),
                (
                    few.sort("n", Default::default()),
                    few.with_columns_over("k", col("n").sum().alias("s")),
                ),
                (
                    few.partitions(),
                    frame.map_partitions(Ok::<_, PolarsError>),
                    frame.by_file().agg(len()),
                ),
            ))
            .unwrap();
        assert_eq!(loads.take(), names);
    }
}

#[test]
fn a_row_for_each_file_whatever_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let texts = ["k,n\na,3\nb,1\nc,10\n", "k,n\n", "k,n\nd,7\n,\n"];
    let files: Vec<_> = (0..3).map(|file| folder.path().join(format!("{file}.csv"))).collect();
    for (file, text) in files.iter().zip(texts) {
        fs::write(file, text).unwrap();
    }
    let options = lazuli_frame::CsvOptions::default().with_schema([("n", DataType::Int64)]);
    for block in [1 << 20, 4] {
        let frame = scan_csv_with(&files, options.clone().with_block_size(block)).unwrap();
        let found = everywhere(&frame.by_file().agg([
            col("n").median(),
            col("n").sum().alias("sum"),
            col("k").n_unique().alias("distinct"),
        ]));
        let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let expected = df!(
            "path" => paths,
            "n" => [Some(3.0), None, Some(7.0)],
            "sum" => [14_i64, 0, 7],
            "distinct" => [3_u32, 0, 2],
        );
        assert!(found.equals_missing(&expected.unwrap()), "{found}");
        let by_path = everywhere(&frame.with_path("file").group_by("file").agg(col("n").max()));
        assert_eq!(by_path.height(), 2);
        let text = refusal(Frame::from_dataframe(&found, 1).with_path("file"));
        assert!(text.contains("needs a table of files"), "{text}");
    }
}

#[test]
fn row_groups_are_partitions() {
    let table = table(1000, 3);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let file = File::create(&path).unwrap();
    polars_io::prelude::ParquetWriter::new(file)
        .with_row_group_size(Some(250))
        .finish(&mut table.clone())
        .unwrap();
    let frame = scan_parquet(&path).unwrap();
    assert_eq!(frame.npartitions(), 4);
    assert!(everywhere(&frame).equals_missing(&table));
    let heights = everywhere(&frame.map_partitions(|rows| {
        DataFrame::new(1, vec![Column::new("rows".into(), [rows.height() as u64])])
    }));
    assert_eq!(heights, df!("rows" => [250_u64, 250, 250, 250]).unwrap());

    // It is another file by the time it is read.
    fs::write(&path, fs::read(&path).unwrap().repeat(2)).unwrap();
    let text = refusal(frame.agg(col("n").sum()));
    assert!(text.contains("x.parquet") && text.contains("changed"), "{text}");
}

#[test]
fn files_that_are_not_what_they_are_taken_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for content in [&b""[..], b"PAR1", b"not one of these\n", b"ARROW1\0\0", b"[1, 2]\n"] {
        fs::write(&path, content).unwrap();
        for refused in [scan_parquet(&path).err(), scan_ipc(&path).err(), scan_jsonl(&path).err()] {
            let text = refused.map(|error| error.to_string()).unwrap_or_default();
            assert!(text.contains(&path.display().to_string()), "{content:?}: {text}");
        }
    }
    let missing = folder.path().join("missing");
    for refused in
        [scan_parquet(&missing).err(), scan_ipc(&missing).err(), scan_jsonl(&missing).err()]
    {
        assert!(refused.unwrap().to_string().contains("missing: No such file"));
    }
}

#[test]
fn files_that_disagree_are_named_where_it_matters() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, mut table: DataFrame| {
        let file = File::create(folder.path().join(name)).unwrap();
        polars_io::prelude::ParquetWriter::new(file).finish(&mut table).unwrap();
    };
    write("a.parquet", df!("x" => [1_i64], "y" => [1_i64], "z" => [1_i64]).unwrap());
    write("b.parquet", df!("x" => [2_i64], "y" => ["one"], "w" => [1_i64]).unwrap());
    let frame = scan_parquet(&folder.path().join("*.parquet").display().to_string()).unwrap();
    assert_eq!(compute(frame.column("x").sum::<i64>()).unwrap(), Some(3));
    for column in ["y", "z", "w"] {
        let text = refusal(frame.column(column).count());
        assert!(text.contains("a.parquet") && text.contains("b.parquet"), "{text}");
        assert!(text.contains(&format!("{column:?}")), "{text}");
    }
}

#[test]
fn lines_of_json_as_people_write_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.jsonl");
    let text =
        "{\"a\": 1, \"t\": \"x\\n\"}\n\n{\"t\": null, \"a\": 2.5}\r\n{\"a\": null, \"b\": true}";
    fs::write(&path, text).unwrap();
    let frame = scan_jsonl(&path).unwrap();
    let expected = df!(
        "a" => [Some(1.0), Some(2.5), None],
        "t" => [Some("x\n"), None, None],
        "b" => [None, None, Some(true)],
    );
    assert!(everywhere(&frame).equals_missing(&expected.unwrap()));

    // A value that no sampled line has, and a line that is none.
    let mut text = String::new();
    for row in 0..40_000 {
        text += &match row {
            30_000 => "{\"n\": \"soon\"}\n".to_owned(),
            35_000 => "{\"n\": \n".to_owned(),
            row => format!("{{\"n\": {row}}}\n"),
        };
    }
    fs::write(&path, &text).unwrap();
    let frame = scan_jsonl(&path).unwrap();
    let message = refusal(frame.column("n").sum::<i64>());
    assert!(message.contains("x.jsonl: line 30001:") && message.contains("soon"), "{message}");
    fs::write(&path, text.replace("\"soon\"", "1")).unwrap();
    let message = refusal(scan_jsonl(&path).unwrap().column("n").sum::<i64>());
    assert!(message.contains("x.jsonl: line 35001:"), "{message}");
    let sound = text.replace("\"soon\"", "1").replace("{\"n\": \n", "{\"n\": 1}\n");
    fs::write(&path, sound).unwrap();
    let expected = (0..40_000).sum::<i64>() - 30_000 - 35_000 + 2;
    assert_eq!(
        compute(scan_jsonl(&path).unwrap().column("n").sum::<i64>()).unwrap(),
        Some(expected)
    );
}
