//! The command `lazuli`: aggregates CSV files and array files, and shows what the library does.
//!
//! One call walks through the folders in this order: [`args`] (what was asked), [`commands`] (the
//! library is asked for it), [`output`] (the answer is written). Beside them, [`watched`] shows
//! on stderr and in files what the library does meanwhile, and [`interrupt`] ends the process when it is told to.
//!
//! Answers go to stdout or a file; everything else goes to stderr. A call that fails writes no answer,
//! and one line on stderr. It ends with 0 when it is done, 1 when it failed, 2 when it was called
//! wrongly, and 130 when it was interrupted.

mod args;
mod commands;
mod failure;
mod interrupt;
mod output;
mod text;
mod watched;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    match interrupt::watch().and_then(|()| commands::run(arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody can be told when stderr is closed.
            let _ = writeln!(io::stderr(), "error: {}", failure::line(&error));
            ExitCode::FAILURE
        }
    }
}
