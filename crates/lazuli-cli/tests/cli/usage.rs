//! Wrong calls end with 2, before anything is read; help and version with 0.

use crate::support::Folder;

#[test]
fn a_wrong_call_is_told_what_is_wrong() {
    let folder = Folder::new();
    let calls: [(&[&str], &str); 16] = [
        (&[], "Usage: lazuli"),
        (&["frobnicate"], "frobnicate"),
        (&["agg"], "<FILES>"),
        (&["agg", "x.csv"], "--expr"),
        (&["agg", "x.csv", "-e", "max("], "max("),
        (&["agg", "x.csv", "-e", "count(*)", "--where", "a >"], "--where"),
        (&["agg", "x.csv", "-e", "count(*)", "--by", "a,"], "--by"),
        (&["agg", "x.csv", "-e", "count(*)", "--frobnicate"], "--frobnicate"),
        (&["agg", "x.csv", "-e", "count(*)", "--threads", "0"], "--threads"),
        (&["head", "x.csv", "-n", "-1"], "-1"),
        (&["head", "x.csv", "--format", "xml"], "xml"),
        (&["head", "x.csv", "--separator", ";;"], "--separator"),
        (&["head", "x.csv", "--progress", "often"], "often"),
        (&["schema", "x.csv", "--schema", "a=complex"], "complex"),
        (&["stats", "x.npy", "--ddof", "one"], "--ddof"),
        (&["demo", "--format", "json"], "--format"),
    ];
    for (arguments, expected) in calls {
        let call = folder.call(arguments);
        assert!(call.code == Some(2) && call.stdout.is_empty(), "{arguments:?}: {call:?}");
        assert!(call.stderr.contains(expected), "{arguments:?}: {call:?}");
    }
}

#[test]
fn help_is_an_answer() {
    let folder = Folder::new();
    for command in ["demo", "agg", "stats", "head", "schema"] {
        assert!(folder.call(&["--help"]).answer().contains(command));
        assert!(folder.call(&[command, "--help"]).answer().contains("Usage: lazuli"));
    }
    assert!(folder.call(&["--version"]).answer().starts_with("lazuli "));
}
