//! Arrays of `f64` in memory, beside a plain sum of the same memory on two threads, where the work is bound by memory.
//!
//! `cargo bench -p lazuli-benches --no-default-features --features array --bench arrays [-- N] [whole|axes|shapes|algebra]..`
//!
//! N values, 200 million unless given: statistics of the whole array in blocks of a million; of a matrix of as many, twice
//! as many rows as columns, along each axis; slices, transposes, running sums and overlaps of it; products and
//! singular values. With `GLIBC_TUNABLES=glibc.malloc.hugetlb=1` the memory is on large pages, for all of them alike.

mod algebra;
mod axes;
mod memory;
mod shapes;
mod whole;

use ndarray::{ArcArray1, ArcArray2};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let n: usize =
        arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(200_000_000);
    let parts = ["whole", "axes", "shapes", "algebra"];
    let is_named = |part: &&str| arguments.iter().any(|argument| argument == part);
    let is_asked = |part: &str| is_named(&part) || !parts.iter().any(is_named);

    let columns = (n / 2).isqrt();
    let (count, shape) = (2 * columns * columns, (2 * columns, columns));
    let values = if is_asked("whole") || is_asked("axes") || is_asked("shapes") {
        normal(n.max(count))
    } else {
        ArcArray1::from_vec(Vec::new())
    };
    if is_asked("whole") {
        whole::statistics(&values);
    }
    if is_asked("axes") || is_asked("shapes") {
        let mut elements = values.into_owned().into_raw_vec_and_offset().0;
        elements.truncate(count);
        let matrix = ArcArray2::from_shape_vec(shape, elements).expect("rows and columns");
        if is_asked("axes") {
            for chunks in [[1_000, 1_000], [2 * columns, 100]] {
                axes::along_each(&matrix, chunks);
            }
        }
        if is_asked("shapes") {
            shapes::views_and_blocks(&matrix);
        }
    }
    if is_asked("algebra") {
        algebra::products(n);
    }
}

/// Values that look normal, with mean 3 and standard deviation 2: sums of four uniform ones.
fn normal(n: usize) -> ArcArray1<f64> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    let mut draw = || 3.0 + 2.0 * 3.0_f64.sqrt() * (uniform() + uniform() + uniform() + uniform());
    ArcArray1::from_shape_simple_fn(n, &mut draw)
}
