//! States as 64-bit words: how they are written to a scratch file and read again, bit for bit.
//!
//! What is read is not trusted: a length is a claim, and room is made for what has come.

use std::collections::BTreeMap;

use lazuli_numerics::TwoFloat;

/// A state that can be taken apart into words, and made of them again.
pub trait Words: Sized {
    /// Hands over the words.
    fn put(&self, to: &mut dyn FnMut(u64));

    /// The state of the words that come; None where they end too soon, or are none of a state.
    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self>;
}

/// [`Words`] of a type, field by field. Fields that are not written have the values behind the semicolon.
macro_rules! words {
    ($name:ident { $($fields:tt)* }) => {
        $crate::kernels::words! { [] $name { $($fields)* } }
    };
    ([$($parameter:ident: $bound:path),*] $name:ty {
        $($field:tt),* $(; $($rest:ident: $value:expr),*)?
    }) => {
        impl<$($parameter: $bound),*> $crate::kernels::Words for $name {
            fn put(&self, to: &mut dyn FnMut(u64)) {
                $($crate::kernels::Words::put(&self.$field, to);)*
            }

            fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
                Some(Self {
                    $($field: $crate::kernels::Words::take(from)?,)*
                    $($($rest: $value,)*)?
                })
            }
        }
    };
}
pub(crate) use words;

macro_rules! integer_words {
    ($($integer:ident)*) => {$(
        impl Words for $integer {
            fn put(&self, to: &mut dyn FnMut(u64)) {
                to(*self as u64);
            }

            fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
                from().map(|word| word as Self)
            }
        }
    )*};
}

integer_words!(i8 i16 i32 i64 u8 u16 u32 u64 usize);

macro_rules! float_words {
    ($($float:ident)*) => {$(
        impl Words for $float {
            fn put(&self, to: &mut dyn FnMut(u64)) {
                to(u64::from(self.to_bits()));
            }

            fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
                Some(Self::from_bits(from()?.try_into().ok()?))
            }
        }
    )*};
}

float_words!(f32 f64);

impl Words for bool {
    fn put(&self, to: &mut dyn FnMut(u64)) {
        to(u64::from(*self));
    }

    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        from().map(|word| word != 0)
    }
}

impl Words for i128 {
    fn put(&self, to: &mut dyn FnMut(u64)) {
        to(*self as u64);
        to((*self >> 64) as u64);
    }

    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        let (low, high) = (from()?, from()?);
        Some((u128::from(high) << 64 | u128::from(low)) as Self)
    }
}

impl Words for TwoFloat {
    fn put(&self, to: &mut dyn FnMut(u64)) {
        let (high, low) = self.parts();
        high.put(to);
        low.put(to);
    }

    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        Some(Self::new(f64::take(from)?, f64::take(from)?))
    }
}

impl<A: Words, B: Words> Words for (A, B) {
    fn put(&self, to: &mut dyn FnMut(u64)) {
        self.0.put(to);
        self.1.put(to);
    }

    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl<T: Words> Words for Option<T> {
    fn put(&self, to: &mut dyn FnMut(u64)) {
        self.is_some().put(to);
        if let Some(value) = self {
            value.put(to);
        }
    }

    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        if bool::take(from)? { T::take(from).map(Some) } else { Some(None) }
    }
}

impl<T: Words, const N: usize> Words for [T; N] {
    fn put(&self, to: &mut dyn FnMut(u64)) {
        self.iter().for_each(|value| value.put(to));
    }

    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        let values: Option<Vec<T>> = (0..N).map(|_| T::take(from)).collect();
        values?.try_into().ok()
    }
}

impl<T: Words> Words for Vec<T> {
    fn put(&self, to: &mut dyn FnMut(u64)) {
        self.len().put(to);
        self.iter().for_each(|value| value.put(to));
    }

    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        // Room is made as values come, not for what is claimed.
        let count = u64::take(from)?;
        (0..count).map(|_| T::take(from)).collect()
    }
}

impl<T: Words> Words for BTreeMap<usize, T> {
    fn put(&self, to: &mut dyn FnMut(u64)) {
        self.len().put(to);
        for (key, value) in self {
            key.put(to);
            value.put(to);
        }
    }

    fn take(from: &mut dyn FnMut() -> Option<u64>) -> Option<Self> {
        Vec::<(usize, T)>::take(from).map(|entries| entries.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{ExtremaField, Field, MomentsField, MomentsOrder, Place, Rows};

    fn there_and_back<T: Words>(value: &T) -> (T, Vec<u64>) {
        let mut words = Vec::new();
        value.put(&mut |word| words.push(word));
        for end in 0..words.len() {
            let mut short = words[..end].iter().copied();
            assert!(T::take(&mut || short.next()).is_none(), "{end} of {} words", words.len());
        }
        let mut all = words.iter().copied();
        let read = T::take(&mut || all.next()).expect("what was written");
        assert_eq!(all.next(), None);
        (read, words)
    }

    #[test]
    fn values_are_read_as_they_were_written() {
        let value = (vec![Some(-1.5_f32), None], (i128::MIN + 7, [u8::MAX, 3]));
        assert_eq!(there_and_back(&value).0, value);
        let map = BTreeMap::from([(3_usize, TwoFloat::sum(1e16, 1.0)), (9, TwoFloat::default())]);
        assert_eq!(there_and_back(&map).0, map);
        // A length that nothing follows takes no room.
        let mut claim = [u64::MAX, 1].into_iter();
        assert!(Vec::<u64>::take(&mut || claim.next()).is_none());
    }

    #[test]
    fn fields_go_on_from_what_was_written() {
        let rows: Vec<f64> =
            (0..60).map(|i| f64::from(i * 7 % 11) * if i % 5 == 3 { 1e200 } else { 1.0 }).collect();
        let tile = Rows::new(&rows, 0, 5, 5, 12);
        let mut moments = MomentsField::new(MomentsOrder::Kurtosis, 5);
        moments.update_columns(0, tile, Place::default());
        Field::<f64>::end_block(&mut moments, &|place| place);
        let (mut read, words) = there_and_back(&moments);
        assert_eq!(there_and_back(&read).1, words);
        Field::<f64>::merge(&mut read, &moments);
        let twice = Field::<f64>::state(&read, 3);
        assert_eq!((twice.count(), twice.kurtosis().is_finite()), (24, true));
        let mut extrema = ExtremaField::new(5);
        extrema.update_columns(0, tile, Place::default());
        assert_eq!(there_and_back(&extrema).0.state(4).max(), extrema.state(4).max());
    }
}
