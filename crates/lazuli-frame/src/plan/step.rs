//! One operation that works row by row: rows that are kept, columns that are computed.
//!
//! All that a user can write (`select`, `with_columns`, `rename`, `cast`, `drop_nulls`, ..) comes down to these.
//! Invariant: a step gives the same rows whether it is applied to a whole table or to its batches one after
//! another.

use std::sync::Arc;

use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Expr, PlIndexSet, PlSmallStr, Scalar, Schema,
};

use super::attach::Attach;
use super::variants::Batch;
use crate::aggregate::{
    AggregateError, check_row_by_row, evaluate, mask, output_name, roots, select,
};
use crate::error::FrameError;
use crate::join::Lookup;
use crate::source::csv::{Coded, sound};

/// Names, each once, in the order of first use.
pub(crate) type Names = PlIndexSet<PlSmallStr>;

/// One operation on rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// The rows as they are read in which every cell of these columns could be.
    Sound(Vec<PlSmallStr>),
    /// The rows where the condition is true.
    Filter(Expr),
    /// These columns and no others.
    Project(Vec<Named>),
    /// Columns of another table, found by keys.
    Attach(Attach),
    /// A column of this name with the path of the file that a row is from.
    Path(PlSmallStr),
}

/// A column and how it is computed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Named {
    pub(crate) name: PlSmallStr,
    pub(crate) expr: Expr,
}

impl Named {
    /// A column that is handed on.
    pub(crate) fn column(name: PlSmallStr) -> Self {
        Self { expr: Expr::Column(name.clone()), name }
    }

    /// An expression under its own name.
    pub(crate) fn of(expr: Expr) -> Result<Self, AggregateError> {
        Ok(Self { name: output_name(&expr)?, expr })
    }

    /// Whether it hands a column on.
    fn is_column(&self) -> bool {
        matches!(&self.expr, Expr::Column(name) if *name == self.name)
    }
}

impl Step {
    /// The rows in which every cell of these columns could be read.
    pub(crate) fn sound(columns: &Names) -> Self {
        let mut columns: Vec<PlSmallStr> = columns.iter().cloned().collect();
        columns.sort_unstable();
        Self::Sound(columns)
    }

    /// The schema behind the step.
    ///
    /// # Errors
    /// A column that is not there, or is there twice; an expression that does not work row by row, or is not
    /// defined for the dtypes of its columns.
    pub(crate) fn schema(&self, before: &Schema, of: &str) -> Result<Schema, FrameError> {
        let none = || DataFrame::empty_with_schema(before);
        match self {
            Self::Sound(_) => Ok(before.clone()),
            Self::Filter(condition) => {
                check_row_by_row(condition, &"filter".into())?;
                known(roots(std::iter::once(condition)).iter(), before, of)?;
                mask(&none(), condition)?;
                Ok(before.clone())
            }
            Self::Project(columns) => {
                let none = none();
                let mut schema = Schema::with_capacity(columns.len());
                for named in columns {
                    let Named { name, expr } = named;
                    if schema.contains(name) {
                        return Err(AggregateError::DuplicateName { name: name.clone() }.into());
                    }
                    if !named.is_column() {
                        check_row_by_row(expr, name)?;
                    }
                    known(roots(std::iter::once(expr)).iter(), before, of)?;
                    let dtype = evaluate(&none, expr)?.dtype().clone();
                    schema.with_column(name.clone(), dtype);
                }
                Ok(schema)
            }
            Self::Attach(attach) => Ok(attach.schema()),
            Self::Path(name) => {
                let mut schema = before.clone();
                if schema.with_column(name.clone(), DataType::String).is_some() {
                    return Err(AggregateError::DuplicateName { name: name.clone() }.into());
                }
                Ok(schema)
            }
        }
    }

    /// What is needed of the rows before the step, where these columns are needed behind it.
    pub(crate) fn needs(&self, behind: &Names) -> Names {
        match self {
            Self::Sound(_) => behind.clone(),
            Self::Filter(condition) => {
                let mut needs = behind.clone();
                needs.extend(roots(std::iter::once(condition)));
                needs
            }
            Self::Project(columns) => {
                let wanted = columns.iter().filter(|named| behind.contains(&named.name));
                roots(wanted.map(|named| &named.expr)).into_iter().collect()
            }
            Self::Attach(attach) => attach.needs(behind),
            Self::Path(path) => behind.iter().filter(|name| *name != path).cloned().collect(),
        }
    }

    /// Whether a column may go past the step as the numbers of a dictionary's entries.
    pub(crate) fn passes(&self, name: &PlSmallStr) -> bool {
        match self {
            Self::Sound(_) | Self::Filter(_) => true,
            Self::Project(columns) => {
                columns.iter().any(|named| named.name == *name && named.is_column())
            }
            Self::Attach(_) => false,
            Self::Path(path) => name != path,
        }
    }

    /// The rows behind the step, with these columns, plain and coded; `side` is the table that is attached.
    ///
    /// # Errors
    /// What cannot be computed of these rows.
    pub(crate) fn apply(
        &self,
        batch: &Batch,
        plain: &Names,
        coded: &Names,
        side: Option<&Lookup>,
    ) -> Result<Batch, FrameError> {
        let rows = &batch.rows;
        let kept = |name: &PlSmallStr| coded.contains(name);
        let where_true = |mask: Option<BooleanChunked>| -> Result<Batch, FrameError> {
            let names: Vec<PlSmallStr> = plain.iter().cloned().collect();
            let rows = select(rows, &names, None)?;
            let codes = batch.coded.iter().filter(|coded| kept(&coded.name));
            Ok(match mask {
                None => batch.with(rows, codes.cloned().collect()),
                Some(mask) => {
                    let codes = codes.map(|coded| filtered(coded, &mask)).collect();
                    batch.with(rows.filter_seq(&mask)?, codes)
                }
            })
        };
        Ok(match self {
            Self::Sound(columns) => {
                let is_needed = |column: &PlSmallStr| columns.contains(column);
                where_true(sound(&batch.bad, rows.height(), is_needed))?
            }
            Self::Filter(condition) => where_true(Some(mask(rows, condition)?))?,
            Self::Project(columns) => {
                let wanted = columns.iter().filter(|named| plain.contains(&named.name));
                let computed = wanted
                    .map(|Named { name, expr }| Ok(evaluate(rows, expr)?.with_name(name.clone())));
                let computed = computed.collect::<Result<Vec<Column>, AggregateError>>()?;
                let codes = batch.coded.iter().filter(|coded| kept(&coded.name)).cloned();
                batch.with(DataFrame::new(rows.height(), computed)?, codes.collect())
            }
            Self::Attach(attach) => {
                let side = side.unwrap_or_else(|| unreachable!("the pass takes what is attached"));
                batch.with(attach.apply(rows, side, plain)?, Vec::new())
            }
            Self::Path(name) => {
                let columns = rows.columns().iter();
                let mut columns: Vec<Column> =
                    columns.filter(|column| plain.contains(column.name())).cloned().collect();
                if plain.contains(name) {
                    let path = Scalar::from(PlSmallStr::from_str(&batch.path));
                    columns.push(Column::new_scalar(name.clone(), path, rows.height()));
                }
                let codes = batch.coded.iter().filter(|coded| kept(&coded.name)).cloned();
                batch.with(DataFrame::new(rows.height(), columns)?, codes.collect())
            }
        })
    }

    /// The table that the step attaches.
    pub(crate) fn attached(&self) -> Option<&Attach> {
        match self {
            Self::Attach(attach) => Some(attach),
            _ => None,
        }
    }
}

/// That all of these columns are there.
///
/// # Errors
/// The first that is not.
pub(crate) fn known<'a>(
    columns: impl Iterator<Item = &'a PlSmallStr>,
    schema: &Schema,
    of: &str,
) -> Result<(), FrameError> {
    for column in columns {
        if !schema.contains(column) {
            return Err(FrameError::unknown(column, of, schema.iter_names()));
        }
    }
    Ok(())
}

/// The codes of the rows where `mask` is true.
fn filtered(coded: &Coded, mask: &BooleanChunked) -> Coded {
    let codes = coded.codes.iter().zip(mask.iter());
    let codes = codes.filter(|(_, keep)| *keep == Some(true)).map(|(code, _)| *code).collect();
    Coded { codes, ..coded.clone() }
}

/// A step that several plans share.
pub(crate) type Shared = Arc<Step>;
