//! Aggregates over a folder of track files (columns `duration_ms`, `tempo`, `artists`, ..).
//!
//! `cargo bench --workspace --bench csv_files -- FOLDER`

use lazuli::prelude::*;
use lazuli_benches::measure;

fn main() -> lazuli::Result<()> {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let Some(folder) = folder else {
        println!("no folder given: nothing measured");
        return Ok(());
    };
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
