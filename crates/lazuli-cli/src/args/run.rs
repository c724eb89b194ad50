//! How the library runs and where the answer goes: flags that many subcommands share.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use lazuli::core::{Executor, pool};

use crate::output::{Destination, Format};
use crate::progress::{Progress, When};

/// How many threads.
#[derive(Debug, Args)]
pub(crate) struct Threads {
    /// How many threads compute [default: LAZULI_NUM_THREADS, or one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

/// How the library runs.
#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    threads: Threads,
    /// When to show progress on stderr
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    progress: When,
}

/// What becomes of the answer.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// How the answer is written [default: what the name of the output file ends in, or a table to look at]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write to this file, whole or not at all, instead of stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Threads {
    /// Sizes the shared pool. Must come before anything is computed.
    pub(crate) fn set(&self) -> anyhow::Result<()> {
        if let Some(threads) = self.threads {
            pool::set_num_threads(threads.get())?;
        }
        Ok(())
    }
}

impl Run {
    /// The shared pool in its size, with progress drawn when it should be.
    pub(crate) fn executor(&self) -> anyhow::Result<Executor> {
        self.watched_executor().map(|(executor, _)| executor)
    }

    /// The same, and the progress of what it computes.
    pub(crate) fn watched_executor(&self) -> anyhow::Result<(Executor, Arc<Progress>)> {
        self.threads.set()?;
        let progress = Arc::new(Progress::new(self.progress));
        Ok((Executor::shared().with_observer(progress.clone()), progress))
    }
}

impl Answer {
    /// How the answer is written.
    pub(crate) fn format(&self) -> Format {
        let by_name = || self.output.as_deref().and_then(Format::of_name);
        self.format.or_else(by_name).unwrap_or(Format::Pretty)
    }

    /// Where the answer goes.
    pub(crate) fn destination(&self) -> anyhow::Result<Destination> {
        Destination::new(self.output.as_deref())
    }
}
