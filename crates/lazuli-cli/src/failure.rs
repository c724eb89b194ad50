//! What a failed call says: one line; of many cells that cannot be read, a line for each.
//!
//! The library names the task that failed and where it was defined, which helps whoever wrote the
//! task. Whoever runs the command is told what was wrong with the data instead. A panic is a bug, and
//! there the task is what matters.

use std::error::Error;

use lazuli::ErrorKind;
use lazuli::frame::FrameError;

use crate::text::visible;

/// The error and what caused it, on one line and free of control characters.
pub(crate) fn line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        if is_wrapper(cause) {
            continue;
        }
        let text = match cause.downcast_ref() {
            Some(FrameError::BadCells(cells)) => each_line(&cells.to_string()),
            _ => one_line(&cause.to_string()),
        };
        // Many errors spell out their cause themselves.
        if line.contains(&text) {
            continue;
        }
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&text);
    }
    line
}

/// Whether the error only says in which task or operation its cause occurred.
fn is_wrapper(error: &(dyn Error + 'static)) -> bool {
    // Which line of this program wrote an operation says nothing to whoever runs it.
    let misfit = error.is::<lazuli::frame::Misfit>();
    let task = error.downcast_ref::<lazuli::Error>();
    misfit || task.is_some_and(|error| error.kind() != ErrorKind::Panic && error.source().is_some())
}

/// The text line by line.
fn each_line(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// The text on one line.
fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    visible(&lines.collect::<Vec<_>>().join(" ")).into_owned()
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context as _;
    use lazuli::core::task;
    use lazuli::prelude::*;

    use super::*;

    fn failed(delayed: &Delayed<()>) -> anyhow::Error {
        Executor::sync().compute(delayed).unwrap_err().into()
    }

    #[test]
    fn a_failed_task_is_told_by_its_source() {
        let error = failed(&task("read").part("x.csv").try_call((), |()| {
            Err::<(), _>(io::Error::other("x.csv: line 3: bad\n  cell\u{1b}[31m"))
        }));
        assert_eq!(line(&error), "x.csv: line 3: bad cell\\u{1b}[31m");
    }

    #[test]
    fn a_panic_names_its_task() {
        let error = failed(&task("explode").call((), |()| panic!("out of luck")));
        let line = line(&error);
        assert!(line.starts_with("task `explode` (defined at ") && line.ends_with("out of luck"));
    }

    #[test]
    fn what_was_being_done_comes_first_and_nothing_is_said_twice() {
        let cause = io::Error::other("disk is full");
        let error = anyhow::Error::from(cause).context("cannot write y.csv");
        assert_eq!(line(&error), "cannot write y.csv: disk is full");
        let error = Err::<(), _>(error).context("y.csv: cannot write y.csv").unwrap_err();
        assert_eq!(line(&error), "y.csv: cannot write y.csv: disk is full");
    }
}
