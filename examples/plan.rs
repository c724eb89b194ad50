//! A plan before it runs: what each step of planning makes of the graph, its tasks as data, a picture.

use lazuli::prelude::*;

/// Looks at the plan of a ratio of two statistics. Nothing is computed.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let x = ChunkedArray::from_fn([1_000_000], [250_000], |[i]| (i as f64).sqrt());
    let ratio = x.std(1) / x.mean();

    // Two requests become one task for each block, and a few that finish.
    let explained = ratio.explain()?;
    println!("{explained}\n");
    assert_eq!((explained.requests, explained.leaves), (2, 4));

    let plan = Executor::current().plan(&ratio)?;
    for task in plan.tasks() {
        let inputs: Vec<usize> = task.dependencies().collect();
        println!("{:>2} {} takes {inputs:?}", task.index(), task.id());
    }

    let folder = tempfile::tempdir()?;
    let picture = folder.path().join("ratio.svg");
    ratio.visualize(&picture)?;
    println!("\na picture of it: {} bytes of SVG", std::fs::metadata(picture)?.len());
    Ok(())
}
