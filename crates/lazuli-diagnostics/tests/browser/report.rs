//! The report, opened from disk.

use serde_json::json;

use crate::chromium::Browser;
use crate::work::{FLIGHTS, flights, recorded};

#[test]
fn a_report_shows_what_was_computed() {
    let Some(mut browser) = Browser::start() else { return };
    let (recorder, executor) = recorded();
    assert_eq!(executor.compute(flights(2000)).unwrap(), (1..=32).sum::<u64>());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    recorder.write_report(&path).unwrap();

    browser.screen(1280, 900, "light");
    browser.open(&format!("file://{}", path.display()));
    browser.wait_for("Number(document.getElementById('stream').dataset.drawn) > 0");
    assert_eq!(browser.shown("#state"), "done");
    let tiles = browser.shown("#tiles");
    assert!(tiles.contains(&format!("{FLIGHTS} of {FLIGHTS}")), "{tiles}");
    assert!(tiles.contains("552 MB"), "{tiles}");
    let groups = browser.shown("#groups");
    for name in ["fetch", "parse", "group by carrier", "mean delay"] {
        assert!(groups.contains(name), "{groups}");
    }
    assert!(browser.shown("#slowest").contains("flights/2024-"), "the slowest name their files");
    assert!(browser.shown("#sources").contains("flights/2024-12.csv"));
    assert_eq!(browser.value("document.querySelectorAll('#graph svg').length"), 1);
    assert_eq!(browser.value("document.querySelectorAll('.chart .uplot').length"), 3);

    for (width, height) in [(1280, 900), (390, 844)] {
        for scheme in ["light", "dark"] {
            browser.screen(width, height, scheme);
            let over = browser.value(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth",
            );
            assert_eq!(over, json!(0), "the page is as wide as the screen");
            browser.picture(&format!("report-{width}-{scheme}.png"), false);
            browser.picture(&format!("report-{width}-{scheme}-whole.png"), true);
        }
    }
    assert!(
        browser.requests.iter().all(|address| address.starts_with("file://")),
        "{:?}",
        browser.requests
    );
    browser.assert_content();
}

/// Keys and the pointer move about, and say what is there.
#[test]
fn the_stream_is_moved_by_keys_and_pointer() {
    let Some(mut browser) = Browser::start() else { return };
    let (recorder, executor) = recorded();
    executor.compute(flights(100)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    recorder.write_report(&path).unwrap();
    browser.screen(1280, 900, "dark");
    browser.open(&format!("file://{}", path.display()));
    browser.wait_for("Number(document.getElementById('stream').dataset.drawn) > 0");
    browser.value("document.getElementById('stream').focus()");
    let (_, whole) = seen(&mut browser);
    browser.key("+");
    let (start, near) = seen(&mut browser);
    assert!(near < whole * 0.7, "{near} of {whole}");
    browser.key("ArrowRight");
    assert!(seen(&mut browser).0 > start, "the arrow moves on");
    browser.key("n");
    let said = browser.shown("#said");
    assert!(said.contains("worker") && said.contains("task "), "{said}");
    browser.key("0");
    assert!((seen(&mut browser).1 - whole).abs() < 10.0, "0 shows all again");
    // The pointer, led along the row of the first worker, finds its tasks.
    let row = browser.value(
        "(() => { const box = document.getElementById('stream').getBoundingClientRect(); \
         return [box.left + 100, box.right, box.top + 24 + 4]; })()",
    );
    let [left, right, y] = [0, 1, 2].map(|place| row[place].as_f64().unwrap());
    let found = (0..100).any(|step| {
        browser.mouse("mouseMoved", left + (right - left) * f64::from(step) / 100.0, y);
        browser.value("!document.getElementById('bubble').hidden") == true
    });
    assert!(found, "no task is under the pointer");
    let tip = browser.shown("#bubble");
    assert!(tip.contains("worker 1"), "{tip}");
    browser.picture("report-tip.png", false);
    browser.assert_content();
}

/// The piece of time that is shown: its start, and how long it is, in ns.
fn seen(browser: &mut Browser) -> (f64, f64) {
    let view = browser.text("document.getElementById('stream').dataset.view");
    let ends: Vec<f64> = view.split(' ').map(|end| end.parse().unwrap()).collect();
    (ends[0], ends[1] - ends[0])
}

/// As many tasks as are kept one by one, and more that are folded: drawn, moved about in, and said.
#[test]
fn a_report_of_many_tasks_is_usable() {
    let Some(mut browser) = Browser::start() else { return };
    let (recorder, executor) = recorded();
    let tasks = lazuli_core::sum(
        (0..260_000_i64).map(|i| lazuli_core::Delayed::value(i).map_named("leaf", |i| i + 1)),
    );
    executor.compute(tasks).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    recorder.write_report(&path).unwrap();
    browser.screen(1280, 900, "light");
    browser.open(&format!("file://{}", path.display()));
    browser.wait_for("Number(document.getElementById('stream').dataset.drawn) > 0");
    assert!(browser.shown("#tiles").contains("260,001 of 260,001"));
    assert!(browser.shown("#note").contains("folded by name and time"));
    browser.value("document.getElementById('stream').focus()");
    for _ in 0..20 {
        browser.key("+");
    }
    let (_, width) = seen(&mut browser);
    let (_, whole) = {
        browser.key("0");
        seen(&mut browser)
    };
    assert!(width < whole / 1000.0, "{width} of {whole}");
    browser.picture("report-many.png", false);
    browser.assert_content();
}
