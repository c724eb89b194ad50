//! Cells that cannot be read, and what becomes of the answers that need them.
//!
//! A pass reads on behind a bad cell, so that all of them are known when an answer is checked. Only cells of columns
//! that a request needs count for it: what else is asked in the same compute changes no answer.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;

use lazuli_core::reduce::{JointAnswers, Place, Places};
use lazuli_core::{Delayed, TryReduction, task};
use polars::prelude::PlSmallStr;

use crate::error::{BadCells, FrameError, RejectedCell};
use crate::plan::{Names, Prepared};
use crate::source::Source;
use crate::source::csv::BadCell;

/// How many cells an error names.
const SHOWN: usize = 20;

/// Bad cells, each with the number of its file.
pub(crate) type Cells = Vec<(usize, BadCell)>;

/// What an error needs to know of the bad cells of some rows, by column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found(BTreeMap<PlSmallStr, Column>);

#[derive(Clone, Debug, Default)]
struct Column {
    count: u64,
    first: Cells,
}

impl Column {
    fn add(&mut self, count: u64, cells: impl IntoIterator<Item = (usize, BadCell)>) {
        self.count += count;
        self.first.extend(cells.into_iter().take(SHOWN - self.first.len()));
    }
}

/// Finds the bad cells of all columns that are read.
pub(super) struct FindBad;

impl TryReduction<Prepared> for FindBad {
    type State = Found;
    type Output = Arc<Found>;
    type Error = Infallible;

    fn identity(&self) -> Found {
        Found::default()
    }

    fn update(&self, found: &mut Found, rows: &Prepared) -> Result<(), Infallible> {
        let batch = rows.form(0);
        for cell in &batch.bad {
            let column = found.0.entry(cell.column.clone()).or_default();
            column.add(1, [(batch.file, cell.clone())]);
        }
        Ok(())
    }

    fn combine(&self, found: &mut Found, following: Found) -> Result<(), Infallible> {
        for (name, column) in following.0 {
            found.0.entry(name).or_default().add(column.count, column.first);
        }
        Ok(())
    }

    fn finish(&self, found: Found) -> Result<Arc<Found>, Infallible> {
        Ok(Arc::new(found))
    }
}

/// Lets an answer through if every cell that it needs can be read.
pub(crate) struct Guard(Option<Guarded>);

struct Guarded {
    source: Arc<dyn Source>,
    columns: Arc<Names>,
    found: Finding,
    site: &'static Location<'static>,
}

/// Where the pass answers what bad cells there are: in all rows, or in each group of partitions.
#[derive(Clone, Copy)]
pub(super) enum Finding {
    Whole(Place<Arc<Found>>),
    Each(Places<Arc<Found>>),
}

impl Guard {
    /// Of a pass without bad cells, or where they are no errors.
    pub(super) fn open() -> Self {
        Self(None)
    }

    pub(super) fn new(
        source: Arc<dyn Source>,
        columns: Arc<Names>,
        found: Finding,
        site: &'static Location<'static>,
    ) -> Self {
        Self(Some(Guarded { source, columns, found, site }))
    }

    /// The same answers, each of which fails where a cell of the rows that it is of cannot be read.
    pub(super) fn check<T: Clone + Send + Sync + 'static>(
        &self,
        pass: &JointAnswers,
        answers: Vec<Delayed<T>>,
    ) -> Vec<Delayed<T>> {
        let Some(Guarded { source, columns, found, site }) = &self.0 else { return answers };
        let found: Vec<Delayed<Arc<Found>>> = match found {
            Finding::Whole(place) => vec![pass.get(place); answers.len()],
            Finding::Each(places) => pass.each(places).collect(),
        };
        let checked = answers.into_iter().zip(found).map(|(answer, found)| {
            let (source, columns) = (Arc::clone(source), Arc::clone(columns));
            let check = task("check").site(site).output_bytes(answer.output_bytes());
            check.try_call((answer, found), move |(answer, found)| {
                error(&found, &columns, &*source).map_or(Ok(answer), Err)
            })
        });
        checked.collect()
    }
}

/// Why an answer that needs these columns cannot be had, if it cannot.
fn error(found: &Found, columns: &Names, source: &dyn Source) -> Option<FrameError> {
    let needed = || found.0.iter().filter(|(name, _)| columns.contains(*name));
    let count: u64 = needed().map(|(_, column)| column.count).sum();
    let mut first: Cells = needed().flat_map(|(_, column)| column.first.clone()).collect();
    first.sort_by_key(|(file, cell)| (*file, cell.offset));
    first.truncate(SHOWN);
    let cells = located(&first, source);
    (count > 0).then_some(FrameError::BadCells(BadCells { count, cells }))
}

/// The cells with their lines, for which each file is read once more as far as its last one.
pub(crate) fn located(cells: &Cells, source: &dyn Source) -> Vec<RejectedCell> {
    let mut offsets: HashMap<usize, Vec<u64>> = HashMap::new();
    for (file, cell) in cells {
        offsets.entry(*file).or_default().push(cell.offset);
    }
    let mut lines: HashMap<(usize, u64), u64> = HashMap::new();
    for (file, _) in cells {
        if let Some(mut offsets) = offsets.remove(file) {
            offsets.sort_unstable();
            let found = source.lines(*file, &offsets);
            let known = offsets.into_iter().zip(found);
            lines.extend(known.filter_map(|(offset, line)| Some(((*file, offset), line?))));
        }
    }
    let path = |file: usize| source.files().get(file).cloned().unwrap_or_else(PathBuf::new);
    let locate = |(file, cell): &(usize, BadCell)| RejectedCell {
        path: path(*file),
        line: lines.get(&(*file, cell.offset)).copied(),
        column: cell.column.clone(),
        text: cell.text.clone(),
        expected: cell.expected(),
        problem: cell.to_string(),
    };
    cells.iter().map(locate).collect()
}
