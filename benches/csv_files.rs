//! Aggregates over a folder of track files (columns `id`, `duration_ms`, `tempo`, `artists`, ..), and over one of
//! measurements (lines `station;value`, no header).
//!
//! `cargo bench --workspace --bench csv_files -- FOLDER [MEASUREMENTS]`

use lazuli::prelude::*;
use lazuli_benches::measure;

fn main() -> lazuli::Result<()> {
    let mut folders = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let Some(folder) = folders.next() else {
        println!("no folder given: nothing measured");
        return Ok(());
    };
    tracks(&folder)?;
    folders.next().map_or(Ok(()), |folder| measurements(&folder))
}

/// Few columns of wide rows.
fn tracks(folder: &str) -> lazuli::Result<()> {
    let pattern = format!("{folder}/*_tracks.csv");
    let scan = || scan_csv(&pattern);

    measure("lazuli", "scan", 5, || scan().map(|frame| frame.npartitions()));
    measure("lazuli", "max", 5, || compute(scan()?.column("duration_ms").max::<i64>()));
    measure("lazuli", "max by file", 5, || {
        compute(scan()?.by_file().agg([col("duration_ms").max()])).map(|table| table.height())
    });
    measure("lazuli", "group by artists", 5, || {
        let means = [col("duration_ms").mean(), col("tempo").std(1)];
        compute(scan()?.group_by([col("artists")]).agg(means)).map(|table| table.height())
    });
    measure("lazuli", "group by id", 3, || {
        let sums = [col("duration_ms").sum(), col("tempo").max()];
        compute(scan()?.group_by([col("id")]).agg(sums)).map(|table| table.height())
    });
    measure("lazuli", "all three in one compute", 5, || {
        let frame = scan()?;
        let means = [col("duration_ms").mean(), col("tempo").std(1)];
        let asked = (
            frame.column("duration_ms").max::<i64>(),
            frame.by_file().agg([col("duration_ms").max()]),
            frame.group_by([col("artists")]).agg(means),
        );
        compute(asked).map(|(max, by_file, by_artist)| (max, by_file.height(), by_artist.height()))
    });
    Ok(())
}

/// All columns of short rows.
fn measurements(folder: &str) -> lazuli::Result<()> {
    let pattern = format!("{folder}/*.txt");
    let options = CsvOptions::default().with_separator(b';').with_header(false);
    measure("lazuli", "measurements", 5, || {
        let value = || col("column_2");
        let asked =
            [value().min().alias("min"), value().mean().alias("mean"), value().max().alias("max")];
        let rows = scan_csv_with(&pattern, options.clone())?;
        compute(rows.group_by([col("column_1")]).agg(asked)).map(|table| table.height())
    });
    Ok(())
}
