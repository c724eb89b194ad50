//! `#[delayed]`: turns a function into one that describes its call as a task.
//!
//! Used through `lazuli_core::delayed` or `lazuli::prelude`.

#![forbid(unsafe_code)]

mod expand;
mod options;
mod returned;
mod signature;

use proc_macro::TokenStream;
use syn::{ItemFn, parse_macro_input};

use options::Options;

/// Makes a function lazy: calling it yields a `Delayed` of its result and runs nothing.
///
/// - A parameter of type `T` takes a `T`, a `Delayed<T>` or a `&Delayed<T>`; the function receives it
///   by value (moved when this is the last use, else cloned). A parameter `&T`, `&str`, `&[T]` or
///   `&Path` takes the owned type (or a delayed one) and is received by reference.
/// - A function that returns `Result<T, E>`, under whatever name, yields a `Delayed<T>`: an `Err` fails the
///   task. `E` is anything that turns into a `Box<dyn Error + Send + Sync>`: an error, a `String`, such a
///   `Box`, an `anyhow::Error`. (In methods and where the type names a type parameter, write `Result`: for
///   another name of it there, the compiler says so.)
/// - Whatever else it returns is the value, which is `Send + Sync + 'static`.
/// - An `async` function runs on the lane for tasks that await (feature `async`) and holds no thread.
///   What it takes by reference is cloned for it, since it may outlive its task's inputs.
/// - A method becomes an associated function, whose first parameter takes the value, or a delayed one.
///   Methods of a trait's `impl` cannot be delayed: write a function that calls them.
///
/// Options, in any order:
///
/// | option | meaning |
/// |---|---|
/// | `blocking` | runs on the lane for tasks that wait, so that it holds no core |
/// | `pure` | calls with equal arguments are one task in a compute; arguments are `Clone + Hash + Eq` |
/// | `retries = N` | runs up to `N` more times when it fails or panics |
/// | `delay_ms = N` | the delay before each of these, in milliseconds |
/// | `name = f` | the lazy function is called `f`, and the plain one keeps its name |
/// | `part = x` | errors, events and pictures show the argument `x`, if it is at hand: a path, say |
/// | `crate = path` | where the core is, when that is not `::lazuli::core` |
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
///
/// The plain function stays callable where the lazy one has a name of its own:
///
/// ```
/// use std::path::Path;
/// use lazuli_core::{compute, delayed};
///
/// #[delayed(crate = lazuli_core, name = read_later, part = path)]
/// fn read(path: &Path) -> std::io::Result<String> {
///     std::fs::read_to_string(path)
/// }
///
/// assert!(read(Path::new("no/such/file")).is_err());
/// let error = compute(read_later("no/such/file")).unwrap_err();
/// assert_eq!(error.part(), Some("no/such/file"));
/// ```
///
/// A method, and a function of type parameters:
///
/// ```
/// use lazuli_core::{Delayed, compute, delayed};
///
/// #[derive(Clone)]
/// struct Table(Vec<f64>);
///
/// impl Table {
///     #[delayed(crate = lazuli_core)]
///     fn of(values: &[f64]) -> Self {
///         Self(values.to_vec())
///     }
///
///     #[delayed(crate = lazuli_core)]
///     fn max(&self, least: f64) -> f64 {
///         self.0.iter().copied().fold(least, f64::max)
///     }
/// }
///
/// #[delayed(crate = lazuli_core)]
/// fn largest<T: Ord + Clone + Send + Sync + 'static>(values: &[T]) -> Option<T> {
///     values.iter().max().cloned()
/// }
///
/// let table = Table::of(vec![3.0, 5.0]);
/// assert_eq!(compute((Table::max(&table, 0.0), largest(vec![2, 7])))?, (5.0, Some(7)));
/// # Ok::<(), lazuli_core::Error>(())
/// ```
///
/// An `async` function, retried; and a pure one:
///
/// ```
/// use std::io;
/// use lazuli_core::{compute, delayed};
///
/// #[delayed(crate = lazuli_core, retries = 2, delay_ms = 10)]
/// async fn fetch(name: &str) -> io::Result<String> {
///     tokio::time::sleep(std::time::Duration::from_millis(1)).await;
///     Ok(format!("contents of {name}"))
/// }
///
/// #[delayed(crate = lazuli_core, pure)]
/// fn length(text: &str) -> usize {
///     text.len()
/// }
///
/// let page = fetch("page");
/// assert_eq!(compute((length(&page), length(&page)))?, (16, 16)); // one fetch, one length
/// # Ok::<(), lazuli_core::Error>(())
/// ```
#[proc_macro_attribute]
pub fn delayed(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let options = parse_macro_input!(attribute as Options);
    let function = match syn::parse::<ItemFn>(item) {
        Ok(function) => function,
        Err(error) => {
            let message = format!("`#[delayed]` stands before a function or a method ({error})");
            return syn::Error::new(error.span(), message).into_compile_error().into();
        }
    };
    expand::expand(&options, function).unwrap_or_else(|error| error.into_compile_error()).into()
}
