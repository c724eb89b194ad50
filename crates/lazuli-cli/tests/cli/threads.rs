//! The number of threads changes the time, never a bit of the answer.

use crate::support::{Call, Folder, program, write_npy};

/// Files whose sums depend on the order of summation.
fn folder() -> Folder {
    let folder = Folder::new();
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for file in 0..23 {
        let rows: String =
            (0..500).map(|row| format!("{},{:e}\n", row % 7, (next() * 50.0).exp())).collect();
        std::fs::write(folder.join(&format!("{file:02}.csv")), format!("key,x\n{rows}")).unwrap();
    }
    let values: Vec<u8> =
        (0..3_000_000).flat_map(|_| (next() * 50.0).exp().to_le_bytes()).collect();
    write_npy(&folder.join("x.npy"), "<f8", "(3000000,)", &values);
    folder
}

#[test]
fn answers_are_the_same_bytes() {
    let folder = folder();
    let aggregates = "sum(x), avg(x), stddev(x), variance(x), min(x), count(*)";
    let calls: [&[&str]; 5] = [
        &["agg", "*.csv", "-e", aggregates, "--format", "json"],
        &["agg", "*.csv", "-e", aggregates, "--by", "key", "--format", "csv"],
        &["agg", "*.csv", "-e", aggregates, "--by-file", "--where", "x > 10", "--format", "json"],
        &["head", "*.csv", "-n", "600"],
        &["stats", "x.npy", "--format", "json"],
    ];
    for arguments in calls {
        let answer = |threads: &str| {
            let mut program = program(folder.path());
            let call = program.args(arguments).env("LAZULI_NUM_THREADS", threads).output();
            Call::from(call.unwrap()).answer()
        };
        let one = answer("1");
        for threads in ["2", "4"] {
            assert_eq!(answer(threads), one, "{arguments:?} on {threads} threads");
        }
        assert_eq!(folder.call(&[arguments, &["--threads", "3"]].concat()).answer(), one);
    }
}

#[test]
fn a_number_of_threads_that_is_none() {
    let folder = Folder::with(&[("x.csv", "a\n1\n")]);
    let call = |flags: &[&str]| {
        let mut program = program(folder.path());
        program.args(["agg", "x.csv", "-e", "max(a)"]).args(flags);
        Call::from(program.env("LAZULI_NUM_THREADS", "many").output().unwrap())
    };
    let error = call(&[]).error();
    assert!(error.contains("LAZULI_NUM_THREADS") && error.contains("many"), "{error}");
    // The flag counts for more than the variable.
    call(&["--threads", "2"]).answer();
}
