//! A page of another site, or a name that suddenly means this machine, gets nothing and cancels nothing.

use std::sync::Arc;

use lazuli_core::executor::TaskContext;
use lazuli_core::{ErrorKind, Executor, task};
use lazuli_diagnostics::{Dashboard, DashboardError};

use crate::support::{ask, host, token};

const PATHS: [&str; 4] = ["GET /", "GET /events", "GET /runs/0/tasks", "GET /runs/0/graph.svg"];

#[test]
fn the_page_is_answered_with_its_policy() {
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    let port = dashboard.address().port();
    for name in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("LOCALHOST:{port}"),
        format!("[::1]:{port}"),
    ] {
        let answer = ask(&dashboard, "GET /", &[("Host", &name), ("Sec-Fetch-Site", "none")]);
        assert_eq!(answer.status, 200, "{name}");
        for header in [
            "content-security-policy: default-src 'none'; script-src 'sha256-",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "cross-origin-resource-policy: same-origin",
            "cache-control: no-store",
        ] {
            assert!(answer.head.contains(header), "{header} in {}", answer.head);
        }
        assert!(!answer.head.contains("access-control"), "no other origin may read");
        assert!(!answer.head.contains("unsafe-inline"));
    }
}

/// Each request is wrong in one way, or in several.
#[test]
fn requests_of_others_are_refused() {
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    let (own, port) = (host(&dashboard), dashboard.address().port());
    let with = |name: &str| format!("{name}:{port}");
    let hosts = [
        with("evil.example"),
        with("localhost.evil.example"),
        with("127.0.0.1.evil.example"),
        with("evil.example#127.0.0.1"),
        with("0.0.0.0"),
        with("127.0.0.2"),
        with("[::ffff:127.0.0.1]"),
        with("2130706433"),
        with("localhost."),
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "127.0.0.1:80".to_owned(),
        "localhost:1".to_owned(),
        "[::1]".to_owned(),
        String::new(),
    ];
    for path in PATHS {
        for name in &hosts {
            let answer = ask(&dashboard, path, &[("Host", name)]);
            assert!(matches!(answer.status, 400 | 403), "{path} of {name}: {answer:?}");
            assert!(!answer.body.contains("token"), "{answer:?}");
        }
        let none = ask(&dashboard, path, &[]);
        assert!(matches!(none.status, 400 | 403), "{none:?}");
        let two = ask(&dashboard, path, &[("Host", &own), ("Host", "evil.example")]);
        assert!(matches!(two.status, 400 | 403), "{two:?}");
        for origin in [
            "http://evil.example".to_owned(),
            format!("http://evil.example:{port}"),
            format!("https://{own}"),
            format!("http://{own}.evil.example"),
            "http://localhost".to_owned(),
            "null".to_owned(),
            String::new(),
        ] {
            let answer = ask(&dashboard, path, &[("Host", &own), ("Origin", &origin)]);
            assert_eq!(answer.status, 403, "{path} from {origin:?}");
        }
        for site in ["cross-site", "same-site", "other"] {
            let answer = ask(&dashboard, path, &[("Host", &own), ("Sec-Fetch-Site", site)]);
            assert_eq!(answer.status, 403, "{path} from a page that is {site}");
        }
    }
}

/// Only a POST of the page itself, with its token, cancels.
#[test]
fn only_the_page_cancels() {
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    let executor = Executor::threaded(1).unwrap().with_observer(dashboard.recorder().clone());
    let waits = task("waits").call(task::reporter(), |context: &TaskContext<'_>| {
        while !context.is_over() {
            std::thread::yield_now();
        }
    });
    let running = executor.start(waits);
    let (own, secret) = (host(&dashboard), token(&dashboard));
    let origin = format!("http://{own}");
    let wrong = "0".repeat(secret.len());
    let (host, page, proof) =
        (("Host", own.as_str()), ("Origin", origin.as_str()), ("X-Lazuli-Token", secret.as_str()));
    let empty = ("Content-Length", "0");
    let path = "POST /runs/0/cancel";
    for headers in [
        vec![host, empty],
        vec![host, page, empty],
        vec![host, proof, empty],
        vec![host, ("Origin", "http://evil.example"), proof, empty],
        vec![host, ("Origin", "null"), proof, empty],
        vec![host, page, ("X-Lazuli-Token", wrong.as_str()), empty],
        vec![host, page, ("X-Lazuli-Token", ""), empty],
        vec![host, page, proof, proof, empty],
        vec![host, page, proof, ("Sec-Fetch-Site", "cross-site"), empty],
        vec![("Host", "evil.example"), ("Origin", "http://evil.example"), proof, empty],
    ] {
        assert!(matches!(ask(&dashboard, path, &headers).status, 400 | 403), "{headers:?}");
    }
    for path in [
        "GET /runs/0/cancel",
        "PUT /runs/0/cancel",
        "DELETE /runs/0/cancel",
        "OPTIONS /runs/0/cancel",
    ] {
        let status = ask(&dashboard, path, &[host, page, proof, empty]).status;
        assert!(matches!(status, 403 | 405), "{path}: {status}");
    }
    assert!(!running.is_done(), "nothing of that has cancelled it");
    assert_eq!(ask(&dashboard, "POST /runs/7/cancel", &[host, page, proof, empty]).status, 404);
    assert_eq!(ask(&dashboard, path, &[host, page, proof, empty]).status, 204);
    assert_eq!(running.wait().unwrap_err().kind(), ErrorKind::Cancelled);
}

/// Beyond this machine it is served with an access token only, and to those who have it.
#[test]
fn other_machines_need_a_token() {
    let refused = Dashboard::serve("0.0.0.0:0").err().unwrap();
    assert!(matches!(refused, DashboardError::Open(_)), "{refused}");
    for weak in ["", "short", "sixteen letters!", "0123456789abcde&"] {
        assert!(matches!(
            Dashboard::serve_with_access("127.0.0.1:0", weak),
            Err(DashboardError::Access)
        ));
    }
    let dashboard = Dashboard::serve_with_access("127.0.0.1:0", "correct-horse-battery").unwrap();
    let own = host(&dashboard);
    let with = |query: &str| ask(&dashboard, &format!("GET /{query}"), &[("Host", &own)]).status;
    assert_eq!(with("?access=correct-horse-battery"), 200);
    assert!(dashboard.url().ends_with("/?access=correct-horse-battery"));
    for wrong in [
        "",
        "?access=",
        "?access=correct-horse-batterx",
        "?access=correct-horse-battery2",
        "?axess=correct-horse-battery",
    ] {
        assert_eq!(with(wrong), 403, "{wrong}");
    }
    let path = "GET /?access=correct-horse-battery";
    let named = ask(&dashboard, path, &[("Host", "workstation:8787")]);
    assert_eq!(named.status, 200, "it may have any name");
    let foreign = ask(&dashboard, path, &[("Host", &own), ("Origin", "http://evil.example")]);
    assert_eq!(foreign.status, 403);
}

/// A dashboard that is dropped is gone, with its connections.
#[test]
fn it_ends_when_it_is_dropped() {
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    let address = dashboard.address();
    let recorder = Arc::clone(dashboard.recorder());
    drop(dashboard);
    assert!(std::net::TcpStream::connect(address).is_err());
    // What it has recorded is still there.
    recorder.write_trace(tempfile::tempdir().unwrap().path().join("trace.json")).unwrap();
}
