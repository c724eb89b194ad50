//! How the library runs and where the answer goes: flags that many subcommands share.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use lazuli::core::pool;

use crate::output::{Destination, Format};
use crate::watched::{Wanted, Watched, When};

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
    /// Say on stderr what will be computed, and afterwards what was
    #[arg(long)]
    explain: bool,
    /// Write what happened to this file, for Perfetto or chrome://tracing
    #[arg(long, value_name = "FILE.json")]
    trace: Option<PathBuf>,
    /// Write a report to this file, a page for any browser
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Serve a page that shows the work while it is done [default address: 127.0.0.1:8787]
    #[arg(
        long,
        value_name = "ADDRESS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "127.0.0.1:8787"
    )]
    dashboard: Option<String>,
    /// Serve it to other machines as well, where ADDRESS is open to them: to whoever has this token
    #[arg(long, value_name = "TOKEN", requires = "dashboard")]
    dashboard_access: Option<String>,
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
    /// Does the work on the shared pool in its size, and shows what is wanted of it.
    pub(crate) fn watch<R>(
        &self,
        work: impl FnOnce(&Watched) -> anyhow::Result<R>,
    ) -> anyhow::Result<R> {
        self.threads.set()?;
        let wanted = Wanted {
            progress: self.progress,
            explain: self.explain,
            trace: self.trace.as_deref(),
            report: self.report.as_deref(),
            dashboard: self.dashboard.as_deref(),
            access: self.dashboard_access.as_deref(),
        };
        wanted.watch(work)
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
