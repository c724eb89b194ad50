//! What is left of scratch files, and folders that take none. Each scenario is a process of its own, whose
//! environment names the folder.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::{env, fs};

use lazuli_core::{CancelToken, Delayed, ErrorKind, Event, Executor, Observer, task};

use crate::support::{executors, must_end};

const SCENARIO: &str = "LAZULI_SCENARIO";
const FOLDER: &str = "LAZULI_SCRATCH_DIR";
const MIB: u64 = 1 << 20;

/// Sixteen mebibytes, of which four fit.
fn parts(fails: bool) -> Vec<Delayed<Vec<u64>>> {
    let part = |number: u64| {
        let task = task("part").part(number.to_string()).output_bytes(MIB).portable::<Vec<u64>>();
        task.try_call((), move |()| match number {
            15 if fails => Err(std::io::Error::other("on purpose")),
            _ => Ok(vec![number; MIB as usize / 8]),
        })
    };
    (0..16).map(part).collect()
}

fn limited(executor: &Executor) -> Executor {
    executor.clone().with_memory_limit(4 * MIB)
}

/// Does something at each event of a value that was written.
struct AtSpilled<F>(F);

impl<F: Fn() + Send + Sync> Observer for AtSpilled<F> {
    fn event(&self, event: &Event<'_>) {
        if matches!(event, Event::Spilled { .. }) {
            (self.0)();
        }
    }
}

/// The open files of a process that are in the folder, where the system tells.
fn open_files(process: u32, folder: &Path) -> Option<usize> {
    let files = fs::read_dir(format!("/proc/{process}/fd")).ok()?;
    let links = files.flatten().filter_map(|file| fs::read_link(file.path()).ok());
    Some(links.filter(|link| link.starts_with(folder)).count())
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).expect("the folder is there").count()
}

/// The process of a scenario; what it prints begins a line with `>`.
fn process(scenario: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().expect("the test binary has a path"));
    command.args(["files::scenario", "--exact", "--nocapture"]);
    command.env(SCENARIO, scenario).env(FOLDER, folder);
    command.stdout(Stdio::piped()).stderr(Stdio::inherit());
    command
}

fn printed(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    lines.map_while(Result::ok).filter_map(|line| Some(line.split_once('>')?.1.to_owned()))
}

/// What the process of a scenario prints until it ends.
fn run(mut command: Command) -> Vec<String> {
    let mut child = command.spawn().expect("the test binary runs");
    let lines: Vec<String> = printed(&mut child).collect();
    assert!(child.wait().expect("it was started").success(), "{lines:?}");
    lines
}

/// Not a test by itself: what the processes run that the others start.
#[test]
fn scenario() {
    let Ok(scenario) = env::var(SCENARIO) else { return };
    let folder = env::var_os(FOLDER).expect("each scenario has one");
    let folder = Path::new(&folder);
    must_end(|| match &*scenario {
        "ends" => {
            for (name, executor) in executors() {
                end(&limited(&executor), &name, folder);
            }
        }
        "waits" => {
            let executor = limited(&Executor::sync());
            let written = AtomicU64::new(0);
            let observer = AtSpilled(move || {
                if written.fetch_add(1, SeqCst) == 8 {
                    println!("\n>written");
                    // Until the process is ended.
                    let _ = std::io::stdin().read(&mut [0]);
                }
            });
            let _ = executor.with_observer(Arc::new(observer)).compute(parts(false));
        }
        "fails" => {
            for (_, executor) in executors() {
                let error =
                    limited(&executor).compute(parts(false)).expect_err("no room in the folder");
                println!("\n>{:?} {:?} {error}", error.kind(), error.task());
            }
        }
        other => unreachable!("no scenario is called {other}"),
    });
}

/// A success, a failure and a cancelled compute: each has a file while it writes and none afterwards.
fn end(executor: &Executor, name: &str, folder: &Path) {
    let own = std::process::id();
    let most = Arc::new(AtomicU64::new(0));
    let (seen, inside) = (Arc::clone(&most), folder.to_owned());
    let observer = Arc::new(AtSpilled(move || {
        seen.fetch_max(open_files(own, &inside).unwrap_or(1) as u64, SeqCst);
        assert_eq!(entries(&inside), 0);
    }));
    let is_gone = |what: &str| {
        println!("\n>{what} on {name}: {} {}", most.swap(0, SeqCst), entries(folder));
        assert_eq!(open_files(own, folder).unwrap_or(0), 0, "{what} on {name}");
    };
    let watched = executor.clone().with_observer(observer);
    let values = watched.compute(parts(false)).expect("it fits");
    assert!(values.iter().zip(0..).all(|(part, number)| part[..] == vec![number; part.len()]));
    is_gone("success");
    assert_eq!(watched.compute(parts(true)).expect_err("it fails").kind(), ErrorKind::Task);
    is_gone("failure");
    let token = CancelToken::new();
    let cancel = token.clone();
    let (seen, inside) = (Arc::clone(&most), folder.to_owned());
    let cancels = Arc::new(AtSpilled(move || {
        seen.fetch_max(open_files(own, &inside).unwrap_or(1) as u64, SeqCst);
        cancel.cancel();
    }));
    let cancelled = executor.clone().with_cancel(&token).with_observer(cancels);
    let cancelled = cancelled.compute(parts(false));
    assert_eq!(cancelled.expect_err("it is cancelled").kind(), ErrorKind::Cancelled);
    is_gone("cancel");
}

#[test]
fn files_are_gone_when_a_compute_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = run(process("ends", folder.path()));
    assert_eq!(lines.len(), 12, "{lines:?}");
    assert!(lines.iter().all(|line| line.ends_with(": 1 0")), "{lines:?}");
}

#[test]
fn files_are_gone_when_the_process_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = process("waits", folder.path());
    command.stdin(Stdio::piped());
    let mut child = command.spawn().expect("the test binary runs");
    assert_eq!(printed(&mut child).next().as_deref(), Some("written"));
    assert!(open_files(child.id(), folder.path()).is_none_or(|files| files == 1));
    child.kill().expect("it waits");
    let status = child.wait().expect("it was started");
    assert!(!status.success());
    assert_eq!(entries(folder.path()), 0);
}

#[test]
fn a_folder_that_is_not_there_is_a_named_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("none");
    let lines = run(process("fails", &missing));
    assert_eq!(lines.len(), 4, "{lines:?}");
    for line in lines {
        let expected = format!(
            "1048576 bytes (1.0 MiB) cannot be written to a scratch file in {}",
            missing.display()
        );
        assert!(line.starts_with("Scratch Some(\"part\") task `part` on "), "{line}");
        assert!(line.contains(&expected), "{line}");
    }
}

/// A limit of the length of files stands for a disk that is full.
#[cfg(unix)]
#[test]
fn a_full_folder_is_a_named_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = process("fails", folder.path());
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\""]);
    command.arg(inner.get_program()).args(inner.get_args());
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdout(Stdio::piped());
    let lines = run(command);
    assert_eq!(lines.len(), 4, "{lines:?}");
    for line in lines {
        let expected = format!(
            "1048576 bytes (1.0 MiB) cannot be written to a scratch file in {}: ",
            folder.path().display()
        );
        assert!(line.starts_with("Scratch Some(\"part\") task `part` on "), "{line}");
        assert!(line.contains(&expected), "{line}");
    }
    assert_eq!(entries(folder.path()), 0);
}
