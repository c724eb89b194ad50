//! Where in a program something was defined: a line of whoever wrote it, never one of the standard library.

use std::panic::Location;

/// Whether a line is one of the standard library's. A function that is passed to an iterator
/// (`.map(square)`) is called there, whatever `#[track_caller]` says.
pub(crate) fn is_of_std(site: &Location<'_>) -> bool {
    let file = site.file();
    // Files of the program itself have relative paths: most need no closer look.
    let is_absolute = file.starts_with('/') || file.as_bytes().get(1) == Some(&b':');
    is_absolute && is_std_path(file)
}

#[cold]
fn is_std_path(file: &str) -> bool {
    let file = file.replace('\\', "/");
    (file.starts_with("/rustc/") || file.contains("/rustlib/src/rust/"))
        && file.contains("/library/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_std_are_known() {
        assert!(is_std_path("/rustc/0123/library/core/src/ops/function.rs"));
        assert!(is_std_path("/rustc/0123\\library\\core\\src\\ops\\function.rs"));
        assert!(is_std_path("/home/u/toolchain/lib/rustlib/src/rust/library/alloc/src/vec/mod.rs"));
        assert!(!is_std_path("/home/u/library/src/lib.rs"));
        assert!(!is_of_std(Location::caller()));
        let here = || Location::caller();
        let called_by_std = [()].into_iter().map(|()| here()).next();
        assert!(called_by_std.is_some_and(|site| !is_of_std(site)));
    }
}
