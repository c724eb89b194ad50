//! Lowering: everything asked of one frame in one compute is one read of each of its files.
//!
//! The tasks of a pass read the union of the columns that its requests need. Each request then sees the
//! partition: filters and keys are its own.

use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;

use lazuli_core::reduce::{Joint, JointAnswers};
use lazuli_core::task::{Arg, by_ref, task};
use lazuli_core::{AnyDelayed, Delayed, Error, Layer, Result};
use polars::prelude::{DataFrame, PlSmallStr};

use crate::error::FrameError;
use crate::frame::Frame;
use crate::scan::Scan;
use crate::source::csv::{ReadError, read_columns};

/// Some rows of a frame, with the columns that the pass needs.
pub(crate) struct Partition {
    pub(crate) rows: DataFrame,
    /// The number of the file they are from.
    pub(crate) file: usize,
    pub(crate) path: PathBuf,
}

/// What a request asks of a pass.
pub(crate) trait Asked: Send + Sync {
    /// The columns it needs.
    fn columns(&self) -> &[PlSmallStr];
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
    fn lower(requests: &[&Self]) -> Result<Vec<AnyDelayed>> {
        let mut answers: Vec<Option<AnyDelayed>> = vec![None; requests.len()];
        for first in 0..requests.len() {
            if answers[first].is_some() {
                continue;
            }
            let scan = &requests[first].scan;
            let same = |&index: &usize| Arc::ptr_eq(&requests[index].scan, scan);
            let pass: Vec<usize> = (first..requests.len()).filter(same).collect();
            let together: Vec<&Self> = pass.iter().map(|&index| requests[index]).collect();
            for (index, answer) in pass.into_iter().zip(lower_pass(scan, &together)?) {
                answers[index] = Some(answer);
            }
        }
        Ok(answers.into_iter().flatten().collect())
    }
}

fn lower_pass(scan: &Arc<Scan>, requests: &[&Request]) -> Result<Vec<AnyDelayed>> {
    let asked = requests.iter().map(|request| request.asked.as_ref().map_err(Error::clone));
    let asked = asked.collect::<Result<Vec<_>>>()?;
    let site = requests[0].site;
    let mut joint = Joint::new().site(site);
    let answers: Vec<_> = asked.iter().map(|asked| asked.add(&mut joint)).collect();

    let needed = |name: &PlSmallStr| asked.iter().any(|asked| asked.columns().contains(name));
    let columns = scan.typed(needed);
    let files = scan.files.iter().enumerate().map(|(file, path)| {
        let read = task("read").site(site).part(path.display().to_string());
        (read, by_ref(Arg::Value((file, path.clone()))))
    });
    let scan = Arc::clone(scan);
    let joint = joint.over(files, move |(file, path), context, sink| {
        let read = read_columns(path, &columns, &scan.options)?;
        context.loaded(path.display(), read.bytes);
        sink.push(&Partition { rows: read.frame, file: *file, path: path.clone() });
        Ok::<(), ReadError>(())
    });
    Ok(answers.into_iter().map(|answer| answer(&joint)).collect())
}
