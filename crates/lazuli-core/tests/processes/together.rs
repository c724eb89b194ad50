//! Many processes, one answer: the bits of one process, however many there are and whatever befalls them.

use lazuli_core::Executor;

use crate::copy::{Copy, watch};
use crate::driver::Drive;
use crate::graphs::Program;

fn programs() -> [Program; 2] {
    [Program::new("moments", 64, 7), Program::new("words", 32, 7)]
}

fn local(program: &Program) -> Vec<u8> {
    program.compute(&Executor::threaded(2).expect("the system grants two threads"))
}

#[test]
fn one_two_and_three_copies_yield_the_local_bits() {
    let _watchdog = watch();
    for program in &programs() {
        for copies in [1, 2, 3] {
            let drive = Drive { program, told: program, copies, kill_at: None };
            let driven = drive.run().expect("nothing fails");
            assert!(driven.answer == local(program), "{program:?} on {copies} copies");
            assert_eq!(driven.replaced, 0);
            let nodes = program.cut(&Executor::sync()).nodes().len();
            assert_eq!(driven.ran.iter().sum::<usize>(), nodes);
        }
    }
}

#[test]
fn a_copy_that_is_killed_is_replaced() {
    let _watchdog = watch();
    for program in &programs() {
        for (copies, kill_at) in [(1, 3), (2, 1), (3, 5)] {
            let drive = Drive { program, told: program, copies, kill_at: Some(kill_at) };
            let driven = drive.run().expect("nothing fails");
            assert_eq!(driven.replaced, 1, "{program:?} on {copies} copies");
            assert!(driven.answer == local(program), "{program:?} on {copies} copies");
        }
    }
}

#[test]
fn a_copy_of_another_graph_is_refused_before_it_runs_anything() {
    let _watchdog = watch();
    for program in &programs() {
        let others = [(program.parts + 1, program.seed), (program.parts, program.seed + 1)];
        for (parts, seed) in others {
            let told = &Program { parts, seed, ..program.clone() };
            let refused = Drive { program, told, copies: 2, kill_at: None }.run();
            let why = refused.err().expect("the copies are of another graph");
            assert!(why.contains("it is of another graph"), "{why}");
            // It never gets as far as a node: no copy is handed out.
            let fingerprint = program.cut(&Executor::sync()).fingerprint();
            let copy = Copy::start(told, fingerprint).expect("the process starts");
            assert_eq!(copy.err().expect("it refuses"), why);
        }
    }
}
