//! Where and how an executor runs its plans.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base::cancel::CancelToken;
use crate::run::observer::Observer;
use crate::threads::pool::Pool;

/// On which threads.
#[derive(Clone)]
pub(crate) enum Mode {
    Shared,
    Threads(Pool),
    Sync,
}

/// How an executor runs its plans.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) tokens: Vec<CancelToken>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) memory_limit: Option<u64>,
}
