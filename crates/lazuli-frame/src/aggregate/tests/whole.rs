//! Aggregates without keys.

use polars::prelude::*;
use proptest::prelude::*;

use super::table::{assert_same, by_polars, case, split};
use crate::aggregate::Aggregation;

/// Every supported aggregate of every kind of column, plain and inside expressions; variances also
/// of `ddof`.
pub(super) fn aggregates(ddof: u8) -> Vec<Expr> {
    let positive = || col("f").gt(lit(500.0));
    let mut aggs = vec![
        len().alias("rows"),
        ((col("i").max() - col("i").min()) / (col("f") + lit(1)).mean()).alias("range"),
        (col("i") * col("n")).sum().alias("product"),
        (col("f") * lit(2.0) - col("i").cast(DataType::Float64)).std(1).alias("difference"),
        when(col("i").null_count().lt(len()))
            .then(col("i").sum())
            .otherwise(lit(NULL))
            .alias("sum or null"),
        (col("f").sum() / col("f").count().cast(DataType::Float64))
            .sqrt()
            .round(3, RoundMode::default())
            .alias("root"),
        when(col("i").gt(lit(0))).then(col("f")).otherwise(lit(0.0)).sum().alias("conditional"),
        col("i").filter(positive()).sum().alias("filtered sum"),
        col("i").filter(positive()).first().alias("filtered first"),
        col("i").filter(positive()).len().alias("filtered len"),
        col("i").filter(positive()).std(ddof).alias("filtered std"),
        col("s").filter(positive()).max().alias("filtered max"),
        col("s").str().len_chars().sum().alias("characters"),
        col("s").max().str().to_uppercase().alias("shouted"),
        col("i").first_non_null().alias("first number"),
        col("i").last_non_null().alias("last number"),
        as_struct(vec![col("i").min(), col("f").max().alias("most")]).alias("both"),
    ];
    let cast = |name: &str, dtype: DataType| col(name).cast(dtype);
    let numbers = [
        ("i", col("i")),
        ("f", col("f")),
        ("b", col("b")),
        ("i32", cast("i", DataType::Int32)),
        ("i16", cast("i", DataType::Int16)),
        ("i128", cast("i", DataType::Int128)),
        ("u32", cast("f", DataType::UInt32)),
        ("u64", cast("f", DataType::UInt64)),
        ("f32", cast("f", DataType::Float32)),
    ];
    for (name, column) in numbers {
        aggs.push(column.clone().sum().alias(format!("{name} sum")));
        aggs.push(column.clone().mean().alias(format!("{name} mean")));
        aggs.push(column.clone().std(1).alias(format!("{name} std")));
        aggs.push(column.clone().var(ddof).alias(format!("{name} var")));
        aggs.push(column.clone().min().alias(format!("{name} min")));
        aggs.push(column.max().alias(format!("{name} max")));
    }
    for name in ["i", "f", "s", "b", "d", "w"] {
        aggs.push(col(name).min().alias(format!("{name} least")));
        aggs.push(col(name).max().alias(format!("{name} greatest")));
        aggs.push(col(name).first().alias(format!("{name} first")));
        aggs.push(col(name).last().alias(format!("{name} last")));
        aggs.push(col(name).count().alias(format!("{name} count")));
        aggs.push(col(name).len().alias(format!("{name} len")));
        aggs.push(col(name).null_count().alias(format!("{name} null_count")));
    }
    aggs.push(col("w").sum().alias("w sum"));
    aggs.push(col("w").mean().alias("w mean"));
    aggs.push(col("d").mean().alias("d mean"));
    aggs
}

/// Expressions of counts, each put through `count`.
pub(super) fn compound_counts(count: impl Fn(Expr) -> Expr) -> Vec<Expr> {
    let positive = || col("f").gt(lit(500.0));
    vec![
        (count(col("i").count()) - count(len())).alias("minus nulls"),
        (lit(-1) * count(col("i").null_count())).alias("negative"),
        (count(len()) * lit(2_000_000_000)).alias("beyond 32 bits"),
        (count(col("b").sum()) - count(col("s").filter(positive()).len()) * lit(3)).alias("both"),
        (count(col("b").sum()) * count(len()) - lit(1)).alias("product"),
        when(count(col("i").count()).gt(lit(2)))
            .then(lit(0) - count(col("i").count()))
            .otherwise(count(len()))
            .alias("chosen"),
    ]
}

/// What polars calls compound counts, if it counts in 64 bits: in its own dtype they wrap.
pub(super) fn wide(count: Expr) -> Expr {
    count.cast(DataType::Int64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_split_and_tree_gives_what_polars_gives(case in case()) {
        let aggs = aggregates(0);
        let ours = case.split(&split(&[], &aggs, None)).expect("the split answers");
        assert_same(&ours, &by_polars(&case.table, &[], &aggs, None));
    }

    #[test]
    fn expressions_of_counts_do_not_wrap(case in case()) {
        let ours = case.split(&split(&[], &compound_counts(|count| count), None));
        let theirs = by_polars(&case.table, &[], &compound_counts(wide), None);
        assert_same(&ours.expect("the split answers"), &theirs);
    }

    #[test]
    fn a_filter_comes_first(case in case(), least in -1000..1000i64) {
        let aggs = aggregates(0);
        let filter = col("i").gt(lit(least)).or(col("b"));
        let split = split(&[], &aggs, Some(&filter));
        let ours = case.split(&split).expect("the split answers");
        assert_same(&ours, &by_polars(&case.table, &[], &aggs, Some(&filter)));
    }

    #[test]
    fn the_identity_changes_nothing(case in case()) {
        let aggregation = split(&[], &aggregates(0), None);
        let identity = aggregation.identity(case.table.schema()).expect("an identity");
        let state = aggregation.partial(&case.table).expect("a state");
        let both = vec![identity.clone(), state.clone(), identity];
        let both = aggregation.combine(both).expect("states fit");
        let finish = |state: &DataFrame| aggregation.finish(state).expect("finish");
        assert_same(&finish(&both), &finish(&state));
    }

    #[test]
    fn chunks_do_not_show(case in case()) {
        let aggregation = split(&[col("k")], &aggregates(0), None);
        let mut chunked = case.table.clear();
        for partition in case.partitions() {
            chunked.vstack_mut(&partition).expect("partitions of one table");
        }
        let chunked = aggregation.partial(&chunked).expect("a state");
        let whole = aggregation.partial(&case.table).expect("a state");
        prop_assert!(chunked.equals_missing(&whole));
    }
}

#[test]
fn no_rows_at_all_are_answered() {
    let table = df!("a" => [1i64, 2], "s" => ["x", "y"]).expect("two columns").clear();
    let aggs = vec![
        col("a").sum(),
        col("a").mean().alias("mean"),
        col("s").max(),
        len(),
        col("a").std(1).alias("std"),
    ];
    let aggregation = Aggregation::new(Vec::new(), aggs.clone(), None).expect("all can be split");
    let identity = aggregation.identity(table.schema()).expect("an identity");
    let ours = aggregation.finish(&identity).expect("finish");
    assert_same(&ours, &by_polars(&table, &[], &aggs, None));
    assert_eq!(ours.height(), 1);
}

#[test]
fn counting_rows_needs_no_columns() {
    let aggregation = Aggregation::new(Vec::new(), vec![len()], None).expect("len can be split");
    assert!(aggregation.columns().is_empty());
    let partition = DataFrame::new(7, Vec::new()).expect("rows without columns");
    let states = vec![aggregation.partial(&partition).expect("a state"); 3];
    let ours =
        aggregation.finish(&aggregation.combine(states).expect("one state")).expect("finish");
    assert_eq!(ours, df!("len" => [21u32]).expect("one column"));
}
