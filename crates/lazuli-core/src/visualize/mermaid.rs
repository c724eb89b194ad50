//! A picture in the language of Mermaid, which Markdown pages of many hosts draw.

use std::fmt::Write as _;

use super::picture::{Picture, TaskBox};
use crate::base::lane::Lane;

pub(super) fn write(picture: &Picture<'_>) -> String {
    let mut text = String::from("flowchart TD\n");
    for (number, task) in picture.boxes.iter().enumerate() {
        // Writing into a string does not fail.
        let _ = writeln!(text, "    t{number}[\"{}\"]{}", label(task), class(task));
    }
    for (input, task) in &picture.arrows {
        let _ = writeln!(text, "    t{input} --> t{task}");
    }
    text.push_str(
        "    classDef cpu fill:#dbeafe,stroke:#1e3a8a,color:#0f172a\n\
         \x20   classDef beside fill:#fef3c7,stroke:#1e3a8a,color:#0f172a\n",
    );
    text
}

fn class(task: &TaskBox<'_>) -> &'static str {
    if task.lane == Lane::Cpu { ":::cpu" } else { ":::beside" }
}

fn label(task: &TaskBox<'_>) -> String {
    let mut label = quoted(task.name);
    if let Some(part) = task.part {
        let _ = write!(label, "<br/>{}", quoted(part));
    }
    if task.count > 1 {
        let _ = write!(label, "<br/>\u{d7} {}", task.count);
    }
    label
}

/// As it stands between quotes: everything that Mermaid or Markdown could take for its own is a numbered
/// character.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            letter if letter.is_control() => quoted.push('\u{fffd}'),
            letter if letter.is_alphanumeric() || " .,:/_-+()".contains(letter) => {
                quoted.push(letter)
            }
            letter => {
                let _ = write!(quoted, "#{};", u32::from(letter));
            }
        }
    }
    quoted
}
