//! What the tests share: computing, and writing `.npy` files by hand, as the format's description says.

use std::fs;
use std::path::Path;

use half::f16;
use lazuli_array::StoredElement;
use lazuli_core::{Collection, Executor, Result};
use num_complex::Complex;

/// On the calling thread.
pub(crate) fn compute<C: Collection>(asked: C) -> Result<C::Output> {
    Executor::sync().compute(asked)
}

/// How many cases a property is tested with: this many, or as many as `LAZULI_CASES` says.
pub(crate) fn cases(usual: u32) -> u32 {
    std::env::var("LAZULI_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

/// The bytes of a file of this version: magic, version, length of the header, a Python dictionary, the
/// elements.
pub(crate) fn npy(
    version: u8,
    descr: &str,
    fortran: bool,
    shape: &str,
    elements: &[u8],
) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    let before = if version == 1 { 10 } else { 12 };
    while (before + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut file = b"\x93NUMPY".to_vec();
    file.extend([version, 0]);
    match version {
        1 => file.extend((header.len() as u16).to_le_bytes()),
        _ => file.extend((header.len() as u32).to_le_bytes()),
    }
    file.extend(header.as_bytes());
    file.extend(elements);
    file
}

/// Writes a new file. To cut an old one to nothing and write it again makes some file systems wait for the
/// disk, and corpus tests do this thousands of times.
pub(crate) fn write(path: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(path);
    fs::write(path, bytes).expect("a folder to write to");
}

/// How the elements of a type are written, and some of them.
pub(crate) trait Sample: StoredElement {
    const DESCR: &'static str;
    fn bytes(self, big: bool) -> Vec<u8>;
    fn sample(number: usize) -> Self;
}

macro_rules! samples {
    ($($element:ty, $descr:literal, |$number:ident| $sample:expr;)*) => {$(
        impl Sample for $element {
            const DESCR: &'static str = $descr;
            fn bytes(self, big: bool) -> Vec<u8> {
                if big { self.to_be_bytes().into() } else { self.to_le_bytes().into() }
            }
            fn sample($number: usize) -> Self {
                $sample
            }
        }
    )*};
}

samples! {
    i8, "i1", |number| number as Self;
    i16, "i2", |number| (number * 7919) as Self;
    i32, "i4", |number| (number * 7_919_919) as Self;
    i64, "i8", |number| (number as Self).wrapping_mul(-7_919_919_919_919);
    u8, "u1", |number| number as Self;
    u16, "u2", |number| (number * 7919) as Self;
    u32, "u4", |number| (number * 7_919_919) as Self;
    u64, "u8", |number| (number as Self).wrapping_mul(7_919_919_919_919);
    f16, "f2", |number| Self::from_f32(number as f32 / 8.0);
    f32, "f4", |number| number as Self / -3.0;
    f64, "f8", |number| number as Self / 3.0;
}

impl Sample for bool {
    const DESCR: &'static str = "b1";
    fn bytes(self, _: bool) -> Vec<u8> {
        vec![u8::from(self)]
    }
    fn sample(number: usize) -> Self {
        number.is_multiple_of(3)
    }
}

impl Sample for Complex<f32> {
    const DESCR: &'static str = "c8";
    fn bytes(self, big: bool) -> Vec<u8> {
        [self.re.bytes(big), self.im.bytes(big)].concat()
    }
    fn sample(number: usize) -> Self {
        Self::new(number as f32, -0.5 * number as f32)
    }
}

impl Sample for Complex<f64> {
    const DESCR: &'static str = "c16";
    fn bytes(self, big: bool) -> Vec<u8> {
        [self.re.bytes(big), self.im.bytes(big)].concat()
    }
    fn sample(number: usize) -> Self {
        Self::new(number as f64, -0.5 * number as f64)
    }
}
