//! The one error of a compute: what failed, in which task, defined where, working on what.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::base::cancel::Reason;
use crate::base::failure::{Failure, TaskName};

pub(crate) use super::panics::{caught, discard};

/// The result of building or computing a graph.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a compute failed.
///
/// Cheap to clone. `Display` is one line that names the task and the part (block, file) it worked
/// on; [`source`](StdError::source) is the error that the task's own function returned.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    task: Option<TaskName>,
    message: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    others: usize,
}

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A task's function returned an error: see [`source`](StdError::source).
    Task,
    /// A task's function panicked.
    Panic,
    /// A request could not be turned into tasks (shapes that do not fit, an unknown column).
    Plan,
    /// The environment or a setting is unusable (threads, memory).
    Setup,
    /// The compute was cancelled: see [`CancelToken`](crate::CancelToken).
    Cancelled,
    /// The compute was not done when its time was up.
    Deadline,
    /// The compute would wait for itself.
    Deadlock,
    /// The plan does not fit into the memory limit.
    Memory,
    /// A file could not be written.
    Output,
    /// A piece of a cut plan cannot be run as asked, or bytes are none of its values.
    Portable,
    /// A result that does not fit into the memory limit could not be kept in a scratch file.
    Scratch,
    /// A value cannot be moved out of its compute, since something else holds it: see
    /// [`Moved`](crate::collection::Moved).
    Held,
}

impl Error {
    /// An error of a request that cannot be turned into tasks.
    #[cold]
    pub fn plan(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::from_source(ErrorKind::Plan, source)
    }

    /// An error of the environment or of a setting.
    #[cold]
    pub fn setup(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::from_source(ErrorKind::Setup, source)
    }

    /// An error of a plan that does not fit.
    #[cold]
    pub(crate) fn memory(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::from_source(ErrorKind::Memory, source)
    }

    /// The error of a wait that would never end.
    #[cold]
    pub(crate) fn deadlock(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::from_source(ErrorKind::Deadlock, source)
    }

    /// An error of a file that cannot be written.
    #[cold]
    pub(crate) fn output(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::from_source(ErrorKind::Output, source)
    }

    /// An error of bytes or ids that come from outside of the process.
    #[cfg(feature = "portable")]
    #[cold]
    pub(crate) fn portable(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::from_source(ErrorKind::Portable, source)
    }

    /// An error of the scratch file that the result of this task is to be kept in.
    #[cold]
    pub(crate) fn scratch(task: TaskName, source: impl StdError + Send + Sync + 'static) -> Self {
        let source = Some(Arc::new(source) as Arc<dyn StdError + Send + Sync>);
        let (kind, message) = (ErrorKind::Scratch, None);
        Self(Arc::new(Inner { kind, task: Some(task), message, source, others: 0 }))
    }

    /// The error of a value that cannot be moved and is not cloned.
    #[cold]
    pub(crate) fn held<T>() -> Self {
        let message = format!(
            "it is a `{}`, which is held by its handle or asked for twice; compute what is made of it, keep it in \
             an `Arc`, or make it `Clone`",
            std::any::type_name::<T>()
        );
        Self::of_no_task(ErrorKind::Held, Some(message))
    }

    /// The error of a compute that was stopped.
    #[cold]
    pub(crate) fn stopped(reason: Reason) -> Self {
        let kind = match reason {
            Reason::Cancelled => ErrorKind::Cancelled,
            Reason::Deadline => ErrorKind::Deadline,
        };
        Self::of_no_task(kind, None)
    }

    /// Whether a compute was stopped, not failed.
    pub(crate) fn is_stop(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Cancelled | ErrorKind::Deadline)
    }

    /// The error of a panic outside of any task.
    #[cold]
    pub(super) fn outside_of_tasks(payload: Box<dyn Any + Send>) -> Self {
        let payload = match payload.downcast::<Self>() {
            Ok(error) => return *error,
            Err(payload) => payload,
        };
        Self::of_no_task(ErrorKind::Panic, Some(super::panics::thrown(payload)))
    }

    fn of_no_task(kind: ErrorKind, message: Option<String>) -> Self {
        Self(Arc::new(Inner { kind, task: None, message, source: None, others: 0 }))
    }

    fn from_source(kind: ErrorKind, source: impl StdError + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            kind,
            task: None,
            message: None,
            source: Some(Arc::new(source)),
            others: 0,
        }))
    }

    /// The error of a task that failed, with the task's name, part and definition site.
    #[cold]
    pub(crate) fn of_task(task: TaskName, failure: Failure) -> Self {
        let (kind, message, source) = match failure {
            // A compute inside the task that was stopped knows of no task.
            Failure::Nested(error) if error.0.task.is_none() && error.is_stop() => {
                (error.kind(), None, Some(Arc::new(error) as Arc<dyn StdError + Send + Sync>))
            }
            Failure::Nested(error) => return error,
            Failure::Returned(source) => (ErrorKind::Task, None, Some(source)),
            Failure::Panicked(payload) => {
                (ErrorKind::Panic, Some(super::panics::thrown(payload)), None)
            }
        };
        Self(Arc::new(Inner { kind, task: Some(task), message, source, others: 0 }))
    }

    /// The same error, of a request that cannot be planned; unless it names a task already.
    #[cold]
    pub(crate) fn of_request(self, request: impl FnOnce() -> TaskName) -> Self {
        if self.0.task.is_some() || self.0.kind != ErrorKind::Plan {
            return self;
        }
        Self(Arc::new(Inner {
            kind: self.0.kind,
            task: Some(request()),
            message: self.0.message.clone(),
            source: self.0.source.clone(),
            others: self.0.others,
        }))
    }

    /// The same error, counting the failures of other tasks in the same compute.
    pub(crate) fn with_others(self, others: usize) -> Self {
        if others == 0 {
            return self;
        }
        Self(Arc::new(Inner {
            kind: self.0.kind,
            task: self.0.task.clone(),
            message: self.0.message.clone(),
            source: self.0.source.clone(),
            others: self.0.others + others,
        }))
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The name of the task that failed, or of the request that cannot be planned.
    #[must_use]
    pub fn task(&self) -> Option<&str> {
        self.0.task.as_ref().map(|task| task.name)
    }

    /// The block, file or partition that the failing task worked on.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.0.task.as_ref().and_then(|task| task.part.as_deref())
    }

    /// Where the failing task, or the request that cannot be planned, was defined.
    #[must_use]
    pub fn site(&self) -> Option<&'static Location<'static>> {
        self.0.task.as_ref().map(|task| task.site)
    }

    /// How many other tasks of the compute failed before it came to rest.
    #[must_use]
    pub fn others(&self) -> usize {
        self.0.others
    }

    /// The source error, if it (or one below it) is of type `E`.
    #[must_use]
    pub fn find<E: StdError + 'static>(&self) -> Option<&E> {
        let mut next = self.source();
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// Why a task failed whose function returned this.
    #[cold]
    pub(crate) fn returned(source: Box<dyn StdError + Send + Sync>) -> Failure {
        let source = match source.downcast::<Boxed>() {
            Ok(boxed) => boxed.0,
            Err(source) => source,
        };
        match source.downcast::<Self>() {
            Ok(nested) => Failure::Nested(*nested),
            Err(source) => Failure::Returned(source.into()),
        }
    }
}

/// An error of any type on its way to [`Error::returned`], which unpacks it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct Boxed(Box<dyn StdError + Send + Sync>);

impl Boxed {
    pub(crate) fn new(error: impl StdError + Send + Sync + 'static) -> Self {
        let error: Box<dyn StdError + Send + Sync> = Box::new(error);
        match error.downcast::<Self>() {
            Ok(boxed) => *boxed,
            Err(error) => Self(error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(request), ErrorKind::Plan) = (&self.0.task, self.0.kind) {
            let TaskName { name, site, .. } = request;
            write!(formatter, "the request `{name}` (made at {site}) cannot be planned")?;
        } else if let Some(task) = &self.0.task {
            write!(formatter, "task `{}`", task.name)?;
            if let Some(part) = &task.part {
                write!(formatter, " on {part}")?;
            }
            write!(formatter, " (defined at {})", task.site)?;
            let verb = match self.0.kind {
                ErrorKind::Panic => "panicked",
                ErrorKind::Scratch => "has a result that cannot be kept",
                _ => "failed",
            };
            write!(formatter, " {verb}")?;
            if let Some(message) = &self.0.message {
                write!(formatter, ": {message}")?;
            }
        } else {
            formatter.write_str(match self.0.kind {
                ErrorKind::Setup => "lazuli cannot be set up as asked",
                ErrorKind::Cancelled => "the compute was cancelled",
                ErrorKind::Deadline => "the compute was not done in time",
                ErrorKind::Deadlock => "the compute would wait for itself",
                ErrorKind::Memory => "the compute does not fit into memory",
                ErrorKind::Output => "nothing was written",
                ErrorKind::Portable => "a cut plan cannot be run as asked",
                ErrorKind::Scratch => "a result cannot be kept",
                ErrorKind::Held => "a result cannot be moved",
                ErrorKind::Panic => "a layer, a key, an observer or the clone of a result panicked",
                ErrorKind::Plan | ErrorKind::Task => "the request cannot be planned",
            })?;
            if let Some(message) = &self.0.message {
                write!(formatter, ": {message}")?;
            }
        }
        if let Some(source) = &self.0.source {
            write!(formatter, ": {source}")?;
        }
        match self.0.others {
            0 => Ok(()),
            1 => formatter.write_str(" (and 1 other task failed)"),
            others => write!(formatter, " (and {others} other tasks failed)"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("task", &self.task())
            .field("part", &self.part())
            .field("site", &self.site())
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .field("others", &self.0.others)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
