//! Six HTTP requests at once, to a small server that the example itself starts on loopback.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use lazuli::prelude::*;

/// Fetches a page. `#[delayed(blocking)]` makes it a task that waits beside the pool.
#[delayed(blocking)]
fn fetch(server: SocketAddr, path: &str) -> io::Result<String> {
    get(server, path)
}

/// Fetches six pages one after the other, then all at once, and compares the answers.
pub fn main() -> Result<(), Box<dyn Error>> {
    let paths = ["/lapis", "/lazuli", "/sodalite", "/pyrite", "/calcite", "/diopside"];
    let server = serve(2 * paths.len())?;

    let start = Instant::now();
    let in_turn = paths.iter().map(|path| get(server, path)).collect::<io::Result<Vec<_>>>()?;
    println!("one after the other: {:.0?}", start.elapsed());

    let start = Instant::now();
    let at_once = compute(paths.map(|path| fetch(server, path)))?;
    println!("all at once:         {:.0?}", start.elapsed());

    println!("{at_once:?}");
    assert_eq!(at_once[0], "lapis has 5 letters");
    assert_eq!(at_once.as_slice(), in_turn);
    Ok(())
}

/// `GET path`, over HTTP/1.1; the body of the answer.
fn get(server: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(server)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200 ") => Ok(body.to_owned()),
        _ => Err(io::Error::other(format!("{path}: not an answer: {answer:?}"))),
    }
}

/// Starts a server that answers this many requests, each on a thread of its own and after 0.1 s.
fn serve(requests: usize) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().take(requests).flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    Ok(address)
}

fn answer(mut stream: TcpStream) -> io::Result<()> {
    let request = BufReader::new(&stream).lines().map_while(Result::ok);
    // An empty line ends the head, and a GET has no body.
    let head: Vec<String> = request.take_while(|line| !line.is_empty()).collect();
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let name = path.trim_start_matches('/');
    let body = format!("{name} has {} letters", name.len());

    thread::sleep(Duration::from_millis(100));
    let length = body.len();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}
