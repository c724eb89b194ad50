//! Progress is drawn on stderr where it is wanted, and is gone in the end.

use crate::support::Folder;

#[test]
fn progress_is_drawn_where_it_is_wanted() {
    let folder = Folder::with(&[("x.csv", "a\n1\n")]);
    let arguments = ["agg", "x.csv", "-e", "max(a)", "--progress"];
    let call = |when| folder.call(&[&arguments[..], &[when]].concat());
    // stderr is a pipe here.
    let answer = call("auto").answer();
    assert_eq!(call("never").answer(), answer);
    let drawn = call("always");
    assert_eq!((drawn.code, &drawn.stdout), (Some(0), &answer));
    assert!(drawn.stderr.contains(" tasks, "), "{drawn:?}");
    // The last thing that is done to the line is to clear it.
    let last = drawn.stderr.rsplit_once("\u{1b}[2K").unwrap().1;
    assert!(!last.contains("tasks"), "{drawn:?}");
}
