//! Independent accumulators, so that a reduction of floats can be a vector loop.
//!
//! A compiler may not reorder a float sum; the kernels therefore spell out an order that suits
//! vectors of any width. A tile is read as rows of [`WIDTH`] elements, each element belonging to
//! the lane of its place in the row. [`ROWS`] rows at a time, one of each quarter of the tile, are added up pairwise, their sum is
//! added to the lanes, and at the end the lanes meet pairwise. So no partial sum of a tile is the
//! result of more than some forty additions, and its error stays near one unit in the last place.

/// Number of elements a tile should have: 32 KiB of `f64`, which a first-level cache holds.
pub const TILE: usize = 4096;

/// Accumulators of a kernel: enough to hide the latency of an addition. With fewer, the compiler
/// unrolls the loop over the lanes before it looks for vectors in it, and finds few; with more,
/// they no longer fit the registers.
pub(super) const WIDTH: usize = 32;

/// Rows taken together, to load and store the accumulators once for all of them.
pub(super) const ROWS: usize = 4;

/// The rows of a tile in quarters, and the elements left over. A group is a row of each quarter: so memory is read in
/// four streams, which together wait less for it than one.
#[inline(always)]
pub(super) fn quarters_of_rows<A>(tile: &[A]) -> ([&[[A; WIDTH]]; ROWS], &[A]) {
    let (rows, _) = tile.as_chunks::<WIDTH>();
    let groups = rows.len() / ROWS;
    let quarters = std::array::from_fn(|quarter| &rows[quarter * groups..(quarter + 1) * groups]);
    (quarters, &tile[groups * ROWS * WIDTH..])
}

/// The sum of the lanes, halves added to halves until one is left.
#[inline(always)]
pub(super) fn sum_of_lanes(mut lanes: [f64; WIDTH]) -> f64 {
    let mut half = WIDTH / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}
