//! See what lazuli computes: progress, traces, reports, and a dashboard while it runs.
//!
//! All of it is made of the typed events that `lazuli-core` tells its observers; without one, nothing here
//! costs anything.
//!
//! | what | how | when |
//! |---|---|---|
//! | [`Recorder`] | keeps what happens, in bounded room | while computes run |
//! | [`Recorder::write_trace`] | a file for Perfetto or `chrome://tracing` | afterwards |
//! | [`Recorder::write_report`] | one HTML file, opened from disk with no network | afterwards |
//! | `Dashboard` (feature `dashboard`) | the same page, fed live | while computes run |
//! | `Progress` (feature `progress`) | one line on a terminal | while computes run |
//!
//! From the bottom: `record` takes events and keeps them, `data` is the record in the form in which the page
//! takes it, `page` puts that into one HTML document with all that it needs; `trace`, `report` and `dashboard` hand
//! it out. `progress` stands beside them: it needs no record.

#[cfg(feature = "dashboard")]
mod dashboard;
mod data;
mod file;
mod lock;
mod page;
mod process;
#[cfg(feature = "progress")]
mod progress;
mod record;
mod report;
mod summary;
mod trace;

#[cfg(feature = "dashboard")]
pub use dashboard::{Dashboard, DashboardError};
pub use file::WriteError;
#[cfg(feature = "progress")]
pub use progress::Progress;
pub use record::Recorder;
