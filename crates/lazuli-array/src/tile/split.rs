//! Cutting a block into tiles.

use std::ops::Range;

use crate::kernels::TILE;

/// A run shorter than this is not worth a tile of its own: its tile gathers several.
const SHORT_RUN: usize = TILE / 8;

/// The tiles of a block of `len` elements whose sources all lie in memory in runs of `run` elements.
///
/// A tile lies within one run, so that it is read where it is, or is made of whole runs where these are
/// short. Depends on shapes alone, so that results do.
pub(super) fn tiles(len: usize, run: usize) -> impl Iterator<Item = Range<usize>> {
    let run = run.clamp(1, len.max(1));
    let tile = if run >= SHORT_RUN { run.div_ceil(run.div_ceil(TILE)) } else { run * (TILE / run) };
    let mut start = 0;
    std::iter::from_fn(move || {
        if start == len {
            return None;
        }
        let end_of_run = if run >= SHORT_RUN { (start / run + 1) * run } else { len };
        let end = (start + tile).min(end_of_run).min(len);
        let range = start..end;
        start = end;
        Some(range)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tiles_cover_the_block_and_never_straddle_long_runs(runs in 0_usize..50, run in 1_usize..20_000) {
            let len = runs * run;
            let mut next = 0;
            for tile in tiles(len, run) {
                prop_assert_eq!(tile.start, next);
                prop_assert!(!tile.is_empty() && tile.len() <= TILE);
                if run >= SHORT_RUN {
                    prop_assert_eq!(tile.start / run, (tile.end - 1) / run);
                } else {
                    prop_assert!(tile.start % run == 0 && tile.end % run == 0);
                }
                next = tile.end;
            }
            prop_assert_eq!(next, len);
        }
    }
}
