//! A run that is over ends its tasks inside their blocks: within a few elements of a user's function, and
//! within a tile of anything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use lazuli::ErrorKind;
use lazuli::prelude::*;
use ndarray::Array1;

use crate::support::{Named, executors};

/// So many that a block of them is never done.
const ENDLESS: usize = 1 << 50;

/// Counts calls, and cancels at the thousandth.
fn cancelling(
    token: &CancelToken,
) -> (Arc<AtomicUsize>, impl Fn() + Send + Sync + 'static + use<>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let (counted, token) = (Arc::clone(&calls), token.clone());
    let call = move || {
        if counted.fetch_add(1, SeqCst) == 1000 {
            token.cancel();
        }
    };
    (calls, call)
}

#[test]
fn inside_a_function_of_the_index() {
    for Named { name, executor } in executors() {
        let token = CancelToken::new();
        let (calls, call) = cancelling(&token);
        let x = ChunkedArray::from_fn([ENDLESS], [ENDLESS], move |[i]| {
            call();
            i as f64
        });
        let error = executor.clone().with_cancel(&token).compute(x.sum()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "on {name}");
        assert!(calls.load(SeqCst) <= 1000 + 64, "on {name}: {}", calls.load(SeqCst));
    }
}

#[test]
fn inside_a_function_of_elements() {
    for Named { name, executor } in executors() {
        let token = CancelToken::new();
        let (calls, call) = cancelling(&token);
        let x = ChunkedArray::<f64, _>::zeros([ENDLESS], [ENDLESS]).map(move |value| {
            call();
            value
        });
        let error = executor.clone().with_cancel(&token).compute(x.sum()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "on {name}");
        assert!(calls.load(SeqCst) <= 1000 + 512, "on {name}: {}", calls.load(SeqCst));
    }
}

#[test]
fn after_a_tile_of_memory() {
    struct Cancels(CancelToken, Arc<AtomicUsize>);
    impl Reduction<[f64]> for Cancels {
        type State = ();
        type Output = ();
        fn identity(&self) {}
        fn update(&self, (): &mut (), tile: &[f64]) {
            self.1.fetch_add(tile.len(), SeqCst);
            self.0.cancel();
        }
        fn combine(&self, (): &mut (), (): ()) {}
        fn finish(&self, (): ()) {}
    }
    for Named { name, executor } in executors() {
        let (token, seen) = (CancelToken::new(), Arc::new(AtomicUsize::new(0)));
        let x = ChunkedArray::from_array(Array1::<f64>::zeros(1_000_000), [1_000_000]);
        let asked = x.reduce(Cancels(token.clone(), Arc::clone(&seen)));
        let error = executor.clone().with_cancel(&token).compute(asked).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "on {name}");
        assert_eq!(seen.load(SeqCst), 4096, "on {name}");
    }
}
