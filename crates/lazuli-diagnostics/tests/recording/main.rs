//! What a recorder keeps is true: it is held against an observer of its own.

mod bounded;
mod hostile;
mod support;
mod truth;
