//! Operations that work row by row: which rows are kept, and which columns there are.

use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;

use lazuli_core::Error;
use polars::prelude::{DataType, Expr, PlSmallStr, Schema, col};

use super::Frame;
use crate::aggregate::AggregateError;
use crate::ask::{IntoExprs, IntoNames};
use crate::error::FrameError;
use crate::plan::{Misfit, Named, Plan, Step, expand, known};
use crate::table::dtype_of;

impl Frame {
    /// The rows where `condition` is true. The condition must work row by row.
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let frame = Frame::from_dataframe(&df!("n" => [1, 5, 3])?, 2);
    /// assert_eq!(compute(frame.filter(col("n").gt(lit(2))))?, df!("n" => [5, 3])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn filter(&self, condition: Expr) -> Self {
        self.apply("filter", Location::caller(), |plan| plan.then(Step::Filter(condition)))
    }

    /// These columns and no others: names, or expressions that work row by row.
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let frame = Frame::from_dataframe(&df!("a" => [1, 2], "b" => [3, 4])?, 1);
    /// let sums = frame.select([(col("a") + col("b")).alias("sum")]);
    /// assert_eq!(compute(sums)?, df!("sum" => [4, 6])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn select(&self, columns: impl IntoExprs) -> Self {
        self.apply("select", Location::caller(), |plan| {
            let named = named(plan, columns.into_exprs())?;
            plan.then(Step::Project(named))
        })
    }

    /// All columns, and these beside them. One that has the name of another takes its place.
    #[track_caller]
    #[must_use]
    pub fn with_columns(&self, columns: impl IntoExprs) -> Self {
        self.apply("with_columns", Location::caller(), |plan| {
            beside(plan, named(plan, columns.into_exprs())?)
        })
    }

    /// The columns under other names: pairs of the old and the new one.
    #[track_caller]
    #[must_use]
    pub fn rename<O, N>(&self, names: impl IntoIterator<Item = (O, N)>) -> Self
    where
        O: Into<PlSmallStr>,
        N: Into<PlSmallStr>,
    {
        self.apply("rename", Location::caller(), |plan| {
            let names = names.into_iter().map(|(old, new)| (old.into(), new.into()));
            let names: HashMap<PlSmallStr, PlSmallStr> = names.collect();
            let mut old: Vec<&PlSmallStr> = names.keys().collect();
            old.sort();
            known(old.into_iter(), &plan.schema, &plan.name())?;
            let columns = plan.schema.iter_names().map(|name| Named {
                name: names.get(name).unwrap_or(name).clone(),
                expr: Expr::Column(name.clone()),
            });
            plan.then(Step::Project(columns.collect()))
        })
    }

    /// The columns with these as other dtypes. A value that does not fit is an error.
    #[track_caller]
    #[must_use]
    pub fn cast<N: Into<PlSmallStr>>(
        &self,
        dtypes: impl IntoIterator<Item = (N, DataType)>,
    ) -> Self {
        self.apply("cast", Location::caller(), |plan| {
            let cast = |(name, dtype): (N, DataType)| col(name.into()).strict_cast(dtype);
            beside(plan, named(plan, dtypes.into_iter().map(cast).collect())?)
        })
    }

    /// All columns but these.
    #[track_caller]
    #[must_use]
    pub fn drop(&self, columns: impl IntoNames) -> Self {
        self.apply("drop", Location::caller(), |plan| {
            let dropped = columns.into_names();
            known(dropped.iter(), &plan.schema, &plan.name())?;
            let kept = plan.schema.iter_names().filter(|name| !dropped.contains(name));
            plan.then(Step::Project(kept.cloned().map(Named::column).collect()))
        })
    }

    /// The rows that have a value in each of these columns; NaN is a value.
    #[track_caller]
    #[must_use]
    pub fn drop_nulls(&self, columns: impl IntoNames) -> Self {
        self.apply("drop_nulls", Location::caller(), |plan| {
            let there = columns.into_names().into_iter().map(|name| col(name).is_not_null());
            match there.reduce(Expr::and) {
                Some(condition) => plan.then(Step::Filter(condition)),
                None => Ok(plan.clone()),
            }
        })
    }

    /// The rows with `value`, a literal or an expression, in place of the missing values of these columns. It must be
    /// of a dtype that the columns hold: they keep theirs.
    #[track_caller]
    #[must_use]
    pub fn fill_null(&self, columns: impl IntoNames, value: Expr) -> Self {
        self.apply("fill_null", Location::caller(), |plan| {
            let columns = columns.into_names();
            known(columns.iter(), &plan.schema, &plan.name())?;
            let filled = columns.iter().map(|name| Named {
                name: name.clone(),
                expr: col(name.clone()).fill_null(value.clone()),
            });
            let filled = beside(plan, filled.collect())?;
            for name in &columns {
                let (before, after) =
                    (dtype_of(&plan.schema, name), dtype_of(&filled.schema, name));
                if before != after && !before.is_null() {
                    return Err(FrameError::Argument(format!(
                        "\"{name}\" is of dtype {before}, and of {after} with {value} in it: cast \
                         one of them"
                    )));
                }
            }
            Ok(filled)
        })
    }

    /// All columns, and one of this name beside them with the path of the file that each row is from: for keys, and
    /// conditions on files.
    #[track_caller]
    #[must_use]
    pub fn with_path(&self, name: impl Into<PlSmallStr>) -> Self {
        self.apply("with_path", Location::caller(), |plan| {
            if plan.branches.iter().any(|branch| branch.base.files().is_empty()) {
                return Err(FrameError::NoPaths { operation: "with_path", of: plan.name() });
            }
            plan.then(Step::Path(name.into()))
        })
    }

    /// The rows of all tables, one after another. They must have the same columns with the same dtypes; the order of
    /// the first table's columns is that of all.
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let one = Frame::from_dataframe(&df!("n" => [1, 2])?, 1);
    /// let other = Frame::from_dataframe(&df!("n" => [3])?, 1);
    /// assert_eq!(compute(Frame::concat([one, other]))?, df!("n" => [1, 2, 3])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn concat(frames: impl IntoIterator<Item = Self>) -> Self {
        let plans: Result<Vec<Plan>, Error> = frames.into_iter().map(|frame| frame.plan).collect();
        let together = |plans: Vec<Plan>| {
            concat(plans).map_err(|error| Misfit::at("concat", Location::caller(), error))
        };
        Self { plan: plans.and_then(together) }
    }
}

/// The expressions under their names.
fn named(plan: &Plan, exprs: Vec<Expr>) -> Result<Vec<Named>, FrameError> {
    let exprs = expand(exprs, &plan.schema)?;
    Ok(exprs.into_iter().map(Named::of).collect::<Result<_, _>>()?)
}

/// All columns, and these beside them or in their place.
fn beside(plan: &Plan, computed: Vec<Named>) -> Result<Plan, FrameError> {
    let mut places: HashMap<PlSmallStr, usize> = HashMap::new();
    let mut columns: Vec<Named> = Vec::with_capacity(plan.schema.len() + computed.len());
    for name in plan.schema.iter_names() {
        places.insert(name.clone(), columns.len());
        columns.push(Named::column(name.clone()));
    }
    let mut set = vec![false; columns.len()];
    for column in computed {
        let place = *places.entry(column.name.clone()).or_insert(columns.len());
        if place == columns.len() {
            columns.push(column);
            set.push(true);
        } else if std::mem::replace(&mut set[place], true) {
            return Err(AggregateError::DuplicateName { name: column.name }.into());
        } else {
            columns[place] = column;
        }
    }
    plan.then(Step::Project(columns))
}

/// One table after another.
fn concat(plans: Vec<Plan>) -> Result<Plan, FrameError> {
    let Some(first) = plans.first().cloned() else {
        return Err(FrameError::Argument("there are no tables".to_owned()));
    };
    let mut schema: Schema = (*first.schema).clone();
    for (at, plan) in plans.iter().enumerate().skip(1) {
        let refused = |reason| FrameError::Concat { table: at + 1, reason };
        for (name, dtype) in plan.schema.iter() {
            match schema.get(name).cloned() {
                None => return Err(refused(format!("the first has no column \"{name}\""))),
                Some(before) if before.is_null() => {
                    schema.insert(name.clone(), dtype.clone());
                }
                Some(before) if before != *dtype && !dtype.is_null() => {
                    return Err(refused(format!(
                        "\"{name}\" is of dtype {before} there, and of dtype {dtype} here"
                    )));
                }
                Some(_) => {}
            }
        }
        if let Some(lacks) = schema.iter_names().find(|name| !plan.schema.contains(name)) {
            return Err(refused(format!("it has no column \"{lacks}\"")));
        }
    }
    let branches = plans.iter().flat_map(|plan| plan.branches.iter().cloned());
    Ok(Plan { branches: branches.collect(), schema: Arc::new(schema) })
}
