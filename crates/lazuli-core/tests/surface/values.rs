//! Statistics over delayed values, and the methods that handles have.

use lazuli_core::{Delayed, all, any, compute, count, max, mean, min, product, sum};

fn floats(values: &[f64]) -> Vec<Delayed<f64>> {
    values.iter().copied().map(Delayed::value).collect()
}

#[test]
fn many_values_become_one() -> lazuli_core::Result<()> {
    let values = floats(&[2.0, -1.0, 5.0]);
    assert_eq!(compute((sum(&values), product(&values)))?, (6.0, -10.0));
    assert_eq!(compute((min(&values), max(&values)))?, (Some(-1.0), Some(5.0)));
    assert_eq!(compute(mean(&values))?, Some(2.0));
    let by_reference: Delayed<f64> = values.iter().sum();
    let by_value: Delayed<f64> = values.into_iter().product();
    assert_eq!(compute((by_reference, by_value))?, (6.0, -10.0));
    let none = floats(&[]);
    assert_eq!(compute((min(&none), max(&none), mean(&none)))?, (None, None, None));
    let big: Vec<_> = [i64::MAX, i64::MAX].into_iter().map(Delayed::value).collect();
    assert_eq!(compute(mean(&big))?, Some(i64::MAX as f64));
    Ok(())
}

#[test]
fn a_nan_is_the_least_and_the_greatest() -> lazuli_core::Result<()> {
    for place in 0..3 {
        let mut values = [1.0, 2.0, 3.0];
        values[place] = f64::NAN;
        let (least, greatest) = compute((min(floats(&values)), max(floats(&values))))?;
        assert!(least.is_some_and(f64::is_nan) && greatest.is_some_and(f64::is_nan), "{place}");
    }
    Ok(())
}

#[test]
fn truths_are_counted() -> lazuli_core::Result<()> {
    let truths = |truths: &[bool]| truths.iter().copied().map(Delayed::value).collect::<Vec<_>>();
    for (values, counted) in [(&[][..], 0), (&[true], 1), (&[true, false, true], 2), (&[false], 0)]
    {
        let values = truths(values);
        let answer = compute((count(&values), any(&values), all(&values)))?;
        assert_eq!(answer, (counted, counted > 0, counted == values.len()));
    }
    Ok(())
}

#[test]
fn handles_have_the_methods_of_their_values() -> lazuli_core::Result<()> {
    let x = Delayed::value(2.25);
    assert_eq!(compute((x.exp(), x.ln(), x.floor()))?, (2.25_f64.exp(), 2.25_f64.ln(), 2.0));
    assert_eq!(compute((x.max(&x + 1.0), x.min(-1.0), x.powf(0.5)))?, (3.25, -1.0, 1.5));
    assert_eq!(compute((Delayed::value(-3_i32).abs(), Delayed::value(3_u8).max(7)))?, (3, 7));
    assert!(compute((&x / 0.0 - &x / 0.0).is_nan())?);
    Ok(())
}

#[test]
fn values_that_may_be_missing() -> lazuli_core::Result<()> {
    let (some, none) = (Delayed::value(Some(4.0)), Delayed::value(None::<f64>));
    assert_eq!(compute(some.or_fail() - none.unwrap_or(&Delayed::value(1.0)))?, 3.0);
    let error = compute(some.or_fail() - none.or_fail()).expect_err("there is none");
    assert_eq!(error.task(), Some("or_fail"));
    Ok(())
}
