//! Requests, letter by letter.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use lazuli_diagnostics::Dashboard;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A connection that gives up when nothing comes for long.
pub(crate) fn connect(dashboard: &Dashboard) -> TcpStream {
    let stream = TcpStream::connect(dashboard.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// Sends a request with these headers, and reads the whole answer.
pub(crate) fn ask(dashboard: &Dashboard, line: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = connect(dashboard);
    let mut request = format!("{line} HTTP/1.1\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all((request + "\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// The name under which the page is served.
pub(crate) fn host(dashboard: &Dashboard) -> String {
    dashboard.address().to_string()
}

/// The token of the page.
pub(crate) fn token(dashboard: &Dashboard) -> String {
    let page = ask(dashboard, "GET /", &[("Host", &host(dashboard))]).body;
    let (_, after) = page.split_once("{\"token\":\"").unwrap();
    after.split('"').next().unwrap().to_owned()
}
