//! TAP as any program prints it (testanything.org, versions 12 to 14): test points, plans, subtests, diagnostics in YAML or comments.

use super::{Capped, CaseId, Finished, Framework, Heard, Parser, Shown, Site, plain};
use crate::base::{Place, Problem, SafeText, State, Stream};
use crate::msg;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The case that stands for points that were planned and never came.
const PLAN: &str = "(plan)";
/// Subtests inside each other that are told apart.
const MAX_LEVELS: usize = 16;

/// Hears test points. A program that never speaks TAP is never heard.
pub struct Tap {
    suite: String,
    root: PathBuf,
    is_tap: bool,
    /// The names of the subtests around the next point, outermost first.
    around: Vec<String>,
    /// What the last comment announced.
    announced: Option<(usize, String)>,
    open: Option<Open>,
    yaml_indent: Option<usize>,
    plan: Option<u64>,
    n_points: u64,
    n_total: u64,
    seen: BTreeMap<String, u32>,
    bail: Option<String>,
}

/// A point whose diagnostics may still come.
struct Open {
    result: Finished,
    output: Capped,
    message: Option<String>,
    at: Option<String>,
}

impl Tap {
    /// `suite` names all points of the program; `root` is the workspace's folder.
    pub fn new(suite: &str, root: impl Into<PathBuf>) -> Self {
        Self {
            suite: suite.to_owned(),
            root: root.into(),
            is_tap: false,
            around: Vec::new(),
            announced: None,
            open: None,
            yaml_indent: None,
            plan: None,
            n_points: 0,
            n_total: 0,
            seen: BTreeMap::new(),
            bail: None,
        }
    }

    /// The suite of a task.
    pub fn suite_of(site: &Site) -> String {
        site.task.clone().unwrap_or_else(|| site.dir_word())
    }

    fn close(&mut self, heard: &mut Vec<Heard>) {
        self.yaml_indent = None;
        let Some(open) = self.open.take() else { return };
        let mut result = open.result;
        if result.state == State::Failed {
            let root = format!("{}/", self.root.display());
            let mut output = open
                .output
                .into_text()
                .replace(&format!("file://{root}"), "")
                .replace(&root, "");
            if let Some(at) = open.at {
                output = format!("{output}\nat: {}", at.replace(&root, ""));
            }
            let described = std::mem::take(&mut result.message);
            result = result.output(SafeText::multiline(output.trim()).into_string(), Path::new(""));
            let words = open.message.unwrap_or_else(|| {
                if result.message.is_empty() {
                    described
                } else {
                    result.message.clone()
                }
            });
            result.message = SafeText::multiline(&words).into_string();
        }
        heard.push(Heard::finished(result));
    }

    fn point(&mut self, is_ok: bool, rest: &str, level: usize, heard: &mut Vec<Heard>) {
        self.close(heard);
        if level > self.around.len() {
            let name = self.announced.take().map_or_else(|| "(subtest)".to_owned(), |(_, name)| name);
            self.around.push(name);
        }
        self.around.truncate(level);
        self.announced = None;
        let (words, directive) = directive_of(rest);
        let number: String = words.trim_start().chars().take_while(char::is_ascii_digit).collect();
        let words = words.trim_start()[number.len()..].trim_start();
        let words = words.strip_prefix("- ").unwrap_or(words).trim();
        let own = if words.is_empty() {
            format!("test {number}")
        } else {
            words.replace("\\#", "#")
        };
        let mut path: Vec<&str> = self.around.iter().map(String::as_str).collect();
        path.push(&own);
        let name = path.join(" > ");
        let n = self.seen.entry(name.clone()).or_default();
        *n += 1;
        let name = if *n > 1 { format!("{name} ({n})") } else { name };
        let kind = directive.get(..4).unwrap_or_default().to_ascii_uppercase();
        let state = match kind.as_str() {
            "SKIP" | "TODO" => State::Skipped,
            _ if is_ok => State::Done,
            _ => State::Failed,
        };
        let mut result = Finished::new(CaseId::new(Framework::Tap, &self.suite, &name), state);
        match state {
            State::Skipped => result.message = SafeText::new(directive[4..].trim()).into_string(),
            State::Failed => result.message = SafeText::new(&own).into_string(),
            _ => {}
        }
        if let Some(ms) = directive.strip_prefix("time=").and_then(|time| time.strip_suffix("ms")) {
            result = result.secs(ms.parse().unwrap_or(f64::NAN) / 1000.0);
        }
        if level == 0 {
            self.n_points += 1;
        }
        self.open = Some(Open {
            result,
            output: Capped::default(),
            message: None,
            at: None,
        });
    }

    /// `message: "words"`, `duration_ms: 1.5`, `at: file.js:3:1` of a diagnostic block.
    fn yaml(&mut self, line: &str) {
        let Some(open) = &mut self.open else { return };
        open.output.push_line(line);
        let Some((key, value)) = line.trim().split_once(": ") else {
            return;
        };
        let value = value.trim();
        let quoted = |mark: char| value.strip_prefix(mark)?.strip_suffix(mark);
        let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
        match key {
            "duration_ms" => open.result.duration_ms = value.parse::<f64>().ok().and_then(|ms| super::duration_ms(ms / 1000.0)),
            "message" | "error" if open.message.is_none() && !matches!(value, "|-" | "|" | ">-") => {
                open.message = Some(value.replace("\\n", "\n"));
            }
            "at" | "location" => open.at = Some(value.to_owned()),
            _ => {}
        }
    }

    fn is_start(line: &str) -> bool {
        line.starts_with("TAP version ") || plan_of(line).is_some() || line.starts_with("ok 1") || line.starts_with("not ok 1")
    }
}

impl Parser for Tap {
    fn line(&mut self, stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown {
        if stream != Stream::Out {
            return Shown::AsIs;
        }
        let line = plain(bytes);
        let line = line.trim_end();
        self.is_tap |= Self::is_start(line);
        if !self.is_tap {
            return Shown::AsIs;
        }
        let words = line.trim_start_matches(' ');
        let indent = line.len() - words.len();
        if let Some(start) = self.yaml_indent {
            if words == "..." && indent <= start {
                self.yaml_indent = None;
            } else {
                self.yaml(line.get(start..).unwrap_or(words));
            }
            return Shown::AsIs;
        }
        let level = (indent / 4).min(MAX_LEVELS);
        if words == "---" && self.open.is_some() {
            self.yaml_indent = Some(indent);
        } else if let Some(rest) = words.strip_prefix("ok").filter(|rest| is_rest(rest)) {
            self.point(true, rest, level, heard);
        } else if let Some(rest) = words.strip_prefix("not ok").filter(|rest| is_rest(rest)) {
            self.point(false, rest, level, heard);
        } else if let Some(name) = words.strip_prefix("# Subtest: ") {
            self.close(heard);
            if let Some((above, outer)) = self.announced.take().filter(|(above, _)| level > *above) {
                self.around.truncate(above);
                self.around.push(outer);
            }
            self.announced = Some((level, name.to_owned()));
        } else if let Some(n) = plan_of(words) {
            self.close(heard);
            if indent == 0 {
                self.plan = Some(n);
                self.n_total += n;
                heard.push(Heard::Total(self.n_total));
            }
        } else if let Some(reason) = words.strip_prefix("Bail out!") {
            self.close(heard);
            self.bail = Some(reason.trim().to_owned());
        } else if let Some(comment) = words.strip_prefix('#')
            && let Some(open) = self.open.as_mut().filter(|open| open.result.state == State::Failed)
        {
            open.output.push_line(comment.strip_prefix(' ').unwrap_or(comment));
        }
        Shown::AsIs
    }

    fn finish(&mut self, _code: Option<i32>, heard: &mut Vec<Heard>) {
        self.close(heard);
        if let Some(reason) = self.bail.take() {
            let problem = Problem::user(msg!("test-runner-failed", runner = "TAP", what = reason.as_str()));
            heard.push(Heard::Trouble(Box::new(problem.code("bail-out"))));
        } else if let Some(plan) = self.plan.filter(|plan| *plan > self.n_points) {
            let mut result = Finished::new(CaseId::new(Framework::Tap, &self.suite, PLAN), State::Failed);
            result.message = format!("1..{plan}: {} of {plan}", self.n_points);
            heard.push(Heard::finished(result));
        }
        self.plan = None;
    }
}

/// `1..4`, `1..0 # SKIP no network`.
fn plan_of(line: &str) -> Option<u64> {
    let rest = line.strip_prefix("1..")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    let after = &rest[digits.len()..];
    (after.is_empty() || after.starts_with(' '))
        .then(|| digits.parse().ok())
        .flatten()
}

fn is_rest(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(' ')
}

/// Description and directive: `- works # SKIP later`; an escaped mark belongs to the description.
fn directive_of(rest: &str) -> (&str, &str) {
    let mark = rest
        .match_indices('#')
        .find(|(at, _)| rest[..*at].ends_with(' ') && !rest[..*at].ends_with('\\'));
    let Some((at, _)) = mark else { return (rest, "") };
    let directive = rest[at + 1..].trim_start();
    let upper = directive.to_ascii_uppercase();
    let is_one = upper.starts_with("SKIP") || upper.starts_with("TODO") || directive.starts_with("time=");
    if is_one { (&rest[..at], directive) } else { (rest, "") }
}

/// Where a point failed, as the diagnostics of the usual producers say it: a JavaScript stack, `at: file:1:2`,
/// bats' `(in test file a.bats, line 3)`, Perl's `at t/a.t line 3.`
pub(super) fn why(output: &str) -> super::why::Why {
    let place = output.lines().find_map(|line| {
        let words = line.trim().trim_start_matches('(');
        if let Some(at) = words.find("in test file ") {
            let (file, rest) = words[at + "in test file ".len()..].split_once(", line ")?;
            return placed(file, rest);
        }
        let (file, rest) = words.strip_prefix("at ")?.split_once(" line ")?;
        placed(file, rest)
    });
    let comment = output.lines().map(str::trim).find(|line| {
        !line.is_empty()
            && !line.starts_with("(in test file")
            && !line.starts_with("at ")
            && !line.starts_with("Failed test")
            && !line.contains(": ")
    });
    super::why::Why {
        message: comment.unwrap_or_default().to_owned(),
        place,
    }
}

fn placed(file: &str, rest: &str) -> Option<Place> {
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let path = PathBuf::from(file);
    (path.is_relative() && !digits.is_empty()).then(|| Place {
        path,
        line: digits.parse().ok(),
        column: None,
    })
}
