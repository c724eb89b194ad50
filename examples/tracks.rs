//! The longest track of each year, and of all: one table of 16 yearly CSV files, each read once.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use lazuli::prelude::*;

/// Writes the files, then asks for both in one compute.
pub fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let longest_by_year = write_tracks(folder.path())?;

    let tracks = scan_csv(&folder.path().join("*_tracks.csv").display().to_string())?;
    let longest = tracks.column("duration_ms").max::<i64>();
    let per_file = tracks.by_file().agg([col("duration_ms").max()]);
    let (longest, per_file) = compute((longest, per_file))?; // every file is read once

    let files = per_file.column("path")?.str()?.iter().flatten();
    let by_year: Vec<i64> = per_file.column("duration_ms")?.i64()?.iter().flatten().collect();
    for (file, longest) in files.zip(&by_year) {
        println!("{longest:>8} ms in {file}");
    }
    println!("the longest of all: {longest:?} ms");
    assert_eq!(by_year, longest_by_year);
    assert_eq!(longest, longest_by_year.into_iter().max());
    Ok(())
}

/// 500 tracks for each year from 2005 to 2020; the longest of each.
fn write_tracks(folder: &Path) -> Result<Vec<i64>, Box<dyn Error>> {
    let mut longest_by_year = Vec::new();
    for year in 2005..=2020 {
        let mut text = String::from("id,name,artists,duration_ms,popularity\n");
        let durations = (0..500).map(|track| 60_000 + (track * 7_919 + year * 104_729) % 499_979);
        let durations: Vec<i64> = durations.collect();
        for (track, duration) in durations.iter().enumerate() {
            let popularity = track % 101;
            writeln!(text, "{track},\"No. {track}, live\",['A'],{duration},{popularity}")?;
        }
        fs::write(folder.join(format!("{year}_tracks.csv")), text)?;
        longest_by_year.extend(durations.into_iter().max());
    }
    Ok(longest_by_year)
}
