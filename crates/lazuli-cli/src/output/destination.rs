//! Where an answer goes: stdout, or a file that appears whole or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

use crate::interrupt;

/// Where an answer goes.
#[derive(Debug)]
pub(crate) enum Destination {
    Stdout,
    /// Replaced by a complete file at once.
    File(PathBuf),
    /// Something that is no regular file, such as a pipe or a device, and must not be replaced.
    Device(PathBuf),
}

impl Destination {
    /// The file of this path, or stdout. Made before the work begins: a place where no file can be is
    /// refused at once.
    pub(crate) fn new(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::Stdout) };
        // These lead to what the process has open, perhaps a file that others write to as well.
        if path == Path::new("/dev/stdout") {
            return Ok(Self::Stdout);
        }
        if path.starts_with("/dev") || path.starts_with("/proc") {
            return Ok(Self::Device(path.to_owned()));
        }
        // A link stays, and the file it leads to is replaced.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                Err(anyhow!("{}: cannot be written: it is a folder", path.display()))
            }
            Ok(metadata) if metadata.is_file() => Ok(Self::File(path)),
            Ok(_) => Ok(Self::Device(path)),
            Err(_) if folder(&path).is_dir() => Ok(Self::File(path)),
            Err(_) => Err(anyhow!(
                "{}: cannot be written: there is no folder {}",
                path.display(),
                folder(&path).display()
            )),
        }
    }

    /// Lets `write` write the answer. A reader of stdout who has seen enough and goes is no failure.
    pub(crate) fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        match self {
            Self::Stdout => match buffered(io::stdout().lock(), write) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                result => result.context("cannot write to stdout"),
            },
            Self::File(path) => replace(path, write).with_context(|| cannot_write(path)),
            Self::Device(path) => File::options()
                .write(true)
                .open(path)
                .and_then(|file| buffered(file, write))
                .with_context(|| cannot_write(path)),
        }
    }
}

fn cannot_write(path: &Path) -> String {
    format!("{}: cannot be written", path.display())
}

fn buffered(
    out: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    write(&mut out)?;
    out.flush()
}

/// Writes a new file beside the old and puts it in its place.
fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // As any program creates a file; the process's mask applies.
    let fresh = Permissions::from_mode(0o666);
    let file =
        tempfile::Builder::new().prefix(".lazuli-").permissions(fresh).tempfile_in(folder(path))?;
    let temporary = file.path().to_owned();
    let _interrupt = interrupt::on_interrupt(move || drop(fs::remove_file(temporary)));
    if let Ok(old) = fs::metadata(path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    buffered(file.as_file(), write)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// The folder that the file is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn what_the_process_has_open_is_not_replaced() {
        let to = |path: &str| Destination::new(Some(Path::new(path))).unwrap();
        assert!(matches!(to("/dev/stdout"), Destination::Stdout));
        assert!(matches!(to("/dev/null"), Destination::Device(_)));
        assert!(matches!(to("/proc/self/fd/1"), Destination::Device(_)));
    }

    #[test]
    fn a_file_appears_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answer.txt");
        fs::write(&path, "the answer of yesterday").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let destination = Destination::new(Some(&path)).unwrap();
        destination
            .write(|out| {
                out.write_all(b"42")?;
                assert_eq!(fs::read(&path)?, b"the answer of yesterday");
                out.write_all(b"\n")
            })
            .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"42\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(entries(folder.path()), ["answer.txt"]);
    }

    #[test]
    fn a_file_that_cannot_be_finished_does_not_appear() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answer.txt");
        let destination = Destination::new(Some(&path)).unwrap();
        let error = destination
            .write(|out| {
                out.write_all(&[b'x'; 100_000])?;
                Err(io::Error::other("no more"))
            })
            .unwrap_err();
        assert_eq!(error.to_string(), format!("{}: cannot be written", path.display()));
        assert!(entries(folder.path()).is_empty());
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("answer.txt"), folder.path().join("link"));
        fs::write(&path, "").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        Destination::new(Some(&link)).unwrap().write(|out| out.write_all(b"42")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"42");
    }

    #[test]
    fn a_place_that_takes_no_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let text = |path: &Path| Destination::new(Some(path)).unwrap_err().to_string();
        assert!(text(folder.path()).ends_with("it is a folder"));
        assert!(text(&folder.path().join("no/answer.txt")).contains("there is no folder"));
    }

    #[test]
    fn a_device_is_not_replaced() {
        let destination = Destination::new(Some(Path::new("/dev/null"))).unwrap();
        assert!(matches!(destination, Destination::Device(_)));
        destination.write(|out| out.write_all(b"42")).unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
