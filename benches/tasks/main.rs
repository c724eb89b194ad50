//! What a task costs: trees, chains, fans, waits, many small checks, and its memory.
//!
//! `cargo bench -p lazuli-benches --no-default-features --bench tasks`, or one part of it: the same with `-- tree`

mod by_hand;
mod graphs;
mod memory;
mod tree;
mod waits;

type Part = fn() -> lazuli::Result<()>;

fn main() -> lazuli::Result<()> {
    let parts: [(&str, Part); 4] = [
        // First: what the process has freed before would hide how much is used.
        ("memory", memory::run),
        ("tree", tree::run),
        ("graphs", graphs::run),
        ("waits", waits::run),
    ];
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for (name, run) in parts {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            run()?;
        }
    }
    Ok(())
}
