//! Files that say themselves what columns they have: one schema for all of them.

use std::collections::HashMap;
use std::path::PathBuf;

use polars::prelude::{DataType, PlSmallStr, Schema};

use super::list;
use crate::error::FrameError;
use crate::plan::known;

/// Files of one table.
///
/// On which columns they disagree matters where such a column is asked for.
pub(super) struct Agreed {
    pub(super) files: Vec<PathBuf>,
    pub(super) schema: Schema,
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
    pub(super) fn check(&self, columns: &[PlSmallStr]) -> Result<(), FrameError> {
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
