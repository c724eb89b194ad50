//! `lazuli demo`: its answers are those of its sample data.

use std::fs;

use crate::support::{Call, Folder, program};

#[test]
fn answers_are_those_of_the_sample_data() {
    let folder = Folder::new();
    let shown = folder.call(&["demo", "--dir", "sample"]).answer();
    let mut overall = 0;
    for year in 2005..2021 {
        let name = format!("sample/{year}_tracks.csv");
        let content = folder.read(&name);
        let rows = content.lines().skip(1);
        // Fields after the name hold no commas.
        let longest = rows.map(|row| row.rsplit(',').nth(8).unwrap().parse::<u64>().unwrap()).max();
        let longest = longest.unwrap();
        overall = overall.max(longest);
        let line = shown.lines().find(|line| line.starts_with(&name)).unwrap();
        assert!(line.ends_with(&format!(" {longest}")), "{line}: not {longest}");
    }
    assert!(shown.contains(&format!("{overall}  320000\n")), "{shown}");
    assert_eq!(fs::metadata(folder.join("sample/values.npy")).unwrap().len(), 80_000_128);
    let skewness = shown.lines().find(|line| line.starts_with("skewness")).unwrap();
    assert!(skewness.split_whitespace().nth(1).unwrap().starts_with("2.0"), "{skewness}");
}

#[test]
fn the_sample_data_goes_away() {
    let folder = Folder::new();
    let call = program(folder.path()).arg("demo").env("TMPDIR", folder.path()).output().unwrap();
    assert!(Call::from(call).answer().contains("Sample data in "));
    assert!(folder.names().is_empty());
}
