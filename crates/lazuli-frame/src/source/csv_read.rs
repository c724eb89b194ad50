//! The tasks that read CSV files: where large files can be cut is found by tasks before.

use std::collections::HashMap;
use std::ops::{ControlFlow, Range};
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazuli_core::Delayed;
use lazuli_core::reduce::JointAnswers;
use lazuli_core::task::{Arg, by_ref, reporter, task};
use polars::prelude::{DataFrame, DataType, PlSmallStr, Schema};

use super::csv::{BATCH, Readings, Wanted, blocks, parts, read_batches, read_head, readings};
use super::csv_files::Scan;
use super::{Place, Source};
use crate::error::FrameError;
use crate::lower::Reading;
use crate::plan::{Batch, Wants};

/// What a piece of a file and the batch of its rows take.
const PIECE: u64 = 4 << 20;

impl Source for Scan {
    fn schema(&self) -> &Schema {
        &self.reconciled.schema
    }

    fn partitions(&self) -> &[Place] {
        &self.partitions
    }

    fn files(&self) -> &[PathBuf] {
        &self.files
    }

    fn check(&self, columns: &[PlSmallStr]) -> Result<(), FrameError> {
        self.check_columns(columns)
    }

    fn codes_keys(&self) -> bool {
        true
    }

    fn why_text(&self, columns: &[PlSmallStr]) -> Option<String> {
        self.why(columns)
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    /// A file is read piece by piece, and its rows are handed on batch by batch.
    fn working_bytes(&self, partition: usize) -> u64 {
        self.partitions[partition].bytes.min(PIECE)
    }

    /// Reads the whole file of the partition: where a part of it begins is known in a pass only.
    fn load(
        &self,
        partition: usize,
        columns: &[PlSmallStr],
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<u64, FrameError> {
        let wanted = in_order(self.wanted(|name| columns.contains(name)), columns);
        let path = &self.files[self.partitions[partition].file];
        Ok(read_batches(path, None, &wanted, &self.options, &mut |batch| push(batch.frame))?)
    }

    fn scan(
        &self,
        columns: &[PlSmallStr],
        limit: usize,
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        let mut wanted = in_order(self.wanted(|name| columns.contains(name)), columns);
        let mut missing = limit;
        for path in &self.files {
            let mut next = ControlFlow::Continue(());
            let mut types: Vec<DataType> = Vec::new();
            let needed = missing;
            let mut push = |rows: DataFrame| {
                types = rows.columns().iter().map(|column| column.dtype().clone()).collect();
                missing = missing.saturating_sub(rows.height());
                next = push(rows);
                next
            };
            if needed <= BATCH {
                // What follows the rows that are needed is not looked at.
                let _ = push(read_head(path, &wanted, needed, &self.options)?.frame);
            } else {
                read_batches(path, None, &wanted, &self.options, &mut |batch| push(batch.frame))?;
            }
            if next.is_break() {
                break;
            }
            // A column without a value so far keeps the dtype of its first one.
            for (wanted, dtype) in wanted.iter_mut().zip(types) {
                wanted.dtype = dtype;
            }
        }
        Ok(())
    }

    fn read(self: Arc<Self>, reading: Reading) -> JointAnswers {
        let Reading { joint, wants, sides, prepare, state_bytes, site } = reading;
        let columns = columns(&self, &wants);
        let types = first_values(&self, &columns, site);
        let mut tasks = Vec::with_capacity(self.partitions.len());
        let mut partition = 0;
        while let Some(place) = self.partitions.get(partition) {
            let file = place.file;
            let count = self.partitions[partition..].iter().take_while(|next| next.file == file);
            let count = count.count();
            let cuts = cuts(&self, file, count, site);
            for block in 0..count {
                let read = task("read").site(site).part(&*place.label);
                let read = read.output_bytes(state_bytes[partition + block]);
                let read = read.working_bytes(self.working_bytes(partition + block));
                let inputs = (
                    by_ref(Arg::Value((partition + block, block))),
                    by_ref(Arg::Delayed(types.clone())),
                    by_ref(cuts.clone().map_or(Arg::Value(Vec::new()), Arg::Delayed)),
                    &sides[..],
                );
                tasks.push((read, inputs));
            }
            partition += count;
        }
        let scan = self;
        joint.over(tasks, move |((partition, block), types, cuts, sides), context, sink| {
            let place = &scan.partitions[*partition];
            let part = cuts.get(*block).cloned();
            if part.as_ref().is_some_and(Range::is_empty) {
                return Ok(());
            }
            let columns = columns.iter().map(|column| {
                let dtype = types.get(&column.name).unwrap_or(&column.dtype).clone();
                Wanted { dtype, ..column.clone() }
            });
            let columns: Vec<Wanted> = columns.collect();
            let mut failed = None;
            let path = &scan.files[place.file];
            let bytes = read_batches(path, part, &columns, &scan.options, &mut |batch| {
                let (rows, coded) = (batch.frame, batch.coded);
                let path = Arc::clone(&place.label);
                let batch = Batch { rows, coded, partition: *partition, file: place.file, path };
                match prepare.run(batch, &sides) {
                    Ok(prepared) => sink.push(&prepared),
                    Err(error) => failed = Some(error),
                }
                match failed.is_some() || context.is_over() {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            })?;
            if let Some(error) = failed {
                return Err(error);
            }
            context.loaded(&*place.label, bytes);
            Ok::<(), FrameError>(())
        })
    }
}

/// The columns in the order in which they are asked for.
fn in_order(mut wanted: Vec<Wanted>, columns: &[PlSmallStr]) -> Vec<Wanted> {
    let places: HashMap<&PlSmallStr, usize> = columns.iter().zip(0..).collect();
    wanted.sort_by_key(|column| places.get(&column.name).copied());
    wanted
}

/// The columns that a pass reads. One that some request takes coded, and another as it is, comes in both forms.
fn columns(scan: &Scan, wants: &Wants) -> Vec<Wanted> {
    let mut columns = scan.wanted(|name| wants.plain.contains(name));
    let keys = scan.wanted(|name| wants.coded.contains(name));
    columns.extend(keys.into_iter().map(|key| Wanted { coded: true, ..key }));
    columns
}

/// The parts of a file that is read in so many, if in several.
fn cuts(
    scan: &Arc<Scan>,
    file: usize,
    count: usize,
    site: &'static Location<'static>,
) -> Option<Delayed<Vec<Range<u64>>>> {
    let path: &Path = &scan.files[file];
    let label = || path.display().to_string();
    let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let blocks = blocks(bytes, &scan.options);
    if count == 1 && blocks.is_empty() {
        return None;
    }
    if blocks.len() != count {
        // It is another file than it was when it was scanned: the first part reads all of it.
        let mut all = vec![0..0; count];
        all[0] = 0..u64::MAX;
        return Some(Delayed::value(all));
    }
    let each = blocks.into_iter().map(|block| {
        let (scan, path) = (Arc::clone(scan), path.to_owned());
        task("find records")
            .site(site)
            .part(label())
            .try_call((), move |()| readings(&path, block.clone(), &scan.options))
    });
    let each: Vec<Delayed<Readings>> = each.collect();
    let cut = task("cut").site(site).part(label());
    Some(cut.call(each, move |each: Vec<Readings>| parts(&each, bytes)))
}

/// The dtypes of the columns of which no value was sampled, by their first values.
fn first_values(
    scan: &Arc<Scan>,
    columns: &[Wanted],
    site: &'static Location<'static>,
) -> Delayed<HashMap<PlSmallStr, DataType>> {
    let untyped = columns.iter().filter(|column| column.dtype == DataType::Null);
    let untyped: Vec<PlSmallStr> = untyped.map(|column| column.name.clone()).collect();
    if untyped.is_empty() {
        return Delayed::value(HashMap::new());
    }
    let scan = Arc::clone(scan);
    task("first values")
        .site(site)
        .try_call(reporter(), move |context| scan.first_values(&untyped, || context.is_over()))
}
