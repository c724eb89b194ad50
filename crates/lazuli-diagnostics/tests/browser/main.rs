//! The report and the dashboard in a real browser without a window.

mod chromium;
mod dashboard;
mod report;
mod work;
