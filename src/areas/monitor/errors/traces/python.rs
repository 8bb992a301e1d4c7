//! Traces of Python, those of groups of errors among them.

use super::{Part, Patterns, Trace, frame};

/// How the head of a group ends.
const GROUP: &str = "+ Exception Group Traceback (most recent call last):";

pub(super) fn goes_on(patterns: &Patterns, trace: &mut Trace, part: Part, line: &str) -> Option<Part> {
    let line = if trace.lines[0].ends_with(GROUP) {
        // The lines of a group stand behind a rule.
        let line = line.trim_start().strip_prefix(['|', '+'])?;
        let line = line.strip_prefix(' ').unwrap_or(line);
        match part {
            Part::Others => return Some(part),
            // Its first error is what has to be mended; its calls are further in than those of the group.
            Part::Ended if line.ends_with("Traceback (most recent call last):") => return Some(Part::Inner),
            Part::Ended => return Some(part),
            _ => line,
        }
    } else {
        line
    };
    if part == Part::Ended {
        // What came of handling this one is the error that nobody caught.
        let is_chained = line.is_empty()
            || line.starts_with("During handling of the above exception")
            || line.starts_with("The above exception was the direct cause");
        if is_chained {
            return Some(part);
        }
        if line.ends_with("Traceback (most recent call last):") && trace.lines.last().is_some_and(String::is_empty) {
            trace.frames.clear();
            trace.kind.clear();
            trace.message.clear();
            return Some(Part::Frames);
        }
        return None;
    }
    if let Some(found) = patterns.python_frame.captures(line) {
        let function = found.get(3).map_or("", |name| name.as_str());
        trace.frames.insert(0, frame(function, &found[1], &found[2]));
        return Some(part);
    }
    if line.starts_with([' ', '\t']) || line.is_empty() {
        return Some(part);
    }
    let end = patterns.python_end.captures(line)?;
    end[1].clone_into(&mut trace.kind);
    end.get(2)
        .map_or("", |message| message.as_str())
        .clone_into(&mut trace.message);
    Some(if part == Part::Inner { Part::Others } else { Part::Ended })
}
