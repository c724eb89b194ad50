//! States that are sent to another process and go on there.

use polars::prelude::*;
use proptest::prelude::*;

use super::table::{assert_same, case, split};
use super::whole::aggregates;
use crate::aggregate::State;

fn there_and_back(state: &DataFrame) -> DataFrame {
    postcard::from_bytes::<State>(&bits(state)).expect("what was written can be read").0
}

/// The bits of a table, floats included, which compare where `NaN` does not.
fn bits(table: &DataFrame) -> Vec<u8> {
    postcard::to_allocvec(&State(table.clone()))
        .unwrap_or_else(|error| panic!("{error}: {:?}", table.schema()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_state_that_was_sent_goes_on_the_same(case in case(), by in 0..4_usize) {
        let keys = [vec![], vec![col("k")], vec![col("n"), col("b")], vec![col("d")]][by].clone();
        let split = split(&keys, &aggregates(2), None);
        let partitions = case.partitions();
        let states = partitions.iter().map(|partition| split.partial(partition));
        let states = states.collect::<Result<Vec<_>, _>>().expect("sound partitions");
        let sent: Vec<DataFrame> = states.iter().map(there_and_back).collect();
        for (sent, kept) in sent.iter().zip(&states) {
            prop_assert_eq!(sent.schema(), kept.schema());
            prop_assert_eq!(bits(sent), bits(kept));
        }
        let kept = split.finish(&split.combine(states).expect("they meet")).expect("they answer");
        let sent = split.finish(&split.combine(sent).expect("they meet")).expect("they answer");
        assert_same(&sent, &kept);
    }
}

#[test]
fn what_cannot_be_sent_is_named() {
    let lists = Series::new("l".into(), [Series::new("".into(), [1_i64])]);
    let table = DataFrame::new(1, vec![lists.into_column()]).expect("one column");
    assert!(postcard::to_allocvec(&State(table)).is_err());
}
