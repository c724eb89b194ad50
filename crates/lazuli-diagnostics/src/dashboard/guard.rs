//! Who is answered.
//!
//! A page of another site cannot read what is served here, but it can have the browser send requests; and a name of
//! its own that suddenly means this machine (rebinding) makes it look like the same site. So a request must name
//! the host under which the page is served, must come from the page itself where the browser says where it comes
//! from, and must prove it before anything is cancelled.

use std::net::SocketAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, Uri};

/// What the page sends along when it cancels.
pub(super) const TOKEN: &str = "x-lazuli-token";

pub(super) struct Guard {
    address: SocketAddr,
    access: Option<String>,
    token: String,
}

impl Guard {
    pub(super) fn new(address: SocketAddr, access: Option<String>, token: String) -> Self {
        Self { address, access, token }
    }

    /// What proves that a request comes from the page.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Whether the request may be answered; why not, otherwise.
    pub(super) fn admit(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<(), &'static str> {
        let host = only(headers, HOST.as_str()).ok_or("a request names one host")?;
        // Who has the access token may know this machine by any name.
        if self.access.is_none() && !self.is_own(host) {
            return Err("this host is not served here");
        }
        if let Some(access) = &self.access
            && !given(uri).is_some_and(|given| same(given, access))
        {
            return Err("the access token is missing or wrong");
        }
        let origin = match headers.get_all(ORIGIN).iter().count() {
            0 => None,
            _ => Some(only(headers, ORIGIN.as_str()).ok_or("a request has one origin")?),
        };
        let own = |origin: &str| {
            origin.strip_prefix("http://").is_some_and(|origin| origin.eq_ignore_ascii_case(host))
        };
        if origin.is_some_and(|origin| !own(origin)) {
            return Err("pages of other origins are not answered");
        }
        match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
            None | Some(b"same-origin" | b"none") => {}
            Some(_) => return Err("pages of other sites are not answered"),
        }
        if method == Method::GET {
            return Ok(());
        }
        let proven = only(headers, TOKEN).is_some_and(|token| same(token, &self.token));
        if method == Method::POST && proven && origin.is_some() {
            Ok(())
        } else {
            Err("only the page itself may do this")
        }
    }

    /// Whether this is a name of the loopback address, with the port that is listened at.
    fn is_own(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port),
            _ => (host, "80"),
        };
        let name_is_own =
            ["localhost", "127.0.0.1", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own))
                || self.address.is_ipv4() && name == self.address.ip().to_string();
        name_is_own && port == self.address.port().to_string()
    }
}

/// The value of a header that is there once.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none());
    value?.to_str().ok()
}

/// The access token of an address.
fn given(uri: &Uri) -> Option<&str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("access="))
}

/// Whether two secrets are equal; how long that takes does not tell where they differ.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one.bytes().zip(other.bytes()).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}
