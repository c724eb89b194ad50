//! Work that is watched: its progress on stderr, and what the flags ask for beside the answer.
//!
//! All of it is made of observers of the library, which are there only when they are asked for.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use lazuli::core::collection::Collection;
use lazuli::core::{Executor, Observer, Observers};
use lazuli::diagnostics::{Dashboard, Progress, Recorder};

use crate::interrupt::{self, Registration};

/// When progress is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum When {
    /// When stderr is a terminal, and the work takes a while
    #[default]
    Auto,
    /// Whatever stderr is
    Always,
    /// Not at all
    Never,
}

/// What is asked for beside the answer.
pub(crate) struct Wanted<'a> {
    pub(crate) progress: When,
    pub(crate) explain: bool,
    pub(crate) trace: Option<&'a Path>,
    pub(crate) report: Option<&'a Path>,
    pub(crate) dashboard: Option<&'a str>,
    pub(crate) access: Option<&'a str>,
}

/// An executor, and those who watch it.
pub(crate) struct Watched {
    pub(crate) executor: Executor,
    pub(crate) progress: Arc<Progress>,
    recorder: Option<Arc<Recorder>>,
    explain: bool,
    _dashboard: Option<Dashboard>,
    _interrupt: Registration,
}

impl Wanted<'_> {
    /// Does the work on the shared pool, and writes what is wanted of it, whether it goes well or not.
    pub(crate) fn watch<R>(&self, work: impl FnOnce(&Watched) -> Result<R>) -> Result<R> {
        let watched = self.watched()?;
        let done = watched.executor.install(|| work(&watched));
        watched.progress.stop();
        let written = self.write(&watched);
        // What went wrong first is what is told.
        let done = done?;
        written?;
        Ok(done)
    }

    fn watched(&self) -> Result<Watched> {
        let progress = Arc::new(match self.progress {
            When::Auto => Progress::on_terminal(),
            When::Always => Progress::always(),
            When::Never => Progress::never(),
        });
        let dashboard = self.dashboard.map(|address| match self.access {
            Some(access) => Dashboard::serve_with_access(address, access),
            None => Dashboard::serve(address),
        });
        let dashboard = dashboard.transpose()?;
        let recorder = match &dashboard {
            Some(dashboard) => {
                say(&format!("dashboard at {}", dashboard.url()));
                Some(Arc::clone(dashboard.recorder()))
            }
            None if self.explain || self.trace.is_some() || self.report.is_some() => {
                Some(Arc::new(Recorder::new()))
            }
            None => None,
        };
        let mut observers: Vec<Arc<dyn Observer>> = vec![Arc::clone(&progress) as _];
        observers.extend(recorder.iter().map(|recorder| Arc::clone(recorder) as Arc<dyn Observer>));
        let stopped = Arc::clone(&progress);
        Ok(Watched {
            executor: Executor::shared().with_observer(Arc::new(Observers::new(observers))),
            progress,
            recorder,
            explain: self.explain,
            _dashboard: dashboard,
            _interrupt: interrupt::on_interrupt(move || stopped.stop()),
        })
    }

    fn write(&self, watched: &Watched) -> Result<()> {
        let Some(recorder) = &watched.recorder else { return Ok(()) };
        if let Some(path) = self.trace {
            recorder.write_trace(path)?;
        }
        if let Some(path) = self.report {
            recorder.write_report(path)?;
        }
        Ok(())
    }
}

impl Watched {
    /// Computes, and says before what is expected and after what it was, where that is asked for.
    pub(crate) fn compute<C: Collection>(&self, collection: C) -> Result<C::Output, lazuli::Error> {
        if self.explain {
            say(&self.executor.explain(&collection)?.to_string());
        }
        let output = self.executor.compute(collection)?;
        if let (true, Some(recorder)) = (self.explain, &self.recorder) {
            self.progress.stop();
            say(&recorder.summary());
        }
        Ok(output)
    }
}

/// Writes to stderr. Nobody can be told when it is closed.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
