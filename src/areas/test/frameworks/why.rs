//! Why a case failed: the first words of its failure and the place in the sources, read from what it printed.

use super::Framework;
use crate::base::{Place, SafeText};
use std::path::{Path, PathBuf};

/// First words and place of a failure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    pub message: String,
    pub place: Option<Place>,
}

/// Reads the output of a failed case; `dir` is the site's folder, which relative paths start from.
pub fn of(framework: Framework, output: &str, dir: &Path) -> Why {
    let why = match framework {
        Framework::Cargo => rust(output, dir),
        Framework::Pytest => python(output, dir),
        Framework::Unittest => super::unittest::why(output, dir),
        Framework::Go => super::go_why::why(output, dir),
        Framework::Ctest => super::ctest::why(output, dir),
        Framework::Node | Framework::Vitest | Framework::Jest | Framework::Mocha => javascript(output),
        Framework::Tap => {
            let stack = javascript(output);
            if stack.place.is_some() {
                stack
            } else {
                super::tap::why(output)
            }
        }
        // What somebody wrote is the message itself.
        Framework::Manual => Why::default(),
        Framework::Junit => phpunit(output).unwrap_or_else(|| {
            let python = python(output, dir);
            if python.place.is_some() { python } else { rust(output, dir) }
        }),
    };
    let message = if why.message.is_empty() {
        first_words(output)
    } else {
        why.message
    };
    Why {
        message: SafeText::multiline(&message).into_string(),
        place: why.place,
    }
}

/// `thread 'x' (12) panicked at src/lib.rs:9:71:` and the lines of the message; older: `panicked at 'message', src/lib.rs:9:71`.
fn rust(output: &str, dir: &Path) -> Why {
    let why = panicked(output, dir);
    // What libtest says of a test that should panic.
    let mut notes = output.lines().skip_while(|line| !is_should_panic(line));
    let Some(note) = notes.next() else { return why };
    let note = note.trim_start_matches("note: ");
    let (words, at) = note.rsplit_once(" at ").unwrap_or((note, ""));
    let place = place_of(at, dir);
    let more = notes
        .map(str::trim)
        .take_while(|line| line.starts_with("panic message: ") || line.starts_with("expected substring: "));
    let message = std::iter::once(if place.is_some() { words } else { note }).chain(more);
    Why {
        message: message.collect::<Vec<_>>().join("\n"),
        place: place.or(why.place),
    }
}

fn is_should_panic(line: &str) -> bool {
    line.starts_with("note: test did not panic as expected") || line.starts_with("note: panic did not contain expected string")
}

fn panicked(output: &str, dir: &Path) -> Why {
    let mut lines = output.lines();
    while let Some(line) = lines.next() {
        let Some(at) = line.find("panicked at ") else { continue };
        let rest = &line[at + "panicked at ".len()..];
        if let Some((message, place)) = rest.strip_prefix('\'').and_then(|rest| rest.rsplit_once("', ")) {
            return Why {
                message: message.to_owned(),
                place: place_of(place, dir),
            };
        }
        let place = place_of(rest.trim_end_matches(':'), dir);
        let message: Vec<&str> = lines.take_while(|line| !is_after_message(line)).take(12).collect();
        return Why {
            message: message.join("\n").trim_end().to_owned(),
            place,
        };
    }
    // A test that returns an error.
    let error = output.lines().find_map(|line| line.strip_prefix("Error: "));
    Why {
        message: error.unwrap_or_default().to_owned(),
        place: None,
    }
}

fn is_after_message(line: &str) -> bool {
    line.starts_with("stack backtrace:") || line.starts_with("note: run with") || line.starts_with("note: Some details")
}

/// The last `file.py:7: in name` or `file.py:7: AssertionError` inside the folder, and the `E   ` lines.
fn python(output: &str, dir: &Path) -> Why {
    let mut place = None;
    let mut message: Vec<&str> = Vec::new();
    for line in output.lines() {
        if let Some(words) = line.strip_prefix("E   ") {
            message.push(words.trim_start());
            continue;
        }
        if let Some((file, rest)) = line.split_once(".py:") {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let is_frame = rest[digits.len()..].starts_with(": ") || rest.len() == digits.len();
            if let (true, Ok(number)) = (is_frame, digits.parse::<u32>()) {
                let path = PathBuf::from(format!("{file}.py"));
                if path.is_relative() && !path.starts_with("..") && !file.starts_with(' ') {
                    place = Some(Place {
                        path: dir.join(path),
                        line: Some(number),
                        column: None,
                    });
                }
            }
        }
    }
    message.truncate(12);
    Why {
        message: message.join("\n"),
        place,
    }
}

/// `App\Tests\XTest::testB with data set #0`, what failed, an empty line, and `/app/tests/XTest.php:22` for each frame.
fn phpunit(output: &str) -> Option<Why> {
    let place = output.lines().find_map(|line| {
        let (path, number) = line.trim().rsplit_once(':').filter(|(path, _)| path.ends_with(".php"))?;
        Some(Place {
            path: PathBuf::from(path),
            line: Some(number.parse().ok()?),
            column: None,
        })
    })?;
    let mut lines = output.lines().map(str::trim).skip_while(|line| line.is_empty()).peekable();
    // The name of the test says nothing new.
    lines.next_if(|line| line.contains("::") && !line.contains(": "));
    let words: Vec<&str> = lines.take_while(|line| !line.is_empty()).take(12).collect();
    Some(Why {
        message: words.join("\n"),
        place: Some(place),
    })
}

/// The first frame of a stack that is neither node's nor a dependency's: `at Test.<anonymous> (test/a.js:3:130)`.
/// Paths start at the workspace already.
fn javascript(output: &str) -> Why {
    let mut frames = output.lines().filter_map(|line| {
        let frame = line.trim().strip_prefix("at ").or_else(|| line.trim().strip_prefix("at: "))?;
        let place = frame.rsplit_once('(').map_or(frame, |(_, place)| place);
        let place = place.trim_end_matches(')');
        (!place.starts_with("node:") && !place.contains("node_modules/")).then_some(place)
    });
    Why {
        message: String::new(),
        place: frames.find_map(|place| place_of(place, Path::new(""))),
    }
}

/// `src/lib.rs:9:71`.
fn place_of(text: &str, dir: &Path) -> Option<Place> {
    let mut parts = text.trim().rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    let path = Path::new(parts.next()?);
    let path = if path.is_absolute() {
        path.to_path_buf()
    } else {
        dir.join(path)
    };
    Some(Place {
        path,
        line: Some(line),
        column: Some(column),
    })
}

fn first_words(output: &str) -> String {
    output
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default()
        .chars()
        .take(400)
        .collect()
}
