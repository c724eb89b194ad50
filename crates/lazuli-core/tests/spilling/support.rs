//! Executors, a watchdog, an observer that counts what is moved, and values that are weighed.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::time::Duration;

use lazuli_core::{Event, Executor, Observer, Portable};

/// After this time a test hangs: those that end take a few seconds.
const HANGS_AFTER: Duration = Duration::from_secs(120);

/// Runs it, and ends the process when that does not end.
pub(crate) fn must_end<R>(run: impl FnOnce() -> R) -> R {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let (ended, watched) = mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if watched.recv_timeout(HANGS_AFTER) == Err(mpsc::RecvTimeoutError::Timeout) {
            // Past what the harness captures, which is lost with the process.
            let _ = writeln!(io::stderr(), "\n{name} HANGS");
            std::process::abort();
        }
    });
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    drop(ended);
    watchdog.join().expect("the watchdog only waits");
    result.unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}

/// Every executor, by its name.
pub(crate) fn executors() -> Vec<(String, Executor)> {
    let threaded = [1, 2, 4].map(|threads| {
        (
            format!("{threads} threads"),
            Executor::threaded(threads).expect("the system grants threads"),
        )
    });
    let mut executors = vec![("sync".to_owned(), Executor::sync())];
    executors.extend(threaded);
    executors
}

/// What was moved, in order: `-name` for a result that was written, `+name` for one that was read.
#[derive(Default)]
pub(crate) struct Moves {
    names: Mutex<Vec<String>>,
    pub(crate) written: AtomicU64,
    pub(crate) read: AtomicU64,
}

impl Moves {
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.names.lock().expect("nothing panics here"))
    }
}

impl Observer for Moves {
    fn event(&self, event: &Event<'_>) {
        let name = match event {
            Event::Spilled { task, bytes } => {
                self.written.fetch_add(*bytes, SeqCst);
                format!("-{}", task.name)
            }
            Event::Restored { task, bytes } => {
                self.read.fetch_add(*bytes, SeqCst);
                format!("+{}", task.name)
            }
            _ => return,
        };
        self.names.lock().expect("nothing panics here").push(name);
    }
}

/// Bytes that are in memory now, and were at most.
#[derive(Clone)]
pub(crate) struct Scale(Arc<Inner>);

struct Inner {
    id: u64,
    now: AtomicU64,
    most: AtomicU64,
}

/// Scales by their number: a value that is read back finds its own.
static SCALES: LazyLock<Mutex<HashMap<u64, Scale>>> = LazyLock::new(Mutex::default);

impl Scale {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let id = COUNT.fetch_add(1, SeqCst);
        let scale = Self(Arc::new(Inner { id, now: AtomicU64::new(0), most: AtomicU64::new(0) }));
        SCALES.lock().expect("nothing panics here").insert(id, scale.clone());
        scale
    }

    pub(crate) fn put(&self, bytes: u64) -> Weight {
        let now = self.0.now.fetch_add(bytes, SeqCst) + bytes;
        self.0.most.fetch_max(now, SeqCst);
        Weight { bytes, scale: self.clone() }
    }

    /// Bytes there are, and the most that there were.
    pub(crate) fn take(&self) -> (u64, u64) {
        (self.0.now.load(SeqCst), self.0.most.swap(0, SeqCst))
    }
}

pub(crate) struct Weight {
    bytes: u64,
    scale: Scale,
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.scale.0.now.fetch_sub(self.bytes, SeqCst);
    }
}

/// A value and what it weighs while it is in memory. In a file it has as many bytes.
pub(crate) struct Weighed(pub(crate) u64, pub(crate) Weight);

impl Portable for Weighed {
    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        let Weight { bytes, scale } = &self.1;
        (self.0, *bytes, scale.0.id).write(to)?;
        vec![7_u8; *bytes as usize].write(to)
    }

    fn read(from: &mut dyn Read) -> io::Result<Self> {
        let (value, bytes, id) = <(u64, u64, u64)>::read(from)?;
        let scale = SCALES.lock().expect("nothing panics here")[&id].clone();
        let weight = scale.put(bytes);
        assert_eq!(Vec::<u8>::read(from)?, vec![7; bytes as usize]);
        Ok(Self(value, weight))
    }
}

/// Multiplies and adds: numbers that differ enough, and are the same every time.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
