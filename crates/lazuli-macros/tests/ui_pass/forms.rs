//! Every form of function, method and parameter.

use std::path::Path;

use lazuli_core::{Delayed, compute, delayed};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Table<T>(Vec<T>);

impl<T: Ord + Clone + Send + Sync + 'static> Table<T> {
    #[delayed(crate = lazuli_core)]
    fn new(values: Vec<T>) -> Self {
        Self(values)
    }

    #[delayed(crate = lazuli_core)]
    fn max(&self) -> Option<T> {
        self.0.iter().max().cloned()
    }

    #[delayed(crate = lazuli_core, pure)]
    pub fn into_sorted(mut self, reverse: bool) -> Self
    where
        T: std::hash::Hash,
    {
        self.0.sort();
        if reverse {
            self.0.reverse();
        }
        self
    }

    #[delayed(crate = lazuli_core)]
    async fn len(self: &Self) -> usize {
        self.0.len()
    }

    #[delayed(crate = lazuli_core)]
    fn checked<'a, const N: usize>(&'a self) -> std::io::Result<[T; N]> {
        let Self(values) = self;
        values.clone().try_into().map_err(|_| std::io::Error::other("another length"))
    }
}

#[delayed(crate = lazuli_core)]
fn repeat<T, const N: usize>(value: &T) -> [T; N]
where
    T: Clone + Send + Sync + 'static,
{
    std::array::from_fn(|_| value.clone())
}

/// Calls itself: inside, the name means the function, not the task.
#[delayed(crate = lazuli_core)]
fn factorial(n: u64) -> u64 {
    if n == 0 { 1 } else { n * factorial(n - 1) }
}

#[delayed(crate = lazuli_core, blocking, retries = 3, delay_ms = 1)]
fn name(path: &Path, (prefix, _): (String, u8)) -> std::io::Result<String> {
    let name = path.file_name().ok_or_else(|| std::io::Error::other("no name"))?;
    Ok(prefix + &name.to_string_lossy())
}

#[delayed(crate = lazuli_core, pure)]
async fn shout(text: &str, marks: usize) -> String {
    text.to_uppercase() + &"!".repeat(marks)
}

#[delayed(crate = lazuli_core)]
fn call(function: Callback, text: &'static str) -> &'static str {
    (function.0)(text);
    text
}

#[derive(Clone)]
struct Callback(std::sync::Arc<dyn Fn(&str) + Send + Sync>);

#[delayed(crate = lazuli_core)]
fn call_each(functions: Vec<fn(&str) -> usize>, text: &str) -> Vec<usize> {
    functions.iter().map(|function| function(text)).collect()
}

fn main() -> lazuli_core::Result<()> {
    let callback = Callback(std::sync::Arc::new(|text| assert_eq!(text, "x")));
    assert_eq!(compute(call(callback, "x"))?, "x");
    let functions: Vec<fn(&str) -> usize> = vec![str::len];
    assert_eq!(compute(call_each(functions, "four"))?, [4]);
    let table = Table::new(vec![3, 1, 2]);
    assert_eq!(compute(Table::max(&table))?, Some(3));
    assert_eq!(compute(Table::len(&table))?, 3);
    assert_eq!(compute(Table::checked::<3>(&table))?, [3, 1, 2]);
    assert!(compute(Table::checked::<2>(&table)).is_err());
    let sorted = Table::into_sorted(&table, Delayed::value(true));
    assert_eq!(compute(sorted)?, Table(vec![3, 2, 1]));
    assert_eq!(compute(repeat::<u64, 2>(factorial(5)))?, [120, 120]);
    assert_eq!(compute(name("folder/file", ("a ".to_owned(), 0)))?, "a file");
    assert_eq!(compute((shout("hi", 2), shout("hi", 2)))?, ("HI!!".into(), "HI!!".into()));
    Ok(())
}
