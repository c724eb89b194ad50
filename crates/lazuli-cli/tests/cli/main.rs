//! The command as its users meet it: the built program, called with arguments, judged by its exit
//! code, stdout, stderr and files.

mod demo;
mod failures;
mod flights;
mod formats;
mod interrupt;
mod output_file;
mod pipes;
mod progress;
mod reading;
mod seeing;
mod stats;
mod support;
mod tables;
mod threads;
mod usage;
