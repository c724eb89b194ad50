//! Rows that are in memory already.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use polars::prelude::{DataFrame, PlSmallStr, Schema};

use super::{Place, Source, push_batches};
use crate::error::FrameError;

/// A table in memory, in partitions of so many rows.
pub(crate) struct Memory {
    schema: Schema,
    partitions: Vec<DataFrame>,
    places: Vec<Place>,
}

impl Memory {
    /// The rows in so many partitions of about one size: at least one.
    pub(crate) fn new(rows: &DataFrame, partitions: usize) -> Self {
        let height = rows.height();
        let count = partitions.clamp(1, height.max(1));
        let cut = |part: usize| height / count * part + (height % count).min(part);
        let slice = |part: usize| rows.slice(cut(part) as i64, cut(part + 1) - cut(part));
        let partitions: Vec<DataFrame> = (0..count).map(slice).collect();
        let label: Arc<str> = "a table in memory".into();
        let place = |rows: &DataFrame| Place {
            label: Arc::clone(&label),
            file: 0,
            bytes: rows.estimated_size() as u64,
        };
        let places = partitions.iter().map(place).collect();
        Self { schema: rows.schema().as_ref().clone(), partitions, places }
    }
}

impl Source for Memory {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn partitions(&self) -> &[Place] {
        &self.places
    }

    fn files(&self) -> &[PathBuf] {
        &[]
    }

    fn name(&self) -> String {
        "the table".to_owned()
    }

    /// The rows are there already.
    fn working_bytes(&self, _: usize) -> u64 {
        0
    }

    fn load(
        &self,
        partition: usize,
        columns: &[PlSmallStr],
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<u64, FrameError> {
        let rows = &self.partitions[partition];
        let taken = columns.iter().map(|name| rows.column(name).cloned());
        let rows = DataFrame::new(rows.height(), taken.collect::<Result<_, _>>()?)?;
        let _ = push_batches(&rows, push);
        Ok(self.places[partition].bytes)
    }
}
