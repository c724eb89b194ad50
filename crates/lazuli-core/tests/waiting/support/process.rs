//! A scenario in a process of its own, watched from outside: a hang is a failure and not a test run that
//! stands still.
//!
//! The binary runs itself again, with a variable that names the scenario. The process ends with its parent
//! at the latest, so nothing is left where the test run itself was ended.

use std::io::Read;
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

/// Names the scenario that the process is for.
const SCENARIO: &str = "LAZULI_SCENARIO";
/// After this time a scenario hangs: those that end take a second or two.
const HANGS_AFTER: Duration = Duration::from_secs(20);

/// Whether this is the process of a scenario, which ends with its parent from now on.
pub(crate) fn is_own_process() -> bool {
    let is_own = env::var_os(SCENARIO).is_some();
    if is_own {
        // Where no thread can be had, the parent alone watches.
        let _ = thread::Builder::new().name("watchdog".into()).spawn(end_with_parent);
    }
    is_own
}

fn end_with_parent() {
    let start = Instant::now();
    let parent = parent();
    while parent == self::parent() && start.elapsed() < 2 * HANGS_AFTER {
        thread::sleep(Duration::from_millis(250));
    }
    eprintln!("nobody waits for this process any more");
    std::process::abort();
}

#[cfg(unix)]
fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

#[cfg(not(unix))]
fn parent() -> u32 {
    0
}

/// Runs this binary again as the process of a scenario: how it ended, and what it printed.
#[track_caller]
pub(crate) fn run(
    name: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> (ExitStatus, String) {
    let (mut reader, writer) = std::io::pipe().expect("the system grants a pipe");
    let mut child = Command::new(env::current_exe().expect("the test binary has a path"))
        .args(arguments)
        .env(SCENARIO, name)
        .envs(variables.iter().copied())
        .stdout(writer.try_clone().expect("the system grants a pipe"))
        .stderr(writer)
        .spawn()
        .expect("the test binary runs");
    let reader = thread::spawn(move || {
        let mut output = Vec::new();
        let _ = reader.read_to_end(&mut output);
        String::from_utf8_lossy(&output).into_owned()
    });
    let ended = wait(&mut child);
    let output = || reader.join().expect("reading does not fail");
    match ended {
        Ok(status) => (status, output()),
        Err(threads) => panic!("{name} HANGS:\n{}\nits threads:\n{threads}", output()),
    }
}

/// How the process ended; if it had to be ended, what its threads were doing.
fn wait(child: &mut Child) -> Result<ExitStatus, String> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return Ok(status);
        }
        if start.elapsed() > HANGS_AFTER {
            let threads = threads_of(child.id());
            child.kill().expect("a child can be ended");
            child.wait().expect("a child can be waited for");
            return Err(threads);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// A line for each thread: its name, whether it runs (R) or sleeps (S), and its processor time in ticks.
/// Empty where the system does not tell.
fn threads_of(process: u32) -> String {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { return String::new() };
    let lines = threads.flatten().filter_map(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).ok()?;
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        Some(format!("  {name}: {} after {} ticks", fields.first()?, fields.get(11)?))
    });
    lines.collect::<Vec<_>>().join("\n")
}
