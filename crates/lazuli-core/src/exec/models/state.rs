//! Models of the state machine, of the gate, and of the number of workers.

use loom::sync::{Arc, Mutex};
use loom::thread;

use crate::base::sync::atomic::AtomicUsize;
use crate::base::sync::atomic::Ordering::SeqCst;
use crate::describe::collection::{Answers, Collection, requests};
use crate::describe::task::task;
use crate::exec::threaded::workers::Workers;
use crate::graph::{Delayed, TaskContext};
use crate::plan::Plan;
use crate::run::gate::Gate;
use crate::run::state::{Ready, State};
use crate::threads::models::check;

/// A value that counts how many of it live.
struct Counted(u64, std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(self.0, &self.1)
    }
}

impl Counted {
    fn new(value: u64, live: &std::sync::Arc<std::sync::atomic::AtomicUsize>) -> Self {
        live.fetch_add(1, SeqCst);
        Self(value, std::sync::Arc::clone(live))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_sub(1, SeqCst);
    }
}

type Live = std::sync::Arc<std::sync::atomic::AtomicUsize>;

fn leaf(live: &Live, value: u64) -> Delayed<Counted> {
    let live = live.clone();
    task("leaf").call((), move |()| Counted::new(value, &live))
}

/// Runs one task; the tokens of those that it makes ready go to the queue.
fn step(state: &State, ready: Ready, queue: &Mutex<Vec<Ready>>) {
    let body = state.plan().body(ready.task());
    let mut active = state.start(ready);
    let Ok(value) = body.run(&mut TaskContext::new(&mut active)) else {
        unreachable!("no task of a model fails")
    };
    let started = state.end(active);
    state.finish(started, value, |ready| queue.lock().unwrap().push(ready));
}

/// Takes tasks until none is found; the answer stays in the queue.
fn work(state: &State, queue: &Mutex<Vec<Ready>>, worker: usize) {
    let answer = state.plan().shape().answer();
    loop {
        let ready = {
            let mut queue = queue.lock().unwrap();
            let place = queue.iter().position(|ready| ready.task() != answer);
            place.map(|place| queue.swap_remove(place))
        };
        let ready = ready
            .or_else(|| state.next_claimed(worker))
            .or_else(|| state.claim_leaf(Some(worker)))
            .or_else(|| state.steal_leaf(Some(worker)));
        match ready {
            Some(ready) => step(state, ready, queue),
            None => return,
        }
    }
}

/// Runs what `graph` makes on some threads: the values are right, and none is left.
fn run<C: Collection<Output = u64> + 'static>(
    preemptions: usize,
    threads: usize,
    expected: u64,
    graph: fn(&Live) -> C,
) {
    check(preemptions, move || {
        let live = Live::default();
        let collection = graph(&live);
        let plan = Plan::new(requests(&collection)).expect("models have no layers");
        let (state, initial) = State::new(plan.into(), threads, None);
        let state = Arc::new(state);
        let queue = Arc::new(Mutex::new(initial.off_pool));
        let others: Vec<_> = (1..threads)
            .map(|worker| {
                let (state, queue) = (state.clone(), queue.clone());
                thread::spawn(move || work(&state, &queue, worker))
            })
            .collect();
        work(&state, &queue, 0);
        for other in others {
            other.join().unwrap();
        }
        // A thread may have found nothing just before another made a task ready.
        work(&state, &queue, 0);
        let answer = queue.lock().unwrap().pop().expect("every task has run");
        let mut active = state.start(answer);
        let mut context = TaskContext::new(&mut active);
        assert_eq!(collection.receive(&mut Answers::of_run(&mut context)), expected);
        drop(active);
        assert_eq!(live.load(SeqCst), 0, "values are left");
    });
}

/// A value that two tasks take by value: one of them gets it, the other a clone.
#[test]
fn a_shared_value_is_moved_once() {
    run(3, 2, 32, |live| {
        let shared = leaf(live, 5);
        let left = task("left").call(shared.clone(), |value| value.0 + 10);
        let right = task("right").call(shared, |value| value.0 + 12);
        left + right
    });
}

/// A value that one task takes by reference and one by value.
#[test]
fn a_lent_value_outlives_its_loan() {
    run(3, 2, 20, |live| {
        let shared = leaf(live, 10);
        let left = task("left").call(&shared, |value| value.0);
        let right = task("right").call(shared, |value| value.0);
        left + right
    });
}

#[test]
fn two_threads_meet_in_a_tree() {
    run(3, 2, 10, |live| {
        let [a, b, c, d] = [1, 2, 3, 4].map(|value| leaf(live, value));
        let add = |a, b| {
            task("add").call((a, b), |(a, b): (Counted, Counted)| Counted::new(a.0 + b.0, &a.1))
        };
        add(add(a, b), add(c, d)).map_named("value", |sum| sum.0)
    });
}

#[test]
fn three_threads_meet_in_a_join() {
    run(2, 3, 6, |live| {
        let leaves = [1, 2, 3].map(|value| leaf(live, value));
        task("join").call(leaves.as_slice(), |values| values.iter().map(|value| value.0).sum())
    });
}

/// Workers come and go and a canceller ends the run: one of them closes the gate, and nobody is inside
/// then or afterwards.
#[test]
fn the_gate_closes_once_and_on_nobody() {
    check(3, || {
        let gate = Arc::new(Gate::entered());
        let inside = Arc::new(AtomicUsize::new(1));
        let closed = Arc::new(AtomicUsize::new(0));
        let leave = |gate: &Gate, inside: &AtomicUsize, closed: &AtomicUsize| {
            inside.fetch_sub(1, SeqCst);
            if gate.leave() {
                assert_eq!(inside.load(SeqCst), 0, "closed on somebody");
                closed.fetch_add(1, SeqCst);
            }
        };
        let others: Vec<_> = [false, true]
            .into_iter()
            .map(|ends| {
                let (gate, inside, closed) = (gate.clone(), inside.clone(), closed.clone());
                thread::spawn(move || {
                    if gate.enter() {
                        assert_eq!(closed.load(SeqCst), 0, "entered a closed gate");
                        inside.fetch_add(1, SeqCst);
                        if ends {
                            gate.over().set();
                        }
                        leave(&gate, &inside, &closed);
                    }
                })
            })
            .collect();
        gate.over().set();
        leave(&gate, &inside, &closed);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(closed.load(SeqCst), 1);
        assert!(!gate.enter());
    });
}

/// One worker is allowed; tasks are added while it ends. Whoever comes last finds them.
#[test]
fn no_task_is_lost_between_an_adder_and_a_worker_that_ends() {
    fn work(workers: &Workers, tasks: &AtomicUsize, done: &AtomicUsize) {
        loop {
            done.fetch_add(tasks.swap(0, SeqCst), SeqCst);
            workers.one_less();
            if tasks.load(SeqCst) == 0 || !workers.one_more(0) {
                return;
            }
        }
    }
    check(3, || {
        let workers = Arc::new(Workers::at_most(1));
        let tasks = Arc::new(AtomicUsize::new(1));
        let done = Arc::new(AtomicUsize::new(0));
        assert!(workers.one_more(0));
        let others: Vec<_> = (0..2)
            .map(|adds| {
                let (workers, tasks, done) = (workers.clone(), tasks.clone(), done.clone());
                thread::spawn(move || {
                    if adds == 0 {
                        work(&workers, &tasks, &done);
                    } else {
                        tasks.fetch_add(1, SeqCst);
                        if workers.are_too_few(0) && workers.one_more(0) {
                            work(&workers, &tasks, &done);
                        }
                    }
                })
            })
            .collect();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(done.load(SeqCst), 2);
    });
}
