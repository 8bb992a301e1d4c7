//! What a program that runs says, line by line.

use std::io::{BufRead as _, BufReader, Read};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// The lines of a program as they come.
pub(crate) struct Heard {
    lines: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Heard {
    pub(crate) fn of(streams: Vec<Box<dyn Read + Send>>) -> Self {
        let (sender, lines) = mpsc::channel();
        for stream in streams {
            let sender = sender.clone();
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    sender.send(line).ok();
                }
            });
        }
        Self { lines, seen: Vec::new() }
    }

    /// Every line so far, once this one is among them.
    pub(crate) fn until(&mut self, wanted: &str) -> Vec<String> {
        let since = Instant::now();
        while !self.seen.iter().any(|line| line == wanted) {
            assert!(since.elapsed() < Duration::from_secs(30), "{wanted} is told: {:?}", self.seen);
            self.seen.extend(self.lines.recv_timeout(Duration::from_millis(20)));
        }
        self.seen.clone()
    }
}
