//! Computes in the background, futures, executors that are installed, profiles.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lazuli_core::{
    CancelToken, Delayed, ErrorKind, Event, Executor, Lane, Observer, Profile, Retry, Running,
    as_completed, compute, start, task,
};

/// A task that ends when it is let.
fn waits(gate: &Arc<Mutex<()>>, value: usize) -> Delayed<usize> {
    let gate = Arc::clone(gate);
    task("waits").lane(Lane::Blocking).call((), move |()| {
        drop(gate.lock());
        value
    })
}

#[test]
fn runs_come_as_they_end() {
    let gates = [(); 3].map(|()| Arc::new(Mutex::new(())));
    let mut locked: Vec<_> = gates.iter().map(|gate| Some(gate.lock().expect("free"))).collect();
    let runs: Vec<Running<_>> =
        gates.iter().enumerate().map(|(value, gate)| start(waits(gate, value))).collect();
    let mut completed = as_completed(runs);
    for next in [2, 0, 1] {
        assert_eq!(completed.size_hint().0, locked.iter().flatten().count());
        locked[next] = None;
        let (place, value) = completed.next().expect("one is left");
        assert_eq!((place, value.expect("nothing fails")), (next, next));
    }
    assert!(completed.next().is_none());
}

#[test]
fn runs_come_inside_tasks_of_a_pool_of_one() {
    let executor = Executor::threaded(1).expect("a pool");
    let inside = task("gathers").call((), |()| {
        let runs = (0..5).map(|value| start(Delayed::value(value).map(|value| value * 2)));
        let mut all: Vec<u64> =
            as_completed(runs).map(|(_, value)| value.expect("nothing fails")).collect();
        all.sort_unstable();
        all
    });
    assert_eq!(executor.compute(inside).expect("nothing fails"), [0, 2, 4, 6, 8]);
}

#[test]
fn a_wait_ends_with_its_time_or_its_run() {
    for executor in [Executor::threaded(1).expect("a pool"), Executor::shared()] {
        let gate = Arc::new(Mutex::new(()));
        let locked = gate.lock().expect("free");
        let running = executor.start(waits(&gate, 1));
        assert!(!running.wait_timeout(Duration::from_millis(2)).expect("no circle"));
        drop(locked);
        assert!(running.wait_timeout(Duration::MAX).expect("no circle"));
        assert_eq!(running.wait().expect("nothing fails"), 1);
    }
    let inside = task("waits inside").call((), |()| {
        let running = start(Delayed::value(1).map(|one| one + 1));
        assert!(running.wait_timeout(Duration::MAX).expect("no circle"));
        running.wait().expect("nothing fails")
    });
    assert_eq!(Executor::threaded(1).expect("a pool").compute(inside).expect("nothing fails"), 2);
}

#[test]
fn a_wait_for_oneself_is_refused() {
    type Slot = Arc<Mutex<Option<Arc<Running<Delayed<bool>>>>>>;
    let slot = Slot::default();
    let gate = Arc::new(Mutex::new(()));
    let locked = gate.lock().expect("free");
    let (own, own_gate) = (Arc::clone(&slot), Arc::clone(&gate));
    let running = start(task("waits for itself").lane(Lane::Blocking).call((), move |()| {
        drop(own_gate.lock());
        let own = own.lock().expect("free").clone().expect("it is there");
        let refused = own.wait_timeout(Duration::MAX).map_err(|error| error.kind());
        refused == Err(ErrorKind::Deadlock)
    }));
    let running = Arc::new(running);
    *slot.lock().expect("free") = Some(Arc::clone(&running));
    drop(locked);
    assert!(running.wait_timeout(Duration::from_secs(20)).expect("no circle"));
    *slot.lock().expect("free") = None;
    let running = Arc::into_inner(running).expect("nobody else has it");
    assert!(running.wait().expect("nothing fails"));
}

#[test]
fn what_is_detached_runs_to_its_end_and_what_is_dropped_does_not() {
    let ran = Arc::new(AtomicUsize::new(0));
    let gate = Arc::new(Mutex::new(()));
    let count = |gate: &Arc<Mutex<()>>| {
        let ran = Arc::clone(&ran);
        waits(gate, 1).map(move |_| ran.fetch_add(1, SeqCst))
    };
    let locked = gate.lock().expect("free");
    let (detached, dropped) = (start(count(&gate)), start(count(&gate)));
    let ends = detached.handles();
    detached.detach();
    drop(dropped);
    drop(locked);
    compute(ends).expect("it was not cancelled");
    assert_eq!(ran.load(SeqCst), 1);
}

#[test]
fn handles_and_runs_are_awaited() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let answer = Delayed::value(6) * 7;
    runtime.block_on(async {
        assert_eq!(answer.clone().await.expect("nothing fails"), 42);
        assert_eq!(answer.start().await.expect("nothing fails"), 42);
    });
}

#[derive(Default)]
struct Plans(AtomicUsize);

impl Observer for Plans {
    fn event(&self, event: &Event<'_>) {
        if let Event::Planned(_) = event {
            self.0.fetch_add(1, SeqCst);
        }
    }
}

#[test]
fn an_executor_is_installed_for_a_while() {
    let plans = Arc::new(Plans::default());
    let watched = Executor::threaded(3).expect("a pool").with_observer(Arc::clone(&plans) as _);
    let threads = || Executor::current().threads().expect("a pool");
    let outside = threads();
    let (inside, nested, in_task) = watched.install(|| {
        let nested = Executor::sync().install(threads);
        // A task runs where its run does, whatever is installed around the compute.
        let in_task = Executor::sync().compute(task("asks").call((), move |()| threads()));
        compute(Delayed::value(1).map(|one| one + 1)).expect("nothing fails");
        (threads(), nested, in_task.expect("nothing fails"))
    });
    assert_eq!((inside, nested, in_task), (3, 1, 1));
    assert_eq!((threads(), plans.0.load(SeqCst)), (outside, 1));
    // In a task, too, and no longer than the closure.
    let inside = task("installs").call((), move |()| {
        let sync = Executor::sync().install(threads);
        (sync, threads())
    });
    assert_eq!(watched.compute(inside).expect("nothing fails"), (1, 3));
    let _ = std::panic::catch_unwind(|| Executor::sync().install(|| panic!("it is taken away")));
    assert_eq!(threads(), outside);
}

#[test]
fn a_graph_that_a_value_decides() {
    let branch = |value: i64| {
        Delayed::value(value).and_then(|&value| {
            let positive = Delayed::value(value) * 10;
            if value > 0 { vec![positive] } else { Vec::new() }
        })
    };
    assert_eq!(compute((branch(4), branch(-4))).expect("nothing fails"), (vec![40], vec![]));
    let fails = Delayed::value(1)
        .and_then(|_| Delayed::value("x").try_map_named("inner", |text| text.parse::<u8>()));
    assert_eq!(compute(fails).expect_err("no number").task(), Some("inner"));
}

#[test]
fn a_profile_counts_and_times() {
    let profile = Arc::new(Profile::default());
    let executor = Executor::shared().with_observer(Arc::clone(&profile) as _);
    let tries = AtomicUsize::new(0);
    let flaky = task("flaky").retry(Retry::times(2)).try_call((), move |()| {
        if tries.fetch_add(1, SeqCst) < 2 { Err("not yet") } else { Ok(1) }
    });
    let naps: Vec<_> = (0..3)
        .map(|_| task("nap").call((), |()| std::thread::sleep(Duration::from_millis(2))))
        .collect();
    executor.compute((flaky, naps)).expect("the third try is good");
    let rows = profile.rows();
    assert_eq!(rows.iter().map(|row| &*row.name).collect::<Vec<_>>(), ["nap", "flaky"]);
    assert_eq!(
        rows.iter().map(|row| (row.count, row.failed)).collect::<Vec<_>>(),
        [(3, 0), (3, 2)]
    );
    assert!(rows[0].total >= 3 * rows[0].mean() && rows[0].longest >= rows[0].mean());
    assert!(rows[0].mean() >= Duration::from_millis(2));
    let table = profile.to_string();
    assert!(table.lines().next().is_some_and(|head| head.contains("longest")), "{table}");
    assert_eq!(table.lines().count(), 3);
}

#[test]
fn one_that_fails_does_not_cost_the_others() {
    let ask = |page: u8| {
        let fetched = task("fetch").try_call((), move |()| match page {
            4 => Err("no such page"),
            page => Ok(page),
        });
        fetched.map(|page| page * 10)
    };
    for executor in [Executor::sync(), Executor::threaded(1).expect("a pool"), Executor::shared()] {
        let pages: Vec<_> = (0..6).map(|page| ask(page).attempt()).collect();
        let pages = executor.compute(pages).expect("failures are values");
        for (page, outcome) in pages.into_iter().enumerate() {
            match outcome {
                Ok(value) => assert_eq!(usize::from(value), page * 10),
                Err(error) => assert_eq!((page, error.task()), (4, Some("fetch"))),
            }
        }
        let token = CancelToken::new();
        let cancels = token.clone();
        let cancelled = task("cancels").call((), move |()| cancels.cancel()).attempt();
        let error = executor.with_cancel(&token).compute(cancelled.map(|_| ()));
        assert_eq!(error.expect_err("it is cancelled").kind(), ErrorKind::Cancelled);
    }
}
