//! Why a task did not yield a value, and who it was.

use std::any::Any;
use std::panic::Location;
use std::sync::Arc;

use crate::base::error::Error;

/// Why a task did not yield a value.
pub(crate) enum Failure {
    /// Its function returned an error.
    Returned(Arc<dyn std::error::Error + Send + Sync>),
    /// Its function panicked.
    Panicked(Box<dyn Any + Send>),
    /// A compute inside it failed: that error already says which task and where.
    Nested(Error),
}

/// Who a task is, as an error names it.
#[derive(Clone)]
pub(crate) struct TaskName {
    pub(crate) name: &'static str,
    /// The block, file or partition that it worked on.
    pub(crate) part: Option<Box<str>>,
    pub(crate) site: &'static Location<'static>,
}
