//! The folder of the sample data: one that stays, or one that goes whatever happens.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::interrupt::{self, Registration};

/// Where the sample data is.
pub(super) enum Folder {
    Kept(PathBuf),
    /// Removed when this is dropped, or the process is interrupted.
    Temporary {
        folder: TempDir,
        _interrupt: Registration,
    },
}

impl Folder {
    /// The folder of this path, made if need be; without one, a temporary one.
    pub(super) fn new(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            let folder = tempfile::Builder::new().prefix("lazuli-demo-").tempdir();
            let folder = folder.context("cannot make a folder for the sample data")?;
            let path = folder.path().to_owned();
            let interrupt = interrupt::on_interrupt(move || remove(&path));
            return Ok(Self::Temporary { folder, _interrupt: interrupt });
        };
        fs::create_dir_all(path).with_context(|| format!("{}: cannot be made", path.display()))?;
        Ok(Self::Kept(path.to_owned()))
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary { folder, .. } => folder.path(),
        }
    }
}

/// Removes the folder while others may still be making files in it.
fn remove(path: &Path) {
    for _ in 0..100 {
        if fs::remove_dir_all(path).is_ok() || !path.exists() {
            return;
        }
    }
}
