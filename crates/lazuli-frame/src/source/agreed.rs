//! Files that say themselves what columns they have: one schema for all of them, and the source that they are.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lazuli_core::{Result as CoreResult, compute, task};
use polars::prelude::{DataFrame, DataType, PlSmallStr, Schema};

use super::{Place, Source, list};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::plan::{Base, known};

/// How the partitions of files of a format are read.
pub(super) trait Format: Sized + Send + Sync + 'static {
    /// As [`Source::load`].
    fn load(
        &self,
        files: &AgreedFiles<Self>,
        partition: usize,
        columns: &[PlSmallStr],
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<u64, FrameError>;

    /// As [`Source::working_bytes`], of a partition of so many.
    fn working_bytes(&self, bytes: u64) -> u64 {
        bytes
    }
}

/// Files of one format as a source.
pub(super) struct AgreedFiles<F> {
    agreed: Agreed,
    places: Vec<Place>,
    format: F,
}

impl<F: Format> AgreedFiles<F> {
    /// The frame of files in these partitions.
    pub(super) fn frame(agreed: Agreed, places: Vec<Place>, format: F) -> Frame {
        Frame::of(Base::Source(Arc::new(Self { agreed, places, format })))
    }

    /// The frame of files with a partition for each, whose schemas are read at once, on the shared pool; `name` is
    /// what the tasks are called.
    ///
    /// # Errors
    /// A file whose schema cannot be read.
    pub(super) fn file_by_file(
        name: &'static str,
        files: Vec<PathBuf>,
        schema: fn(&Path) -> Result<Schema, FrameError>,
        widen: bool,
        format: F,
    ) -> CoreResult<Frame> {
        let schemas = files.iter().map(|path| {
            let path = path.clone();
            let read = task(name).part(path.display().to_string());
            read.try_call((), move |()| schema(&path))
        });
        let schemas: Vec<Schema> = compute(schemas.collect::<Vec<_>>())?;
        let agreed = Agreed::new(files, &schemas, widen);
        let place = |(file, path): (usize, &PathBuf)| Place {
            label: path.display().to_string().into(),
            file,
            bytes: std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
        };
        let places = agreed.files.iter().enumerate().map(place).collect();
        Ok(Self::frame(agreed, places, format))
    }

    /// The file of a partition.
    pub(super) fn path(&self, partition: usize) -> &PathBuf {
        &self.agreed.files[self.places[partition].file]
    }
}

impl<F: Format> Source for AgreedFiles<F> {
    fn schema(&self) -> &Schema {
        &self.agreed.schema
    }

    fn partitions(&self) -> &[Place] {
        &self.places
    }

    fn files(&self) -> &[PathBuf] {
        &self.agreed.files
    }

    fn check(&self, columns: &[PlSmallStr]) -> Result<(), FrameError> {
        self.agreed.check(columns)
    }

    fn working_bytes(&self, partition: usize) -> u64 {
        self.format.working_bytes(self.places[partition].bytes)
    }

    fn load(
        &self,
        partition: usize,
        columns: &[PlSmallStr],
        push: &mut dyn FnMut(DataFrame) -> ControlFlow<()>,
    ) -> Result<u64, FrameError> {
        self.format.load(self, partition, columns, push)
    }
}

/// Files of one table.
///
/// On which columns they disagree matters where such a column is asked for.
pub(super) struct Agreed {
    pub(super) files: Vec<PathBuf>,
    schema: Schema,
    disagreements: HashMap<PlSmallStr, Disagreement>,
}

/// A column, the file that has it first, and another that has it otherwise.
#[derive(Clone)]
struct Disagreement {
    first: (usize, DataType),
    /// With no dtype where the file lacks the column.
    other: (usize, Option<DataType>),
}

impl Agreed {
    /// The columns of all files in the order of their first appearance. Where `widen` is set, integers and floats
    /// are floats together, and a column without values has the dtype of the others.
    pub(super) fn new(files: Vec<PathBuf>, schemas: &[Schema], widen: bool) -> Self {
        let mut schema = Schema::default();
        let mut disagreements = HashMap::new();
        let mut first: HashMap<PlSmallStr, usize> = HashMap::new();
        for (file, own) in schemas.iter().enumerate() {
            for (name, dtype) in own.iter() {
                let Some(before) = schema.get(name).cloned() else {
                    first.insert(name.clone(), file);
                    schema.with_column(name.clone(), dtype.clone());
                    continue;
                };
                match joined(&before, dtype, widen) {
                    Some(both) => _ = schema.insert(name.clone(), both),
                    None => {
                        let first = (first[name], before);
                        let other = (file, Some(dtype.clone()));
                        disagreements.entry(name.clone()).or_insert(Disagreement { first, other });
                    }
                }
            }
        }
        for (name, dtype) in schema.iter() {
            if let Some(lacks) = schemas.iter().position(|own| !own.contains(name)) {
                let first = (first[name], dtype.clone());
                let other = (lacks, None);
                disagreements.entry(name.clone()).or_insert(Disagreement { first, other });
            }
        }
        Self { files, schema, disagreements }
    }

    /// That the files have these columns, and agree on them.
    ///
    /// # Errors
    /// The first column of which that is not so.
    fn check(&self, columns: &[PlSmallStr]) -> Result<(), FrameError> {
        known(columns.iter(), &self.schema, &list(&self.files))?;
        for column in columns {
            if let Some(Disagreement { first, other }) = self.disagreements.get(column) {
                let dtype = |dtype: &DataType| format!("of dtype {dtype}");
                return Err(FrameError::Disagreement {
                    column: column.clone(),
                    first: (self.files[first.0].clone(), dtype(&first.1)),
                    other: (
                        self.files[other.0].clone(),
                        other.1.as_ref().map_or_else(|| "not there".to_owned(), dtype),
                    ),
                });
            }
        }
        Ok(())
    }
}

/// The dtype that holds both.
fn joined(one: &DataType, other: &DataType, widen: bool) -> Option<DataType> {
    match (one, other) {
        (one, other) if one == other => Some(one.clone()),
        (DataType::Null, some) | (some, DataType::Null) if widen => Some(some.clone()),
        (DataType::Int64, DataType::Float64) | (DataType::Float64, DataType::Int64) if widen => {
            Some(DataType::Float64)
        }
        _ => None,
    }
}
