//! Values that cannot be cloned are moved to whoever computes them.

use lazuli_core::{ComputeMoved as _, Delayed, ErrorKind, Executor, compute, start, task};

#[derive(Debug)]
struct Model(u8);

fn train() -> Delayed<Model> {
    task("train").call((), |()| Model(7))
}

#[test]
fn a_value_is_moved_out() {
    let model = train();
    assert_eq!(model.compute().expect("nothing fails").0, 7);
    assert_eq!(model.start().wait().expect("nothing fails").0, 7);
    assert_eq!(start(model.moved()).wait().expect("nothing fails").0, 7);
    let size = model.map(|model| model.0);
    for executor in [Executor::sync(), Executor::threaded(2).expect("a pool")] {
        let (model, size) = executor.compute((model.moved(), &size)).expect("nothing fails");
        assert_eq!((model.0, size), (7, 7));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    assert_eq!(runtime.block_on(model.compute_async()).expect("nothing fails").0, 7);
}

#[test]
fn a_value_that_something_else_holds_is_not() {
    let held = Delayed::value(Model(1));
    let kept = train().persist().expect("nothing fails");
    let twice = train();
    let errors = [
        held.compute().expect_err("its handle holds it"),
        held.start().wait().expect_err("its handle holds it"),
        kept.compute().expect_err("it is kept"),
        compute((twice.moved(), twice.moved())).expect_err("it is asked for twice"),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Held, "{error}");
        assert!(error.to_string().contains("Model"), "{error}");
    }
    assert_eq!(
        compute((kept.map(|model| model.0), held.map(|model| model.0))).expect("lent"),
        (7, 1)
    );
}
