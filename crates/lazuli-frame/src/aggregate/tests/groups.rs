//! Aggregates by key.

use polars::prelude::*;
use proptest::prelude::*;

use super::table::{assert_same, by_polars, case, split};
use super::whole::{aggregates, compound_counts, wide};
use crate::aggregate::Aggregation;

/// Keys of several dtypes, alone and together.
fn keys() -> impl Strategy<Value = Vec<Expr>> {
    prop_oneof![
        Just(vec![col("k")]),
        Just(vec![col("n")]),
        Just(vec![col("b")]),
        Just(vec![col("d").dt().year()]),
        Just(vec![col("w")]),
        Just(vec![col("k"), col("n")]),
        Just(vec![col("w"), col("b"), col("k")]),
        Just(vec![(col("n") * lit(2)).alias("twice"), col("k").str().len_chars().alias("length")]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_split_and_tree_gives_the_groups_of_polars_in_order(
        case in case(),
        keys in keys(),
        least in proptest::option::of(-1000..1000i64),
    ) {
        let filter = least.map(|least| col("i").gt(lit(least)));
        // Of ddof 0 polars gives a group of a single null the variance 0.
        let aggs = aggregates(2);
        let split = split(&keys, &aggs, filter.as_ref());
        let ours = case.split(&split).expect("the split answers");
        assert_same(&ours, &by_polars(&case.table, &keys, &aggs, filter.as_ref()));
    }

    #[test]
    fn expressions_of_counts_do_not_wrap(case in case(), keys in keys()) {
        let ours = case.split(&split(&keys, &compound_counts(|count| count), None));
        let theirs = by_polars(&case.table, &keys, &compound_counts(wide), None);
        assert_same(&ours.expect("the split answers"), &theirs);
    }

    #[test]
    fn keys_alone_are_the_distinct_keys(case in case(), keys in keys()) {
        let ours = case.split(&split(&keys, &[], None)).expect("the split answers");
        assert_same(&ours, &by_polars(&case.table, &keys, &[], None));
    }
}

#[test]
fn groups_appear_in_the_order_of_their_first_row() {
    let partitions = [
        df!("k" => [Some("m"), None, Some("a")], "v" => [1, 2, 3]),
        df!("k" => [Some("z"), Some("a"), None], "v" => [4, 5, 6]),
        df!("k" => [Some("b"), Some("m")], "v" => [7, 8]),
    ];
    let aggregation =
        Aggregation::new(vec![col("k")], vec![col("v").sum()], None).expect("sum can be split");
    let states = partitions
        .map(|partition| aggregation.partial(&partition.expect("two columns")).expect("a state"));
    let answer = aggregation
        .finish(&aggregation.combine(states.to_vec()).expect("one state"))
        .expect("finish");
    let expected =
        df!("k" => [Some("m"), None, Some("a"), Some("z"), Some("b")], "v" => [9, 8, 8, 4, 7]);
    assert_eq!(answer, expected.expect("two columns"));
}

#[test]
fn a_group_of_nulls_has_no_variance() {
    let table = df!("k" => [1, 2, 3, 3], "v" => [None, Some(5.0), Some(1.0), Some(3.0)])
        .expect("two columns");
    let aggregation =
        Aggregation::new(vec![col("k")], vec![col("v").var(0)], None).expect("var can be split");
    let answer =
        aggregation.finish(&aggregation.partial(&table).expect("a state")).expect("finish");
    assert_eq!(
        answer,
        df!("k" => [1, 2, 3], "v" => [None, Some(0.0), Some(1.0)]).expect("two columns")
    );
}

#[test]
fn constant_keys_make_one_group() {
    let table = df!("v" => [1, 2, 3]).expect("one column");
    let aggregation =
        Aggregation::new(vec![lit("all").alias("k")], vec![col("v").sum()], None).expect("a split");
    let answer =
        aggregation.finish(&aggregation.partial(&table).expect("a state")).expect("finish");
    assert_eq!(answer, df!("k" => ["all"], "v" => [6]).expect("two columns"));
}
