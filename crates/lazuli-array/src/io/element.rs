//! The element types that files hold, and how they are written as bytes.

use half::f16;
use num_complex::Complex;

use crate::array::Element;
use crate::error::ArrayError;

mod sealed {
    pub trait Sealed {}
}

/// Fills a slice with the bytes that come next.
pub(crate) type ReadNext<'a> = &'a mut dyn FnMut(&mut [u8]) -> Result<(), ArrayError>;

/// What the numbers of a type are, by the letter that NumPy has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ElementKind {
    Bool,
    Int,
    Uint,
    Float,
    Complex,
}

impl ElementKind {
    pub(crate) fn letter(self) -> char {
        match self {
            Self::Bool => 'b',
            Self::Int => 'i',
            Self::Uint => 'u',
            Self::Float => 'f',
            Self::Complex => 'c',
        }
    }
}

/// An element type that files hold: `bool`, `i8` to `i64`, `u8` to `u64`, `f16`, `f32`, `f64`, and complex
/// numbers of `f32` and `f64`.
///
/// In a file an element has as many bytes as in memory. The trait is sealed.
pub trait StoredElement: Element + PartialEq + bytemuck::NoUninit + sealed::Sealed {
    /// NumPy's name of the type, as `"float64"`.
    const NAME: &'static str;
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "only this crate asks for it")]
    const KIND: ElementKind;

    /// Fills a slice from bytes, which are in the other order than this machine's where they are to be
    /// swapped.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "only this crate asks for it")]
    fn fill(elements: &mut [Self], swap: bool, read: ReadNext<'_>) -> Result<(), ArrayError>;
}

macro_rules! plain {
    ($($element:ty, $name:literal, $kind:ident, |$value:ident| $swapped:expr;)*) => {$(
        impl sealed::Sealed for $element {}

        impl StoredElement for $element {
            const NAME: &'static str = $name;
            #[allow(private_interfaces, reason = "only this crate asks for it")]
            const KIND: ElementKind = ElementKind::$kind;

            #[allow(private_interfaces, reason = "only this crate asks for it")]
            fn fill(
                elements: &mut [Self],
                swap: bool,
                read: ReadNext<'_>,
            ) -> Result<(), ArrayError> {
                read(bytemuck::cast_slice_mut(elements))?;
                if swap {
                    let swapped = |$value: Self| $swapped;
                    elements.iter_mut().for_each(|element| *element = swapped(*element));
                }
                Ok(())
            }
        }
    )*};
}

plain! {
    i8, "int8", Int, |value| value;
    i16, "int16", Int, |value| value.swap_bytes();
    i32, "int32", Int, |value| value.swap_bytes();
    i64, "int64", Int, |value| value.swap_bytes();
    u8, "uint8", Uint, |value| value;
    u16, "uint16", Uint, |value| value.swap_bytes();
    u32, "uint32", Uint, |value| value.swap_bytes();
    u64, "uint64", Uint, |value| value.swap_bytes();
    f16, "float16", Float, |value| Self::from_bits(value.to_bits().swap_bytes());
    f32, "float32", Float, |value| Self::from_bits(value.to_bits().swap_bytes());
    f64, "float64", Float, |value| Self::from_bits(value.to_bits().swap_bytes());
    Complex<f32>, "complex64", Complex, |value| Self::new(
        f32::from_bits(value.re.to_bits().swap_bytes()),
        f32::from_bits(value.im.to_bits().swap_bytes()),
    );
    Complex<f64>, "complex128", Complex, |value| Self::new(
        f64::from_bits(value.re.to_bits().swap_bytes()),
        f64::from_bits(value.im.to_bits().swap_bytes()),
    );
}

impl sealed::Sealed for bool {}

/// A byte that is not 0 is true, as NumPy takes it.
impl StoredElement for bool {
    const NAME: &'static str = "bool";
    #[allow(private_interfaces, reason = "only this crate asks for it")]
    const KIND: ElementKind = ElementKind::Bool;

    #[allow(private_interfaces, reason = "only this crate asks for it")]
    fn fill(elements: &mut [Self], _: bool, read: ReadNext<'_>) -> Result<(), ArrayError> {
        let mut bytes = [0_u8; 4096];
        for piece in elements.chunks_mut(bytes.len()) {
            let bytes = &mut bytes[..piece.len()];
            read(bytes)?;
            for (element, byte) in piece.iter_mut().zip(bytes) {
                *element = *byte != 0;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<A: StoredElement, const N: usize>(bytes: &[u8], swap: bool, expected: [A; N]) {
        let mut elements = [A::default(); N];
        let mut rest = bytes;
        A::fill(&mut elements, swap, &mut |out| {
            let (now, later) = rest.split_at(out.len());
            out.copy_from_slice(now);
            rest = later;
            Ok(())
        })
        .expect("there are bytes enough");
        assert!(rest.is_empty() && elements == expected);
    }

    #[test]
    fn bytes_of_the_other_order_are_swapped_number_by_number() {
        let here = cfg!(target_endian = "big");
        check(&[1, 2, 3, 4], !here, [0x0102_u16, 0x0304]);
        check(&[1, 2, 3, 4], here, [0x0201_u16, 0x0403]);
        let one = Complex::new(1.0_f32, -2.0);
        check(&[one.re.to_be_bytes(), one.im.to_be_bytes()].concat(), !here, [one]);
        check(&f16::ONE.to_bits().to_be_bytes(), !here, [f16::ONE]);
    }

    #[test]
    fn any_byte_is_a_bool() {
        check(&[0, 1, 2, 255], true, [false, true, true, true]);
    }
}
