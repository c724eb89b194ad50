//! Models of the latch: nobody is missed.

use std::sync::Arc;
use std::time::Duration;

use loom::thread;

use super::check;
use crate::base::sync::atomic::AtomicUsize;
use crate::base::sync::atomic::Ordering::Relaxed;
use crate::threads::latch::Latch;

/// No listener of a model looks again for no reason.
const LONG: Duration = Duration::from_secs(1);

/// What there is to do is as weakly ordered as can be: the latch alone sees to it that it is found.
fn listen_for(latch: &Latch, things: &AtomicUsize, wanted: usize) {
    while things.load(Relaxed) < wanted && !latch.is_open() {
        latch.listen(LONG, || things.load(Relaxed) >= wanted);
    }
}

#[test]
fn a_listener_hears_of_what_two_have_added() {
    check(3, || {
        let latch = Arc::new(Latch::default());
        let things = Arc::new(AtomicUsize::new(0));
        let others = [(); 2].map(|()| {
            let (latch, things) = (Arc::clone(&latch), Arc::clone(&things));
            thread::spawn(move || {
                things.fetch_add(1, Relaxed);
                latch.ring();
            })
        });
        listen_for(&latch, &things, 2);
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}

#[test]
fn two_listeners_hear_of_one_thing() {
    check(3, || {
        let latch = Arc::new(Latch::default());
        let things = Arc::new(AtomicUsize::new(0));
        let listener = {
            let (latch, things) = (Arc::clone(&latch), Arc::clone(&things));
            thread::spawn(move || listen_for(&latch, &things, 1))
        };
        let adder = {
            let (latch, things) = (Arc::clone(&latch), Arc::clone(&things));
            thread::spawn(move || {
                things.store(1, Relaxed);
                latch.ring();
            })
        };
        listen_for(&latch, &things, 1);
        listener.join().unwrap();
        adder.join().unwrap();
    });
}

#[test]
fn who_waits_and_who_listens_see_it_open() {
    check(3, || {
        let latch = Arc::new(Latch::default());
        let brought = Arc::new(AtomicUsize::new(0));
        let waits = {
            let (latch, brought) = (Arc::clone(&latch), Arc::clone(&brought));
            thread::spawn(move || {
                latch.wait();
                assert_eq!(brought.load(Relaxed), 1, "what was done before it opened");
            })
        };
        let opens = {
            let (latch, brought) = (Arc::clone(&latch), Arc::clone(&brought));
            thread::spawn(move || {
                brought.store(1, Relaxed);
                latch.open();
            })
        };
        listen_for(&latch, &AtomicUsize::new(0), 1);
        assert_eq!(brought.load(Relaxed), 1, "what was done before it opened");
        waits.join().unwrap();
        opens.join().unwrap();
    });
}

/// It opens while others only ring.
#[test]
fn a_ring_does_not_hide_that_it_opens() {
    check(3, || {
        let latch = Arc::new(Latch::default());
        let rings = {
            let latch = Arc::clone(&latch);
            thread::spawn(move || latch.ring())
        };
        let opens = {
            let latch = Arc::clone(&latch);
            thread::spawn(move || latch.open())
        };
        listen_for(&latch, &AtomicUsize::new(0), 1);
        rings.join().unwrap();
        opens.join().unwrap();
    });
}
