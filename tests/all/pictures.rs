//! Pictures of plans: what a reader of SVG or of Graphviz finds in them is what the plan says.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lazuli::core::{ErrorKind, Lane, sum};
use lazuli::prelude::*;
use roxmltree::{Document, Node};

/// What is drawn: boxes with their lines of text, the tips of the boxes, and how many arrows.
struct Drawn {
    boxes: Vec<Vec<String>>,
    tips: Vec<String>,
    thick: usize,
    arrows: usize,
    caption: String,
}

impl Drawn {
    fn read(svg: &str) -> Self {
        let document = Document::parse(svg).expect("it is XML");
        let of = |node: Node<'_, '_>, tag: &str| -> Vec<String> {
            node.children()
                .filter(|child| child.has_tag_name(("http://www.w3.org/2000/svg", tag)))
                .map(|child| child.text().unwrap_or_default().to_owned())
                .collect()
        };
        let root = document.root_element();
        let groups = root.descendants().filter(|node| node.tag_name().name() == "g");
        let tasks: Vec<Node<'_, '_>> =
            groups.clone().filter(|group| !of(*group, "rect").is_empty()).collect();
        let thick = |task: &&Node<'_, '_>| {
            task.children().any(|child| child.attribute("stroke-width") == Some("2.5"))
        };
        Self {
            boxes: tasks.iter().map(|task| of(*task, "text")).collect(),
            tips: tasks.iter().flat_map(|task| of(*task, "title")).collect(),
            thick: tasks.iter().filter(thick).count(),
            arrows: groups.map(|group| of(group, "path").len()).sum(),
            caption: of(root, "title").concat(),
        }
    }

    fn of<C: Collection>(collection: C) -> Self {
        Self::read(&Executor::sync().plan(collection).expect("no requests").to_svg())
    }
}

fn load(part: usize) -> Delayed<usize> {
    task("load").part(format!("<{part}> & \"{part}\"")).call((), move |()| part)
}

#[test]
fn a_small_plan_is_drawn_task_by_task() {
    let parts: Vec<_> = (0..3).map(load).collect();
    let waits = task("waits").lane(Lane::Blocking).call((), |()| 1);
    let total = sum(parts) + &waits + 1;
    let drawn = Drawn::of((&total, &waits));
    let mut boxes = drawn.boxes.clone();
    boxes.sort();
    let lines = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
    let expected = [
        lines(&["add"]),
        lines(&["add"]),
        lines(&["load", "<0> & \"0\""]),
        lines(&["load", "<1> & \"1\""]),
        lines(&["load", "<2> & \"2\""]),
        lines(&["sum"]),
        lines(&["waits"]),
    ];
    assert_eq!(boxes, expected);
    assert_eq!((drawn.arrows, drawn.thick, &*drawn.caption), (3 + 2 + 1, 2, "7 tasks"));
    assert_eq!(drawn.tips.iter().filter(|tip| tip.contains(file!())).count(), 7);
    assert_eq!(drawn.tips.iter().filter(|tip| tip.ends_with("on the blocking lane")).count(), 1);
}

/// Of many tasks, those that are alike have one box.
#[test]
fn a_large_plan_is_drawn_in_groups() {
    let total = tree_reduce((0..4096).map(load), 8, |a, b| a + b).expect("there are parts");
    let drawn = Drawn::of(&total);
    let counts = ["\u{d7} 4096", "\u{d7} 512", "\u{d7} 64", "\u{d7} 8", "combine"];
    let last: Vec<_> = drawn.boxes.iter().filter_map(|lines| lines.last()).collect();
    assert_eq!(last, counts);
    assert_eq!((drawn.arrows, drawn.thick), (4, 1));
    assert!(drawn.caption.starts_with("4681 tasks in 5 groups"), "{}", drawn.caption);
}

/// Every task takes all before it: far more arrows than a layout can lead around boxes.
#[test]
fn a_dense_plan_is_drawn() {
    let mut tasks: Vec<Delayed<u64>> = Vec::new();
    for _ in 0..200 {
        tasks.push(task("takes").call(&tasks, |inputs| inputs.len() as u64));
    }
    let drawn = Drawn::of(tasks.last().expect("there are tasks"));
    assert_eq!((drawn.boxes.len(), drawn.arrows), (200, 200 * 199 / 2));
}

/// Each task of a chain is unlike all others but in its function.
#[test]
fn a_long_chain_is_drawn_by_its_functions() {
    let mut value = Delayed::value(0_i64);
    for _ in 0..1000 {
        value = value.map_named("up", |value| value + 1).map_named("down", |value| value - 1);
    }
    let drawn = Drawn::of(&value);
    assert_eq!(drawn.boxes, [["up", "\u{d7} 1000"], ["down", "\u{d7} 1000"]]);
    assert_eq!((drawn.arrows, drawn.thick), (2, 1));
}

#[test]
fn nothing_to_run_is_a_picture_without_boxes() {
    let drawn = Drawn::of(Delayed::value(1));
    assert_eq!((drawn.boxes.len(), drawn.arrows, &*drawn.caption), (0, 0, "0 tasks"));
}

/// Text that XML or Graphviz would take for their own, and text that is too long for a box.
#[test]
fn names_of_parts_are_drawn_whatever_they_are() {
    let strange = "]]>\"</title>\\N\\\"\u{7}\n\u{fffe}\u{1f48e}";
    let long = format!("{}/{}.csv", "folder/".repeat(40), "\u{e4}".repeat(30));
    for part in [strange, &long] {
        let value = task("reads").part(part).call((), |()| 1);
        let drawn = Drawn::of(&value);
        assert_eq!(drawn.boxes.len(), 1);
        assert!(drawn.boxes[0][1].chars().count() <= 36, "{:?}", drawn.boxes);
        let dot = Executor::sync().plan(&value).expect("no requests").to_dot();
        // One statement a line: nothing has broken out of its quotes.
        assert_eq!(dot.lines().count(), 4, "{dot}");
    }
    let whole = Drawn::of(task("reads").part(&*long).call((), |()| 1));
    assert!(whole.tips[0].contains(&long), "the tip has the whole name");
}

/// Each line of the file is a task or an edge.
#[test]
fn graphviz_files_have_every_task_and_edge() {
    let leaves: Vec<_> = (0..700).map(load).collect();
    let shared = &leaves[0] + &leaves[1];
    let total = sum(leaves.iter().map(|leaf| leaf * &shared));
    let plan = Executor::sync().plan((&total, &shared)).expect("no requests");
    let dot = plan.to_dot();
    let edges: BTreeSet<(usize, usize)> = dot
        .lines()
        .filter_map(|line| {
            let (from, to) = line.trim().strip_suffix(';')?.split_once(" -> ")?;
            let number = |text: &str| text.strip_prefix('t')?.parse().ok();
            Some((number(from)?, number(to)?))
        })
        .collect();
    let of_task = |task: lazuli::core::plan::PlannedTask<'_>| {
        task.dependencies().map(|input| (input, task.index())).collect::<Vec<_>>()
    };
    let expected: BTreeSet<_> = plan.tasks().flat_map(of_task).collect();
    assert_eq!(edges, expected);
    let labels = dot.lines().filter(|line| line.trim().starts_with('t') && line.contains("label="));
    assert_eq!(labels.count(), plan.tasks().len());
    assert_eq!(dot.matches("penwidth=2").count(), plan.outputs().collect::<BTreeSet<_>>().len());
}

/// The file is replaced as a whole, and nothing is left beside it.
#[test]
fn files_appear_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let value = load(1) + 1;
    for name in ["plan.svg", "plan.dot", "PLAN.GV"] {
        let path = folder.path().join(name);
        fs::write(&path, "yesterday's").expect("it can be written");
        value.visualize(&path).expect("it can be written");
        let text = fs::read_to_string(&path).expect("it is there");
        assert!(text.contains("load") && !text.contains("yesterday"), "{name}");
    }
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 3);
    let refused = |path: &Path, why: &str| {
        let error = visualize(&value, path).expect_err("it is refused");
        assert_eq!(error.kind(), ErrorKind::Output);
        let text = error.to_string();
        assert!(text.contains(&path.display().to_string()) && text.contains(why), "{text}");
    };
    refused(&folder.path().join("plan.png"), ".svg, .dot or .mmd");
    refused(&folder.path().join("plan"), ".svg, .dot or .mmd");
    refused(&folder.path().join("no folder/plan.svg"), "cannot be written");
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 3);
}

/// Requests of collections are drawn as the tasks that they become.
#[test]
fn arrays_are_drawn_as_their_tasks() {
    let x = ChunkedArray::from_fn([40], [10], |[i]| i as f64);
    let drawn = Drawn::of((x.mean(), x.std(0)));
    assert!(drawn.boxes.len() > 4, "{:?}", drawn.boxes);
    let error = Delayed::<u8>::from_layer("broken", Broken, []).visualize("x.svg");
    assert_eq!(error.expect_err("it cannot be planned").kind(), ErrorKind::Plan);
    assert!(!Path::new("x.svg").exists());
}

struct Broken;

impl lazuli::core::Layer for Broken {
    fn lower(
        _: &[&Self],
        _: &lazuli::core::Lowering<'_>,
    ) -> lazuli::Result<Vec<lazuli::core::Answer>> {
        Err(lazuli::Error::plan(std::io::Error::other("on purpose")))
    }
}
