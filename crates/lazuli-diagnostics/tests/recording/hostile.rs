//! Names come from anywhere: of markup, of control characters, of any length. They stay data.

use lazuli_core::{Delayed, task};
use lazuli_diagnostics::Recorder;

use crate::support::{page, record, trace, watched};

const MARKUP: &str = "</script><script>window.harm=1</script><img src=x onerror=harm()>";
const ESCAPES: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}txt.exe";

fn hostile() -> Delayed<i64> {
    let long = "x<".repeat(5_000);
    let parts = [MARKUP, ESCAPES, long.as_str()];
    let tasks = parts.map(|part| task(MARKUP).part(part).call((), |()| 1_i64));
    let [one, two, three] = tasks;
    let failing =
        task("fails").part(MARKUP).try_call((), |()| Err::<i64, _>(std::io::Error::other(MARKUP)));
    one + two + three + failing
}

#[test]
fn names_stay_data_in_a_report() {
    let (recorder, _, executor) = watched(Recorder::new());
    executor.compute(hostile()).unwrap_err();
    recorder.note(MARKUP, &[MARKUP], [[ESCAPES.to_owned()]]);
    let page = page(&recorder);
    let before = page.split_once("id=\"record\">").unwrap().1;
    let data = before.split_once("</script>").unwrap().0;
    assert!(
        !data.contains('<') && !data.contains('\u{1b}'),
        "what is recorded holds no tag and no escape"
    );
    assert_eq!(page.matches("<script").count(), 2, "the record and the script of the page");
    let record = record(&recorder);
    assert_eq!(record["overview"]["notes"][0]["title"], MARKUP);
    let parts = record["bars"]["0"]["parts"].as_object().unwrap();
    assert!(parts.values().all(|part| part.as_str().unwrap().chars().count() <= 2001));
}

#[test]
fn names_stay_data_in_a_trace() {
    let (recorder, _, executor) = watched(Recorder::new());
    executor.compute(hostile()).unwrap_err();
    let events = trace(&recorder);
    assert!(events.iter().any(|event| event["name"] == MARKUP));
}
