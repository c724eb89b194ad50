//! The dashboard, looked at while computes run.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use lazuli_core::executor::TaskContext;
use lazuli_core::{Delayed, ErrorKind, Executor, task};
use lazuli_diagnostics::Dashboard;

use crate::chromium::Browser;
use crate::work::{flights, spin};

/// Tasks that keep a core busy, one after another, each until it may go on or its compute is over.
fn gated(go: &Arc<AtomicBool>, count: i64) -> Delayed<Vec<i64>> {
    let parts = (0..count).map(|part| {
        let go = Arc::clone(go);
        task("simulate").part(format!("step {part}")).call(
            task::reporter(),
            move |context: &TaskContext<'_>| {
                spin(1000);
                while part >= count / 2 && !go.load(Relaxed) && !context.is_over() {
                    spin(100);
                }
                part
            },
        )
    });
    lazuli_core::sequence(parts)
}

#[test]
fn a_compute_is_followed_while_all_cores_are_busy() {
    let Some(mut browser) = Browser::start() else { return };
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    browser.screen(1280, 900, "light");
    browser.open(&dashboard.url());
    browser.wait_for("document.getElementById('state').textContent === 'waiting for a compute'");

    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let executor = Executor::threaded(threads).unwrap().with_observer(dashboard.recorder().clone());
    let go = Arc::new(AtomicBool::new(false));
    let running = executor.start(gated(&go, 200));
    browser.wait_for("document.getElementById('state').textContent === 'running'");
    // Half of the tasks end; then every core is busy with one that does not.
    browser.wait_for(&format!("{DONE} >= 100"));
    let before = browser.value(DONE).as_u64().unwrap();
    assert!((100..200).contains(&before), "{before}");
    browser.wait_for("Number(document.getElementById('stream').dataset.drawn) > 50");
    assert!(browser.shown("#groups").contains("simulate"), "the names of what runs");
    browser.picture("dashboard-running.png", false);
    go.store(true, Relaxed);
    browser.wait_for("document.getElementById('state').textContent === 'done'");
    assert_eq!(browser.value(DONE), 201);
    assert_eq!(running.wait().unwrap().len(), 200);
    browser.assert_content();
}

/// Tasks that are done, as the page says.
const DONE: &str = "Number((document.querySelector('#tiles .value')?.textContent ?? '0').split(' ')[0].replaceAll(',', ''))";

/// Tasks of several lanes and names, bytes and bytes held, while they run.
#[test]
fn lanes_and_bytes_are_followed() {
    let Some(mut browser) = Browser::start() else { return };
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    browser.screen(1280, 860, "dark");
    browser.open(&dashboard.url());
    let executor = Executor::threaded(2).unwrap().with_observer(dashboard.recorder().clone());
    let running = executor.start(flights(8000));
    browser.wait_for(&format!("{DONE} >= 40"));
    browser.wait_for("document.getElementById('stream').dataset.drawn > 20");
    let groups = browser.shown("#groups");
    assert!(groups.contains("fetch") && groups.contains("parse"), "{groups}");
    browser.wait_for("document.querySelectorAll('#held .uplot').length === 1");
    browser.picture("dashboard-lanes.png", false);
    assert_eq!(running.wait().unwrap(), (1..=32).sum::<u64>());
    browser.wait_for("document.getElementById('state').textContent === 'done'");
    assert!(browser.shown("#tiles").contains("552 MB"));
    browser.assert_content();
}

#[test]
fn the_button_cancels_the_compute() {
    let Some(mut browser) = Browser::start() else { return };
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    browser.open(&dashboard.url());
    let executor = Executor::threaded(2).unwrap().with_observer(dashboard.recorder().clone());
    let running = executor.start(gated(&Arc::default(), 20));
    browser.wait_for("document.getElementById('state').textContent === 'running'");
    browser.value("document.getElementById('cancel').focus()");
    browser.key("Enter");
    browser.wait_for("document.getElementById('state').textContent === 'cancelled'");
    assert_eq!(running.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    browser.assert_content();
}

#[test]
fn a_failure_and_several_computes_are_shown() {
    let Some(mut browser) = Browser::start() else { return };
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    let executor = Executor::threaded(2).unwrap().with_observer(dashboard.recorder().clone());
    executor.compute(Delayed::value(1_i64).map_named("first", |x| x + 1)).unwrap();
    let wrong = task("parse").part("data/2024-07.csv").try_call((), |()| "N/A".parse::<i64>());
    executor.compute(wrong).unwrap_err();
    browser.open(&dashboard.url());
    browser.wait_for("document.querySelectorAll('#runs button').length === 2");
    browser.value("document.querySelectorAll('#runs button')[1].click()");
    browser.wait_for("document.getElementById('state').textContent === 'failed'");
    let errors = browser.shown("#failures");
    assert!(errors.contains("data/2024-07.csv") && errors.contains("invalid digit"), "{errors}");
    browser.value("document.querySelectorAll('#runs button')[0].click()");
    browser.wait_for("document.getElementById('state').textContent === 'done'");
    assert!(browser.shown("#groups").contains("first"));
    // A third one appears by itself.
    executor.compute(Delayed::value(1_i64).map_named("third", |x| x + 1)).unwrap();
    browser.wait_for("document.querySelectorAll('#runs button').length === 3");
    browser.assert_content();
}

/// Names of markup are text in the page, in its tables, tips and titles, and nothing of them runs.
#[test]
fn hostile_names_are_text() {
    let Some(mut browser) = Browser::start() else { return };
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    let executor = Executor::threaded(2).unwrap().with_observer(dashboard.recorder().clone());
    let markup = "</script><script>window.harm=1</script><img src=x onerror='window.harm=1'>";
    let long = "<b>".repeat(3_400);
    let tasks = [markup, "\u{1b}[31mred\u{202e}gpj.exe", &long]
        .map(|part| task("<img src=x onerror='window.harm=1'>").part(part).call((), |()| 1_i64));
    executor.compute(tasks.to_vec()).unwrap();
    let failing = task("fails")
        .part(markup)
        .try_call((), move |()| Err::<i64, _>(std::io::Error::other(markup)));
    executor.compute(failing).unwrap_err();
    for width in [1280, 390] {
        browser.screen(width, 844, "dark");
        browser.open(&dashboard.url());
        browser.wait_for("document.querySelectorAll('#runs button').length === 2");
        for number in 0..2 {
            browser.value(&format!("document.querySelectorAll('#runs button')[{number}].click()"));
            browser.wait_for("!document.getElementById('graph').hidden");
        }
        assert_eq!(browser.value("window.harm"), serde_json::Value::Null);
        assert_eq!(browser.value("document.querySelectorAll('img, b b, main script').length"), 0);
        assert!(browser.shown("#failures").contains("<img src=x"), "shown as it is written");
        let over = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.value(over), 0);
    }
    browser.assert_content();
}
