//! What an aggregation refuses, beyond the expressions that cannot be split.

use polars::prelude::*;

use crate::aggregate::{AggregateError, Aggregation};

#[test]
fn two_outputs_cannot_share_a_name() {
    let twice = Aggregation::new(Vec::new(), vec![col("a").min(), col("a").max()], None);
    let Err(AggregateError::DuplicateName { name }) = twice else { panic!("{twice:?}") };
    assert_eq!(name, "a");
    let key = Aggregation::new(vec![col("a")], vec![col("a").max()], None);
    assert!(matches!(key, Err(AggregateError::DuplicateName { .. })), "{key:?}");
}

#[test]
fn keys_and_filters_work_row_by_row() {
    let key = Aggregation::new(vec![col("a").shift(lit(1))], vec![len()], None);
    assert!(matches!(key, Err(AggregateError::NotElementwise { .. })), "{key:?}");
    let filter = Aggregation::new(Vec::new(), vec![len()], Some(col("a").gt(col("a").mean())));
    assert!(matches!(filter, Err(AggregateError::NestedAggregate { .. })), "{filter:?}");
    let number = Aggregation::new(Vec::new(), vec![len()], Some(col("a") + lit(1)))
        .expect("dtypes come later");
    let refused = number.partial(&df!("a" => [1, 2]).expect("one column"));
    assert!(matches!(refused, Err(AggregateError::FilterDtype { .. })), "{refused:?}");
}

#[test]
fn there_must_be_something_to_do() {
    assert!(matches!(Aggregation::new(Vec::new(), Vec::new(), None), Err(AggregateError::Nothing)));
    let aggregation = Aggregation::new(Vec::new(), vec![len()], None).expect("len can be split");
    assert!(matches!(aggregation.combine(Vec::new()), Err(AggregateError::NoStates)));
}

#[test]
fn states_of_different_dtypes_do_not_fit() {
    let aggregation =
        Aggregation::new(Vec::new(), vec![col("a").max()], None).expect("max can be split");
    let states = [df!("a" => [1i64]), df!("a" => ["x"])]
        .map(|partition| aggregation.partial(&partition.expect("one column")).expect("a state"));
    assert!(matches!(aggregation.combine(states.to_vec()), Err(AggregateError::Polars(_))));
}
