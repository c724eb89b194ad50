//! Writing values out and reading them back, by those who run tasks, outside of every lock.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use thiserror::Error as ThisError;

use crate::base::error::{self, Error};
use crate::base::failure::Failure;
use crate::base::scratch::{Extent, Scratch};
use crate::base::value::Value;
use crate::plan::TaskId;
use crate::run::admission::{Bytes, Missing, Victim};
use crate::run::environment::Environment;
use crate::run::observer::{Event, TaskInfo};
use crate::run::state::{Ready, State};
use crate::run::step::{Failed, TaskRunner};

/// A scratch file that cannot be made, written or read.
#[derive(Debug, ThisError)]
#[error("{} cannot be {way} a scratch file in {}: {source}", Bytes(*.bytes), .folder.display())]
struct ScratchError {
    way: &'static str,
    bytes: u64,
    folder: PathBuf,
    source: std::io::Error,
}

/// Moves values between the state and the scratch file of a run.
struct Mover<'r> {
    state: &'r State,
    scratch: &'r Scratch,
    environment: &'r Environment,
    /// Whether what is moved is wanted no longer.
    is_over: &'r dyn Fn() -> bool,
}

impl Mover<'_> {
    fn bytes(&self, value: TaskId) -> u64 {
        self.state.plan().output_bytes(value)
    }

    fn info(&self, value: TaskId) -> TaskInfo<'_> {
        TaskInfo::new(value.0 as usize, self.state.plan().label(value))
    }

    /// Calls what the type of a value says how it is moved; it is not ours, and may panic.
    fn moving<R>(
        &self,
        value: TaskId,
        way: &'static str,
        move_it: impl FnOnce() -> std::io::Result<R>,
    ) -> Result<R, Failed> {
        let name = || self.state.plan().label(value).task_name();
        let error = match catch_unwind(AssertUnwindSafe(move_it)) {
            Ok(Ok(moved)) => return Ok(moved),
            Ok(Err(source)) => {
                let folder = self.scratch.folder().to_owned();
                let bytes = self.bytes(value);
                Error::scratch(name(), ScratchError { way, bytes, folder, source })
            }
            Err(payload) => Error::of_task(name(), Failure::Panicked(payload)),
        };
        Err(Failed::new(value, error))
    }

    fn tell<'e>(&self, value: TaskId, event: impl FnOnce() -> Event<'e>) -> Result<(), Failed> {
        self.environment.tell(event).map_err(|error| Failed::new(value, error))
    }

    fn write(&self, victim: &mut Victim) -> Result<Extent, Failed> {
        let task = victim.value();
        let value = self.state.take_out(victim);
        let written = match victim.take_written() {
            Some(extent) => Ok(extent),
            None => self.store(task, &value),
        };
        // Its destructor is not ours, and whatever it does the value is out of memory.
        error::discard(value);
        written
    }

    fn store(&self, task: TaskId, value: &Value) -> Result<Extent, Failed> {
        let codec = self.state.plan().label(task).codec();
        let codec = codec.unwrap_or_else(|| unreachable!("a value that may spill has a codec"));
        let extent = self.moving(task, "written to", || {
            self.scratch.store(self.is_over, |to| codec.write(value, to))
        })?;
        self.tell(task, || Event::Spilled { task: self.info(task), bytes: extent.len() })?;
        Ok(extent)
    }

    fn read(&self, missing: &mut Missing) -> Result<(), Failed> {
        let task = missing.value();
        let codec = self.state.plan().label(task).codec();
        let codec = codec.unwrap_or_else(|| unreachable!("a value that may spill has a codec"));
        let value = self.moving(task, "read from", || {
            self.scratch.load(missing.extent(), self.is_over, |from| codec.read(from))
        })?;
        self.state.put_back(missing, value);
        let bytes = missing.extent().len();
        self.tell(task, || Event::Restored { task: self.info(task), bytes })
    }
}

impl TaskRunner {
    /// Reads back what an admitted task takes and is not in memory; whether there was anything.
    pub(crate) fn restore_inputs(&self, task: TaskId) -> Result<bool, Failed> {
        let Some(admission) = self.state.admission() else { return Ok(false) };
        let Some(scratch) = admission.scratch() else { return Ok(false) };
        let missing = admission.missing(task);
        let any = !missing.is_empty();
        let is_over = || self.is_over();
        let mover = self.mover(scratch, &is_over);
        for mut missing in missing {
            mover.read(&mut missing)?;
            admission.restored(missing);
        }
        Ok(any)
    }

    /// Writes the next value out, when room is wanted; whether there was one.
    pub(crate) fn spill_one(&self) -> Result<bool, Failed> {
        let Some(admission) = self.state.admission() else { return Ok(false) };
        let Some(scratch) = admission.scratch() else { return Ok(false) };
        let Some(mut victim) = admission.victim() else { return Ok(false) };
        let extent = self.mover(scratch, &|| self.is_over()).write(&mut victim)?;
        admission.written(victim, extent);
        Ok(true)
    }

    /// Makes room for a task when no other runs, and gives it what it takes.
    pub(crate) fn make_room(&self, ready: Ready) -> Result<Ready, Failed> {
        let Some(admission) = self.state.admission() else { return Ok(ready) };
        let mut admitted = admission.admit(ready);
        loop {
            if let Some(ready) = admitted {
                self.restore_inputs(ready.task())?;
                return Ok(ready);
            }
            let spilled = self.spill_one()?;
            admitted = admission.take_released().pop();
            assert!(spilled || admitted.is_some(), "a plan that was not refused fits");
        }
    }

    fn mover<'r>(&'r self, scratch: &'r Scratch, is_over: &'r dyn Fn() -> bool) -> Mover<'r> {
        Mover { state: &self.state, scratch, environment: &self.environment, is_over }
    }
}

impl State {
    /// Reads the outputs back that the answer takes and that are not in memory. All tasks have ended.
    ///
    /// # Errors
    /// When that fails, or the compute was stopped meanwhile.
    pub(crate) fn restore_outputs(&self, environment: &Environment) -> Result<(), Error> {
        let Some(admission) = self.admission() else { return Ok(()) };
        let Some(scratch) = admission.scratch() else { return Ok(()) };
        let is_over = || environment.check_stopped().is_err();
        let mover = Mover { state: self, scratch, environment, is_over: &is_over };
        for mut missing in admission.missing_of_answer(self.plan().shape().answer()) {
            if let Err(failed) = mover.read(&mut missing) {
                environment.check_stopped()?;
                return Err(failed.error);
            }
            admission.restored(missing);
        }
        Ok(())
    }
}
