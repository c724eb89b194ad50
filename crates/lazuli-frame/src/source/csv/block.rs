//! Sixty-four bytes at a time: which of them equal a given byte, as one 64-bit mask.
//!
//! Bit `i` of every mask stands for byte `i` of the block. The scanner ([`super::scan`]) knows bytes
//! only through these masks, so a wider instruction set changes this file and no other. Which one there is
//! is found out when the program runs: on x86-64 AVX-512, AVX2 or the baseline. This is the only file that
//! names `pulp`.

use std::sync::LazyLock;

use pulp::{Arch, NullaryFnOnce};

/// Bytes in a block, and bits in a mask.
pub(super) const WIDTH: usize = 64;

/// How masks are made: an instruction set that the processor has.
pub(super) trait Masks: Copy {
    /// The mask of the bytes that equal `byte`.
    fn equal(self, block: &[u8; WIDTH], byte: u8) -> u64;
}

/// Work on masks, compiled once for each way to make them. All that `run` calls in its inner loop must be
/// `#[inline(always)]`, or it would be compiled for the baseline.
pub(super) trait MaskWork {
    /// What comes of it.
    type Output;

    /// Does the work.
    fn run<M: Masks>(self, masks: M) -> Self::Output;
}

/// Does the work with the best masks of this processor.
#[inline]
pub(super) fn with_masks<W: MaskWork>(work: W) -> W::Output {
    with_masks_of(*ARCH, work)
}

/// Does the work with the masks of the instruction set `arch`.
#[inline]
pub(super) fn with_masks_of<W: MaskWork>(arch: Arch, work: W) -> W::Output {
    match arch {
        #[cfg(target_arch = "x86_64")]
        Arch::V4(masks) => masks.vectorize(Compiled { work, masks }),
        #[cfg(target_arch = "x86_64")]
        Arch::V3(masks) => masks.vectorize(Compiled { work, masks }),
        _ => work.run(Portable),
    }
}

/// Does work that has no masks, compiled for the instruction set of this processor: shifts by a variable and the
/// like are slow on the baseline. All that is called in its inner loop must be `#[inline(always)]`.
#[inline]
pub(super) fn at_best<O>(work: impl FnOnce() -> O) -> O {
    ARCH.dispatch(work)
}

/// Detected once: the processor does not change.
static ARCH: LazyLock<Arch> = LazyLock::new(Arch::new);

struct Compiled<W, M> {
    work: W,
    masks: M,
}

impl<W: MaskWork, M: Masks> NullaryFnOnce for Compiled<W, M> {
    type Output = W::Output;

    #[inline(always)]
    fn call(self) -> W::Output {
        self.work.run(self.masks)
    }
}

#[cfg(target_arch = "x86_64")]
impl Masks for pulp::x86::V4 {
    #[inline(always)]
    fn equal(self, block: &[u8; WIDTH], byte: u8) -> u64 {
        let wanted = self.avx512f._mm512_set1_epi8(byte as i8);
        self.avx512bw._mm512_cmpeq_epi8_mask(pulp::cast(*block), wanted)
    }
}

#[cfg(target_arch = "x86_64")]
impl Masks for pulp::x86::V3 {
    #[inline(always)]
    fn equal(self, block: &[u8; WIDTH], byte: u8) -> u64 {
        let wanted = self.avx._mm256_set1_epi8(byte as i8);
        let (halves, _) = block.as_chunks::<32>();
        let half = |at: usize| {
            let found = self.avx2._mm256_cmpeq_epi8(pulp::cast(halves[at]), wanted);
            u64::from(self.avx2._mm256_movemask_epi8(found) as u32)
        };
        half(0) | half(1) << 32
    }
}

/// Masks by ordinary code.
#[derive(Clone, Copy, Debug)]
struct Portable;

impl Masks for Portable {
    #[inline(always)]
    fn equal(self, block: &[u8; WIDTH], byte: u8) -> u64 {
        equal(block, byte)
    }
}

#[inline(always)]
fn equal(block: &[u8; WIDTH], byte: u8) -> u64 {
    // Every byte of word `k` is marked by bit `k`, so that the words can be laid over one another: this
    // much the compiler turns into four vector comparisons. Byte `i` then holds the `i`-th byte of every
    // word, a square of 8 by 8 bits, to be transposed.
    let marks: [u8; WIDTH] =
        std::array::from_fn(|at| if block[at] == byte { 1 << (at / 8) } else { 0 });
    let (words, _) = marks.as_chunks::<8>();
    transpose(words.iter().fold(0, |square, &word| square | u64::from_le_bytes(word)))
}

/// Transposes a square of 8 by 8 bits by swapping ever larger squares of it (Warren, Hacker's Delight, 7-3).
#[inline(always)]
fn transpose(mut square: u64) -> u64 {
    for (shift, mask) in
        [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)]
    {
        let differing = (square ^ (square >> shift)) & mask;
        square ^= differing ^ (differing << shift);
    }
    square
}

/// Bit `i` of the result is the parity of bits `0..=i` of `mask`: set from each opening quote up to, not
/// including, its closing quote.
#[inline(always)]
pub(super) fn parity(mask: u64) -> u64 {
    let mut sums = mask;
    sums ^= sums << 1;
    sums ^= sums << 2;
    sums ^= sums << 4;
    sums ^= sums << 8;
    sums ^= sums << 16;
    sums ^= sums << 32;
    sums
}

/// The mask of the bits below `bit`, which may be 64.
#[inline(always)]
pub(super) fn below(bit: usize) -> u64 {
    if bit < WIDTH { (1 << bit) - 1 } else { !0 }
}

/// The block at `base`, and the mask of the bytes that it has: past the end it is padded.
#[inline(always)]
pub(super) fn block_at(bytes: &[u8], base: usize) -> ([u8; WIDTH], u64) {
    let rest = &bytes[base..];
    match rest.first_chunk::<WIDTH>() {
        Some(block) => (*block, !0),
        None => {
            let mut block = [0; WIDTH];
            block[..rest.len()].copy_from_slice(rest);
            (block, below(rest.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Equal<'a>(&'a [u8; WIDTH], u8);

    impl MaskWork for Equal<'_> {
        type Output = u64;

        #[inline(always)]
        fn run<M: Masks>(self, masks: M) -> u64 {
            masks.equal(self.0, self.1)
        }
    }

    /// Every instruction set that this processor has.
    fn available() -> Vec<Arch> {
        let mut found = vec![*ARCH, Arch::Scalar];
        #[cfg(target_arch = "x86_64")]
        found.extend(pulp::x86::V3::try_new().map(Arch::V3));
        found
    }

    fn one_by_one(bytes: &[u8; WIDTH], byte: u8) -> u64 {
        let mut mask = 0;
        for (at, &found) in bytes.iter().enumerate() {
            if found == byte {
                mask |= 1 << at;
            }
        }
        mask
    }

    proptest! {
        #[test]
        fn masks_mark_the_equal_bytes(
            bytes in prop::collection::vec(prop_oneof![Just(b','), Just(b'-'), Just(0), any::<u8>()], WIDTH),
            byte in prop_oneof![Just(b','), Just(0), Just(0x80), any::<u8>()],
        ) {
            let bytes: [u8; WIDTH] = bytes.try_into().unwrap();
            let expected = one_by_one(&bytes, byte);
            for arch in available() {
                prop_assert_eq!(with_masks_of(arch, Equal(&bytes, byte)), expected, "{:?}", arch);
            }
        }

        #[test]
        fn parity_counts_the_bits_up_to_each_place(mask: u64) {
            for bit in 0..WIDTH {
                let odd = (mask & below(bit + 1)).count_ones() % 2 == 1;
                prop_assert_eq!(parity(mask) >> bit & 1 == 1, odd);
            }
        }
    }

    #[test]
    fn below_covers_both_ends() {
        assert_eq!(below(0), 0);
        assert_eq!(below(1), 1);
        assert_eq!(below(63), !0 >> 1);
        assert_eq!(below(64), !0);
    }
}
