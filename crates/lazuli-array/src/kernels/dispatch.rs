//! Run-time choice of instruction set: the only file that names `pulp`.
//!
//! A kernel is ordinary safe Rust. [`dispatch`] compiles it once for every instruction set (on
//! x86-64: baseline, AVX2, AVX-512) and calls the best version the processor runs, so that a build
//! for any processor uses what it finds. What is called must be inlined into the version that
//! calls it, or it would be compiled for the baseline: hence [`Kernel`], whose `run` can carry
//! `#[inline(always)]`, where a closure cannot.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::_MM_HINT_T0;
use std::sync::LazyLock;

use pulp::{Arch, Simd, WithSimd};

/// Work to be compiled for every instruction set. `run` and all it calls in its inner loop must be
/// `#[inline(always)]`.
pub(super) trait Kernel {
    /// What the kernel gives back.
    type Output;

    /// Does the work.
    fn run(self) -> Self::Output;
}

/// Runs `kernel` with the best instruction set of this processor.
#[inline]
pub(super) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    dispatch_on(*ARCH, kernel)
}

/// Runs `kernel` with the instruction set `arch`.
#[inline]
pub(super) fn dispatch_on<K: Kernel>(arch: Arch, kernel: K) -> K::Output {
    arch.dispatch(Compiled(kernel))
}

/// Asks for the memory a little past `group` while `group` is being worked on.
///
/// Where there is much to compute, a processor by itself looks too few lines ahead, and waits. The
/// memory need not belong to the slice, nor to anything: this is a hint, and reads nothing.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn prefetch_past<T>(group: &T) {
    /// Bytes: far enough to arrive in time, near enough not to be displaced before its use.
    const AHEAD: usize = 2048;
    const CACHE_LINE: usize = 64;
    if let Some(sse) = pulp::core_arch::x86::Sse::try_new() {
        let start = std::ptr::from_ref(group).cast::<i8>().wrapping_add(AHEAD);
        for line in 0..size_of::<T>().div_ceil(CACHE_LINE) {
            sse._mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(line * CACHE_LINE));
        }
    }
}

/// Does nothing: there is no safe way to ask on this processor.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(super) fn prefetch_past<T>(_: &T) {}

/// Asks for memory that will be read soon. A hint, which reads nothing.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn prefetch<T>(elements: &[T]) {
    const CACHE_LINE: usize = 64;
    if let Some(sse) = pulp::core_arch::x86::Sse::try_new() {
        let start = elements.as_ptr().cast::<i8>();
        for line in 0..size_of_val(elements).div_ceil(CACHE_LINE) {
            sse._mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(line * CACHE_LINE));
        }
    }
}

/// Does nothing: there is no safe way to ask on this processor.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn prefetch<T>(_: &[T]) {}

/// Detected once: the processor does not change, and asking costs more than a short tile.
static ARCH: LazyLock<Arch> = LazyLock::new(Arch::new);

struct Compiled<K>(K);

impl<K: Kernel> WithSimd for Compiled<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> K::Output {
        self.0.run()
    }
}

/// Every instruction set this processor runs, for tests that compare them.
#[cfg(test)]
pub(super) fn available() -> Vec<Arch> {
    let mut found = vec![*ARCH];
    #[cfg(target_arch = "x86_64")]
    {
        found.push(Arch::Scalar);
        found.extend(pulp::x86::V3::try_new().map(Arch::V3));
    }
    found
}
