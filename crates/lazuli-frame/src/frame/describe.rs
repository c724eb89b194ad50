//! A row of statistics for each column.

use lazuli_core::Delayed;
use polars::prelude::{
    Column, DataFrame, DataType, Expr, PlSmallStr, PolarsResult, QuantileMethod, Schema, col, lit,
};

use super::Frame;

/// The statistics of a column, under their names.
const NAMES: [&str; 9] =
    ["count", "null_count", "mean", "std", "min", "q25", "median", "q75", "max"];

impl Frame {
    /// A row for each column: `column`, `dtype`, `count` and `null_count`, and of columns of numbers and of true and
    /// false `mean`, `std` (ddof 1), `min`, `q25`, `median`, `q75` and `max` as `f64`. The quantiles are exact, and
    /// interpolated linearly; for them the values of each such column are brought together in memory.
    ///
    /// ```
    /// # use lazuli_core::compute;
    /// # use lazuli_frame::{Frame, polars::prelude::*};
    /// let frame = Frame::from_dataframe(&df!("n" => [Some(1), None, Some(4)])?, 2);
    /// let described = compute(frame.describe())?;
    /// assert_eq!(described.column("median")?, &Column::new("median".into(), [2.5]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn describe(&self) -> Delayed<DataFrame> {
        let schema = self.schema().cloned().unwrap_or_default();
        let aggregates: Vec<Expr> =
            schema.iter().flat_map(|(name, dtype)| each(name, dtype)).collect();
        self.agg(aggregates).try_map_named("describe", move |row| turned(row, &schema))
    }
}

/// Whether there are statistics of numbers.
fn is_number(dtype: &DataType) -> bool {
    dtype.is_primitive_numeric() || dtype.is_bool()
}

fn output(name: &str, statistic: &str) -> PlSmallStr {
    PlSmallStr::from_string(format!("{statistic} of {name}"))
}

fn each(name: &PlSmallStr, dtype: &DataType) -> Vec<Expr> {
    let values =
        if dtype.is_bool() { col(name.clone()).cast(DataType::UInt8) } else { col(name.clone()) };
    let mut all = vec![values.clone().count(), values.clone().null_count()];
    if is_number(dtype) {
        let quantile = |at: f64| values.clone().quantile(lit(at), QuantileMethod::Linear);
        let number = |expr: Expr| expr.cast(DataType::Float64);
        all.extend([
            values.clone().mean(),
            values.clone().std(1),
            number(values.clone().min()),
            quantile(0.25),
            quantile(0.5),
            quantile(0.75),
            number(values.clone().max()),
        ]);
    }
    let names = NAMES.iter().map(|statistic| output(name, statistic));
    all.into_iter().zip(names).map(|(expr, name)| expr.alias(name)).collect()
}

/// The row of all statistics as a row for each column.
fn turned(row: &DataFrame, schema: &Schema) -> PolarsResult<DataFrame> {
    let columns: Vec<&str> = schema.iter_names().map(PlSmallStr::as_str).collect();
    let dtypes: Vec<String> = schema.iter_values().map(ToString::to_string).collect();
    let mut turned =
        vec![Column::new("column".into(), &columns), Column::new("dtype".into(), dtypes)];
    for (place, statistic) in NAMES.iter().enumerate() {
        let cells = columns.iter().map(|name| row.column(&output(name, statistic)).ok());
        if place < 2 {
            let count = |cell: Option<&Column>| cell?.get(0).ok()?.extract::<u64>();
            turned.push(Column::new((*statistic).into(), cells.map(count).collect::<Vec<_>>()));
        } else {
            let number = |cell: Option<&Column>| cell?.get(0).ok()?.extract::<f64>();
            turned.push(Column::new((*statistic).into(), cells.map(number).collect::<Vec<_>>()));
        }
    }
    DataFrame::new(columns.len(), turned)
}
