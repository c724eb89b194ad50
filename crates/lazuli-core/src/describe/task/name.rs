//! The name of a task that was given none: that of its function, or the place of its closure.

use std::collections::HashMap;
use std::panic::Location;
use std::sync::LazyLock;

use crate::base::sync::Mutex;

/// `square` for a function, `main.rs:12` for a closure. The same in every run of a program.
pub(crate) fn of_function<F>(_: &F, site: &'static Location<'static>) -> &'static str {
    function_name(std::any::type_name::<F>()).unwrap_or_else(|| place(site))
}

/// The last name of a path, without what it is an instance of. None for what has no name.
fn function_name(path: &'static str) -> Option<&'static str> {
    let mut name = path;
    if name.ends_with('>') {
        let mut open = 0;
        let start = name.char_indices().rev().find(|&(_, character)| {
            match character {
                '>' => open += 1,
                '<' => open -= 1,
                _ => {}
            }
            open == 0
        });
        name = &name[..start?.0];
    }
    let name = name.rsplit("::").next()?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some(name)
}

/// The file and line, as a name that lasts. There are as many as there are places in the program.
fn place(site: &'static Location<'static>) -> &'static str {
    static NAMES: LazyLock<Mutex<HashMap<(&'static str, u32), &'static str>>> =
        LazyLock::new(Mutex::default);
    NAMES.lock().entry((site.file(), site.line())).or_insert_with(|| {
        let file = site.file().rsplit(['/', '\\']).next().unwrap_or_default();
        format!("{file}:{}", site.line()).leak()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_names_and_closures_places() {
        assert_eq!(function_name("program::square"), Some("square"));
        assert_eq!(function_name("program::largest<alloc::vec::Vec<i64>>"), Some("largest"));
        assert_eq!(function_name("core::str::<impl str>::len"), Some("len"));
        assert_eq!(function_name("<f64 as core::ops::Add>::add"), Some("add"));
        assert_eq!(function_name("program::main::{{closure}}"), None);
        assert_eq!(function_name("fn(i64) -> i64"), None);
        let site = Location::caller();
        assert_eq!(of_function(&str::len, site), "len");
        assert_eq!(of_function(&|| (), site), format!("name.rs:{}", site.line()));
    }
}
