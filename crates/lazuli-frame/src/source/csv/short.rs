//! Short decimal numbers, all of their digits at once.
//!
//! Most numbers in files are a sign, some digits, and perhaps a point. Eight bytes (or sixteen) are loaded as one
//! word, whatever follows the cell is shifted out, the point is squeezed out by two shifts, and the digits are
//! summed by three multiplications (Lemire, "Quickly parsing eight digits", 2018). What is written otherwise is
//! left to the general parsers.

use std::ops::Range;

/// A number of up to 16 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Short {
    pub(super) negative: bool,
    /// The digits without the point.
    pub(super) digits: u64,
    /// Digits behind the point, if there is one.
    pub(super) decimals: Option<u32>,
    /// Whether the first of several digits is a zero.
    pub(super) zero_led: bool,
}

impl Short {
    /// The number in a cell of `bytes`; `None` if it is longer or written in another way, or if the bytes end
    /// too soon behind it.
    #[inline(always)]
    pub(super) fn read(bytes: &[u8], cell: &Range<usize>) -> Option<Self> {
        match cell.len() {
            1..=8 => eight(bytes, cell),
            9..=16 => sixteen(bytes, cell),
            _ => None,
        }
    }
}

/// Both widths read alike; `$value` sums the digits of a word in which every byte is one.
macro_rules! read {
    ($name:ident, $word:ty, $value:expr) => {
        #[inline(always)]
        fn $name(bytes: &[u8], cell: &Range<usize>) -> Option<Short> {
            const WIDTH: usize = size_of::<$word>();
            const ONES: $word = <$word>::MAX / 0xff;
            const HIGH: $word = ONES << 7;
            let window = bytes.get(cell.start..cell.start + WIDTH)?;
            let word = <$word>::from_le_bytes(window.try_into().ok()?);
            let negative = word as u8 == b'-';
            let length = cell.len() - usize::from(negative);
            if length == 0 {
                return None;
            }
            // The last character goes to the last byte, and zeros are before the first.
            let word = (word >> (8 * u32::from(negative))) << (8 * (WIDTH - length));
            // The lowest mark is exact: only above a zero byte can a carry make another.
            let others = word ^ (ONES * <$word>::from(b'.'));
            let points = others.wrapping_sub(ONES) & !others & HIGH;
            let (word, count, decimals) = if points == 0 {
                (word, length, None)
            } else {
                let place = points.trailing_zeros() & !7;
                let whole = word & ((1 << place) - 1);
                let behind = word >> place >> 8 << 8 << place;
                (whole << 8 | behind, length - 1, Some(WIDTH as u32 - 1 - place / 8))
            };
            if count == 0 {
                return None;
            }
            let before = 8 * (WIDTH - count);
            let digits = ((word ^ (ONES * <$word>::from(b'0'))) >> before) << before;
            if (digits.wrapping_add(ONES * 0x76) | digits) & HIGH != 0 {
                return None;
            }
            let zero_led = count > 1 && (digits >> before) as u8 == 0;
            let value: fn($word) -> u64 = $value;
            Some(Short { negative, digits: value(digits), decimals, zero_led })
        }
    };
}

read!(eight, u64, sum_of_eight);
read!(sixteen, u128, |digits| {
    let (first, last) = (digits as u64, (digits >> 64) as u64);
    sum_of_eight(first) * 100_000_000 + sum_of_eight(last)
});

/// The number of eight digits, of which the first is the lowest byte.
#[inline(always)]
fn sum_of_eight(digits: u64) -> u64 {
    const PAIRS: u64 = 0x0000_00ff_0000_00ff;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let first = (pairs & PAIRS).wrapping_mul(100 + (1_000_000 << 32));
    let second = (pairs >> 16 & PAIRS).wrapping_mul(1 + (10_000 << 32));
    first.wrapping_add(second) >> 32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, before: usize, after: &str) -> Option<Short> {
        let bytes = format!("{}{text}{after}", "7".repeat(before));
        Short::read(bytes.as_bytes(), &(before..before + text.len()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn short_numbers_are_those_of_the_standard_library(
            text in prop_oneof!["-?[0-9]{0,17}", "-?[0-9]{0,8}\\.[0-9]{0,8}", "[-+.,0-9e \u{0}/:]{0,16}"],
            before in 0_usize..3,
            after in "[0-9.,\n]{0,20}",
        ) {
            let digits = text.strip_prefix('-').unwrap_or(&text);
            let points = digits.matches('.').count();
            let plain = digits.replace('.', "");
            let is_short = (1..=16).contains(&text.len())
                && points < 2
                && !plain.is_empty()
                && plain.bytes().all(|byte| byte.is_ascii_digit());
            let expected = is_short.then(|| Short {
                negative: text.starts_with('-'),
                digits: plain.parse().unwrap(),
                decimals: digits.find('.').map(|at| (digits.len() - at - 1) as u32),
                zero_led: plain.len() > 1 && plain.starts_with('0'),
            });
            let width = if text.len() > 8 { 16 } else { 8 };
            let fits = text.len() + after.len() >= width;
            prop_assert_eq!(read(&text, before, &after), expected.filter(|_| fits));
        }
    }

    #[test]
    fn what_follows_a_cell_does_not_matter() {
        let number = |text| read(text, 1, ";9.9\n-1234567890").unwrap();
        let expected = Short { negative: true, digits: 123, decimals: Some(1), zero_led: false };
        assert_eq!(number("-12.3"), expected);
        assert_eq!(number("12345678.1234567").digits, 123_456_781_234_567);
        assert_eq!(
            number("00.5"),
            Short { negative: false, digits: 5, zero_led: true, ..expected }
        );
        assert_eq!(number("9999999999999999").digits, 9_999_999_999_999_999);
    }
}
