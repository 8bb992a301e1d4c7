//! Panics of Rust, and the errors that `main` returns (anyhow, eyre): with what caused them, and with the calls where they are told.

use super::{Part, Patterns, Reader, Trace, frame};

/// The kind of an error that `main` returned.
pub(super) const ERROR: &str = "error";

/// What stands above the causes, the place and the calls of an error.
pub(super) fn is_heading(line: &str) -> bool {
    matches!(line, "Caused by:" | "Location:" | "Stack backtrace:")
}

/// What follows such a heading.
pub(super) fn part_below(heading: &str) -> Part {
    if heading == "Stack backtrace:" {
        Part::Frames
    } else {
        Part::Causes
    }
}

impl Reader {
    pub(super) fn rust(&mut self, patterns: &Patterns, trace: &mut Trace, part: Part, line: &str) -> Option<Part> {
        if line.starts_with("stack backtrace:") {
            return Some(Part::Frames);
        }
        if line.starts_with("note: ") {
            return Some(part);
        }
        if part == Part::Message {
            // The message of a panic stands below its place since Rust 1.73.
            if trace.message.is_empty() && !line.trim().is_empty() {
                line.trim().clone_into(&mut trace.message);
                return Some(part);
            }
            return None;
        }
        if let Some(place) = patterns.at_place.captures(line) {
            let function = std::mem::take(&mut self.function);
            trace.frames.push(frame(&function, &place[1], &place[2]));
            return Some(part);
        }
        let frame = patterns.rust_frame.captures(line)?;
        frame[1].clone_into(&mut self.function);
        Some(part)
    }

    pub(super) fn rust_error(&mut self, patterns: &Patterns, trace: &mut Trace, part: Part, line: &str) -> Option<Part> {
        if is_heading(line) {
            return Some(part_below(line));
        }
        if part == Part::Frames {
            return self.rust(patterns, trace, part, line);
        }
        if line.is_empty() {
            return Some(part);
        }
        if !line.starts_with(char::is_whitespace) {
            return None;
        }
        if trace.lines.last().is_some_and(|before| before == "Location:")
            && let Some((rest, _column)) = line.rsplit_once(':')
            && let Some((file, number)) = rest.rsplit_once(':')
        {
            trace.frames.push(frame("", file, number));
        }
        Some(part)
    }
}
