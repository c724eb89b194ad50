//! Memory and processor time of the process, looked at a few times a second while somebody records.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use crate::lock::Lock;

/// Between two looks, at first. When there are many, every other one is forgotten and the pause doubles.
const PAUSE: Duration = Duration::from_millis(250);
const MOST: usize = 1200;

/// One look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// In ns since the first.
    pub(crate) time: u64,
    /// Bytes in memory.
    pub(crate) memory: u64,
    /// Cores that are busy, in hundredths.
    pub(crate) cpu: f32,
}

/// Looks at the process until it is dropped.
pub(crate) struct Process(Arc<Lock<Vec<Look>>>);

impl Process {
    pub(crate) fn watch() -> Self {
        let looks = Arc::new(Lock::default());
        let weak = Arc::downgrade(&looks);
        // Without a thread for it the process is not shown.
        let _ = thread::Builder::new().name("lazuli-process".to_owned()).spawn(move || look(&weak));
        Self(looks)
    }

    pub(crate) fn looks(&self) -> Vec<Look> {
        self.0.lock().clone()
    }
}

fn look(looks: &Weak<Lock<Vec<Look>>>) {
    let Ok(own) = sysinfo::get_current_pid() else { return };
    let (mut system, begun, mut pause) = (System::new(), Instant::now(), PAUSE);
    loop {
        let now = one(&mut system, own, begun);
        let Some(looks) = looks.upgrade() else { return };
        if let Some(now) = now {
            let mut looks = looks.lock();
            looks.push(now);
            if looks.len() > MOST {
                let mut keep = false;
                looks.retain(|_| {
                    keep = !keep;
                    keep
                });
                pause *= 2;
            }
        }
        drop(looks);
        thread::sleep(pause);
    }
}

fn one(system: &mut System, own: Pid, begun: Instant) -> Option<Look> {
    let what = ProcessRefreshKind::nothing().with_memory().with_cpu().without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), false, what);
    let process = system.process(own)?;
    let time = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
    Some(Look { time, memory: process.memory(), cpu: process.cpu_usage() })
}
