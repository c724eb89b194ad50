//! Tile programs: the expressions of one pass, evaluated a few thousand elements at a time.
//!
//! All expressions of a pass are compiled into one list of steps over *registers*, equal
//! subexpressions once. A task loads its block of every source, and then runs the list for one tile
//! after another: a tile of a few thousand elements stays in the first-level cache from the step
//! that makes it to the statistics that take it, and no temporary the size of a block exists.

mod joined;
mod leaf;
mod program;
mod registers;
mod tiling;

pub(crate) use joined::{Joining, JoiningOf};
pub(crate) use program::{Program, ProgramBuilder, Step};
pub(crate) use registers::{AnyScalar, RegId, Registers};
pub(crate) use tiling::{Tile, Tiling};
