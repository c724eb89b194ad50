//! Fields as bytes: states along axes and by label go to scratch files where memory is limited.
//!
//! Kernels know no graph, and take states apart into [words](Words); here these are written and read.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

use lazuli_core::Portable;

use crate::kernels::Words;

/// Fields that tasks share, as the answer of a pass.
#[derive(Clone)]
pub(super) struct Shared<F>(pub(super) Arc<F>);

impl<F: Words> Portable for Shared<F> {
    fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        write_words(&*self.0, to)
    }

    fn read(from: &mut dyn Read) -> io::Result<Self> {
        read_words(from).map(|fields| Self(Arc::new(fields)))
    }
}

/// Writes a state.
pub(super) fn write_words(state: &impl Words, to: &mut dyn Write) -> io::Result<()> {
    let mut written = Ok(());
    state.put(&mut |word| {
        if written.is_ok() {
            written = word.write(to);
        }
    });
    written
}

/// Reads a state that was written.
pub(super) fn read_words<S: Words>(from: &mut dyn Read) -> io::Result<S> {
    let mut failed = None;
    let state = S::take(&mut || match u64::read(from) {
        Ok(word) => Some(word),
        Err(error) => {
            failed = Some(error);
            None
        }
    });
    let none = || ErrorKind::InvalidData.into();
    state.ok_or_else(|| failed.unwrap_or_else(none))
}
