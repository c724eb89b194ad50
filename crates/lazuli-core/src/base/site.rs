//! Where in a program something was defined: a line of whoever wrote it, never one of the standard library.

use std::cell::Cell;
use std::panic::Location;
use std::ptr;

type Site = &'static Location<'static>;

/// Whether a line is one of the standard library's. A function that is passed to an iterator
/// (`.map(square)`) is called there, whatever `#[track_caller]` says.
#[inline]
pub(crate) fn is_of_std(site: Site) -> bool {
    let file = site.file();
    // Files of the program itself have relative paths: most need no closer look.
    let is_absolute = file.starts_with('/') || file.as_bytes().get(1) == Some(&b':');
    is_absolute && is_known_std(site)
}

/// The first line of the program itself: `site`, or else the first of those that `inputs` visits. What std has
/// called (`iter.sum()`) is defined where the first of its inputs is.
#[inline]
pub(crate) fn of_program(site: Site, inputs: impl FnOnce(&mut dyn FnMut(Site))) -> Site {
    if !is_of_std(site) {
        return site;
    }
    let mut found = None;
    inputs(&mut |input| {
        if found.is_none() && !is_of_std(input) {
            found = Some(input);
        }
    });
    found.unwrap_or(site)
}

/// A million tasks that one `.map(square)` makes share one line, so the line asked for last is remembered.
fn is_known_std(site: Site) -> bool {
    thread_local! {
        static LAST: Cell<Option<(Site, bool)>> = const { Cell::new(None) };
    }
    let is_same = |(last, _): &(Site, bool)| ptr::eq(*last, site);
    if let Some((_, is_std)) = LAST.get().filter(is_same) {
        return is_std;
    }
    let is_std = is_std_path(site.file());
    LAST.set(Some((site, is_std)));
    is_std
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
