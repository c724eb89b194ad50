//! Arrays larger than memory, and what of it they take: each work in a process of its own, which prints its seconds and
//! its peak of resident memory.
//!
//! `cargo bench -p lazuli-benches --no-default-features --features array --bench larger -- WORK FOLDER [GIGABYTES]`
//!
//! `generated` needs no folder: mean, std and an axis mean of 100 GB (or as many as said) that a function gives. `write`
//! makes a file and a Zarr array of 4 GB in a folder that is to be deleted afterwards; `npy` and `zarr` then take one of
//! `statistics`, `anomaly` and `columns` (blocks of rows as blocks of columns in another Zarr array), with a limit of 512 MB.

use std::path::Path;
use std::time::Instant;

use lazuli::array::{open_npy, open_zarr};
use lazuli::core::Executor;
use lazuli::prelude::*;
use ndarray::{Axis, Ix2};

const COLUMNS: usize = 10_000;
const LIMIT: u64 = 512_000_000;

fn main() -> lazuli::Result<()> {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let start = Instant::now();
    let result = match &words[..] {
        ["generated", rest @ ..] => generated(gigabytes(rest, 100))?,
        ["write", folder, rest @ ..] => write(Path::new(folder), gigabytes(rest, 4))?,
        [kind @ ("npy" | "zarr"), work, folder] => limited(kind, work, Path::new(folder))?,
        _ => {
            println!("no work given: nothing measured");
            return Ok(());
        }
    };
    let (seconds, work) = (start.elapsed().as_secs_f64(), words.join(" "));
    let peak = peak_megabytes().map_or("unknown".into(), |peak| format!("{peak:.0}"));
    println!(
        "{{\"peer\": \"lazuli\", \"work\": {work:?}, \"seconds\": {seconds:.3}, \"peak_megabytes\": {peak}, \"result\": {result:?}}}"
    );
    Ok(())
}

fn gigabytes(words: &[&str], default: usize) -> usize {
    words.iter().find_map(|word| word.parse().ok()).unwrap_or(default)
}

/// Values with a trend down each column, in blocks of 8 MB.
fn values(gigabytes: usize) -> ChunkedArray<f64, Ix2> {
    let rows = gigabytes * 1_000_000_000 / 8 / COLUMNS;
    ChunkedArray::from_fn([rows, COLUMNS], [100, COLUMNS], |[i, j]| {
        (i.wrapping_mul(7919) ^ j) as u16 as f64 * 1e-3 + i as f64 * 1e-6
    })
}

fn generated(gigabytes: usize) -> lazuli::Result<String> {
    let x = values(gigabytes);
    let (mean, std, along) = compute((x.mean(), x.std(0), x.mean_axis(Axis(0)).max()))?;
    Ok(format!("mean {mean}, std {std}, greatest mean of a column {along}"))
}

fn write(folder: &Path, gigabytes: usize) -> lazuli::Result<String> {
    let x = values(gigabytes);
    compute((x.store_npy(folder.join("x.npy")), x.store_zarr(folder.join("x.zarr"))))?;
    Ok(format!("{gigabytes} GB twice"))
}

fn limited(kind: &str, work: &str, folder: &Path) -> lazuli::Result<String> {
    let x: ChunkedArray<f64, Ix2> = match kind {
        "npy" => open_npy(folder.join("x.npy"))?.rechunk([100, COLUMNS]),
        _ => open_zarr(folder.join("x.zarr"))?,
    };
    let executor = Executor::shared().with_memory_limit(LIMIT);
    match work {
        "statistics" => {
            let (mean, std, skewness) = executor.compute((x.mean(), x.std(0), x.skewness()))?;
            Ok(format!("mean {mean}, std {std}, skewness {skewness}"))
        }
        "anomaly" => {
            let down = x.along(Axis(0)).keepdims();
            let anomaly = (&x - down.clone().mean()) / down.std(0);
            let (mean, std) = executor.compute((anomaly.mean(), anomaly.std(0)))?;
            Ok(format!("mean {mean:.3}, std {std}"))
        }
        _ => {
            let path = folder.join(format!("columns-of-{kind}.zarr"));
            let columns = x.rechunk([x.shape()[0], 20]);
            executor.compute(columns.store_zarr(&path))?;
            let stored: ChunkedArray<f64, Ix2> = open_zarr(&path)?;
            let (found, expected) = executor.compute((stored.std(0), x.std(0)))?;
            Ok(format!("chunks {:?}, std {found} of {expected}", stored.chunksize()))
        }
    }
}

/// The most memory that this process has had at once, where the system says it.
fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024.0 / 1e6)
}
