//! A reduction's own way to merge many states at once is taken, for frames and for columns.

use std::convert::Infallible;
use std::fs;

use lazuli::core::TryReduction;
use lazuli::frame::polars::prelude::*;
use lazuli::prelude::{compute, scan_csv};

/// The rows of all partitions; it can only merge all states at once.
struct Rows;

macro_rules! rows_of {
    ($($input:ty, $rows:ident);*) => {$(
        impl TryReduction<$input> for Rows {
            type State = usize;
            type Output = usize;
            type Error = Infallible;

            fn identity(&self) -> usize {
                0
            }

            fn update(&self, rows: &mut usize, input: &$input) -> Result<(), Infallible> {
                *rows += input.$rows();
                Ok(())
            }

            fn combine(&self, _: &mut usize, _: usize) -> Result<(), Infallible> {
                panic!("states are merged all at once")
            }

            fn combine_all(&self, rows: &mut usize, following: Vec<usize>) -> Result<(), Infallible> {
                *rows += following.iter().sum::<usize>();
                Ok(())
            }

            fn finish(&self, rows: usize) -> Result<usize, Infallible> {
                Ok(rows)
            }
        }
    )*};
}

rows_of!(DataFrame, height; Column, len);

#[test]
fn states_are_merged_all_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for file in 10..30 {
        fs::write(folder.path().join(format!("{file}.csv")), "a,b\n1,2\n3,4\n").unwrap();
    }
    let frame = scan_csv(&folder.path().join("*.csv").display().to_string()).unwrap();
    let rows = (frame.reduce(["a", "b"], Rows), frame.column("b").reduce(Rows));
    assert_eq!(compute(rows).unwrap(), (40, 40));
}
