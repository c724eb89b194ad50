//! `#[delayed]`: turns a function into one that describes its call as a task.
//!
//! Used through `lazuli_core::delayed` or `lazuli::prelude`.

#![forbid(unsafe_code)]

mod expand;
mod options;
mod signature;

use proc_macro::TokenStream;
use syn::{ItemFn, parse_macro_input};

use options::Options;

/// Makes a function lazy: calling it yields a `Delayed` of its result and runs nothing.
///
/// - A parameter of type `T` takes a `T`, a `Delayed<T>` or a `&Delayed<T>`; the function receives it
///   by value (moved when this is the last use, else cloned). A parameter `&T`, `&str`, `&[T]` or
///   `&Path` takes the owned type (or a delayed one) and is received by reference.
/// - A function that returns `Result<T, E>` yields a `Delayed<T>`: an `Err` fails the task.
/// - `#[delayed(blocking)]` runs the call on the lane for tasks that wait, so that it holds no core.
/// - `#[delayed(crate = path)]` says where the core is, when that is not `::lazuli::core`.
///
/// ```
/// use lazuli_core::{compute, delayed};
///
/// #[delayed(crate = lazuli_core)]
/// fn square(x: i64) -> i64 {
///     x * x
/// }
///
/// assert_eq!(compute((4 + square(4)) * 5)?, 100);
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[proc_macro_attribute]
pub fn delayed(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let options = parse_macro_input!(attribute as Options);
    let function = parse_macro_input!(item as ItemFn);
    expand::expand(&options, function).unwrap_or_else(|error| error.into_compile_error()).into()
}
