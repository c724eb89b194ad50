//! Atomics and cells of everything that threads meet in, swapped for loom's when it checks the models.

#[cfg(loom)]
pub(crate) use loom::{cell::UnsafeCell, sync::atomic};

#[cfg(not(loom))]
pub(crate) use {cell::UnsafeCell, std::sync::atomic};

#[cfg(not(loom))]
mod cell {
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
}
