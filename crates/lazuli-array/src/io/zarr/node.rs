//! What a folder of a store is: an array or a group, of version 2 or 3.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::ArrayError;

/// Bytes of the longest metadata that are read.
const LONGEST: u64 = 64 << 20;

/// The version of the format that a node is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeVersion {
    V2,
    V3,
}

/// A node of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Array(NodeVersion),
    Group(NodeVersion),
}

impl Node {
    /// What this folder is; None where it is no node.
    pub(crate) fn of(folder: &Path) -> Result<Option<Self>, ArrayError> {
        let path = folder.join("zarr.json");
        let error = |reason: String| ArrayError::File { path: path.clone(), reason };
        match fs::metadata(&path) {
            Ok(metadata) if metadata.len() > LONGEST => {
                return Err(error(format!("has {} bytes, too many for metadata", metadata.len())));
            }
            Ok(_) => {
                let text = fs::read(&path).map_err(|reason| error(reason.to_string()))?;
                let value: Value = serde_json::from_slice(&text)
                    .map_err(|reason| error(format!("is not JSON: {reason}")))?;
                return match value.get("node_type").and_then(Value::as_str) {
                    Some("array") => Ok(Some(Self::Array(NodeVersion::V3))),
                    Some("group") => Ok(Some(Self::Group(NodeVersion::V3))),
                    _ => Err(error("does not say whether it is an array or a group".into())),
                };
            }
            Err(reason) if is_missing(&reason) => {}
            Err(reason) => return Err(error(reason.to_string())),
        }
        let is_file = |name: &str| folder.join(name).is_file();
        Ok(match () {
            () if is_file(".zarray") => Some(Self::Array(NodeVersion::V2)),
            () if is_file(".zgroup") => Some(Self::Group(NodeVersion::V2)),
            () => None,
        })
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The arrays below a group, by their paths from it, in order.
pub(super) fn arrays_in(group: &Path) -> Result<Vec<String>, ArrayError> {
    let error = |path: &Path, reason: String| ArrayError::File { path: path.to_owned(), reason };
    if !matches!(Node::of(group)?, Some(Node::Group(_))) {
        return Err(error(group, "is not a Zarr group: it has no metadata of one".into()));
    }
    let mut arrays = Vec::new();
    let mut groups: Vec<(PathBuf, String)> = vec![(group.to_owned(), String::new())];
    while let Some((folder, name)) = groups.pop() {
        let unreadable = |reason: io::Error| error(&folder, reason.to_string());
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            // Links are not followed, so that there is an end.
            if !entry.file_type().map_err(unreadable)?.is_dir() {
                continue;
            }
            let Ok(own) = entry.file_name().into_string() else { continue };
            let below = if name.is_empty() { own } else { format!("{name}/{own}") };
            match Node::of(&entry.path())? {
                Some(Node::Array(_)) => arrays.push(below),
                Some(Node::Group(_)) => groups.push((entry.path(), below)),
                None => {}
            }
        }
    }
    arrays.sort_unstable();
    Ok(arrays)
}
