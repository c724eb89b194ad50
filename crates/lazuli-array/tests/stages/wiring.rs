//! Views of stages: any part of one, from whichever blocks hold it.

use lazuli_array::{ChunkedArray, Span};
use lazuli_core::compute;
use ndarray::{ArrayD, Axis, IxDyn, Slice};
use proptest::prelude::*;

use crate::support::{array, bits_of, cases, chunked, layouts, same_everywhere, unit};

/// What a program does to an array and to its chunked twin.
#[derive(Clone, Debug)]
enum Step {
    Slice {
        axis: usize,
        start: usize,
        end: usize,
        step: isize,
    },
    Flip(usize),
    Swap(usize, usize),
    Rechunk(Vec<usize>),
    /// Less its least element along an axis: a stage, beside the array.
    LessMin(usize),
    /// The array as a stage of its own blocks: the sum along a new axis of length 1.
    Stage(usize),
    Insert(usize),
    MaxAlong(usize),
}

fn steps() -> impl Strategy<Value = Step> {
    let axis = 0_usize..4;
    prop_oneof![
        1 => (axis.clone(), 0_usize..30, 0_usize..30, prop_oneof![-4_isize..0, 1_isize..5])
            .prop_map(|(axis, start, end, step)| Step::Slice { axis, start, end, step }),
        1 => axis.clone().prop_map(Step::Flip),
        1 => (axis.clone(), axis.clone()).prop_map(|(a, b)| Step::Swap(a, b)),
        1 => prop::collection::vec(1_usize..20, 4).prop_map(Step::Rechunk),
        1 => axis.clone().prop_map(Step::LessMin),
        3 => axis.clone().prop_map(Step::Stage),
        1 => axis.clone().prop_map(Step::Insert),
        1 => axis.prop_map(Step::MaxAlong),
    ]
}

type Both = (ArrayD<f64>, ChunkedArray<f64, IxDyn>);

fn apply((values, x): Both, step: &Step) -> Both {
    let ndim = values.ndim();
    let on = |axis: usize| Axis(axis % ndim);
    if ndim == 0 {
        return (values, x);
    }
    match *step {
        Step::Slice { axis, start, end, step } => {
            let axis = on(axis);
            let len = values.len_of(axis);
            let (start, end) = (start.min(len), end.max(start).min(len));
            let slice = Slice::new(start as isize, Some(end as isize), step);
            let part = values.slice_axis(axis, slice).to_owned();
            (part, x.slice_axis(axis, Span::new(start as isize, Some(end as isize), step)))
        }
        Step::Flip(axis) => {
            let mut flipped = values;
            flipped.invert_axis(on(axis));
            (flipped, x.flip(on(axis)))
        }
        Step::Swap(a, b) => {
            let mut swapped = values;
            swapped.swap_axes(on(a).0, on(b).0);
            (swapped, x.swap_axes(on(a), on(b)))
        }
        Step::Rechunk(ref chunks) => {
            let chunks: Vec<usize> = (0..ndim).map(|axis| chunks[axis % chunks.len()]).collect();
            (values, x.rechunk(chunks))
        }
        Step::LessMin(axis) => {
            let axis = on(axis);
            if values.len_of(axis) == 0 {
                return (values, x);
            }
            let least =
                values.map_axis(axis, |line| line.iter().copied().fold(f64::INFINITY, f64::min));
            let less = &values - &least.insert_axis(axis);
            (less, &x - x.along([axis.0]).keepdims().min())
        }
        Step::Stage(axis) => {
            let axis = axis % (ndim + 1);
            (values, x.insert_axis(Axis(axis)).max_axes(&[axis]))
        }
        Step::Insert(axis) if ndim < 4 => {
            let axis = Axis(axis % (ndim + 1));
            (values.insert_axis(axis), x.insert_axis(axis))
        }
        Step::Insert(_) => (values, x),
        Step::MaxAlong(axis) => {
            let axis = on(axis);
            if values.len_of(axis) == 0 {
                return (values, x);
            }
            let greatest = |line: ndarray::ArrayView1<'_, f64>| {
                line.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            };
            (values.map_axis(axis, greatest), x.max_axes(&[axis.0]))
        }
    }
}

proptest! {
    #![proptest_config(cases(192))]

    #[test]
    fn programs_of_views_and_stages_agree_with_ndarray(
        layout in layouts(),
        steps in prop::collection::vec(steps(), 1..9),
        seed: u64,
    ) {
        let values = array(&layout, |place| unit(seed, place));
        let x = chunked(&layout, &values);
        let (expected, found) = steps.iter().fold((values, x), apply);
        let found = same_everywhere(found, bits_of);
        prop_assert_eq!(found.shape(), expected.shape());
        prop_assert_eq!(&found, &expected);
    }
}

#[test]
fn a_stage_that_repeats_is_read_block_by_block() {
    let x = ChunkedArray::from_fn([6, 8], [4, 3], |[i, j]| (i * 8 + j) as f64);
    let rows = x.sum_axis(Axis(1));
    let wide = rows.clone().insert_axis(Axis(1)).broadcast([6, 5]);
    let (wide, back) = compute((&wide, rows.flip(Axis(0)).rechunk([2]))).unwrap();
    for (i, row) in wide.rows().into_iter().enumerate() {
        let sum = (0..8).map(|j| (i * 8 + j) as f64).sum::<f64>();
        assert!(row.iter().all(|&value| value == sum));
        assert_eq!(back[5 - i], sum);
    }
}
