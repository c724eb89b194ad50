//! A picture in the language of Graphviz (`dot -Tsvg plan.dot`).

use std::fmt::Write as _;

use super::picture::{Picture, TaskBox};
use crate::base::lane::Lane;

pub(super) fn write(picture: &Picture<'_>) -> String {
    let mut text = String::from(
        "digraph lazuli {\n    node [shape=box, style=\"rounded,filled\", fillcolor=white, \
         fontname=monospace];\n",
    );
    for (number, task) in picture.boxes.iter().enumerate() {
        // Writing into a string does not fail.
        let _ = writeln!(text, "    t{number} [{}];", attributes(task));
    }
    for (input, task) in &picture.arrows {
        let _ = writeln!(text, "    t{input} -> t{task};");
    }
    text.push_str("}\n");
    text
}

fn attributes(task: &TaskBox<'_>) -> String {
    let mut attributes = format!("label=\"{}", quoted(task.name));
    if let Some(part) = task.part {
        let _ = write!(attributes, "\\n{}", quoted(part));
    }
    let _ = write!(attributes, "\", tooltip=\"{}\"", quoted(&task.site.to_string()));
    match task.lane {
        Lane::Cpu => {}
        Lane::Blocking => attributes.push_str(", fillcolor=lightgoldenrod"),
        #[cfg(feature = "async")]
        Lane::Async => attributes.push_str(", fillcolor=palegreen"),
    }
    if task.output {
        attributes.push_str(", penwidth=2");
    }
    attributes
}

/// As it stands between quotes.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
