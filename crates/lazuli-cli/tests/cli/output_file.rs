//! `-o`: the answer in a file, whole or not at all.

use std::fs;

use crate::support::Folder;

const DATA: [(&str, &str); 2] = [("x.csv", "a,b\n1,x\n2,y\n"), ("bad.csv", "a,b\n1\n")];

#[test]
fn the_file_holds_what_stdout_would() {
    let folder = Folder::with(&DATA);
    for format in ["pretty", "csv", "json"] {
        let arguments = ["agg", "x.csv", "-e", "max(a)", "--by", "b", "--format", format];
        let shown = folder.call(&arguments).answer();
        let written = folder.call(&[&arguments[..], &["-o", "answer"]].concat()).answer();
        assert_eq!(written, "", "nothing on stdout");
        assert_eq!(folder.read("answer"), shown);
    }
    assert_eq!(folder.names(), ["answer", "bad.csv", "x.csv"]);
}

#[test]
fn a_failed_call_leaves_the_file_as_it_was() {
    let folder = Folder::with(&DATA);
    fs::write(folder.join("answer"), "the answer of yesterday").unwrap();
    folder.call(&["agg", "bad.csv", "-e", "max(a)", "-o", "answer"]).error();
    assert_eq!(folder.read("answer"), "the answer of yesterday");
    folder.call(&["agg", "bad.csv", "-e", "max(a)", "-o", "other"]).error();
    assert_eq!(folder.names(), ["answer", "bad.csv", "x.csv"]);
}

#[test]
fn a_place_that_takes_no_file() {
    let folder = Folder::with(&DATA);
    fs::create_dir(folder.join("folder")).unwrap();
    // Before anything is read: the missing file is not what is complained of.
    let error = folder.call(&["agg", "no.csv", "-e", "max(a)", "-o", "folder"]).error();
    assert!(error.contains("folder: cannot be written"), "{error}");
    let error = folder.call(&["agg", "no.csv", "-e", "max(a)", "-o", "no/answer"]).error();
    assert!(error.starts_with("no/answer: cannot be written"), "{error}");
    let error = folder.call(&["agg", "x.csv", "-e", "max(a)", "-o", "/dev/full"]).error();
    assert!(error.starts_with("/dev/full: cannot be written"), "{error}");
}
