//! The folders of the core are levels: a file imports from its own level and those below. And files stay
//! short enough to read.

use std::path::{Path, PathBuf};

/// From the lowest to the highest. The root of the crate, which only hands out names, is above all.
const LEVELS: [&str; 10] =
    ["base", "threads", "graph", "describe", "plan", "run", "exec", "api", "reduce", "visualize"];

/// Longer files say why in a line that begins with `//! Long because`.
const MOST_LINES: usize = 350;

#[test]
fn imports_point_to_lower_levels() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let modules = modules_of(&path);
        let Some(own) = modules.first().and_then(|folder| level(folder)) else { continue };
        for (line, named) in paths_in(&text, &modules) {
            match level(&named) {
                Some(other) if other <= own => {}
                Some(_) => faults.push(format!(
                    "{}:{line}: `{}` imports `{named}`, which is above it",
                    path.display(),
                    LEVELS[own]
                )),
                None => faults.push(format!(
                    "{}:{line}: `crate::{named}` is a name of the root; write where it lives",
                    path.display()
                )),
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_file_belongs_to_a_level() {
    for (path, _) in sources() {
        let modules = modules_of(&path);
        let root = path == Path::new("lib.rs");
        let known = modules.first().is_some_and(|folder| level(folder).is_some());
        assert!(root || known, "{}: no level", path.display());
    }
}

#[test]
fn long_files_say_why() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        let excused = text.lines().any(|line| line.starts_with("//! Long because"));
        assert!(lines <= MOST_LINES || excused, "{}: {lines} lines", path.display());
    }
}

/// A fault is seen in each form that an import has.
#[test]
fn a_path_is_found_in_every_form() {
    let file = ["plan".to_owned(), "visit".to_owned()];
    let found = |text: &str| -> Vec<(usize, String)> { paths_in(text, &file) };
    let one = |line: usize, name: &str| vec![(line, name.to_owned())];
    assert_eq!(found("use crate::exec::job::Job;"), one(1, "exec"));
    assert_eq!(found("\nlet job = crate::exec::job::Job::new();"), one(2, "exec"));
    assert_eq!(found("use crate::{\n    base::error,\n    api::compute,\n};").len(), 2);
    assert_eq!(found("use crate::{base::{error, value}, api};")[1], (1, "api".to_owned()));
    assert_eq!(found("use super::super::run::state;"), one(1, "run"));
    assert_eq!(found("use super::lower::Lowered;"), []);
    assert_eq!(found("/// See [`compute`](crate::compute).\n// crate::api"), []);
    assert_eq!(found("use crate::Delayed;"), one(1, "Delayed"));
    assert_eq!(found("pub(in crate::plan) fn f() {}"), one(1, "plan"));
    assert_eq!(found("pub(crate) fn f() { lazuli_crate::run(); }"), []);
    assert_eq!(found("mod inner { use super::super::super::run; }"), one(1, "run"));
}

fn level(name: &str) -> Option<usize> {
    LEVELS.iter().position(|level| *level == name)
}

/// Every source file by its path below `src`, with its text.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the crate") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = std::fs::read_to_string(&path).expect("a readable source");
                let below = path.strip_prefix(&root).expect("found below it").to_owned();
                files.push((below, text));
            }
        }
    }
    assert!(files.len() > 60, "only {} files were found", files.len());
    files.sort();
    files
}

/// The modules that a file's path names: `plan/visit.rs` is `plan`, `visit`, and `plan/mod.rs` is `plan`.
fn modules_of(path: &Path) -> Vec<String> {
    let below = path.with_extension("");
    let names = below.iter().map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name != "mod" && name != "lib").collect()
}

/// What follows the root of the crate in each path of the file, with the number of its line. Comments are
/// left out. `super` counts from the file's own module and the inline ones of it that are open there.
fn paths_in(text: &str, file: &[String]) -> Vec<(usize, String)> {
    let code: String = text.lines().map(|line| without_comment(line).to_owned() + "\n").collect();
    let mut found = Vec::new();
    let mut inline = Vec::new();
    let mut depth = 0_usize;
    for (place, letter) in code.char_indices() {
        let line = code[..place].matches('\n').count() + 1;
        let rest = &code[place..];
        let before = code[..place].chars().next_back();
        if before.is_none_or(|letter| !is_word(letter) && letter != ':' && letter != '$') {
            if let Some(rest) = rest.strip_prefix("crate::") {
                names_of(rest, line, &mut found);
            } else if rest.starts_with("super::") {
                let ups = rest.split("super::").take_while(|part| part.is_empty()).count();
                if ups == file.len() + inline.len() {
                    names_of(&rest[ups * "super::".len()..], line, &mut found);
                }
            } else if let Some(rest) = rest.strip_prefix("mod ")
                && rest.trim_start_matches(is_word).starts_with(" {")
            {
                inline.push(depth);
            }
        }
        match letter {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                }
            }
            _ => {}
        }
    }
    found
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// The first name, or in braces the first of each path.
fn names_of(rest: &str, line: usize, found: &mut Vec<(usize, String)>) {
    let name =
        |text: &str| -> String { text.trim_start().chars().take_while(|c| is_word(*c)).collect() };
    let Some(group) = rest.strip_prefix('{') else { return found.push((line, name(rest))) };
    let (mut depth, mut start) = (0_usize, 0);
    for (place, letter) in group.char_indices() {
        let ends = depth == 0 && matches!(letter, ',' | '}');
        if ends && !name(&group[start..]).is_empty() {
            let skipped = group[start..].len() - group[start..].trim_start().len();
            let line = line + group[..start + skipped].matches('\n').count();
            found.push((line, name(&group[start..])));
        }
        match letter {
            ',' if depth == 0 => start = place + 1,
            '{' => depth += 1,
            '}' if depth == 0 => return,
            '}' => depth -= 1,
            _ => {}
        }
    }
}
