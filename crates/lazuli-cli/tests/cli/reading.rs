//! How CSV files are found and read: flags that each make a difference.

use serde_json::json;

use crate::support::Folder;

/// What `head` shows of a file with this content, as CSV.
fn head(content: &str, flags: &[&str]) -> String {
    let folder = Folder::with(&[("x.csv", content)]);
    folder.call(&[&["head", "x.csv", "--format", "csv"], flags].concat()).answer()
}

#[test]
fn separators() {
    assert_eq!(head("a;b\n1,5;2\n", &["--separator", ";"]), "a,b\n\"1,5\",2\n");
    assert_eq!(head("a\tb\n1\t2\n", &["--separator", "\\t"]), "a,b\n1,2\n");
}

#[test]
fn quotes() {
    assert_eq!(head("a,b\n'1,5',2\n", &["--quote", "'"]), "a,b\n\"1,5\",2\n");
    assert_eq!(head("a,b\n\"1,5\"\n", &["--quote", ""]), "a,b\n\"\"\"1\",\"5\"\"\"\n");
}

#[test]
fn comments() {
    assert_eq!(head("# made by hand\na\n1\n#2\n3\n", &["--comment", "#"]), "a\n1\n3\n");
}

#[test]
fn headers() {
    assert_eq!(head("1,x\n2,y\n", &["--no-header"]), "column_1,column_2\n1,x\n2,y\n");
}

#[test]
fn lines_to_skip_and_rows_of_another_width() {
    assert_eq!(head("made by hand\n\na,b\n1,2\n", &["--skip-rows", "2"]), "a,b\n1,2\n");
    let content = "a,b\n1,2\n3\n4,5,6\n";
    assert_eq!(head(content, &["--ragged", "cut"]), "a,b\n1,2\n3,\n4,5\n");
    assert_eq!(head(content, &["--ragged", "skip"]), "a,b\n1,2\n");
    assert_eq!(head("a,b\n1,2\n3\n", &["--ragged", "pad"]), "a,b\n1,2\n3,\n");
}

#[test]
fn cells_that_cannot_be_read() {
    let folder = Folder::with(&[("x.csv", "a,b\n1,2\nx,3\n4,y\n"), ("y.csv", "a,b\n5,6\nz,7\n")]);
    let call = |flags: &[&str]| {
        let asked =
            ["agg", "*.csv", "-e", "sum(a) AS a", "--format", "csv", "--schema", "a=i64,b=i64"];
        folder.call(&[&asked[..], flags].concat())
    };
    let failed = call(&["--rejects", "rejects.txt"]);
    assert_eq!((failed.code, &*failed.stdout), (Some(1), ""));
    let cells = "2 cells cannot be read:\n  x.csv: line 3, column \"a\": cannot read \"x\" as i64\n  \
                 y.csv: line 3, column \"a\": cannot read \"z\" as i64\n";
    assert_eq!(failed.stderr, format!("error: {cells}"));
    let rejects = "path,line,column,text,expected\nx.csv,3,a,x,i64\ny.csv,3,a,z,i64\n";
    assert_eq!(std::fs::read_to_string(folder.join("rejects.txt")).unwrap(), rejects);
    for policy in ["null", "skip"] {
        let done = call(&["--on-error", policy]);
        assert_eq!((done.code, &*done.stdout), (Some(0), "a\n10\n"));
        assert!(done.stderr.starts_with("note: 2 cells that cannot be read"), "{}", done.stderr);
    }
    let both = |policy| {
        let asked =
            ["agg", "x.csv", "-e", "count(*) AS n, sum(a) AS a, sum(b) AS b", "--format", "csv"];
        let flags = ["--schema", "a=i64,b=i64", "--on-error", policy];
        folder.call(&[&asked[..], &flags].concat()).stdout
    };
    assert_eq!(both("null"), "n,a,b\n3,5,5\n");
    assert_eq!(both("skip"), "n,a,b\n1,1,2\n");
}

#[test]
fn columns_that_are_renamed_are_said() {
    let folder = Folder::with(&[("x.csv", "a,,a\n1,2,3\n")]);
    let call = folder.call(&["head", "x.csv", "--format", "csv"]);
    assert_eq!((call.code, &*call.stdout), (Some(0), "a,column_2,a_2\n1,2,3\n"));
    assert_eq!(
        call.stderr,
        "note: x.csv: column 2 has no name: it is called \"column_2\"\n\
         note: x.csv: column 3 is not the first \"a\": it is called \"a_2\"\n"
    );
}

#[test]
fn tabs_by_extension_and_separators_that_seem_to_be_meant() {
    let folder = Folder::with(&[("x.tsv", "a\tb\n1\t2\n"), ("y.csv", "a;b\n1;2\n")]);
    let call = |file| folder.call(&["head", file, "--format", "csv"]);
    assert_eq!(call("x.tsv").answer(), "a,b\n1,2\n");
    let note = "note: y.csv: there is one column, \"a;b\": is ';' the separator?\n";
    assert_eq!(call("y.csv").stderr, note);
}

#[test]
fn numbers_and_truth_values_as_others_write_them() {
    let flags = ["--separator", ";", "--decimal", ",", "--thousands", ".", "--true-value", "ja"];
    let content = "n;t\n1.234,5;ja\n0,25;FALSE\n";
    assert_eq!(head(content, &flags), "n,t\n1234.5,true\n0.25,false\n");
}

#[test]
fn files_that_are_split() {
    let mut content = "k,v\n".to_owned();
    for row in 0..500 {
        content += &format!("\"a\n\"\"{}\",{row}\n", row % 7);
    }
    let folder = Folder::with(&[("x.csv", &content)]);
    let call = |flags: &[&str]| {
        let asked =
            ["agg", "x.csv", "-e", "sum(v), count(*), max(v)", "--by", "k", "--format", "csv"];
        folder.call(&[&asked, flags].concat()).answer()
    };
    let whole = call(&[]);
    assert_eq!(whole.lines().count(), 1 + 2 * 7);
    for size in ["17", "100", "1000", "5000"] {
        assert_eq!(call(&["--block-size", size]), whole, "{size}");
    }
}

#[test]
fn null_values() {
    assert_eq!(
        head("a\n1\n-\n-999\n", &["--null-value", "-", "--null-value", "-999"]),
        "a\n1\n\n\n"
    );
    assert_eq!(head("a\nx\n?\n", &["--null-value=?"]), "a\nx\n\n");
}

#[test]
fn dtypes() {
    let content = "code,x,n\n01,1,7\n02,2,8\n";
    assert_eq!(head(content, &[]), "code,x,n\n01,1,7\n02,2,8\n");
    let flags = ["--schema", "code=i64,x=f64"];
    assert_eq!(head(content, &flags), "code,x,n\n1,1.0,7\n2,2.0,8\n");
}

#[test]
fn as_many_rows_as_asked_for() {
    let folder = Folder::with(&[("1.csv", "a\n1\n2\n"), ("2.csv", "a\n3\n4\n")]);
    let head = |rows| folder.call(&["head", "*.csv", "-n", rows, "--format", "csv"]).answer();
    assert_eq!(head("0"), "a\n");
    assert_eq!(head("1"), "a\n1\n");
    assert_eq!(head("3"), "a\n1\n2\n3\n");
    assert_eq!(head("9"), "a\n1\n2\n3\n4\n");
}

#[test]
fn files_by_name_and_by_pattern() {
    let folder = Folder::with(&[("1.csv", "a\n1\n"), ("2.csv", "a\n2\n"), ("3.csv", "a\n3\n")]);
    let sum = |files: &[&str]| {
        let call = [&["agg"], files, &["-e", "sum(a) AS sum", "--format", "json"]].concat();
        folder.call(&call).json()[0]["sum"].as_i64()
    };
    assert_eq!(sum(&["2.csv"]), Some(2));
    assert_eq!(sum(&["*.csv"]), Some(6));
    assert_eq!(sum(&["1.csv", "3.csv"]), Some(4));
}

#[test]
fn rows_that_fulfil_a_condition() {
    let folder = Folder::with(&[("1.csv", "a,b\n1,x\n2,y\n"), ("2.csv", "a,b\n3,x\n,x\n")]);
    let count = |condition| {
        let call =
            ["agg", "*.csv", "-e", "count(*) AS n", "--format", "json", "--where", condition];
        folder.call(&call).json()[0]["n"].as_i64()
    };
    assert_eq!(count("a > 1"), Some(2));
    assert_eq!(count("b = 'x' AND a IS NULL"), Some(1));
    assert_eq!(count("a > 9"), Some(0));
}

#[test]
fn the_schema_is_shown() {
    let folder =
        Folder::with(&[("1.csv", "n,x,t,b\n1,2,z,true\n"), ("2.csv", "n,x,t,b\n1,2.5,,\n")]);
    let arguments = ["schema", "*.csv", "--schema", "n=i32", "--format", "json"];
    let expected = json!([
        {"column": "n", "dtype": "i32"},
        {"column": "x", "dtype": "f64"},
        {"column": "t", "dtype": "str"},
        {"column": "b", "dtype": "bool"},
    ]);
    assert_eq!(folder.call(&arguments).json(), expected);
}
