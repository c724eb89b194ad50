//! A thousand connections that say nothing, speak slowly or do not listen: the compute does not notice, and the
//! dashboard answers again when they are gone.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use lazuli_core::{Delayed, Executor};
use lazuli_diagnostics::Dashboard;

use crate::support::{ask, connect, host};

#[test]
fn a_crowd_changes_nothing() {
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    let executor = Executor::threaded(2).unwrap().with_observer(dashboard.recorder().clone());
    let name = host(&dashboard);
    let crowd: Vec<TcpStream> = (0..1000)
        .map(|number| {
            let mut stream = connect(&dashboard);
            // Refused ones are closed by the other side: writing to them may fail.
            let _ = match number % 4 {
                0 => Ok(()),
                1 => stream.write_all(b"GET / HT"),
                2 => stream
                    .write_all(format!("GET /events HTTP/1.1\r\nHost: {name}\r\n\r\n").as_bytes()),
                _ => stream.write_all(
                    format!("GET / HTTP/1.1\r\nHost: {name}\r\nX: {}\r\n", "y".repeat(9000))
                        .as_bytes(),
                ),
            };
            stream
        })
        .collect();
    let parts: Delayed<i64> = (0..5_000).map(|i| Delayed::value(i).map_named("part", |i| *i)).sum();
    assert_eq!(executor.compute(parts).unwrap(), 5_000 * 4_999 / 2);
    assert!(threads() < 50, "connections take no threads");
    drop(crowd);
    // The places come back one by one.
    let mut status = 0;
    for _ in 0..1000 {
        status = ask(&dashboard, "GET /", &[("Host", &name)]).status;
        if status == 200 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(status, 200);
}

/// Pages that follow what happens have places of their own; there is always room for a question.
#[test]
fn streams_are_counted() {
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    let name = host(&dashboard);
    let open: Vec<(TcpStream, String)> = (0..20)
        .map(|_| {
            let mut stream = connect(&dashboard);
            stream
                .write_all(format!("GET /events HTTP/1.1\r\nHost: {name}\r\n\r\n").as_bytes())
                .unwrap();
            let mut head = [0; 12];
            stream.read_exact(&mut head).unwrap();
            (stream, String::from_utf8_lossy(&head).into_owned())
        })
        .collect();
    let count = |status: &str| open.iter().filter(|(_, head)| head.ends_with(status)).count();
    assert_eq!((count("200"), count("503")), (16, 4));
    assert_eq!(ask(&dashboard, "GET /", &[("Host", &name)]).status, 200);
}

/// A head larger than any browser's is refused, and takes no memory.
#[test]
fn heads_are_short() {
    let dashboard = Dashboard::serve("127.0.0.1:0").unwrap();
    let name = host(&dashboard);
    let long = "y".repeat(1 << 20);
    let answer = ask(&dashboard, "GET /", &[("Host", &name), ("X", &long)]);
    assert!(matches!(answer.status, 0 | 431), "{answer:?}");
}

/// How many threads this process has.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}
