//! Whatever is wrong with the data: exit code 1, nothing on stdout, one line on stderr that says what
//! is wrong and where.

use std::fs;

use crate::support::{Folder, write_npy};

const MAX_A: [&str; 2] = ["-e", "max(a)"];

fn agg(folder: &Folder, file: &str) -> String {
    folder.call(&[&["agg", file], &MAX_A[..]].concat()).error()
}

#[test]
fn a_missing_file() {
    let folder = Folder::new();
    for command in
        [&["agg", "no.csv", "-e", "max(a)"][..], &["head", "no.csv"], &["schema", "no.csv"]]
    {
        let error = folder.call(command).error();
        assert!(error.contains("no.csv"), "{error}");
    }
    assert!(folder.call(&["stats", "no.npy"]).error().starts_with("no.npy: "));
}

#[test]
fn a_pattern_without_files() {
    let error = agg(&Folder::with(&[("x.csv", "a\n1\n")]), "data/*.csv");
    assert!(error.contains("data/*.csv"), "{error}");
}

#[test]
fn a_file_that_cannot_be_read() {
    let folder = Folder::new();
    fs::create_dir(folder.join("x.csv")).unwrap();
    assert!(agg(&folder, "x.csv").starts_with("x.csv: "));
    assert!(folder.call(&["head", "x.csv"]).error().starts_with("x.csv: "));
    assert!(folder.call(&["stats", "x.csv"]).error().starts_with("x.csv: "));
}

#[test]
fn an_empty_file() {
    let folder = Folder::with(&[("x.csv", ""), ("x.npy", ""), ("y.csv", "a\n1\n")]);
    for command in [&["agg", "x.csv", "-e", "max(a)"][..], &["head", "*.csv"], &["schema", "x.csv"]]
    {
        let error = folder.call(command).error();
        assert!(error.starts_with("x.csv: ") && error.contains("empty"), "{error}");
    }
    let error = folder.call(&["stats", "x.npy"]).error();
    assert!(error.starts_with("x.npy: ") && error.contains("empty"), "{error}");
}

#[test]
fn a_file_without_the_column() {
    let folder = Folder::with(&[("x.csv", "b\n1\n"), ("y.csv", "a\n1\n")]);
    let error = agg(&folder, "x.csv");
    assert!(error.contains("x.csv") && error.contains("\"a\""), "{error}");
    let error = agg(&folder, "*.csv");
    assert!(error.contains("x.csv") && error.contains("\"a\""), "{error}");
}

#[test]
fn no_number_in_a_number_column() {
    let content =
        "id,dep_delay\n".to_owned() + &"1,2\n".repeat(15) + "16,abc\n" + &"1,2\n".repeat(9);
    let folder = Folder::with(&[("x.csv", &content)]);
    let call = |expression: &str, flags: &[&str]| {
        folder.call(&[&["agg", "x.csv", "-e", expression], flags].concat())
    };
    let error = call("max(dep_delay)", &["--schema", "dep_delay=i64"]).error();
    assert_eq!(error, "x.csv: line 17, column \"dep_delay\": cannot read \"abc\" as i64");
    let error = call("sum(dep_delay)", &[]).error();
    let cell = "x.csv: line 17, column \"dep_delay\": \"abc\" makes the column text";
    assert!(error.contains(cell), "{error}");
    assert!(call("max(dep_delay)", &[]).answer().contains("abc"));
    assert!(call("max(id)", &[]).answer().contains("16"));
}

#[test]
fn no_number_in_one_of_several_files() {
    let files = [("x.csv", "a,b\n1,2\n"), ("y.csv", "a,b\n1,2\n3,4\nn/k,5\n6,7\n")];
    let error = agg(&Folder::with(&files), "*.csv");
    assert_eq!(
        error,
        "the files disagree on dtypes: \"a\" is i64 in x.csv, str in y.csv (\"n/k\" in y.csv, line 4)"
    );
}

#[test]
fn no_number_where_the_dtype_was_guessed() {
    let row = "1,2\n".repeat(200_000);
    let folder = Folder::with(&[("x.csv", &format!("id,a\n{row}1,n/k\n{row}"))]);
    let error = agg(&folder, "x.csv");
    assert_eq!(error, "x.csv: line 200002, column \"a\": cannot read \"n/k\" as i64");
    assert!(folder.call(&["agg", "x.csv", "-e", "max(a)", "--null-value", "n/k"]).code == Some(0));
}

#[test]
fn a_row_of_another_width() {
    let folder = Folder::with(&[("x.csv", "a,b\n1,2\n3\n")]);
    let error = agg(&folder, "x.csv");
    assert!(error.starts_with("x.csv: line 3: "), "{error}");
}

#[test]
fn an_aggregate_of_what_has_none() {
    let folder = Folder::with(&[("x.csv", "a\nx\n")]);
    let error = folder.call(&["agg", "x.csv", "-e", "avg(a)"]).error();
    assert!(error.contains("avg") || error.contains("mean"), "{error}");
}

#[test]
fn an_array_file_that_is_none() {
    let folder = Folder::with(&[("text.npy", "a,b\n1,2\n")]);
    let error = folder.call(&["stats", "text.npy"]).error();
    assert!(error.starts_with("text.npy: "), "{error}");
    write_npy(&folder.join("short.npy"), "<f8", "(3,)", &[0; 16]);
    let error = folder.call(&["stats", "short.npy"]).error();
    assert!(error.starts_with("short.npy: "), "{error}");
    write_npy(&folder.join("complex.npy"), "<c16", "(1,)", &[0; 16]);
    let error = folder.call(&["stats", "complex.npy"]).error();
    assert!(error.starts_with("complex.npy: ") && error.contains("complex128"), "{error}");
}
