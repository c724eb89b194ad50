//! An argument as the name of a part: a path as it is, everything else as it displays itself.
//!
//! For `#[delayed(part = ..)]`, where the type is known: an inherent method comes before the trait's.

use std::fmt::Display;
use std::path::PathBuf;

/// An argument that names a part.
pub struct Shown<'a, T>(pub &'a T);

impl Shown<'_, PathBuf> {
    #[must_use]
    pub fn text(&self) -> String {
        self.0.display().to_string()
    }
}

/// What displays itself.
#[diagnostic::on_unimplemented(
    message = "`part` cannot show this argument",
    note = "a part is shown by `Display`, or is a path"
)]
pub trait ByDisplay {
    fn text(&self) -> String;
}

impl<T: Display> ByDisplay for Shown<'_, T> {
    fn text(&self) -> String {
        self.0.to_string()
    }
}
