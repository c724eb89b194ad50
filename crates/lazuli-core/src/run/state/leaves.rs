//! The tasks that wait for no other, handed out in plan order.
//!
//! A cursor stands over all of them. A worker claims a range of the next ones: many while many are
//! left, so that the cursor is rarely touched, and one at a time towards the end, so that no worker is
//! left with more work than another. It starts those of its range in order; who has nothing else to do
//! steals the later half of another's range. An index is in one range at a time, so it is handed out
//! once.

use crossbeam_utils::CachePadded;

use crate::base::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::base::sync::atomic::{AtomicU32, AtomicU64};

/// The most that a worker claims at once.
const MOST: u32 = 64;

pub(super) struct Leaves {
    len: u32,
    /// The first that nobody has claimed.
    next: AtomicU32,
    /// The range of each worker: its first index and the one behind its last, in one word.
    claims: Box<[CachePadded<AtomicU64>]>,
}

fn pack(start: u32, end: u32) -> u64 {
    u64::from(start) << 32 | u64::from(end)
}

fn unpack(range: u64) -> (u32, u32) {
    ((range >> 32) as u32, range as u32)
}

impl Leaves {
    pub(super) fn new(len: usize, workers: usize) -> Self {
        let len = u32::try_from(len).expect("a plan has fewer than 2^31 tasks");
        let claims = (0..workers).map(|_| CachePadded::new(AtomicU64::new(0))).collect();
        Self { len, next: AtomicU32::new(0), claims }
    }

    /// Whether any is left that no worker has begun.
    pub(super) fn left(&self) -> bool {
        self.next.load(Relaxed) < self.len
            || self.claims.iter().any(|claim| {
                let (start, end) = unpack(claim.load(Acquire));
                start < end
            })
    }

    /// The first index of the worker's own range.
    pub(super) fn next_claimed(&self, worker: usize) -> Option<u32> {
        let claim = &self.claims[worker];
        let mut range = claim.load(Acquire);
        loop {
            let (start, end) = unpack(range);
            if start == end {
                return None;
            }
            match claim.compare_exchange_weak(range, pack(start + 1, end), AcqRel, Acquire) {
                Ok(_) => return Some(start),
                Err(now) => range = now,
            }
        }
    }

    /// Claims the next range for a worker whose own is empty, and takes its first index.
    pub(super) fn claim(&self, worker: usize) -> Option<u32> {
        let left = self.len.saturating_sub(self.next.load(Relaxed));
        if left == 0 {
            return None;
        }
        let count = (left / (self.claims.len() as u32 * 8)).clamp(1, MOST);
        let start = self.next.fetch_add(count, Relaxed);
        if start >= self.len {
            // Another was faster. Everybody who comes after sees that none is left, so the cursor
            // passes the end by no more than a claim of each worker.
            return None;
        }
        self.keep(worker, start + 1, (start + count).min(self.len));
        Some(start)
    }

    /// The next one, for a worker that has no range.
    pub(super) fn claim_one(&self) -> Option<u32> {
        if self.next.load(Relaxed) >= self.len {
            return None;
        }
        let start = self.next.fetch_add(1, Relaxed);
        (start < self.len).then_some(start)
    }

    /// Takes the last of a worker's range, for one that has none.
    pub(super) fn steal_one(&self) -> Option<u32> {
        self.claims.iter().find_map(|claim| {
            let shorter = |range| {
                let (start, end) = unpack(range);
                (start < end).then(|| pack(start, end - 1))
            };
            let (_, end) = unpack(claim.fetch_update(AcqRel, Acquire, shorter).ok()?);
            Some(end - 1)
        })
    }

    /// Takes the later half of another worker's range over, for a worker whose own is empty.
    pub(super) fn steal(&self, worker: usize) -> Option<u32> {
        self.claims.iter().find_map(|claim| {
            let mut range = claim.load(Acquire);
            loop {
                let (start, end) = unpack(range);
                if start == end {
                    return None;
                }
                let middle = start + (end - start) / 2;
                match claim.compare_exchange_weak(range, pack(start, middle), AcqRel, Acquire) {
                    Ok(_) => {
                        self.keep(worker, middle + 1, end);
                        return Some(middle);
                    }
                    Err(now) => range = now,
                }
            }
        })
    }

    /// Nobody else changes an empty range.
    fn keep(&self, worker: usize, start: u32, end: u32) {
        self.claims[worker].store(pack(start, end), Release);
    }
}
