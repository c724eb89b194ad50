//! The subcommands: each asks the library for an answer through its public interface and writes it.

mod agg;
mod demo;
mod describe;
mod head;
mod rejects;
mod schema;
mod stats;

use anyhow::Result;

use crate::args::Command;

/// Does what was asked.
pub(crate) fn run(command: Command) -> Result<()> {
    match command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Agg(arguments) => agg::run(arguments),
        Command::Describe(arguments) => describe::run(arguments),
        Command::Stats(arguments) => stats::run(&arguments),
        Command::Head(arguments) => head::run(arguments),
        Command::Schema(arguments) => schema::run(arguments),
    }
}
