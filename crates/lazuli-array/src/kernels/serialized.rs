//! States that cross processes: written and read back, they are bit for bit what they were.

use postcard::{from_bytes, to_allocvec};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Counts, Extrema, FloatSum, IntSum, Moments, MomentsOrder, SumState};

fn there_and_back<S: Serialize + DeserializeOwned>(state: &S) -> S {
    let bytes = to_allocvec(state).expect("a state can be written");
    from_bytes(&bytes).expect("what was written can be read")
}

/// The bits of a state, NaN and signed zeros included.
fn bits<S: Serialize>(state: &S) -> Vec<u8> {
    to_allocvec(state).expect("a state can be written")
}

fn floats() -> impl Strategy<Value = Vec<f64>> {
    let special = prop_oneof![
        proptest::prelude::Just(f64::NAN),
        proptest::prelude::Just(f64::INFINITY),
        proptest::prelude::Just(-0.0),
    ];
    vec(prop_oneof![20 => any::<f64>(), 1 => special], 0..200)
}

/// Goes on with the state that was written and read as with the state itself.
macro_rules! goes_on_the_same {
    ($state:expr, $left:expr, $right:expr, $update:expr, $merge:expr) => {{
        let (mut kept, mut following) = ($state, $state);
        $update(&mut kept, $left);
        $update(&mut following, $right);
        let mut sent = there_and_back(&kept);
        assert_eq!(bits(&sent), bits(&kept));
        $merge(&mut kept, &following);
        $merge(&mut sent, &there_and_back(&following));
        assert_eq!(bits(&sent), bits(&kept));
    }};
}

proptest! {
    #[test]
    fn states_of_floats_survive(left in floats(), right in floats()) {
        for order in [MomentsOrder::Mean, MomentsOrder::Variance, MomentsOrder::Kurtosis] {
            goes_on_the_same!(Moments::new(order), &left, &right, Moments::update, Moments::merge);
        }
        goes_on_the_same!(Extrema::new(), &left, &right, Extrema::update, Extrema::merge);
        goes_on_the_same!(Counts::default(), &left, &right, Counts::update, Counts::merge);
        let (update, merge) = (SumState::<f64>::update, SumState::<f64>::merge);
        goes_on_the_same!(FloatSum::default(), &left, &right, update, merge);
    }

    #[test]
    fn states_of_integers_survive(left in vec(any::<i64>(), 0..200), right in vec(any::<i64>(), 0..200)) {
        let start = Moments::new(MomentsOrder::Skewness);
        goes_on_the_same!(start.clone(), &left, &right, Moments::update, Moments::merge);
        goes_on_the_same!(Extrema::new(), &left, &right, Extrema::update, Extrema::merge);
        let (update, merge) = (SumState::<i64>::update, SumState::<i64>::merge);
        goes_on_the_same!(IntSum::default(), &left, &right, update, merge);
    }
}
