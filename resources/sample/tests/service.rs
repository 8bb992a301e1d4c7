//! The service as a visitor meets it: over a real socket on a free port.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use bonjour::health::REQUIRED;
use bonjour::server::{App, serve};
use bonjour::settings::Settings;

/// Starts a service that lives as long as the test; everything it requires is set.
fn start() -> SocketAddr {
    let required = REQUIRED.iter().map(|name| (*name, "set"));
    let settings = Settings::from_pairs(
        required.chain([("BONJOUR_PLACE", "test"), ("BONJOUR_COMMIT", "4f0c2ab")]),
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || serve(&listener, &App::new(settings, |_, _| ())));
    address
}

/// Sends the text and gives the whole answer.
fn send(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get(address: SocketAddr, path: &str) -> String {
    send(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    )
}

#[test]
fn says_hello() {
    let answer = get(start(), "/");
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nHello from test!\n"),
        "{answer}"
    );
}

#[test]
fn speaks_french() {
    let answer = send(
        start(),
        "GET / HTTP/1.1\r\nAccept-Language: fr-FR, en;q=0.5\r\n\r\n",
    );
    assert!(answer.ends_with("Bonjour depuis test !\n"), "{answer}");
}

#[test]
fn is_healthy_with_its_settings() {
    let answer = get(start(), "/health");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn tells_version_and_commit() {
    let answer = get(start(), "/version");
    let version = concat!("\"version\":\"", env!("CARGO_PKG_VERSION"), "\"");
    assert!(
        answer.contains(version) && answer.contains("\"commit\":\"4f0c2ab\""),
        "{answer}"
    );
}

#[test]
fn counts_what_it_answers() {
    let address = start();
    get(address, "/");
    get(address, "/nowhere");
    // Counted after the answer is sent: ask until it is there.
    let counted =
        |text: &str| text.contains("{class=\"2xx\"} ") && text.contains("{class=\"4xx\"} 1\n");
    assert!((0..1000).any(|_| counted(&get(address, "/metrics"))));
}

#[test]
fn unknown_addresses_are_404() {
    assert!(get(start(), "/nowhere").starts_with("HTTP/1.1 404 Not Found\r\n"));
}

#[test]
fn nonsense_is_refused_and_the_next_visitor_served() {
    let address = start();
    assert!(send(address, "what?\r\n\r\n").starts_with("HTTP/1.1 400 "));
    assert!(get(address, "/").starts_with("HTTP/1.1 200 "));
}

#[test]
fn fifty_visitors_at_once() {
    let address = start();
    let visitors: Vec<_> = (0..50)
        .map(|_| std::thread::spawn(move || get(address, "/health")))
        .collect();
    for visitor in visitors {
        assert!(visitor.join().unwrap().starts_with("HTTP/1.1 200 "));
    }
}
