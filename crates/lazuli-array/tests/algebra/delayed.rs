//! Delayed indices against plain slices.

use lazuli_array::{ChunkedArray, concatenate};
use lazuli_core::Delayed;
use ndarray::{Axis, Slice};
use proptest::prelude::*;

use super::support::*;

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn parts_are_found_where_they_are_said_to_be(
        (shape, cut) in prop::collection::vec(1_usize..9, 1..4).prop_flat_map(|shape| {
            let cut = chunks(&shape);
            (Just(shape), cut)
        }),
        places: [prop::sample::Index; 3],
        staged: bool,
        joined: bool,
        seed: u64,
    ) {
        let mut values = whole(seed, &shape);
        let mut x = chunked(&values, &cut, staged);
        if joined {
            x = concatenate(Axis(0), [&x, &(&x * 2.0)]);
            values = ndarray::concatenate(Axis(0), &[values.view(), (&values * 2.0).view()]).expect("alike");
        }
        let axis = Axis(places[0].index(shape.len()));
        let len = places[1].index(values.shape()[axis.0] + 1);
        let start = places[2].index(values.shape()[axis.0] - len + 1);
        let part = (x.t() + 1.0).t().slice_axis_at(axis, &Delayed::value(start as u64), len);
        let expected = values.slice_axis(axis, Slice::from(start..start + len)).to_owned() + 1.0;
        prop_assert_eq!(same_everywhere(&part, bits_of), expected);
        let index = places[2].index(values.shape()[axis.0]);
        let at = x.index_axis_at(axis, &Delayed::value(index as u64));
        prop_assert_eq!(same_everywhere(&at, bits_of), values.index_axis(axis, index).to_owned());
    }
}

#[test]
fn a_place_beyond_the_axis_is_an_error_when_it_is_known() {
    let x = ChunkedArray::from_fn([30], [7], |[i]| i as f64);
    let message = failure(x.slice_axis_at(Axis(0), &x.argmax(), 2));
    assert!(message.contains("2 elements from 29 on are beyond axis 0"), "{message}");
    assert!(message.contains("delayed.rs:"), "{message}");
    let message = failure(x.index_axis_at(Axis(0), &(x.argmax() + 1)));
    assert!(message.contains("`index_axis_at` at") && message.contains("beyond"), "{message}");
    assert!(failure(x.slice_axis_at(Axis(1), &x.argmax(), 1)).contains("there is no axis 1"));
    assert!(failure(x.slice_axis_at(Axis(0), &x.argmax(), 31)).contains("fewer than 31"));
    assert!(failure(x.slice_axis_at(Axis(0), &Delayed::value(u64::MAX), 3)).contains("beyond"));
}
