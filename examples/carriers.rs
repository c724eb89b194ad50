//! A mean by group over twelve files, by hand: sums and counts of each file, then combined.
//!
//! The files are a year of departures from New York, a month each, where they are at hand, and else a small made-up
//! year.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lazuli::prelude::*;

/// The sum of the delays of each carrier, in minutes, and how many there are.
type Delays = BTreeMap<String, (f64, u64)>;

/// Reads one file. A bad cell is an error, which names the file by `part`.
#[delayed(blocking, part = path)]
fn delays(path: &Path) -> Result<Delays, Box<dyn std::error::Error + Send + Sync>> {
    let text = fs::read_to_string(path)?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name| header.iter().position(|&it| it == name).ok_or(format!("no column {name}"));
    let (carrier, delay) = (column("carrier")?, column("dep_delay")?);
    let mut delays = Delays::new();
    for cells in lines.map(|line| line.split(',').collect::<Vec<_>>()) {
        // A flight that was cancelled has no delay.
        if cells[delay] != "NA" {
            let (sum, count) = delays.entry(cells[carrier].to_owned()).or_default();
            *sum += cells[delay].parse::<f64>()?;
            *count += 1;
        }
    }
    Ok(delays)
}

fn add(mut total: Delays, more: Delays) -> Delays {
    for (carrier, (sum, count)) in more {
        let entry = total.entry(carrier).or_default();
        *entry = (entry.0 + sum, entry.1 + count);
    }
    total
}

fn means(delays: &Delays) -> BTreeMap<String, f64> {
    delays.iter().map(|(carrier, (sum, count))| (carrier.clone(), sum / *count as f64)).collect()
}

/// Computes the mean delay of each carrier, and compares with a loop over the files.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let made_up = tempfile::tempdir()?;
    let files = match flights()? {
        files if files.is_empty() => make_up(made_up.path())?,
        files => files,
    };
    let parts = files.iter().map(|file| delays(file.as_path()));
    let total = tree_reduce(parts, 4, add).expect("there are files");
    let by_carrier = total.map(means).compute()?;

    let mut plain = Delays::new();
    for file in &files {
        plain = add(plain, delays(file.as_path()).compute()?);
    }
    // Delays are whole minutes, so their sums are exact in whatever order they are added.
    assert_eq!(by_carrier, means(&plain));
    let latest = by_carrier.iter().max_by(|a, b| a.1.total_cmp(b.1)).expect("there are carriers");
    println!(
        "of {} carriers in {} files, {} is latest: {:.1} minutes",
        by_carrier.len(),
        files.len(),
        latest.0,
        latest.1
    );
    Ok(())
}

/// The files of the real year, if they are there.
fn flights() -> io::Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = folder.map(|it| it.join("shared/data/flights")).find(|it| it.is_dir());
    let Some(folder) = found else { return Ok(Vec::new()) };
    let mut files: Vec<_> =
        fs::read_dir(folder)?.map(|file| file.map(|it| it.path())).collect::<io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "csv"));
    files.sort();
    Ok(files)
}

fn make_up(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let month = |month: u64| {
        let rows = (0..1_000).map(|row: u64| match (row * month) % 7 {
            0 => format!("{month},C{},NA\n", row % 5),
            _ => format!("{month},C{},{}\n", row % 5, (row * row * month) % 90),
        });
        let path = folder.join(format!("{month:02}.csv"));
        fs::write(&path, format!("month,carrier,dep_delay\n{}", rows.collect::<String>()))?;
        Ok(path)
    };
    (1..=12).map(month).collect()
}
