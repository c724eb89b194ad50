//! What a program of delayed functions builds.

use std::process::Command;

#[test]
fn neither_ndarray_nor_polars_is_built() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal,build,dev", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("cargo prints text");
    assert!(tree.contains("lazuli-core"), "{tree}");
    let heavy = tree.lines().filter(|line| {
        ["ndarray", "polars", "lazuli-array", "lazuli-frame"].iter().any(|it| line.starts_with(it))
    });
    assert_eq!(heavy.collect::<Vec<_>>(), [""; 0]);
}
