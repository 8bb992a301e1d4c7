//! Why a go test failed: its first words with their place, a panic, or what an example printed.

use crate::base::Place;
use std::path::{Path, PathBuf};

/// A panic, or what the runtime itself ends a program by.
pub(super) fn is_panic(line: &str) -> bool {
    line.starts_with("panic: ") || line.starts_with("fatal error: ")
}

/// `    calc_test.go:16: Add(2, 2) = 4, want 5`: file, line and words.
pub(super) fn located(line: &str) -> Option<(&str, u32, &str)> {
    let (file, line, _, words) = placed(line.trim_start())?;
    Some((file, line, words))
}

/// `./calc_test.go:16:2: words` or `calc_test.go:16: words`: file, line, column and words.
pub(super) fn placed(line: &str) -> Option<(&str, u32, Option<u32>, &str)> {
    let end = line.find(".go:")? + 3;
    let (file, rest) = (&line[..end], &line[end + 1..]);
    if file.contains(char::is_whitespace) {
        return None;
    }
    let (number, rest) = rest.split_once(':')?;
    let number = number.parse().ok()?;
    match rest
        .split_once(':')
        .and_then(|(column, words)| Some((column.parse().ok()?, words)))
    {
        Some((column, words)) => Some((file, number, Some(column), words.trim_start())),
        None => Some((file, number, None, rest.trim_start())),
    }
}

/// Why a test failed: its first words with their place, or a panic with the first frame inside the workspace.
/// `dir` is the package's folder.
pub(super) fn why(output: &str, dir: &Path) -> super::why::Why {
    let place_at = |file: &str, line: u32| Place {
        path: if file.contains('/') {
            PathBuf::from(file)
        } else {
            dir.join(file)
        },
        line: Some(line),
        column: None,
    };
    let mut lines = output.lines().peekable();
    while let Some(line) = lines.next() {
        let words = line.trim_start();
        if line == "got:" {
            // An example: what it printed, and what it should have.
            let mut message = vec![line];
            message.extend(lines.take(11));
            return super::why::Why {
                message: message.join("\n"),
                place: None,
            };
        }
        if is_panic(line) {
            let message = line.split_once(": ").map_or(line, |(_, message)| message);
            let frame = lines.find_map(|line| {
                let place = line
                    .trim_start()
                    .split(" +0x")
                    .next()
                    .filter(|_| line.starts_with([' ', '\t']))?;
                let (file, number) = place.rsplit_once(':')?;
                let is_ours = file.ends_with(".go") && !file.starts_with('/') && !file.ends_with("_testmain.go");
                is_ours
                    .then(|| number.parse().ok().map(|number| place_at(file, number)))
                    .flatten()
            });
            let message = message.strip_suffix(" [recovered]").unwrap_or(message);
            return super::why::Why {
                message: format!("panic: {message}"),
                place: frame,
            };
        }
        let Some((file, number, text)) = located(words).filter(|_| line.starts_with(' ') || line.starts_with('\t')) else {
            continue;
        };
        let mut message = vec![text.to_owned()];
        // Further lines of one message stand deeper.
        while let Some(more) = lines.next_if(|more| more.starts_with("        ")) {
            message.push(more.trim().to_owned());
        }
        return super::why::Why {
            message: spoken(&message),
            place: Some(place_at(file, number)),
        };
    }
    super::why::Why::default()
}

/// The library testify says where, then what: only what it says after `Error:` is the message.
fn spoken(message: &[String]) -> String {
    let Some(at) = message.iter().position(|line| line.starts_with("Error:")) else {
        let lines: Vec<&str> = message
            .iter()
            .map(String::as_str)
            .filter(|line| !line.is_empty())
            .take(12)
            .collect();
        return lines.join("\n");
    };
    let first = message[at].trim_start_matches("Error:").trim();
    let rest = message[at + 1..]
        .iter()
        .take_while(|line| !line.starts_with("Test:"))
        .map(|line| line.trim_start_matches("Messages:").trim());
    let lines: Vec<&str> = std::iter::once(first).chain(rest).take(12).collect();
    lines.join("\n")
}
