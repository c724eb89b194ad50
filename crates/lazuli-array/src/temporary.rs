//! Files and folders that are made beside what they will replace, and are gone unless they do.

use std::io;
use std::path::Path;

#[cfg(feature = "zarr")]
use tempfile::TempDir;
use tempfile::{Builder, NamedTempFile};

const PREFIX: &str = ".lazuli-";

/// A new file in the folder of `path`, with the permissions that new files have.
pub(crate) fn file_beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder_of(path))
}

/// A new folder in the folder of `path`, with the permissions that new folders have.
#[cfg(feature = "zarr")]
pub(crate) fn folder_beside(path: &Path) -> io::Result<TempDir> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    builder.tempdir_in(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
