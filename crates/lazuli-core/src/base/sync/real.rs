//! What the system offers: the one of two faces of [`sync`](super) that programs see.

use std::io;
use std::thread::Builder;
use std::time::Instant;

pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};

/// What the whole process has one of, made by `Default` when it is first looked at.
macro_rules! global {
    ($(#[$note:meta])* static $name:ident: $type:ty) => {
        $(#[$note])*
        static $name: std::sync::LazyLock<$type> = std::sync::LazyLock::new(Default::default);
    };
}

/// What each thread has one of.
macro_rules! per_thread {
    ($($(#[$note:meta])* static $name:ident: $type:ty = $value:expr;)+) => {
        std::thread_local! {
            $($(#[$note])* static $name: $type = const { $value };)+
        }
    };
}

pub(crate) use {global, per_thread};

pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Starts a thread that nobody joins.
///
/// # Errors
/// When the system grants none.
pub(crate) fn start_thread(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Builder::new().name(name.to_owned()).spawn(body).map(drop)
}

/// The standard cell with loom's interface: access is scoped, so that loom can see who overlaps.
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub(crate) fn with<R>(&self, access: impl FnOnce(*const T) -> R) -> R {
        access(self.0.get())
    }

    pub(crate) fn with_mut<R>(&self, access: impl FnOnce(*mut T) -> R) -> R {
        access(self.0.get())
    }
}
