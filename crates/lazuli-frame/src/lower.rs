//! Lowering: everything asked of one frame in one compute is one read of each of its files.
//!
//! The tasks of a pass read the union of the columns that its requests need, and push batch after batch. Each
//! request then sees the batch: filters and keys are its own.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::ops::Range;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazuli_core::reduce::{Joint, JointAnswers};
use lazuli_core::task::{Arg, by_ref, reporter, task};
use lazuli_core::{Answer, AnyDelayed, Delayed, Error, Layer, Lowering, Result};
use polars::prelude::{DataFrame, DataType, PlSmallStr};

use crate::error::FrameError;
use crate::frame::Frame;
use crate::scan::Scan;
use crate::source;
use crate::source::csv::{Coded, ReadError, Readings, Wanted, blocks, read_batches, readings};

/// Some rows of a frame, with the columns that the pass needs.
pub(crate) struct Partition {
    pub(crate) rows: DataFrame,
    /// Keys that nobody needs otherwise.
    pub(crate) coded: Vec<Coded>,
    /// The number of the file they are from.
    pub(crate) file: usize,
    pub(crate) path: PathBuf,
}

/// What a request asks of a pass.
pub(crate) trait Asked: Send + Sync {
    /// The columns it needs.
    fn columns(&self) -> &[PlSmallStr];
    /// The one among them that it takes coded, if it is text.
    fn coded_key(&self) -> Option<&PlSmallStr>;
    /// Adds its reduction; how to get its answer.
    fn add(&self, joint: &mut Joint<Partition>) -> Box<dyn FnOnce(&JointAnswers) -> AnyDelayed>;
}

/// One thing asked of one frame; or why it cannot be answered.
pub(crate) struct Request {
    scan: Arc<Scan>,
    asked: Result<Box<dyn Asked>>,
    site: &'static Location<'static>,
}

/// The delayed answer of a request. What is wrong with it is reported when it is computed.
#[track_caller]
pub(crate) fn request<T: Send + Sync + 'static>(
    name: &'static str,
    frame: &Frame,
    asked: Result<Box<dyn Asked>, FrameError>,
    site: &'static Location<'static>,
) -> Delayed<T> {
    let asked = asked.and_then(|asked| frame.scan.check(asked.columns()).map(|()| asked));
    let asked = asked.map_err(Error::plan);
    Delayed::from_layer(name, Request { scan: Arc::clone(&frame.scan), asked, site }, [])
}

impl Layer for Request {
    fn lower(requests: &[&Self], _: &Lowering<'_>) -> Result<Vec<Answer>> {
        let mut answers: Vec<Option<Answer>> = vec![None; requests.len()];
        for first in 0..requests.len() {
            if answers[first].is_some() {
                continue;
            }
            let scan = &requests[first].scan;
            let same = |&index: &usize| Arc::ptr_eq(&requests[index].scan, scan);
            let pass: Vec<usize> = (first..requests.len()).filter(same).collect();
            let together: Vec<&Self> = pass.iter().map(|&index| requests[index]).collect();
            for (index, answer) in pass.into_iter().zip(lower_pass(scan, &together)?) {
                answers[index] = Some(answer.into());
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }
}

fn lower_pass(scan: &Arc<Scan>, requests: &[&Request]) -> Result<Vec<AnyDelayed>> {
    let asked = requests.iter().map(|request| request.asked.as_deref().map_err(Error::clone));
    let asked = asked.collect::<Result<Vec<_>>>()?;
    let site = requests[0].site;
    let mut joint = Joint::new().site(site);
    let answers: Vec<_> = asked.iter().map(|asked| asked.add(&mut joint)).collect();

    let columns = columns(scan, &asked);
    let types = first_values(scan, &columns, site);
    let mut parts = Vec::with_capacity(scan.files.len());
    for (file, path) in scan.files.iter().enumerate() {
        let cuts = cuts(scan, path, site);
        let blocks = cuts.as_ref().map_or(1, |(blocks, _)| *blocks);
        for block in 0..blocks {
            let read = task("read").site(site).part(path.display().to_string());
            let cuts = match &cuts {
                Some((_, cuts)) => Arg::Delayed(cuts.clone()),
                None => Arg::Value(Vec::new()),
            };
            let place = by_ref(Arg::Value((file, path.clone(), block)));
            parts.push((read, (place, by_ref(Arg::Delayed(types.clone())), by_ref(cuts))));
        }
    }
    let scan = Arc::clone(scan);
    let joint = joint.over(parts, move |((file, path, block), types, cuts), context, sink| {
        let part = cuts.get(*block).cloned();
        if part.as_ref().is_some_and(Range::is_empty) {
            return Ok(());
        }
        let columns = columns.iter().map(|column| {
            let dtype = types.get(&column.name).unwrap_or(&column.dtype).clone();
            Wanted { dtype, ..column.clone() }
        });
        let columns: Vec<Wanted> = columns.collect();
        let bytes = read_batches(path, part, &columns, &scan.options, &mut |batch| {
            let (rows, coded) = (batch.frame, batch.coded);
            sink.push(&Partition { rows, coded, file: *file, path: path.clone() });
            if context.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        context.loaded(path.display(), bytes);
        Ok::<(), ReadError>(())
    });
    Ok(answers.into_iter().map(|answer| answer(&joint)).collect())
}

/// The columns that a pass reads. One that some request takes coded, and another as it is, comes in both forms.
fn columns(scan: &Scan, asked: &[&dyn Asked]) -> Vec<Wanted> {
    let is_text = |name: &PlSmallStr| scan.schema().get(name) == Some(&DataType::String);
    let coded = |asked: &dyn Asked, name: &PlSmallStr| {
        asked.coded_key().is_some_and(|key| key == name && is_text(name))
    };
    let plain = |name: &PlSmallStr| {
        asked.iter().any(|asked| asked.columns().contains(name) && !coded(*asked, name))
    };
    let mut columns = scan.wanted(plain);
    let keys = scan.wanted(|name| asked.iter().any(|asked| coded(*asked, name)));
    columns.extend(keys.into_iter().map(|key| Wanted { coded: true, ..key }));
    columns
}

/// How many blocks a file is read in, if several, and the parts that they are.
fn cuts(
    scan: &Arc<Scan>,
    path: &Path,
    site: &'static Location<'static>,
) -> Option<(usize, Delayed<Vec<Range<u64>>>)> {
    // A file that cannot be looked at is left for its reading to report.
    let bytes = std::fs::metadata(path).ok()?.len();
    let blocks = blocks(bytes, &scan.options);
    if blocks.is_empty() {
        return None;
    }
    let count = blocks.len();
    let each = blocks.into_iter().map(|block| {
        let (scan, path) = (Arc::clone(scan), path.to_owned());
        task("find records")
            .site(site)
            .part(path.display().to_string())
            .try_call((), move |()| readings(&path, block.clone(), &scan.options))
    });
    let each: Vec<Delayed<Readings>> = each.collect();
    let cuts = task("cut").site(site).part(path.display().to_string());
    Some((count, cuts.call(each, move |each: Vec<Readings>| source::csv::parts(&each, bytes))))
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
