//! Arithmetic of two operands, either of which may be one number for the whole tile.

use super::super::scalar::Scalar;
use super::map::{map, map_in_place, zip_in_place, zip_map};

/// An arithmetic operation. Floats follow IEEE, integers wrap; an integer divided by 0 is 0, and
/// quotients of integers are rounded towards zero (see [`Scalar`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `left + right`
    Add,
    /// `left - right`
    Sub,
    /// `left * right`
    Mul,
    /// `left / right`
    Div,
}

/// Calls `$body` with `$function` the element function of `$op`: a type of its own for each, so
/// that each gets its own loop.
macro_rules! with_function {
    ($op:expr, $function:ident => $body:expr) => {
        match $op {
            BinaryOp::Add => with_function!(@ plus, $function => $body),
            BinaryOp::Sub => with_function!(@ minus, $function => $body),
            BinaryOp::Mul => with_function!(@ times, $function => $body),
            BinaryOp::Div => with_function!(@ over, $function => $body),
        }
    };
    (@ $method:ident, $function:ident => $body:expr) => {{
        let $function = A::$method;
        $body
    }};
}

impl BinaryOp {
    /// The result for one pair.
    pub fn of<A: Scalar>(self, left: A, right: A) -> A {
        with_function!(self, function => function(left, right))
    }

    /// `out = left op right`, element by element.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn slices<A: Scalar>(self, left: &[A], right: &[A], out: &mut [A]) {
        with_function!(self, function => zip_map(left, right, out, function));
    }

    /// `out = left op right`, where `right` is the same for every element.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn slice_scalar<A: Scalar>(self, left: &[A], right: A, out: &mut [A]) {
        with_function!(self, function => map(left, out, |left| function(left, right)));
    }

    /// `out = left op right`, where `left` is the same for every element.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn scalar_slice<A: Scalar>(self, left: A, right: &[A], out: &mut [A]) {
        with_function!(self, function => map(right, out, |right| function(left, right)));
    }

    /// `values = values op right`, element by element.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn assign_slice<A: Scalar>(self, values: &mut [A], right: &[A]) {
        with_function!(self, function => zip_in_place(values, right, function));
    }

    /// `values = left op values`, element by element.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn assign_slice_reversed<A: Scalar>(self, left: &[A], values: &mut [A]) {
        with_function!(self, function => {
            zip_in_place(values, left, |right, left| function(left, right))
        });
    }

    /// `values = values op right`, where `right` is the same for every element.
    pub fn assign_scalar<A: Scalar>(self, values: &mut [A], right: A) {
        with_function!(self, function => map_in_place(values, |left| function(left, right)));
    }

    /// `values = left op values`, where `left` is the same for every element.
    pub fn assign_scalar_reversed<A: Scalar>(self, left: A, values: &mut [A]) {
        with_function!(self, function => map_in_place(values, |right| function(left, right)));
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    const OPS: [BinaryOp; 4] = [BinaryOp::Add, BinaryOp::Sub, BinaryOp::Mul, BinaryOp::Div];

    /// Every form of every operation against `expected`, on a length that has a vector tail.
    fn check<A: Scalar>(left: &[A], right: &[A], expected: impl Fn(BinaryOp, A, A) -> A) {
        let same = |a: &[A], b: Vec<A>| assert_eq!(format!("{a:?}"), format!("{b:?}"));
        let pairs = || left.iter().copied().zip(right.iter().copied());
        let (l, r) = (left[1], right[1]);
        let mut out = vec![A::ZERO; left.len()];
        for op in OPS {
            op.slices(left, right, &mut out);
            same(&out, pairs().map(|(a, b)| expected(op, a, b)).collect());
            op.slice_scalar(left, r, &mut out);
            same(&out, left.iter().map(|&a| expected(op, a, r)).collect());
            op.scalar_slice(l, right, &mut out);
            same(&out, right.iter().map(|&b| expected(op, l, b)).collect());

            out.copy_from_slice(left);
            op.assign_slice(&mut out, right);
            same(&out, pairs().map(|(a, b)| expected(op, a, b)).collect());
            out.copy_from_slice(right);
            op.assign_slice_reversed(left, &mut out);
            same(&out, pairs().map(|(a, b)| expected(op, a, b)).collect());
            out.copy_from_slice(left);
            op.assign_scalar(&mut out, r);
            same(&out, left.iter().map(|&a| expected(op, a, r)).collect());
            out.copy_from_slice(right);
            op.assign_scalar_reversed(l, &mut out);
            same(&out, right.iter().map(|&b| expected(op, l, b)).collect());

            assert_eq!(format!("{:?}", op.of(l, r)), format!("{:?}", expected(op, l, r)));
        }
    }

    fn values<A: Copy + Debug>(from: impl Fn(u64) -> A, seed: u64) -> Vec<A> {
        (0..1003).map(|index| from((index + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect()
    }

    #[test]
    fn floats() {
        let from = |bits: u64| (bits as i64 >> 40) as f64 / 1024.0;
        check(&values(from, 1), &values(from, 77), |op, a: f64, b| match op {
            BinaryOp::Add => a + b,
            BinaryOp::Sub => a - b,
            BinaryOp::Mul => a * b,
            BinaryOp::Div => a / b,
        });
    }

    #[test]
    fn integers_wrap_and_survive_division_by_zero() {
        let mut left = values(|bits| (bits >> 32) as i32, 1);
        let mut right = values(|bits| (bits >> 60) as i32 - 7, 77);
        assert!(right.contains(&0) && right.contains(&-1));
        left[5] = i32::MIN;
        right[5] = -1;
        check(&left, &right, |op, a: i32, b| match op {
            BinaryOp::Add => (i64::from(a) + i64::from(b)) as i32,
            BinaryOp::Sub => (i64::from(a) - i64::from(b)) as i32,
            BinaryOp::Mul => (i64::from(a) * i64::from(b)) as i32,
            BinaryOp::Div if b == 0 => 0,
            BinaryOp::Div => (i64::from(a) / i64::from(b)) as i32,
        });
    }

    #[test]
    fn unsigned_bytes() {
        let (left, right) = (values(|bits| (bits >> 56) as u8, 1), values(|bits| bits as u8, 77));
        check(&left, &right, |op, a: u8, b| match op {
            BinaryOp::Add => (u32::from(a) + u32::from(b)) as u8,
            BinaryOp::Sub => (256 + u32::from(a) - u32::from(b)) as u8,
            BinaryOp::Mul => (u32::from(a) * u32::from(b)) as u8,
            BinaryOp::Div => a.checked_div(b).unwrap_or(0),
        });
    }
}
