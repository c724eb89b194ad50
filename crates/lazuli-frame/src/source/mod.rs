//! Where rows come from: files of several formats, and memory.
//!
//! A source knows its schema and its partitions by metadata alone. It reads the columns that are asked for, a
//! partition in a task, batch by batch.

mod agreed;
mod any;
pub mod csv;
mod csv_files;
mod csv_read;
mod ipc;
mod jsonl;
mod memory;
mod parquet;
mod paths;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use lazuli_core::reduce::JointAnswers;
use lazuli_core::task::{Arg, by_ref, task};
use polars::prelude::{DataFrame, PlSmallStr, Schema};

pub use any::{read_csv, scan, scan_with};
pub use csv_files::{scan_csv, scan_csv_with};
pub use ipc::scan_ipc;
pub use jsonl::scan_jsonl;
pub(crate) use memory::Memory;
pub use parquet::scan_parquet;
pub use paths::IntoFiles;

use crate::error::FrameError;
use crate::lower::Reading;
use crate::plan::{Batch, known};
use crate::source::csv::BATCH;

/// One partition of a source.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// What tells it apart in messages and events: the path of its file.
    pub(crate) label: Arc<str>,
    /// The number of its file.
    pub(crate) file: usize,
    /// How many bytes it has there.
    pub(crate) bytes: u64,
}

/// Rows in partitions.
///
/// What a source promises: the rows of a partition, their order and their batches are the same whatever columns are
/// asked for; and at least one batch is pushed for a partition, if only one without rows.
pub(crate) trait Source: Send + Sync + 'static {
    /// The columns and their dtypes.
    fn schema(&self) -> &Schema;

    /// The partitions, at least one.
    fn partitions(&self) -> &[Place];

    /// The files, in order.
    fn files(&self) -> &[PathBuf];

    /// What messages call it.
    fn name(&self) -> String {
        list(self.files())
    }

    /// That these columns are there and can be had.
    ///
    /// # Errors
    /// A column that is not there, or on which files disagree.
    fn check(&self, columns: &[PlSmallStr]) -> Result<(), FrameError> {
        known(columns.iter(), self.schema(), &self.name())
    }

    /// Whether text that is nothing but a key can be read as the numbers of a dictionary's entries.
    fn codes_keys(&self) -> bool {
        false
    }

    /// Why the first of these columns that is text is so, where a cell made it so.
    fn why_text(&self, columns: &[PlSmallStr]) -> Option<String> {
        let _ = columns;
        None
    }

    /// What is to be said of the files, a line each.
    fn notes(&self) -> &[String] {
        &[]
    }

    /// How many bytes of memory reading a partition takes at a time, beside what becomes of its rows. As many as it
    /// has, where it is read as a whole.
    fn working_bytes(&self, partition: usize) -> u64 {
        self.partitions()[partition].bytes
    }

    /// Reads these columns of a partition in pieces, on the calling thread, and gives each to `push`, which may end
    /// the reading. How many bytes were read.
    ///
    /// # Errors
    /// What cannot be read.
    fn load(
        &self,
        partition: usize,
        columns: &[PlSmallStr],
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<u64, FrameError>;

    /// Reads these columns of all partitions, one after another, as [`load`](Self::load) does; no more than `limit`
    /// rows are needed.
    ///
    /// # Errors
    /// What cannot be read.
    fn scan(
        &self,
        columns: &[PlSmallStr],
        limit: usize,
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        let _ = limit;
        for partition in 0..self.partitions().len() {
            let mut ended = false;
            self.load(partition, columns, &mut |rows| {
                let next = push(rows);
                ended = next.is_break();
                next
            })?;
            if ended {
                break;
            }
        }
        Ok(())
    }

    /// The tasks of a pass over all partitions.
    fn read(self: Arc<Self>, reading: Reading) -> JointAnswers {
        let Reading { joint, wants, sides, prepare, state_bytes, site } = reading;
        let parts = self.partitions().iter().enumerate().map(|(partition, place)| {
            let builder = task("read").site(site).part(&*place.label);
            let builder = builder.output_bytes(state_bytes[partition]);
            let builder = builder.working_bytes(self.working_bytes(partition));
            (builder, (by_ref(Arg::Value(partition)), &sides[..]))
        });
        let parts: Vec<_> = parts.collect();
        let source = Arc::clone(&self);
        let columns: Vec<PlSmallStr> = wants.plain.into_iter().collect();
        joint.over(parts, move |(partition, sides), context, sink| {
            let place = &source.partitions()[*partition];
            let mut failed = None;
            let mut push = |rows: DataFrame| {
                let batch = Batch {
                    rows,
                    coded: Vec::new(),
                    partition: *partition,
                    file: place.file,
                    path: Arc::clone(&place.label),
                };
                match prepare.run(batch, &sides) {
                    Ok(prepared) => sink.push(&prepared),
                    Err(error) => failed = Some(error),
                }
                match failed.is_some() || context.is_over() {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            };
            let bytes = source.load(*partition, &columns, &mut push)?;
            if let Some(error) = failed {
                return Err(error);
            }
            if !source.files().is_empty() {
                context.loaded(&*place.label, bytes);
            }
            Ok::<(), FrameError>(())
        })
    }
}

/// Pushes rows in batches: at least one.
pub(crate) fn push_batches(
    rows: &DataFrame,
    push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut at = 0;
    loop {
        push(rows.slice(at as i64, BATCH))?;
        at += BATCH;
        if at >= rows.height() {
            return ControlFlow::Continue(());
        }
    }
}

/// The files in a message.
fn list(files: &[PathBuf]) -> String {
    let first = files.first().map(|path| path.display().to_string()).unwrap_or_default();
    match files.len().saturating_sub(1) {
        0 => first,
        1 => format!("{first} and 1 more file"),
        others => format!("{first} and {others} more files"),
    }
}
