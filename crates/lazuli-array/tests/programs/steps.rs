//! What a program does to an array and to its twin.

use lazuli_array::{ChunkedArray, Labels, Span, concatenate};
use ndarray::{Axis, Slice};

use crate::{Draw, Kind, Twins};

/// One step, and its name. Where a step does not fit the array, nothing is done.
pub(crate) fn step<A: Kind>((values, x): Twins<A>, draw: &mut Draw) -> (Twins<A>, &'static str) {
    if values.ndim() == 0 {
        return ((values, x), "nothing");
    }
    let axis = Axis(draw.below(values.ndim()));
    let len = values.len_of(axis);
    match draw.below(18) {
        0 => {
            let start = draw.below(len + 1);
            let end = start + draw.below(len - start + 1);
            let step = [-3, -2, -1, 1, 2, 3][draw.below(6)];
            let (first, last) = (start as isize, Some(end as isize));
            let part = values.slice_axis(axis, Slice::new(first, last, step)).to_owned();
            ((part, x.slice_axis(axis, Span::new(first, last, step))), "slice")
        }
        1 => {
            let mut flipped = values.clone();
            flipped.invert_axis(axis);
            ((flipped, x.flip(axis)), "flip")
        }
        2 => {
            let other = Axis(draw.below(values.ndim()));
            let mut swapped = values.clone();
            swapped.swap_axes(axis.0, other.0);
            ((swapped, x.swap_axes(axis, other)), "swap_axes")
        }
        3 if values.ndim() < 5 => {
            ((values.clone().insert_axis(axis), x.insert_axis(axis)), "insert_axis")
        }
        4 if len == 1 && values.ndim() > 1 => {
            ((values.clone().remove_axis(axis), x.squeeze(axis)), "squeeze")
        }
        5 | 6 => {
            let chunks: Vec<Vec<usize>> =
                values.shape().iter().map(|&len| draw.cuts(len)).collect();
            ((values, x.rechunk(chunks)), "rechunk")
        }
        7 => {
            let number = A::cast_from(draw.below(5) as f64);
            (
                (values.mapv(|value| value.plus(number)), x.map(move |value| value.plus(number))),
                "plus",
            )
        }
        8 => {
            let mut flipped = values.clone();
            flipped.invert_axis(axis);
            let least = |a: A, b: A| if b < a || b.is_nan() { b } else { a };
            let both = ndarray::Zip::from(&values).and(&flipped).map_collect(|&a, &b| least(a, b));
            ((both, x.zip_with(&x.flip(axis), least)), "with flipped")
        }
        9 | 10 if len > 0 => {
            // A stage, beside the array it is made of.
            let least = values.fold_axis(axis, A::HIGHEST, |&least, &value| {
                if least.is_nan() || value.is_nan() {
                    A::NAN.unwrap_or(least)
                } else if value < least {
                    value
                } else {
                    least
                }
            });
            let least = least.mapv(A::without_negative_zero).insert_axis(axis);
            let wide = least.broadcast(values.raw_dim()).expect("its own shape");
            let less = ndarray::Zip::from(&values).and(&wide).map_collect(|&a, &b| a.minus(b));
            let chunked = x.zip_with(&x.along([axis.0]).keepdims().min(), |a: A, b| a.minus(b));
            ((less, chunked), "less the least")
        }
        11 if len > 0 => {
            let indices: Vec<usize> = (0..1 + draw.below(6)).map(|_| draw.below(len)).collect();
            ((values.select(axis, &indices), x.take(axis, &indices)), "take")
        }
        12 => {
            let mask: Vec<bool> = (0..len).map(|_| draw.below(3) > 0).collect();
            let indices: Vec<usize> = (0..len).filter(|&index| mask[index]).collect();
            ((values.select(axis, &indices), x.compress(axis, &mask)), "compress")
        }
        13 => {
            let by = draw.below(9) as isize - 4;
            let indices: Vec<usize> = (0..len as isize)
                .map(|index| (index - by).rem_euclid(len as isize) as usize)
                .collect();
            ((values.select(axis, &indices), x.roll(axis, by)), "roll")
        }
        14 if len > 1 => {
            let upper = values.slice_axis(axis, Slice::new(1, None, 1));
            let lower = values.slice_axis(axis, Slice::new(0, Some(-1), 1));
            let gaps = ndarray::Zip::from(&upper).and(&lower).map_collect(|&a, &b| a.minus(b));
            ((gaps, x.diff(axis, 1)), "diff")
        }
        15 if values.len() < 500 => {
            let twice = ndarray::concatenate(axis, &[values.view(), values.view()]);
            ((twice.expect("alike"), concatenate(axis, [&x, &x])), "concatenate")
        }
        16 if len > 0 => spread_greatest((values, x), axis, draw),
        17 => {
            let k = draw.below(5) as isize - 2;
            let mut shape = values.shape().to_vec();
            shape[axis.0] = len.min(k.unsigned_abs());
            let mut first = ndarray::ArrayD::from_elem(shape, A::ZERO);
            for (lane, mut to) in values.lanes(axis).into_iter().zip(first.lanes_mut(axis)) {
                let mut images: Vec<u64> = lane.iter().map(|value| value.image()).collect();
                images.sort_unstable();
                if k > 0 {
                    images.reverse();
                }
                to.iter_mut().zip(images).for_each(|(to, image)| *to = A::of_image(image));
            }
            ((first, x.topk_axis(k, axis)), "topk")
        }
        _ => ((values, x), "nothing"),
    }
}

/// Each element becomes the greatest of its group along the axis: a stage of a stage.
fn spread_greatest<A: Kind>(
    (values, x): Twins<A>,
    axis: Axis,
    draw: &mut Draw,
) -> (Twins<A>, &'static str) {
    let labels: Vec<usize> = (0..values.len_of(axis)).map(|_| draw.below(3)).collect();
    let by = x.group_by(axis, &Labels::of(labels.clone()));
    let chunked: ChunkedArray<A, _> = by.spread(&by.max());
    let spread = ndarray::ArrayD::from_shape_fn(values.raw_dim(), |index| {
        let group = (0..labels.len()).filter(|&other| labels[other] == labels[index[axis.0]]);
        let mut at = index.clone();
        let elements = group.map(|other| {
            at[axis.0] = other;
            values[&at]
        });
        let greatest = elements.fold(A::LOWEST, |greatest, value| {
            if greatest.is_nan() || value.is_nan() {
                A::NAN.unwrap_or(greatest)
            } else if value > greatest {
                value
            } else {
                greatest
            }
        });
        greatest.without_negative_zero()
    });
    ((spread, chunked), "greatest of the group")
}
