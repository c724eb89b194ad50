//! Readers and writers at the other ends.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::support::{Call, Folder, program};

/// More than a pipe holds.
fn long() -> Folder {
    Folder::with(&[("x.csv", &format!("a,b\n{}", "1,some text\n".repeat(50_000)))])
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let folder = long();
    let mut child = program(folder.path())
        .args(["head", "x.csv", "-n", "50000", "--format", "csv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    // Dropped with the end of the statement: the pipe is closed while the child still writes.
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let call = Call::from(child.wait_with_output().unwrap());
    assert_eq!((line.as_str(), call.code, call.stderr.as_str()), ("a,b\n", Some(0), ""));
}

#[test]
fn a_full_disk_is_a_failure() {
    let folder = long();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let call = program(folder.path()).args(["head", "x.csv"]).stdout(full).output().unwrap();
    let error = Call::from(call).error();
    assert!(error.starts_with("cannot write to stdout: "), "{error}");
}
