//! What is said of a task before its function: its name, part, lane, bytes and where it stands.

use std::any::TypeId;
use std::hash::Hash;
use std::panic::Location;

use crate::base::codec::Codec;
use crate::base::lane::Lane;
use crate::base::portable::Portable;
use crate::base::retry::Retry;
use crate::base::site;
use crate::graph::Label;

/// A task in the making; [`call`](Self::call) or [`try_call`](Self::try_call) ends it.
#[must_use]
pub struct TaskBuilder {
    pub(super) label: Label,
}

impl TaskBuilder {
    /// Says which block, file or partition the task works on; errors and events show it.
    pub fn part(mut self, part: impl Into<Box<str>>) -> Self {
        self.label.extra_mut().part = Some(part.into());
        self
    }

    /// As [`part`](Self::part), if there is one.
    #[doc(hidden)]
    pub fn part_if(self, part: Option<String>) -> Self {
        match part {
            Some(part) => self.part(part),
            None => self,
        }
    }

    /// Says that the task's function depends on nothing but its inputs and this key. Pure tasks of one
    /// compute with the same name, equal keys (of one type) and the same inputs are one task.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use lazuli_core::{compute, task};
    ///
    /// static CALLS: AtomicU32 = AtomicU32::new(0);
    /// let square = |x: i64| {
    ///     task("square").pure(x).call((), move |()| {
    ///         CALLS.fetch_add(1, Ordering::Relaxed);
    ///         x * x
    ///     })
    /// };
    /// assert_eq!(compute((square(4), square(5), square(4)))?, (16, 25, 16));
    /// assert_eq!(CALLS.load(Ordering::Relaxed), 2);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    pub fn pure<K: Hash + Eq + Send + Sync + 'static>(mut self, key: K) -> Self {
        self.label.extra_mut().pure = Some(Box::new(key));
        self
    }

    /// The same task, which is equal to no other.
    pub(crate) fn impure(mut self) -> Self {
        if let Some(extra) = &mut self.label.extra {
            extra.pure = None;
        }
        self
    }

    /// Has the task run again when it fails or panics.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.label.extra_mut().retry = Some(retry);
        self
    }

    /// Says how many bytes the task's result has. With a
    /// [memory limit](crate::Executor::with_memory_limit), what runs at once is chosen by bytes.
    pub fn output_bytes(mut self, bytes: u64) -> Self {
        self.label.extra_mut().output_bytes = bytes;
        self
    }

    /// Says how many bytes the task needs beside its inputs and its result while it runs.
    pub fn working_bytes(mut self, bytes: u64) -> Self {
        self.label.extra_mut().working_bytes = bytes;
        self
    }

    /// Says that the task's result, of type `R`, can be written and read: into scratch files, or where a plan is
    /// cut to leave the process. Of a task with many results, that each of them can.
    ///
    /// ```
    /// use lazuli_core::{compute, task};
    ///
    /// let words = task("words").portable::<Vec<String>>().call((), |()| vec![String::from("lapis")]);
    /// assert_eq!(compute(words)?, ["lapis"]);
    /// # Ok::<(), lazuli_core::Error>(())
    /// ```
    ///
    /// A result of another type is not portable; where debug assertions are on, making the task panics.
    pub fn portable<R: Portable + Send + Sync + 'static>(self) -> Self {
        self.written_by(Some(Codec::of::<R>()))
    }

    /// Says how the task's result is written and read; nothing, where that is not known.
    pub(crate) fn written_by(mut self, codec: Option<Codec>) -> Self {
        if codec.is_some() || self.label.codec().is_some() {
            self.label.extra_mut().codec = codec;
        }
        self
    }

    /// Chooses the lane that the task runs on. (The async lane is for futures, which
    /// `call_async` makes; a function that is put there runs on the blocking lane.)
    pub fn lane(self, lane: Lane) -> Self {
        #[cfg(feature = "async")]
        let lane = if lane == Lane::Async { Lane::Blocking } else { lane };
        self.on(lane)
    }

    pub(super) fn on(mut self, lane: Lane) -> Self {
        if lane != self.label.lane() {
            self.label.extra_mut().lane = lane;
        }
        self
    }

    /// Says where the task's function stands, for a builder that was started by the standard library.
    #[doc(hidden)]
    #[inline]
    pub fn defined_at(mut self, site: fn() -> &'static Location<'static>) -> Self {
        if site::is_of_std(self.label.site) {
            self.label.site = site();
        }
        self
    }

    /// Says where the task was defined, when that is not where the builder was started.
    pub fn site(mut self, site: &'static Location<'static>) -> Self {
        self.label.site = site;
        self
    }

    /// Notes the type of what the task yields, or of each of its results.
    pub(super) fn yields<T: 'static>(mut self) -> Self {
        if let Some(extra) = &mut self.label.extra {
            extra.yields = Some(TypeId::of::<T>());
            let other = extra.codec.take_if(|codec| codec.type_id() != TypeId::of::<T>());
            debug_assert!(
                other.is_none(),
                "the result of `{}` is no `{}`",
                self.label.name,
                other.map_or_else(String::new, |codec| codec.describe())
            );
        }
        self
    }
}
