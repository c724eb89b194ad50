//! The cells that cannot be read, as a table.

use std::convert::Infallible;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::reduce::Place;
use lazuli_core::{Answer, Delayed, TryReduction, task};
use polars::prelude::{DataFrame, PlSmallStr, df};

use crate::error::FrameError;
use crate::frame::Frame;
use crate::lower::{Asked, Cells, Pass, Request, Seat, Take, located};
use crate::plan::{Names, Plan, Prepared};

/// The table of the cells that cannot be read.
#[track_caller]
pub(crate) fn rejects(frame: &Frame) -> Delayed<DataFrame> {
    let site = Location::caller();
    let asked = |plan: &Plan| {
        let columns = plan.schema.iter_names().cloned().collect();
        Ok(Box::new(Rejects { columns }) as Box<dyn Asked>)
    };
    Request::new(frame.plan(), asked, site).one("rejects")
}

struct Rejects {
    columns: Vec<PlSmallStr>,
}

impl Asked for Rejects {
    fn columns(&self) -> &[PlSmallStr] {
        &self.columns
    }

    fn join(&self, passes: &mut [Pass], seats: &[Seat], site: &'static Location<'static>) -> Take {
        let places: Vec<(usize, Place<Arc<Cells>>)> = seats
            .iter()
            .map(|seat| (seat.pass(), passes[seat.pass()].collect_bad(AllBad(seat.columns()))))
            .collect();
        let sources: Vec<_> = seats.iter().map(|seat| passes[seat.pass()].source()).collect();
        Box::new(move |answers| {
            let cells = places.iter().map(|(pass, place)| answers[*pass].get(place));
            let cells: Vec<Delayed<Arc<Cells>>> = cells.collect();
            let table = task("rejects").site(site);
            Answer::from(table.try_call(&cells, move |cells: Vec<&Arc<Cells>>| {
                let located = sources.iter().zip(cells).filter_map(|(source, cells)| {
                    source.as_ref().map(|source| located(cells, &**source))
                });
                let cells: Vec<_> = located.flatten().collect();
                let paths: Vec<String> =
                    cells.iter().map(|cell| cell.path.display().to_string()).collect();
                let lines: Vec<Option<u64>> = cells.iter().map(|cell| cell.line).collect();
                let columns: Vec<&str> = cells.iter().map(|cell| cell.column.as_str()).collect();
                let texts: Vec<&str> = cells.iter().map(|cell| cell.text.as_str()).collect();
                let expected: Vec<&str> = cells.iter().map(|cell| cell.expected.as_str()).collect();
                Ok::<_, FrameError>(df!(
                    "path" => paths, "line" => lines, "column" => columns, "text" => texts,
                    "expected" => expected
                )?)
            }))
        })
    }
}

/// All bad cells of these columns.
pub(crate) struct AllBad(Arc<Names>);

impl TryReduction<Prepared> for AllBad {
    type State = Cells;
    type Output = Arc<Cells>;
    type Error = Infallible;

    fn identity(&self) -> Cells {
        Cells::new()
    }

    fn update(&self, cells: &mut Cells, rows: &Prepared) -> Result<(), Infallible> {
        let batch = rows.form(0);
        let needed = batch.bad.iter().filter(|cell| self.0.contains(&cell.column));
        cells.extend(needed.map(|cell| (batch.file, cell.clone())));
        Ok(())
    }

    fn combine(&self, cells: &mut Cells, following: Cells) -> Result<(), Infallible> {
        cells.extend(following);
        Ok(())
    }

    fn finish(&self, cells: Cells) -> Result<Arc<Cells>, Infallible> {
        Ok(Arc::new(cells))
    }
}
