//! Calling the program, and files to call it with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The program, to be called in this folder, untouched by the variables of the caller.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lazuli"));
    command.current_dir(folder).env_remove("LAZULI_NUM_THREADS").env_remove("RUST_BACKTRACE");
    command
}

/// A call that has ended.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Call {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Call {
    /// What a call that went well wrote to stdout.
    #[track_caller]
    pub(crate) fn answer(self) -> String {
        assert!(self.code == Some(0) && self.stderr.is_empty(), "{self:?}");
        self.stdout
    }

    /// The same, as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.answer()).unwrap()
    }

    /// The one line that a call that failed wrote to stderr.
    #[track_caller]
    pub(crate) fn error(self) -> String {
        assert!(self.code == Some(1) && self.stdout.is_empty(), "{self:?}");
        let line = self.stderr.strip_prefix("error: ").and_then(|line| line.strip_suffix('\n'));
        match line {
            Some(line) if !line.contains('\n') => line.to_owned(),
            _ => panic!("stderr is not one line of an error: {self:?}"),
        }
    }
}

/// A folder with files, removed in the end.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with files of these names and contents.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        for (name, content) in files {
            fs::write(folder.join(name), content).unwrap();
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.join(name)).unwrap()
    }

    /// The names of what is in the folder, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Calls the program in the folder.
    pub(crate) fn call(&self, arguments: &[&str]) -> Call {
        program(self.path()).args(arguments).output().unwrap().into()
    }
}

/// Writes an `.npy` file, version 1.0: a header that ends at a multiple of 64 bytes, and the elements.
pub(crate) fn write_npy(path: &Path, descr: &str, shape: &str, elements: &[u8]) {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(format!("{header:117}\n").as_bytes());
    assert_eq!(bytes.len(), 128);
    bytes.extend(elements);
    fs::write(path, bytes).unwrap();
}
