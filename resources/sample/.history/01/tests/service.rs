//! The service as a visitor meets it: over a real socket on a free port.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use bonjour::server::{App, serve};
use bonjour::settings::Settings;

/// Starts a service that lives as long as the test.
fn start() -> SocketAddr {
    let settings = Settings::from_pairs([("BONJOUR_PLACE", "test")]);
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
        .map(|_| std::thread::spawn(move || get(address, "/")))
        .collect();
    for visitor in visitors {
        assert!(visitor.join().unwrap().starts_with("HTTP/1.1 200 "));
    }
}
