//! Pictures of a plan: `.svg` to look at in any browser, `.mmd` for Markdown pages, `.dot` for other tools.
//!
//! `picture` decides what is drawn (every task, or groups of tasks that are alike where there are many),
//! `svg` lays that out and draws it, `dot` and `mermaid` write it as text.

mod dot;
mod file;
mod mermaid;
mod picture;
mod svg;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error as ThisError;

use crate::api::executor::Executor;
use crate::base::error::{Error, Result};
use crate::describe::collection::Collection;
use crate::graph::Delayed;
use crate::plan::Plan;
use picture::Picture;

/// More boxes than this are not drawn one by one: nobody could read them.
const MOST_BOXES: usize = 300;

#[derive(Debug, ThisError)]
enum PictureError {
    #[error("{}: a picture is a file .svg, .dot or .mmd", .0.display())]
    Format(PathBuf),
    #[error("{}: cannot be written: {source}", .path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Draws the plan of everything the collection holds, together, into a file: `.svg`, `.mmd` (Mermaid), or
/// `.dot` (`.gv`) with every task. Nothing is computed. The file appears whole or not at all.
///
/// ```
/// use lazuli_core::{Delayed, task, visualize};
///
/// let parts = (0..3_u64).map(|part| task("load").part(format!("part {part}")).call((), move |()| part));
/// let total = lazuli_core::sum(parts);
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("total.svg");
/// visualize((&total, &total - 1), &path)?;
/// assert!(std::fs::read_to_string(&path)?.contains("part 2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Whatever a layer says of a request that it cannot answer; and, of the kind
/// [`Output`](crate::ErrorKind::Output), that the file cannot be written or its name ends otherwise.
pub fn visualize<C: Collection>(collection: C, path: impl AsRef<Path>) -> Result<()> {
    Executor::current().plan(collection)?.visualize(path)
}

/// [`visualize`](visualize()) as a method of everything that can be computed.
///
/// ```
/// use lazuli_core::{Delayed, Visualize as _};
///
/// # let folder = tempfile::tempdir()?;
/// let base = Delayed::value(1) + 1;
/// (&base - 1, &base + 1).visualize(folder.path().join("both.svg"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Visualize: Collection {
    /// Draws the plan of everything it holds into a file.
    ///
    /// # Errors
    /// As [`visualize`](visualize()).
    fn visualize(&self, path: impl AsRef<Path>) -> Result<()> {
        visualize(self, path)
    }
}

impl<C: Collection + ?Sized> Visualize for C {}

enum Format {
    Svg,
    Mermaid,
    Dot,
}

impl Format {
    fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("svg") => Ok(Self::Svg),
            Some("mmd" | "mermaid") => Ok(Self::Mermaid),
            Some("dot" | "gv") => Ok(Self::Dot),
            _ => Err(Error::output(PictureError::Format(path.to_owned()))),
        }
    }
}

impl Plan {
    /// Draws the plan into a file: see [`visualize`](crate::visualize()).
    ///
    /// # Errors
    /// Of the kind [`Output`](crate::ErrorKind::Output), when the file cannot be written or its name ends
    /// with none of `.svg`, `.dot` and `.mmd`.
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let text = match Format::of(path)? {
            Format::Svg => self.to_svg(),
            Format::Mermaid => self.to_mermaid(),
            Format::Dot => self.to_dot(),
        };
        file::replace(path, text.as_bytes())
            .map_err(|source| Error::output(PictureError::Write { path: path.to_owned(), source }))
    }

    /// The plan as an SVG picture: inputs above what takes them, coloured by lane, with where a task was
    /// defined as the tip of its box.
    ///
    /// Of a plan with more than a few hundred tasks it shows groups: tasks that are alike in name, place of
    /// definition and what they take; or, where these are too many as well, in name and place alone.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::draw(&Picture::of(self, MOST_BOXES))
    }

    /// The plan as text in the language of Mermaid, which Markdown pages of many hosts draw. Of a large plan it shows
    /// groups, as [`to_svg`](Self::to_svg) does.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        mermaid::write(&Picture::of(self, MOST_BOXES))
    }

    /// The plan as text in the language of Graphviz, with every task. O(tasks and edges).
    #[must_use]
    pub fn to_dot(&self) -> String {
        dot::write(&Picture::of_tasks(self))
    }
}

impl<T: Send + Sync + 'static> Delayed<T> {
    /// Shows the plan of this value in a notebook: evcxr calls this. Nothing is computed.
    pub fn evcxr_display(&self) {
        match Plan::new(vec![self.erase()]) {
            Ok(plan) => {
                println!("EVCXR_BEGIN_CONTENT image/svg+xml\n{}EVCXR_END_CONTENT", plan.to_svg());
            }
            Err(error) => println!("EVCXR_BEGIN_CONTENT text/plain\n{error}\nEVCXR_END_CONTENT"),
        }
    }

    /// Draws the plan of this value into a file, `.svg` or `.dot`: see [`visualize`](crate::visualize()).
    ///
    /// # Errors
    /// See [`visualize`](crate::visualize()).
    pub fn visualize(&self, path: impl AsRef<Path>) -> Result<()>
    where
        T: Clone,
    {
        visualize(self, path)
    }
}
