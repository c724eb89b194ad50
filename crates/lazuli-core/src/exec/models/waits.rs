//! Models of the graph of waits: runs that would wait for each other at once.

use std::sync::Arc;

use crate::base::sync::Mutex;
use crate::exec::control::Control;
use crate::exec::waits::Wait;
use crate::threads::models::{check, spawn};

/// Each of the runs waits for the next, in a circle, from a thread of its own: how many waits there are.
fn waits_in_a_circle(preemptions: usize, count: usize) {
    check(preemptions, move || {
        let runs: Vec<_> = (0..count).map(|_| Control::new(None, None)).collect();
        let waits = Arc::new(Mutex::new(Vec::new()));
        let wait = |place: usize| {
            let (run, target) = (runs[place].clone(), runs[(place + 1) % count].clone());
            let waits = Arc::clone(&waits);
            move || {
                let wait = Wait::new(&run, &target);
                waits.lock().push(wait.ok());
            }
        };
        let others: Vec<_> = (1..count).map(|place| spawn(wait(place))).collect();
        wait(0)();
        others.into_iter().for_each(|other| other.join().unwrap());
        let mut waits = waits.lock();
        assert_eq!(waits.iter().flatten().count(), count - 1, "one wait is refused");
        waits.clear();
        assert!(Wait::new(&runs[1], &runs[0]).is_ok(), "waits that are over are none");
    });
}

#[test]
fn of_two_runs_that_wait_for_each_other_one_is_refused() {
    waits_in_a_circle(3, 2);
}

#[test]
fn of_three_runs_that_wait_in_a_circle_one_is_refused() {
    waits_in_a_circle(2, 3);
}

/// A wait ends while another begins that would have closed a circle with it.
#[test]
fn a_wait_that_ends_closes_no_circle() {
    check(3, || {
        let [first, second] = [(); 2].map(|()| Control::new(None, None));
        let wait = Wait::new(&first, &second).ok();
        let ends = spawn(move || drop(wait));
        let waits = spawn({
            let (first, second) = (first.clone(), second.clone());
            move || drop(Wait::new(&second, &first))
        });
        ends.join().unwrap();
        waits.join().unwrap();
        assert!(Wait::new(&second, &first).is_ok(), "no wait is left");
    });
}
