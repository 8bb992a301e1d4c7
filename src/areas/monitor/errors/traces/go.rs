//! Panics of Go: those that ended the program, those that a server caught, and stacks that a logger wrote.

use super::{Frame, Part, Patterns, Reader, Trace, frame};

/// The head of a goroutine's stack.
pub(super) fn is_stack(line: &str) -> bool {
    line.starts_with("goroutine ") && line.ends_with("]:")
}

/// A stack without a head is a panic only where one was recovered from: programs write their stacks for other reasons, too.
pub(super) fn was_recovered(trace: &mut Trace) -> bool {
    "panic".clone_into(&mut trace.kind);
    trace.frames.iter().any(|frame| frame.function == "panic")
}

/// The calls of a stack that has neither a head nor arguments, as zap writes it.
pub(super) fn bare(patterns: &Patterns, lines: &[String]) -> Vec<Frame> {
    let pairs = lines.windows(2);
    let frames = pairs.filter_map(|pair| {
        let place = patterns.go_place.captures(&pair[1])?;
        Some(frame(&pair[0], &place[1], &place[2]))
    });
    frames.collect()
}

impl Reader {
    pub(super) fn go(&mut self, patterns: &Patterns, trace: &mut Trace, part: Part, line: &str) -> Option<Part> {
        if line.starts_with("goroutine ") {
            return Some(if trace.frames.is_empty() { Part::Frames } else { Part::Others });
        }
        if line.is_empty() || line.starts_with("[signal ") || line.starts_with("\tpanic: ") || line.starts_with("exit status") {
            return Some(part);
        }
        if let Some(place) = patterns.go_place.captures(line) {
            let function = std::mem::take(&mut self.function);
            if part != Part::Others {
                trace.frames.push(frame(&function, &place[1], &place[2]));
            }
            return Some(part);
        }
        let is_call = part != Part::Message && (line.ends_with(')') || line.starts_with("created by ")) && !line.starts_with(' ');
        if is_call {
            let end = line.rfind('(').unwrap_or(line.len());
            line[..end].clone_into(&mut self.function);
            return Some(part);
        }
        None
    }
}
