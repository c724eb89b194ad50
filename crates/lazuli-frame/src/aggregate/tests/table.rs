//! Random tables, random ways to cut and recombine them, and the comparison with polars.

use polars::prelude::*;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::aggregate::{AggregateError, Aggregation};

/// A row: integer, positive float, text, truth, day, float with NaN and infinities, a text key and
/// a number key.
type Row = (
    Option<i64>,
    Option<f64>,
    Option<u8>,
    Option<bool>,
    Option<i32>,
    Option<f64>,
    Option<u8>,
    Option<i8>,
);

fn row() -> impl Strategy<Value = Row> {
    let wild = prop_oneof![
        6 => (-9.0..9.0f64).prop_map(f64::round),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
    ];
    (
        proptest::option::of(-1000..1000i64),
        proptest::option::of(1.0..1000.0f64),
        proptest::option::of(0..20u8),
        proptest::option::of(any::<bool>()),
        proptest::option::of(-40_000..40_000i32),
        proptest::option::of(wild),
        proptest::option::weighted(0.8, 0..4u8),
        proptest::option::weighted(0.8, 0..3i8),
    )
}

fn frame(rows: &[Row]) -> DataFrame {
    let text = |value: Option<u8>| value.map(|value| format!("text {value}"));
    let day = Series::new("d".into(), rows.iter().map(|row| row.4).collect::<Vec<_>>());
    df!(
        "i" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "f" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        "s" => rows.iter().map(|row| text(row.2)).collect::<Vec<_>>(),
        "b" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
        "d" => day.cast(&DataType::Date).expect("days are dates"),
        "w" => rows.iter().map(|row| row.5).collect::<Vec<_>>(),
        "k" => rows.iter().map(|row| text(row.6)).collect::<Vec<_>>(),
        "n" => rows.iter().map(|row| row.7.map(i64::from)).collect::<Vec<_>>(),
    )
    .expect("the columns are of one length")
}

/// A table, where to cut it, and which neighbouring states to combine in turn.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) table: DataFrame,
    cuts: Vec<usize>,
    tree: Vec<(usize, usize)>,
}

/// Tables of up to 60 rows in up to 9 partitions, some of them empty, combined in any tree.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let rows = prop_oneof![1 => vec(row(), 0..3), 4 => vec(row(), 0..60)];
    let cuts = vec(any::<prop::sample::Index>(), 0..9);
    let tree = vec((any::<usize>(), 1..4usize), 0..6);
    (rows, cuts, tree).prop_map(|(rows, cuts, tree)| {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.index(rows.len() + 1)).collect();
        cuts.sort_unstable();
        Case { table: frame(&rows), cuts, tree }
    })
}

impl Case {
    pub(super) fn partitions(&self) -> Vec<DataFrame> {
        let ends = self.cuts.iter().copied().chain([self.table.height()]);
        let starts = std::iter::once(0).chain(self.cuts.iter().copied());
        starts.zip(ends).map(|(start, end)| self.table.slice(start as i64, end - start)).collect()
    }

    /// The answer by partitions and a tree of combines.
    pub(super) fn split(&self, aggregation: &Aggregation) -> Result<DataFrame, AggregateError> {
        let mut states = Vec::new();
        for partition in self.partitions() {
            states.push(aggregation.partial(&partition)?);
        }
        for &(at, fan_in) in &self.tree {
            let at = at % states.len();
            let end = (at + fan_in).min(states.len());
            let one = aggregation.combine(states[at..end].to_vec())?;
            states.splice(at..end, [one]);
        }
        aggregation.finish(&aggregation.combine(states)?)
    }
}

/// The split of expressions that can be split.
pub(super) fn split(keys: &[Expr], aggs: &[Expr], filter: Option<&Expr>) -> Aggregation {
    let aggregation = Aggregation::new(keys.to_vec(), aggs.to_vec(), filter.cloned());
    aggregation.expect("all can be split")
}

/// The answer by polars, of the table in one piece.
pub(super) fn by_polars(
    table: &DataFrame,
    keys: &[Expr],
    aggs: &[Expr],
    filter: Option<&Expr>,
) -> DataFrame {
    let mut query = table.clone().lazy();
    if let Some(filter) = filter {
        query = query.filter(filter.clone());
    }
    let query =
        if keys.is_empty() { query.select(aggs) } else { query.group_by_stable(keys).agg(aggs) };
    query.collect().expect("polars answers")
}

/// Asserts that two answers agree: names, dtypes, nulls and all but floats exactly, floats to
/// 1e-12.
pub(super) fn assert_same(ours: &DataFrame, theirs: &DataFrame) {
    assert_eq!(ours.schema(), theirs.schema());
    assert_eq!(ours.height(), theirs.height());
    for (ours, theirs) in ours.columns().iter().zip(theirs.columns()) {
        let tolerance = match ours.dtype() {
            DataType::Float32 => 1e-5,
            DataType::Float64 => 1e-12,
            _ => {
                assert!(ours.equals_missing(theirs), "{ours:?}\nis not\n{theirs:?}");
                continue;
            }
        };
        let floats = |column: &Column| {
            column.cast(&DataType::Float64).expect("floats").f64().expect("floats").clone()
        };
        let name = ours.name();
        for (row, (ours, theirs)) in floats(ours).iter().zip(floats(theirs).iter()).enumerate() {
            let close = match (ours, theirs) {
                (Some(ours), Some(theirs)) => {
                    ours == theirs
                        || ours.is_nan() && theirs.is_nan()
                        || (ours - theirs).abs() <= tolerance * ours.abs().max(theirs.abs()) + 1e-9
                }
                (ours, theirs) => ours == theirs,
            };
            assert!(close, "row {row} of {name}: {ours:?} is not {theirs:?}");
        }
    }
}
