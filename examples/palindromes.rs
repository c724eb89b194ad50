//! Counting the palindromes among many strings: one task for each string, one that counts.

use lazuli::prelude::*;

#[delayed]
fn is_palindrome(text: &str) -> bool {
    text.chars().eq(text.chars().rev())
}

#[delayed]
fn count(found: &[bool]) -> usize {
    found.iter().filter(|&&found| found).count()
}

/// Counts the palindromes among the numbers below 10,000: ten of one digit, nine of two, ninety of
/// three and ninety of four.
pub fn main() -> lazuli::Result<()> {
    let texts = (0..10_000).map(|number| number.to_string());
    let found: Vec<Delayed<bool>> = texts.map(is_palindrome).collect();
    let palindromes = compute(count(found))?;
    println!("{palindromes} of 10,000 numbers read the same from both ends");
    assert_eq!(palindromes, 10 + 9 + 90 + 90);
    Ok(())
}
