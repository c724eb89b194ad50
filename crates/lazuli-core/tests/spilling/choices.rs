//! What is written and read, and when; and types whose values cannot be.

use std::io::{self, Read, Write};
use std::sync::Arc;

use lazuli_core::{
    CancelToken, Delayed, ErrorKind, Event, Executor, Observer, Portable, persist, start, task,
};

use crate::support::{Moves, executors, must_end};

/// A result of a hundred bytes that may leave memory.
fn hundred(name: &'static str, byte: u8) -> Delayed<Vec<u8>> {
    task(name).output_bytes(100).portable::<Vec<u8>>().call((), move |()| vec![byte; 100])
}

/// The sum of all bytes; it takes `working` bytes and comes after others.
fn sum(
    name: &'static str,
    working: u64,
    of: &[&Delayed<Vec<u8>>],
    after: &[&Delayed<u64>],
) -> Delayed<u64> {
    let of: Vec<_> = of.iter().map(|&of| of.clone()).collect();
    let after: Vec<_> = after.iter().map(|&after| after.clone()).collect();
    task(name).working_bytes(working).call((&of, &after), |(of, after)| {
        let bytes = of.into_iter().flatten().map(|&byte| u64::from(byte));
        bytes.sum::<u64>() + after.into_iter().sum::<u64>()
    })
}

fn watched(executor: &Executor, limit: u64) -> (Executor, Arc<Moves>) {
    let moves = Arc::new(Moves::default());
    let limited = executor.clone().with_memory_limit(limit);
    (limited.with_observer(Arc::clone(&moves) as _), moves)
}

#[test]
fn what_fits_is_not_written() {
    must_end(|| {
        for (name, executor) in executors() {
            let (a, b) = (hundred("a", 1), hundred("b", 2));
            let all = sum("sum", 50, &[&a, &b], &[]);
            let (limited, moves) = watched(&executor, 250);
            assert_eq!(limited.compute(&all).expect("it fits"), 300, "on {name}");
            assert!(moves.take().is_empty(), "on {name}");
        }
    });
}

/// Three results are held while a task runs beside which two fit. The one that is used last is written.
#[test]
fn what_is_used_last_is_written_first() {
    let results = [hundred("a", 1), hundred("b", 2), hundred("c", 3)];
    let [a, b, c] = &results;
    let large = sum("large", 290, &[a], &[]);
    let orders = [[b, c], [c, b]];
    for [early, late] in orders {
        // All three are there before `large`, and its dependents use the other two one after another.
        let ready = sum("ready", 0, &[a, b, c], &[]);
        let large = sum("large", 100, &[a], &[&ready]);
        let first = sum("first", 0, &[early], &[&large]);
        let second = sum("second", 0, &[late], &[&first]);
        let (limited, moves) = watched(&Executor::sync(), 300);
        limited.compute(&second).expect("it fits");
        let name = if std::ptr::eq(late, c) { "c" } else { "b" };
        assert_eq!(moves.take(), [format!("-{name}"), format!("+{name}")]);
    }
    // Beside this one only what it takes has room: it is refused with one byte less.
    let (limited, moves) = watched(&Executor::sync(), 390);
    let both = sum("both", 0, &[b, c], &[&large]);
    limited.compute(&both).expect("it fits");
    assert!(moves.take().len() <= 4);
    assert_eq!(
        watched(&Executor::sync(), 389).0.compute(&both).expect_err("no").kind(),
        ErrorKind::Memory
    );
}

/// A value that others will use keeps its bytes in the file: it is written once, and read each time.
#[test]
fn a_value_with_three_uses_is_written_once() {
    must_end(|| {
        for (name, executor) in executors() {
            let a = hundred("a", 1);
            let first = sum("first", 0, &[&a], &[]);
            let one = sum("large", 150, &[], &[&first]);
            let second = sum("second", 0, &[&a], &[&one]);
            let two = sum("large", 150, &[], &[&second]);
            let third = sum("third", 0, &[&a], &[&two]);
            let (limited, moves) = watched(&executor, 200);
            assert_eq!(limited.compute(&third).expect("it fits"), 300, "on {name}");
            assert_eq!(moves.take(), ["-a", "+a", "+a"], "on {name}");
        }
    });
}

/// Outputs that do not fit together are read back when the answer is taken, however that is.
#[test]
fn outputs_come_back() {
    must_end(|| {
        for (name, executor) in executors() {
            let outputs: Vec<_> = (0..5).map(|byte| hundred("output", byte)).collect();
            let expected: Vec<_> = (0..5).map(|byte| vec![byte; 100]).collect();
            let (limited, moves) = watched(&executor, 200);
            assert_eq!(limited.compute(&outputs).expect("it fits"), expected, "on {name}");
            assert_eq!(moves.take().len(), 6, "on {name}");
            assert_eq!(
                limited.start(outputs.clone()).wait().expect("it fits"),
                expected,
                "on {name}"
            );
            let kept = limited.persist(&outputs).expect("it fits");
            assert_eq!(Executor::sync().compute(kept).expect("it is there"), expected, "on {name}");
        }
    });
}

/// Values that are moved into the task that takes them come back like any other.
#[test]
fn values_that_are_taken_come_back() {
    must_end(|| {
        for (name, executor) in executors() {
            let parts: Vec<_> = (0..8).map(|byte| hundred("part", byte)).collect();
            let counted = sum("count", 0, &parts.iter().collect::<Vec<_>>()[..2], &[]);
            let firsts = parts.iter().map(|part| {
                let inputs = (part.clone(), &counted);
                task("first").call(inputs, |(part, counted)| u64::from(part[0]) + counted)
            });
            let (limited, _) = watched(&executor, 200);
            let answers = limited.compute(firsts.collect::<Vec<_>>()).expect("it fits");
            assert_eq!(answers, (100..108).collect::<Vec<_>>(), "on {name}");
        }
    });
}

/// Writing and reading are not ours: this type fails at either, or panics.
#[derive(Clone)]
struct Odd(Way);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    FailsToWrite,
    PanicsWriting,
    FailsToRead,
    PanicsReading,
    LeavesBytes,
    PanicsWhenDropped,
}

impl Portable for Odd {
    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        match self.0 {
            Way::FailsToWrite => Err(io::Error::other("on purpose")),
            Way::PanicsWriting => panic!("on purpose"),
            way => [way as u8, 0].write(to),
        }
    }

    fn read(from: &mut dyn Read) -> io::Result<Self> {
        let way = u8::read(from)?;
        if way == Way::FailsToRead as u8 {
            return Err(io::Error::other("on purpose"));
        }
        assert!(way != Way::PanicsReading as u8, "on purpose");
        if way == Way::PanicsWhenDropped as u8 {
            u8::read(from)?;
            return Ok(Self(Way::PanicsReading));
        }
        Ok(Self(Way::LeavesBytes))
    }
}

impl Drop for Odd {
    fn drop(&mut self) {
        assert!(self.0 != Way::PanicsWhenDropped, "on purpose");
    }
}

#[test]
fn what_cannot_be_moved_is_a_named_error() {
    let expected = [
        (Way::FailsToWrite, ErrorKind::Scratch, "cannot be written to a scratch file in "),
        (Way::PanicsWriting, ErrorKind::Panic, "panicked: on purpose"),
        (Way::FailsToRead, ErrorKind::Scratch, "cannot be read from a scratch file in "),
        (Way::PanicsReading, ErrorKind::Panic, "panicked: on purpose"),
        (Way::LeavesBytes, ErrorKind::Scratch, "1 of 2 bytes were not read"),
    ];
    must_end(|| {
        for (name, executor) in executors() {
            for (way, kind, text) in expected {
                let error = move_odd(&executor, way).expect_err("it cannot be moved");
                assert_eq!((error.kind(), error.task()), (kind, Some("odd")), "{way:?} on {name}");
                assert_eq!(error.part(), Some("the only one"), "{way:?} on {name}");
                assert!(error.to_string().contains(text), "{way:?} on {name}: {error}");
            }
            // A destructor that panics takes nothing from anybody: the value is read again.
            assert_eq!(
                move_odd(&executor, Way::PanicsWhenDropped).expect("it is moved"),
                0,
                "on {name}"
            );
        }
    });
}

fn move_odd(executor: &Executor, way: Way) -> lazuli_core::Result<u64> {
    let odd = task("odd").part("the only one").output_bytes(100).portable::<Odd>();
    let odd = odd.call((), move |()| Odd(way));
    let seen = odd.map_named("see", |_| 0);
    let large = sum("large", 150, &[], &[&seen]);
    let last = task("last").call((&odd, &large), |(_, &large)| large);
    executor.clone().with_memory_limit(200).compute(last)
}

/// Cancels when the first value has been written.
struct CancelsAtFirst(CancelToken);

impl Observer for CancelsAtFirst {
    fn event(&self, event: &Event<'_>) {
        if matches!(event, Event::Spilled { .. }) {
            self.0.cancel();
        }
    }
}

#[test]
fn a_compute_that_is_cancelled_while_it_writes_is_cancelled() {
    must_end(|| {
        for (name, executor) in executors() {
            let token = CancelToken::new();
            let observer = Arc::new(CancelsAtFirst(token.clone()));
            let limited =
                executor.with_memory_limit(200).with_cancel(&token).with_observer(observer);
            let outputs: Vec<_> = (0..20).map(|byte| hundred("output", byte)).collect();
            let error = limited.compute(&outputs).expect_err("it is cancelled");
            assert_eq!((error.kind(), error.others()), (ErrorKind::Cancelled, 0), "on {name}");
        }
    });
}

/// Tasks whose results may be written are not kept waiting for those before them that are not ready.
#[test]
fn tasks_that_fit_together_run_together() {
    must_end(|| {
        for (name, executor) in &executors()[2..] {
            let barrier = Arc::new(std::sync::Barrier::new(2));
            let meet = |name: &'static str| {
                let barrier = Arc::clone(&barrier);
                let task = task(name).output_bytes(100).portable::<Vec<u8>>();
                task.call((), move |()| {
                    barrier.wait();
                    vec![1; 100]
                })
            };
            // In order, each is taken before the next is made.
            let taken = [meet("one"), meet("other")].map(|met| sum("take", 0, &[&met], &[]));
            let all = sum("all", 0, &[], &[&taken[0], &taken[1]]);
            let kept = hundred("kept", 1);
            let before = sum("before", 0, &[&kept], &[]);
            let larger = sum("larger", 300, &[], &[&before, &all]);
            let last = sum("last", 0, &[&kept], &[&larger]);
            let limited = executor.clone().with_memory_limit(300);
            assert_eq!(limited.compute(&last).expect("it fits"), 400, "on {name}");
        }
    });
}

/// Free functions use the executor of the calling task, without its limit: nothing is written for them.
#[test]
fn without_a_limit_nothing_is_written() {
    let outputs: Vec<_> = (0..3).map(|byte| hundred("output", byte)).collect();
    assert_eq!(start(outputs.clone()).wait().expect("it runs").len(), 3);
    assert!(persist(&outputs).is_ok());
}
