//! Operators: every one, with delayed and plain values on both sides.

use lazuli::prelude::*;

use crate::support::assert_computes;

/// `a op b` with every way to write either side, against the plain operator.
macro_rules! both_delayed {
    ($a:expr, $op:tt, $b:expr) => {{
        let (a, b) = ($a, $b);
        let (da, db) = (Delayed::value(a), Delayed::value(b));
        let forms = [
            &da $op &db,
            &da $op db.clone(),
            da.clone() $op &db,
            da.clone() $op db.clone(),
            &da $op b,
            da.clone() $op b,
        ];
        assert_computes(forms, [a $op b; 6]);
    }};
}

/// `a op b` with a plain left side.
macro_rules! plain_left {
    ($a:expr, $op:tt, $b:expr) => {{
        let (a, b) = ($a, $b);
        let db = Delayed::value(b);
        assert_computes([a $op &db, a $op db.clone()], [a $op b; 2]);
    }};
}

/// `a op= b` with a delayed and a plain right side.
macro_rules! assigning {
    ($a:expr, $assign:tt, $b:expr) => {{
        let (mut expected, b) = ($a, $b);
        let mut da = Delayed::value(expected);
        da $assign b;
        da $assign &Delayed::value(b);
        da $assign Delayed::value(b);
        for _ in 0..3 {
            expected $assign b;
        }
        assert_computes(da, expected);
    }};
}

macro_rules! arithmetic {
    ($($number:ident)*) => {$(
        #[test]
        fn $number() {
            let (a, b) = (97 as $number, 3 as $number);
            both_delayed!(a, +, b);
            both_delayed!(a, -, b);
            both_delayed!(b, *, b);
            both_delayed!(a, /, b);
            both_delayed!(a, %, b);
            plain_left!(a, +, b);
            plain_left!(a, -, b);
            plain_left!(b, *, b);
            plain_left!(a, /, b);
            plain_left!(a, %, b);
            assigning!(a, +=, b);
            assigning!(a, -=, b);
            assigning!(1 as $number, *=, b);
            assigning!(a, /=, b);
        }
    )*};
}

arithmetic!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64);

#[test]
fn bits() {
    let (a, b) = (0b1100_u32, 0b1010_u32);
    both_delayed!(a, &, b);
    both_delayed!(a, |, b);
    both_delayed!(a, ^, b);
    both_delayed!(a, <<, 3);
    both_delayed!(a, >>, 3);
    both_delayed!(true, &, false);
    both_delayed!(true, |, false);
    both_delayed!(true, ^, true);
}

#[test]
fn signs() {
    let (a, b) = (Delayed::value(5_i64), Delayed::value(true));
    assert_computes((-&a, -a.clone(), !&a, !a), (-5, -5, !5, !5));
    assert_computes((!&b, !b), (false, false));
}

#[test]
fn precedence_is_the_language_s() {
    let d = Delayed::value(16_i64);
    assert_computes((4 + &d) * 5 - &d / 3 % 4, (4 + 16) * 5 - 16 / 3 % 4);
}

#[test]
fn floats_have_powers_and_roots() {
    let x = Delayed::value(2.25_f64);
    assert_computes((x.powi(3), x.sqrt(), x.powf(0.5), (-x).abs()), (11.390625, 1.5, 1.5, 2.25));
    let x = Delayed::value(2.25_f32);
    assert_computes((x.powi(3), x.sqrt(), x.powf(0.5), (-x).abs()), (11.390625, 1.5, 1.5, 2.25));
}

/// Operators are those of the value's own type: they need not return it.
#[test]
fn operators_of_other_types() {
    use std::time::Duration;
    let hour = Delayed::value(Duration::from_secs(3600));
    assert_computes(&hour + Duration::from_secs(60), Duration::from_secs(3660));
}
