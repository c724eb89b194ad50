//! An interrupted call ends with 130 and leaves nothing behind.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use crate::support::{Call, Folder, program};

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
}

#[test]
fn an_interrupted_call_ends_with_130() {
    // More than a pipe holds: the program cannot end before it is interrupted.
    let folder = Folder::with(&[("x.csv", &format!("a,b\n{}", "1,some text\n".repeat(50_000)))]);
    let mut child = program(folder.path())
        .args(["head", "x.csv", "-n", "50000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    interrupt(&child);
    let call = Call::from(child.wait_with_output().unwrap());
    assert_eq!((call.code, call.stderr.as_str()), (Some(130), ""));
}

/// Whether there is a file in a folder in this folder.
fn has_files(folder: &Path) -> bool {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    entries(folder).any(|inner| entries(&inner.path()).next().is_some())
}

#[test]
fn the_sample_data_of_an_interrupted_demo_goes_away() {
    let folder = Folder::new();
    let mut child = program(folder.path())
        .args(["demo", "--threads", "1"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !has_files(folder.path()) {
        assert!(child.try_wait().unwrap().is_none(), "the demo ended before it wrote anything");
        thread::sleep(Duration::from_millis(1));
    }
    interrupt(&child);
    let call = Call::from(child.wait_with_output().unwrap());
    assert_eq!((call.code, call.stdout.as_str(), call.stderr.as_str()), (Some(130), "", ""));
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}
