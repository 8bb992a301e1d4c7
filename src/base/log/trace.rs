//! Stack traces of Rust, Python, Java, JavaScript and Go: which lines belong to the line before them.

use super::Level;
use super::level::level_in;

/// Lines that one trace may have; what comes behind stands for itself.
const MAX_LINES: u32 = 2000;

/// Where in a trace the last line stood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Within {
    #[default]
    Nothing,
    /// Frames of Java and JavaScript, and whatever is indented below them.
    Frames,
    /// Behind `Traceback (most recent call last)`, before the line that says what happened.
    Python,
    /// Behind that line: another one may follow.
    PythonEnd,
    /// A group of errors of Python: its lines stand behind a rule.
    PythonGroup,
    /// Behind `thread '…' panicked at …`: the message comes next.
    RustMessage,
    Rust,
    Go,
}

/// Follows lines one by one. Cheap: most lines are told by their first bytes.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    within: Within,
    /// The last line that began something stated an error.
    was_error: bool,
    n_lines: u32,
}

impl Traces {
    /// Whether this line (without colours) belongs to the line before it.
    pub fn continues(&mut self, plain: &str) -> bool {
        let continues = self.n_lines < MAX_LINES && self.look(plain);
        if continues {
            self.n_lines += 1;
        } else {
            self.n_lines = 0;
            self.begin(plain);
        }
        continues
    }

    /// The last line that stands for itself states an error, or is the head of a trace.
    pub fn is_error(&self) -> bool {
        self.was_error
    }

    /// A line that stands for itself: what it may be followed by.
    fn begin(&mut self, plain: &str) {
        let trimmed = plain.trim_start();
        self.within = if is_group(trimmed) {
            Within::PythonGroup
        } else if is_traceback(trimmed) {
            Within::Python
        } else if is_rust_panic(trimmed) {
            Within::RustMessage
        } else if is_go_panic(trimmed) {
            Within::Go
        } else {
            Within::Nothing
        };
        self.was_error =
            self.within != Within::Nothing || is_exception(trimmed) || matches!(level_in(plain), Some((_, Level::Error)));
    }

    fn look(&mut self, plain: &str) -> bool {
        let trimmed = plain.trim_start();
        let is_indented = trimmed.len() < plain.len() && !trimmed.is_empty();
        if is_frame(plain, trimmed) {
            self.within = match self.within {
                Within::Rust | Within::Go | Within::Python | Within::PythonGroup => self.within,
                _ => Within::Frames,
            };
            return true;
        }
        if is_traceback(trimmed) && (self.was_error || self.within == Within::PythonEnd) {
            self.within = Within::Python;
            return true;
        }
        if is_group(trimmed) && self.was_error {
            self.within = Within::PythonGroup;
            return true;
        }
        match self.within {
            Within::Nothing => {
                let is_thrown = self.was_error && (is_exception(trimmed) || is_rust_panic(trimmed) || is_goroutine(trimmed));
                if is_thrown {
                    self.within = if is_rust_panic(trimmed) {
                        Within::RustMessage
                    } else if is_goroutine(trimmed) {
                        Within::Go
                    } else {
                        Within::Frames
                    };
                    self.was_error = false;
                }
                is_thrown
            }
            Within::Frames => is_indented || trimmed.starts_with("Caused by: ") || trimmed == "}",
            Within::Python => {
                if is_indented || trimmed.is_empty() {
                    return true;
                }
                // `ValueError: what happened`, the first line that is not indented.
                self.within = Within::PythonEnd;
                is_python_end(trimmed)
            }
            Within::PythonGroup => is_indented && trimmed.starts_with(['|', '+']),
            Within::PythonEnd => {
                let is_chain =
                    trimmed.starts_with("During handling of the above") || trimmed.starts_with("The above exception was");
                trimmed.is_empty() || is_chain
            }
            Within::RustMessage => {
                self.within = Within::Rust;
                !is_rust_panic(trimmed)
            }
            Within::Rust => {
                is_indented
                    || trimmed.starts_with("note: run with")
                    || trimmed.starts_with("note: Some details")
                    || trimmed == "stack backtrace:"
            }
            Within::Go => {
                // `main.(*API).orders(0xc0000, {0x1, 0x2})`: blanks stand between arguments only.
                let name = trimmed.split_once('(').map(|(name, _)| name);
                let is_call = trimmed.ends_with(')') && name.is_some_and(|name| !name.contains(' '));
                let words = ["goroutine ", "created by ", "[signal ", "exit status ", "main.main()"];
                trimmed.is_empty() || is_indented || is_call || words.iter().any(|word| trimmed.starts_with(word))
            }
        }
    }
}

/// A frame that no other line looks like.
fn is_frame(plain: &str, trimmed: &str) -> bool {
    if trimmed.len() == plain.len() {
        return trimmed.starts_with("Caused by: ") && is_exception(&trimmed[11..]);
    }
    if let Some(rest) = trimmed.strip_prefix("at ") {
        return !rest.is_empty();
    }
    trimmed.starts_with("File \"") && trimmed.contains(", line ")
        || trimmed.starts_with("... ") && trimmed.contains(" more")
        || trimmed.starts_with("Suppressed: ")
}

fn is_traceback(trimmed: &str) -> bool {
    trimmed.starts_with("Traceback (most recent call last)")
}

fn is_group(trimmed: &str) -> bool {
    trimmed.starts_with("+ Exception Group Traceback (most recent call last)")
}

/// `StopIteration`, `app.errors.NotFound: why`: whatever the name of an error is, nothing but its message stands behind it.
fn is_python_end(trimmed: &str) -> bool {
    let name = trimmed
        .split_once(": ")
        .map_or(trimmed, |(name, _)| name)
        .trim_end_matches(':');
    let is_name = |c: char| c.is_alphanumeric() || "._<>".contains(c);
    name.starts_with(|c: char| c.is_alphabetic() || c == '_') && name.chars().all(is_name)
}

fn is_rust_panic(trimmed: &str) -> bool {
    trimmed.starts_with("thread '") && trimmed.contains(" panicked at ")
}

fn is_go_panic(trimmed: &str) -> bool {
    trimmed.starts_with("panic: ")
        || trimmed.starts_with("fatal error: ")
        || trimmed.contains("http: panic serving ")
        || is_goroutine(trimmed)
}

fn is_goroutine(trimmed: &str) -> bool {
    trimmed.starts_with("goroutine ") && trimmed.ends_with("]:")
}

/// `java.lang.IllegalStateException: why`, `TypeError: why`, `KeyboardInterrupt`.
fn is_exception(trimmed: &str) -> bool {
    let trimmed = trimmed
        .strip_prefix("Exception in thread ")
        .map_or(trimmed, |rest| rest.split_once("\" ").map_or(rest, |(_, rest)| rest));
    let trimmed = trimmed.strip_prefix("Uncaught ").unwrap_or(trimmed);
    let end = trimmed.find([':', ' ']).unwrap_or(trimmed.len());
    let name = &trimmed[..end];
    let is_name = |c: char| c.is_alphanumeric() || "._$".contains(c);
    let is_whole = end == trimmed.len() || trimmed[end..].starts_with(':') || trimmed[end..].starts_with(" [");
    let endings = ["Exception", "Error", "Throwable", "Interrupt", "Exit", "Warning", "Failure"];
    name.len() > 4
        && is_whole
        && name.starts_with(char::is_alphabetic)
        && name.chars().all(is_name)
        && (endings.iter().any(|ending| name.ends_with(ending)) || name.contains('.') && trimmed[end..].starts_with(": "))
}
