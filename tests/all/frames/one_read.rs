//! Everything asked of one frame in one compute is one read of each file.

use lazuli::core::Reduction;
use lazuli::frame::polars::prelude::*;
use lazuli::prelude::scan_csv;

use crate::support::{Named, Recorder, executors};

/// A reduction of one's own: the longest text of a column.
struct Longest;

impl Reduction<Column> for Longest {
    type State = String;
    type Output = String;

    fn identity(&self) -> String {
        String::new()
    }

    fn update(&self, longest: &mut String, column: &Column) {
        for text in column.str().expect("a text column").iter().flatten() {
            if text.len() > longest.len() {
                *longest = text.to_owned();
            }
        }
    }

    fn combine(&self, longest: &mut String, following: String) {
        if following.len() > longest.len() {
            *longest = following;
        }
    }

    fn finish(&self, longest: String) -> String {
        longest
    }
}

#[test]
fn five_things_asked_open_each_file_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for year in 2010..2020 {
        let path = folder.path().join(format!("{year}.csv"));
        let text = format!("artist,ms,tempo\nA{year},{year},0.5\nB,1,2.5\n");
        std::fs::write(&path, &text).unwrap();
        expected.push((path.display().to_string(), text.len() as u64));
    }
    let frame = scan_csv(&folder.path().join("*.csv").display().to_string()).unwrap();
    assert_eq!(frame.npartitions(), 10);
    for Named { name, executor } in executors() {
        let (recorder, executor) = Recorder::watch(executor);
        let asked = (
            frame.column("ms").max::<i64>(),
            frame.by_file().agg([col("ms").max()]),
            frame.filter(col("tempo").gt(lit(1))).group_by([col("artist")]).agg([col("ms").sum()]),
            frame.agg([col("tempo").mean(), len()]),
            frame.column("artist").reduce(Longest),
        );
        let (longest, by_file, by_artist, _, text) = executor.compute(&asked).unwrap();
        assert_eq!((longest, by_file.height(), by_artist.height()), (Some(2019), 10, 1));
        assert_eq!(text, "A2010");
        assert_eq!(recorder.take_loads(), expected, "on {name}");
    }
}

#[test]
fn two_computes_read_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    std::fs::write(&path, "a\n1\n").unwrap();
    let frame = scan_csv(&path).unwrap();
    let (recorder, executor) = Recorder::watch(&executors()[0].executor);
    for _ in 0..2 {
        executor.compute(frame.column("a").max::<i64>()).unwrap();
    }
    assert_eq!(recorder.take_loads().len(), 2);
}
