//! Plain values in a collection: nothing is to be computed of them, and they come back as they are.
//!
//! So a file's name stands beside what is computed of it: `compute(vec![(path, count), ..])`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Answers, Collection, Outputs, Rewire, Wires};

macro_rules! plain {
    ($($plain:ty),*) => {$(
        impl Collection for $plain {
            type Output = Self;

            fn request(&self, _: &mut Outputs) {}

            fn receive(&self, _: &mut Answers<'_, '_>) -> Self {
                self.clone()
            }
        }

        impl Rewire for $plain {
            type Rewired = Self;

            fn rewire(&self, _: &mut Wires<'_>) -> Self {
                self.clone()
            }
        }
    )*};
}

plain!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64);
plain!(bool, char, String, PathBuf, Duration);

macro_rules! borrowed {
    ($($borrowed:ty => $owned:ty),*) => {$(
        impl Collection for $borrowed {
            type Output = $owned;

            fn request(&self, _: &mut Outputs) {}

            fn receive(&self, _: &mut Answers<'_, '_>) -> $owned {
                self.to_owned()
            }
        }

        impl Rewire for $borrowed {
            type Rewired = $owned;

            fn rewire(&self, _: &mut Wires<'_>) -> $owned {
                self.to_owned()
            }
        }
    )*};
}

borrowed!(str => String, Path => PathBuf);
