//! A copy of this program, as a process of its own: told a program and a fingerprint, it rebuilds the graph and
//! runs what it is asked for, until its standard input ends.
//!
//! ```text
//! driver                                copy
//!        ── program, fingerprint ──>    rebuilds and cuts
//!        <── why not, or nothing ──
//!        ── id, inputs ──>              runs one node
//!        <── values, or why none ──
//! ```

use std::io::{self, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;
use std::{env, process, thread};

use lazuli_core::{Executor, Portable};

use crate::graphs::{Program, bytes_of};

/// Set where the process is a copy.
const IS_COPY: &str = "LAZULI_TEST_COPY";
/// Stands before the first message: the test harness writes lines of its own.
const MARK: [u8; 8] = *b"\0copy is";
/// What lasts longer hangs.
const HANGS_AFTER: Duration = Duration::from_secs(60);

type Hello = (Program, u64);
type Refusal = Option<String>;
/// A node, what it needs, and whether the copy is never to answer.
type Job = (String, Vec<(String, Vec<u8>)>, bool);
type Reply = (Vec<Vec<u8>>, Option<String>);

/// The driver's end of a copy. Dropping it ends the process.
pub(crate) struct Copy {
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Copy {
    /// Starts a copy that is to rebuild this graph; the inner error is why it will not run any of it.
    pub(crate) fn start(program: &Program, fingerprint: u64) -> io::Result<Result<Self, String>> {
        let mut process = Command::new(env::current_exe()?)
            .args(["--exact", "copy::is_run_as_a_process", "--ignored", "--nocapture"])
            .env(IS_COPY, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (to, from) = (process.stdin.take(), process.stdout.take());
        let (Some(to), Some(from)) = (to, from) else { unreachable!("both are piped") };
        let mut copy = Self { process, to, from: BufReader::new(from) };
        skip_to_mark(&mut copy.from)?;
        send(&mut copy.to, &(program.clone(), fingerprint) as &Hello)?;
        Ok(match receive::<Refusal>(&mut copy.from)? {
            None => Ok(copy),
            Some(refusal) => Err(refusal),
        })
    }

    /// Has it begin with a node; one that stalls never comes to the end of it.
    pub(crate) fn ask(
        &mut self,
        id: &str,
        inputs: Vec<(String, Vec<u8>)>,
        stalls: bool,
    ) -> io::Result<()> {
        send(&mut self.to, &(id.to_owned(), inputs, stalls) as &Job)
    }

    /// What came of that.
    pub(crate) fn answer(&mut self) -> io::Result<Result<Vec<Vec<u8>>, String>> {
        let (values, error) = receive::<Reply>(&mut self.from)?;
        Ok(error.map_or(Ok(values), Err))
    }

    /// Kills the process, whatever it does.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        self.process.kill()
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn send<T: Portable>(to: &mut dyn Write, message: &T) -> io::Result<()> {
    Portable::write(&bytes_of(message), to)?;
    to.flush()
}

fn receive<T: Portable>(from: &mut dyn Read) -> io::Result<T> {
    let bytes = Vec::<u8>::read(from)?;
    T::read(&mut &bytes[..])
}

fn skip_to_mark(from: &mut impl Read) -> io::Result<()> {
    let mut last = [0xff; MARK.len()];
    while last != MARK {
        last.rotate_left(1);
        from.read_exact(&mut last[MARK.len() - 1..])?;
    }
    Ok(())
}

/// Ends this process when what is watched hangs. Dropping it ends the watch.
pub(crate) struct Watchdog {
    _over: Sender<()>,
}

pub(crate) fn watch() -> Watchdog {
    let (over, is_over) = mpsc::channel::<()>();
    let name = thread::current().name().unwrap_or_default().to_owned();
    thread::spawn(move || {
        if is_over.recv_timeout(HANGS_AFTER) == Err(RecvTimeoutError::Timeout) {
            eprintln!("{name} HANGS");
            process::abort();
        }
    });
    Watchdog { _over: over }
}

#[test]
#[ignore = "not a test, but what other processes of this program do"]
fn is_run_as_a_process() {
    if env::var_os(IS_COPY).is_some() {
        let _watchdog = watch();
        // The driver hangs up when it has its answer.
        let _ = serve(&mut io::stdin().lock(), &mut io::stdout().lock());
        process::exit(0);
    }
}

fn serve(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<()> {
    to.write_all(&MARK)?;
    to.flush()?;
    let (program, fingerprint) = receive::<Hello>(from)?;
    let executor = Executor::threaded(2).expect("the system grants two threads");
    let cut = program.cut(&executor);
    if let Err(refusal) = cut.check(fingerprint) {
        return send(to, &Some(refusal.to_string()) as &Refusal);
    }
    send(to, &None as &Refusal)?;
    loop {
        let (id, inputs, stalls) = receive::<Job>(from)?;
        let reply: Reply = match cut.run(&id, &inputs) {
            Ok(values) => (values, None),
            Err(error) => (Vec::new(), Some(error.to_string())),
        };
        if stalls {
            loop {
                thread::park();
            }
        }
        send(to, &reply)?;
    }
}
