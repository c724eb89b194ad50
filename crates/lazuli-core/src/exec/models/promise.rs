//! Models of promises: kept while others wait, ask to be told, or take what is promised.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use crate::base::value::{Shared, Value};
use crate::exec::control::Control;
use crate::exec::promise::Promise;
use crate::threads::models::{check, spawn};

/// A value that counts its clones.
struct Counted(Arc<AtomicUsize>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, SeqCst);
        Self(Arc::clone(&self.0))
    }
}

fn promise() -> Arc<Promise> {
    Promise::of(Control::new(None, None))
}

fn keep(promise: Arc<Promise>) {
    promise.keep(Ok(Vec::new()));
}

/// Two ask to be told while it is kept.
#[test]
fn every_callback_runs_once() {
    check(3, || {
        let promise = promise();
        let told = Arc::<[AtomicUsize; 2]>::default();
        let ask = |place: usize| {
            let (promise, told) = (Arc::clone(&promise), Arc::clone(&told));
            move || {
                promise.then(Box::new(move || {
                    told[place].fetch_add(1, SeqCst);
                }));
            }
        };
        let other = spawn(ask(0));
        let keeps = spawn({
            let promise = Arc::clone(&promise);
            move || keep(promise)
        });
        ask(1)();
        other.join().unwrap();
        keeps.join().unwrap();
        assert_eq!([told[0].load(SeqCst), told[1].load(SeqCst)], [1; 2]);
    });
}

/// Two want to keep it: who waits sees one outcome, and whoever asked is told once.
#[test]
fn the_first_outcome_counts() {
    check(3, || {
        let promise = promise();
        let told = Arc::new(AtomicUsize::new(0));
        promise.then({
            let told = Arc::clone(&told);
            Box::new(move || {
                told.fetch_add(1, SeqCst);
            })
        });
        let keepers = [(); 2].map(|()| {
            let promise = Arc::clone(&promise);
            spawn(move || keep(promise))
        });
        promise.wait().expect("nobody waits for this thread");
        assert!(promise.outcome().is_some());
        keepers.into_iter().for_each(|keeper| keeper.join().unwrap());
        assert_eq!(told.load(SeqCst), 1);
    });
}

/// Who waits and is the only one to hold it has the value to itself.
#[test]
fn the_last_holder_gets_the_value() {
    check(3, || {
        let promise = promise();
        let clones = Arc::new(AtomicUsize::new(0));
        let keeps = spawn({
            let (promise, value) = (Arc::clone(&promise), Counted(Arc::clone(&clones)));
            move || promise.keep(Ok(vec![Value::new(value).into_shared()]))
        });
        promise.wait().expect("nobody waits for this thread");
        let mut outputs = Promise::take(promise).expect("it was kept");
        let value: Shared = outputs.pop().expect("one output");
        Value::shared(value).into_inner(Counted::clone);
        assert_eq!(clones.load(SeqCst), 0, "the last holder has no need of a clone");
        keeps.join().unwrap();
    });
}
