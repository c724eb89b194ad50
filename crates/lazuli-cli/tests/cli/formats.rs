//! The formats hold the values exactly.

use serde_json::{Value, json};

use crate::support::Folder;

const DATA: &str = concat!(
    "id,name,x,flag\n",
    "9223372036854775807,\"say \"\"hi\"\", twice\",0.1,true\n",
    "-9223372036854775808,\"two\nlines\",1e300,false\n",
    ",\"\",-2.5e-7,\n",
    "0,,,true\n",
    "1,Блюз 夜,NA,true\n",
);

fn folder() -> Folder {
    Folder::with(&[("x.csv", DATA)])
}

#[test]
fn json_holds_every_value() {
    let rows = folder().call(&["head", "x.csv", "--format", "json"]).json();
    let expected = json!([
        {"id": i64::MAX, "name": "say \"hi\", twice", "x": 0.1, "flag": true},
        {"id": i64::MIN, "name": "two\nlines", "x": 1e300, "flag": false},
        {"id": null, "name": "", "x": -2.5e-7, "flag": null},
        {"id": 0, "name": null, "x": null, "flag": true},
        {"id": 1, "name": "Блюз 夜", "x": null, "flag": true},
    ]);
    assert_eq!(rows, expected);
}

#[test]
fn unsigned_integers_are_exact() {
    let folder = Folder::with(&[("x.csv", "a\n18446744073709551615\n3\n")]);
    let arguments = ["agg", "x.csv", "-e", "max(a)", "--schema", "a=u64", "--format", "json"];
    assert_eq!(folder.call(&arguments).json(), json!([{"max(a)": u64::MAX}]));
}

#[test]
fn csv_reads_back_as_it_was() {
    let folder = folder();
    let once = folder.call(&["head", "x.csv", "--format", "csv"]).answer();
    std::fs::write(folder.join("again.csv"), &once).unwrap();
    assert_eq!(folder.call(&["head", "again.csv", "--format", "csv"]).answer(), once);
    let json = |file| folder.call(&["head", file, "--format", "json"]).answer();
    assert_eq!(json("again.csv"), json("x.csv"));
}

#[test]
fn a_table_is_aligned() {
    let folder = Folder::with(&[("x.csv", "carrier,delay\nAA,5\nBlue Sky,-12\n")]);
    let expected = concat!(
        "carrier   delay\n",
        "────────  ─────\n",
        "AA            5\n",
        "Blue Sky    -12\n",
    );
    assert_eq!(folder.call(&["head", "x.csv"]).answer(), expected);
}

#[test]
fn keys_come_first_and_expressions_are_named_by_their_text() {
    let folder = Folder::with(&[("x.csv", "a,b,c\n1,x,2\n3,x,4\n")]);
    let arguments =
        ["agg", "x.csv", "-e", "max(a), min(c) AS low", "-e", "max(a) - min(c)", "--by", "c,b"];
    let text = folder.call(&[&arguments[..], &["--format", "csv"]].concat()).answer();
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.remove(0), "c,b,max(a),low,max(a) - min(c)");
    lines.sort_unstable();
    assert_eq!(lines, ["2,x,1,2,-1", "4,x,3,4,-1"]);
}

#[test]
fn what_is_no_number_is_null_in_json() {
    let folder = Folder::with(&[("x.csv", "a\n1\n")]);
    let arguments = ["agg", "x.csv", "-e", "stddev(a), sum(a) / 0.0 AS infinite"];
    let rows = folder.call(&[&arguments[..], &["--format", "json"]].concat()).json();
    assert_eq!(rows, json!([{"stddev(a)": Value::Null, "infinite": Value::Null}]));
}
