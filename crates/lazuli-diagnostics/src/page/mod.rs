//! One HTML document with all that it needs: the report from disk, and the dashboard.
//!
//! What was recorded comes from anywhere: names, paths and messages are data, never markup. They stand in the
//! page as JSON, in which no tag can end, and reach the document as text. Beside that the page states a policy:
//! the browser runs the one script and the one style whose hashes it names, and talks to no other host.

use std::io::{self, Write};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// The charts, as published; the licence stands beside them.
const UPLOT: &str = include_str!("assets/uplot/uPlot.iife.min.js");
const UPLOT_STYLE: &str = include_str!("assets/uplot/uPlot.min.css");
const UPLOT_LICENCE: &str = include_str!("assets/uplot/LICENSE");

const BODY: &str = include_str!("assets/page.html");

/// The style, in one piece.
static STYLE: LazyLock<String> =
    LazyLock::new(|| format!("{UPLOT_STYLE}\n{}", include_str!("assets/page.css")));

/// The script, in one piece. A licence goes where the code goes.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let own = [
        include_str!("assets/format.js"),
        include_str!("assets/model.js"),
        include_str!("assets/stream.js"),
        include_str!("assets/gestures.js"),
        include_str!("assets/charts.js"),
        include_str!("assets/panels.js"),
        include_str!("assets/main.js"),
    ];
    let own = own.concat();
    format!("/*\n{UPLOT_LICENCE}*/\n{UPLOT}\n(() => {{\n'use strict';\n{own}}})();\n")
});

/// The policy of the page; `connect` says what it may talk to.
fn policy(connect: &str) -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src {connect}; \
         base-uri 'none'; form-action 'none'",
        hash(&SCRIPT),
        hash(&STYLE)
    )
}

/// Writes the page that shows this record.
pub(crate) fn write_report(record: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    head(out, Some(&policy("'none'")))?;
    out.write_all(b"<script type=\"application/json\" id=\"record\">")?;
    serde_json::to_writer(Untagged(out), record)?;
    out.write_all(b"</script>\n")?;
    foot(out)
}

/// The page that asks where it came from for what it shows, with the token by which it may cancel.
#[cfg(feature = "dashboard")]
pub(crate) fn live(token: &str) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    head(&mut page, None)?;
    page.write_all(b"<script type=\"application/json\" id=\"live\">")?;
    serde_json::to_writer(Untagged(&mut page), &serde_json::json!({ "token": token }))?;
    page.write_all(b"</script>\n")?;
    foot(&mut page)?;
    Ok(page)
}

/// The policy of the live page, for its header.
#[cfg(feature = "dashboard")]
pub(crate) fn live_policy() -> String {
    policy("'self'") + "; frame-ancestors 'none'"
}

fn head(out: &mut dyn Write, policy: Option<&str>) -> io::Result<()> {
    out.write_all(b"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")?;
    if let Some(policy) = policy {
        writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    }
    out.write_all(
        b"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
          <meta name=\"referrer\" content=\"no-referrer\">\n\
          <meta name=\"color-scheme\" content=\"light dark\">\n<title>lazuli</title>\n<style>",
    )?;
    out.write_all(STYLE.as_bytes())?;
    out.write_all(b"</style>\n</head>\n")?;
    out.write_all(BODY.as_bytes())
}

fn foot(out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<script>{}</script>\n</body>\n</html>\n", *SCRIPT)
}

/// Writes JSON that no tag can stand in: `<` is only ever part of a text there, which may be written otherwise.
struct Untagged<'w>(&'w mut dyn Write);

impl Write for Untagged<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (number, piece) in bytes.split(|byte| *byte == b'<').enumerate() {
            if number > 0 {
                self.0.write_all(b"\\u003c")?;
            }
            self.0.write_all(piece)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What ends a script, or begins a comment in it, does neither.
    #[test]
    fn no_text_ends_the_record() {
        let hostile = ["</script><script>alert(1)</script>", "<!--", "a<b", "\u{2028}", "<"];
        let mut page = Vec::new();
        write_report(&hostile, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        let record =
            page.split_once("id=\"record\">").unwrap().1.split_once("</script>").unwrap().0;
        assert!(!record.contains('<'), "{record}");
        assert_eq!(serde_json::from_str::<Vec<String>>(record).unwrap(), hostile);
    }

    /// The text between the tags of the script is what the policy has the hash of, and holds no end of itself.
    #[test]
    fn the_policy_is_of_what_the_page_holds() {
        let mut page = Vec::new();
        write_report(&0, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        let between = |start: &str, end: &str| {
            let from = page.rfind(start).unwrap() + start.len();
            page[from..].split_once(end).unwrap().0
        };
        for text in [between("<script>", "</script>"), between("<style>", "</style>")] {
            let hash = STANDARD.encode(Sha256::digest(text.as_bytes()));
            assert!(page.contains(&format!("'sha256-{hash}'")));
        }
        // Beside the comments of the charts, no host is named.
        let code: String = page.split("/*").map(|text| text.rsplit("*/").next().unwrap()).collect();
        assert!(!code.contains("http://") && !code.contains("https://"), "another host is named");
    }
}
