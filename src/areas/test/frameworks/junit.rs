//! JUnit XML, streamed: hostile input costs bounded memory and opens nothing. Document types and their entities are never used.

use super::{Capped, CaseId, Finished, Framework, duration_ms, plain};
use crate::adapters::decoding::Xml;
use crate::base::{Place, Problem, SafeText, State, hash_of};
use crate::msg;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::BufRead;
use std::path::{Path, PathBuf};

/// The code of a report of which the rest could not be read.
pub const CUT_OFF: &str = "report-cut-off";

/// The name under which a suite itself fails, beside its cases.
const SUITE: &str = "(suite)";

/// Elements inside each other; deeper ones are refused.
const MAX_DEPTH: usize = 64;
/// Problems that are told per file.
const MAX_PROBLEMS: usize = 20;
/// Failures that are kept to know one that is tried again.
const MAX_FAILED: usize = 100_000;
/// What is read of a case.
const KEYS: [&str; 7] = ["name", "classname", "time", "file", "line", "status", "result"];

/// Reads a whole report and hands over each case as it ends; what is wrong is told, what is right is kept.
/// `is_over` ends the reading early.
pub fn read(input: impl BufRead, path: &Path, is_over: &dyn Fn() -> bool, on_case: &mut dyn FnMut(Finished)) -> Vec<Problem> {
    let mut document = Xml::new(input);
    let mut state = Report {
        path: path.to_path_buf(),
        suites: Vec::new(),
        depth: 0,
        case: None,
        into: Into::Nothing,
        problems: Vec::new(),
        is_report: false,
        failed: Failed::default(),
    };
    let mut n_events: u64 = 0;
    let mut goes_on = || {
        n_events += 1;
        !(n_events.is_multiple_of(4096) && is_over())
    };
    while goes_on() {
        let skips_text = state.into == Into::Nothing;
        let event = document.event(("testcase", &KEYS), skips_text, &mut |values| {
            state.flat(values, on_case);
            goes_on()
        });
        match event {
            Ok(None) => break,
            Ok(Some(Event::Eof)) => {
                if state.depth > 0 {
                    state.cut_off(msg!("test-junit-truncated"), "");
                }
                break;
            }
            Ok(Some(event)) => {
                if !state.event(&event, on_case) {
                    break;
                }
            }
            Err(error) => {
                let words = format!("{error} (byte {})", document.error_position());
                state.cut_off(msg!("test-junit-broken"), &words);
                break;
            }
        }
    }
    state.end_case(on_case);
    if !state.is_report && state.problems.is_empty() {
        state.tell(msg!("test-junit-none"), "");
    }
    state.problems
}

struct Report {
    path: PathBuf,
    suites: Vec<String>,
    depth: usize,
    case: Option<Case>,
    into: Into,
    problems: Vec<Problem>,
    is_report: bool,
    failed: Failed,
}

/// What failed until now: one that passes behind that was tried again.
#[derive(Default)]
struct Failed {
    cases: BTreeSet<CaseId>,
    /// A bit for each by its hash: of millions that were never red almost all are known by it.
    bits: Vec<u64>,
}

impl Failed {
    const N_BITS: usize = 1 << 16;

    fn bit_of(case: &CaseId) -> (usize, u64) {
        let bit = hash_of(&[&case.suite, &case.name]) as usize % Self::N_BITS;
        (bit / 64, 1 << (bit % 64))
    }

    fn insert(&mut self, case: &CaseId) {
        if self.cases.len() < MAX_FAILED && self.cases.insert(case.clone()) {
            self.bits.resize(Self::N_BITS / 64, 0);
            let (word, bit) = Self::bit_of(case);
            self.bits[word] |= bit;
        }
    }

    fn remove(&mut self, case: &CaseId) -> bool {
        if self.cases.is_empty() {
            return false;
        }
        let (word, bit) = Self::bit_of(case);
        self.bits[word] & bit != 0 && self.cases.remove(case)
    }
}

struct Case {
    result: Finished,
    /// It is the suite around the cases, and ends with its failure.
    is_suite: bool,
    reason: Capped,
    failure: Capped,
    out: Capped,
    err: Capped,
}

/// Where text goes.
#[derive(Clone, Copy, PartialEq)]
enum Into {
    Nothing,
    Reason,
    Failure,
    Out,
    Err,
}

impl Case {
    fn new(result: Finished, is_suite: bool) -> Self {
        Self {
            result,
            is_suite,
            reason: Capped::default(),
            failure: Capped::default(),
            out: Capped::default(),
            err: Capped::default(),
        }
    }
}

impl Report {
    fn tell(&mut self, message: crate::base::Msg, details: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            let problem = Problem::user(message).code("bad-report").details(details);
            self.problems.push(problem.at_place(&self.path, 0, 0));
        }
    }

    /// Nothing more is read: what failed behind it nobody knows. A file that is no report at all is none that was cut off.
    fn cut_off(&mut self, message: crate::base::Msg, details: &str) {
        self.problems.truncate(MAX_PROBLEMS - 1);
        self.tell(message, details);
        if self.is_report
            && let Some(problem) = self.problems.last_mut()
        {
            CUT_OFF.clone_into(&mut problem.code);
        }
    }

    /// False when nothing more should be read.
    fn event(&mut self, event: &Event<'_>, on_case: &mut dyn FnMut(Finished)) -> bool {
        match event {
            Event::Start(start) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    self.cut_off(msg!("test-junit-too-deep"), "");
                    return false;
                }
                self.start(start, on_case);
            }
            Event::Empty(start) => {
                self.start(start, on_case);
                self.end(start.local_name().as_ref(), on_case);
            }
            Event::End(end) => {
                self.depth = self.depth.saturating_sub(1);
                self.end(end.local_name().as_ref(), on_case);
            }
            // Between the elements stands nothing but white space.
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if self.into == Into::Nothing => {}
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => self.reference(reference),
            // An entity that is declared here is never looked up, so a bomb has no fuse and a file stays closed.
            Event::DocType(_) => self.tell(msg!("test-junit-doctype"), ""),
            _ => {}
        }
        true
    }

    /// Most cases: nothing stands inside.
    fn flat(&mut self, values: &[&str], on_case: &mut dyn FnMut(Finished)) {
        self.is_report = true;
        self.end_case(on_case);
        let result = self.result_of(values);
        on_case(self.counted(result));
    }

    fn start(&mut self, start: &BytesStart<'_>, on_case: &mut dyn FnMut(Finished)) {
        match start.local_name().as_ref() {
            "testsuites" => self.is_report = true,
            "testsuite" => {
                self.is_report = true;
                let name = attribute(start, "name").unwrap_or_default();
                self.suites.push(name);
            }
            "testcase" => {
                self.is_report = true;
                self.end_case(on_case);
                self.case = Some(Case::new(self.new_result(start), false));
            }
            word @ ("failure" | "error" | "skipped" | "rerunFailure" | "flakyFailure") => self.outcome(word, start),
            "system-out" => self.into = Into::Out,
            "system-err" => self.into = Into::Err,
            _ => {}
        }
    }

    fn new_result(&self, start: &BytesStart<'_>) -> Finished {
        let mut values = [const { Cow::Borrowed("") }; KEYS.len()];
        for attribute in start.attributes().with_checks(false).filter_map(Result::ok) {
            if let Some(at) = KEYS.iter().position(|key| *key == attribute.key.as_ref()) {
                values[at] = value_of(attribute);
            }
        }
        self.result_of(&values.each_ref().map(|value| &**value))
    }

    /// By the values of `KEYS`.
    fn result_of(&self, values: &[&str]) -> Finished {
        let [name, class, time, file, line, status, outcome] =
            std::array::from_fn(|at| values.get(at).copied().unwrap_or_default());
        let outer = self.suites.last().map_or("", String::as_str);
        let suite = if class.is_empty() { outer } else { class };
        // As googletest and CTest say it.
        let is_off = matches!(status, "notrun" | "disabled") || matches!(outcome, "suppressed" | "skipped");
        let state = if is_off { State::Skipped } else { State::Done };
        let mut result = Finished::new(CaseId::new(Framework::Junit, suite, name), state);
        result.duration_ms = plain_ms(time).or_else(|| secs_of(time).and_then(duration_ms));
        if !file.is_empty() {
            result.place = Some(Place {
                path: file.into(),
                line: line.parse().ok(),
                column: None,
            });
        }
        result
    }

    fn outcome(&mut self, word: &str, start: &BytesStart<'_>) {
        if self.case.is_none() && matches!(word, "failure" | "error") && self.is_report {
            let suite = self.suites.last().map_or("", String::as_str);
            let result = Finished::new(CaseId::new(Framework::Junit, suite, SUITE), State::Done);
            self.case = Some(Case::new(result, true));
        }
        let Some(case) = &mut self.case else { return };
        match word {
            "failure" | "error" => {
                // The first one says why.
                if case.result.state != State::Failed
                    && let Some(message) = attribute(start, "message")
                {
                    case.result.message = SafeText::multiline(&readable(&capped(&message))).into_string();
                } else if case.result.state != State::Failed {
                    case.result.message.clear();
                }
                case.result.state = State::Failed;
                self.into = Into::Failure;
            }
            "skipped" if case.result.state != State::Failed => {
                case.result.state = State::Skipped;
                case.result.message = attribute(start, "message")
                    .map(|message| SafeText::new(&message).into_string())
                    .unwrap_or_default();
                self.into = Into::Reason;
            }
            // Maven's surefire: the case passed when it was run again.
            "flakyFailure" => case.result.flaky = true,
            _ => {}
        }
    }

    fn end(&mut self, word: &str, on_case: &mut dyn FnMut(Finished)) {
        match word {
            "testcase" => self.end_case(on_case),
            "testsuite" => {
                self.suites.pop();
            }
            "failure" | "error" if self.case.as_ref().is_some_and(|case| case.is_suite) => self.end_case(on_case),
            "failure" | "error" | "skipped" | "system-out" | "system-err" => self.into = Into::Nothing,
            _ => {}
        }
    }

    fn end_case(&mut self, on_case: &mut dyn FnMut(Finished)) {
        let Some(case) = self.case.take() else { return };
        self.into = Into::Nothing;
        let mut output = readable(&case.failure.into_text()).into_owned();
        for (part, head) in [(case.out, "Captured Out"), (case.err, "Captured Err")] {
            if part.is_empty() {
                continue;
            }
            let text = without_pytest_heads(&readable(&part.into_text()), head);
            if !text.is_empty() {
                if !output.is_empty() {
                    output.push_str("\n\n");
                }
                output.push_str(&text);
            }
        }
        let failed_place = case.result.place.clone();
        let mut result = case.result;
        if result.state == State::Skipped && result.message.is_empty() {
            let reason = case.reason.into_text();
            let first = reason.lines().map(str::trim).find(|line| !line.is_empty());
            result.message = first.map(|line| SafeText::new(line).into_string()).unwrap_or_default();
        }
        if result.state == State::Failed {
            result.place = None;
            result = result.output(output, Path::new(""));
            result.place = result.place.or(failed_place);
        } else {
            result.output = output;
        }
        on_case(self.counted(result));
    }

    /// Tools that try a test again write it once per try.
    fn counted(&mut self, mut result: Finished) -> Finished {
        match result.state {
            State::Failed => self.failed.insert(&result.case),
            State::Done => result.flaky |= self.failed.remove(&result.case),
            _ => {}
        }
        result
    }

    fn text(&mut self, text: &str) {
        let Some(case) = &mut self.case else { return };
        match self.into {
            Into::Nothing => {}
            Into::Reason => case.reason.push(text),
            Into::Failure => case.failure.push(text),
            Into::Out => case.out.push(text),
            Into::Err => case.err.push(text),
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        match reference.resolve_char_ref() {
            Ok(Some(c)) => self.text(c.encode_utf8(&mut [0; 4])),
            _ => match quick_xml::escape::resolve_predefined_entity(reference) {
                Some(text) => self.text(text),
                None => self.text(&format!("&{};", &**reference)),
            },
        }
    }
}

/// Milliseconds of `12.345`: digits and one point.
fn plain_ms(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(part) {
        return None;
    }
    let number = |text: &str| text.bytes().fold(0, |sum: u64, digit| sum * 10 + u64::from(digit - b'0'));
    let unit = 10_u64.pow(part.len() as u32);
    Some(number(whole) * 1000 + (number(part) * 2000 + unit) / (2 * unit))
}

/// Seconds in whatever way a number is written: `1,234.5`, `0,25`, `1.234,5`.
fn secs_of(text: &str) -> Option<f64> {
    if let Ok(secs) = text.parse() {
        return Some(secs);
    }
    let (whole, part) = text.rsplit_once(',')?;
    // Behind the comma that parts thousands stand three digits.
    let may_part_thousands = part.len() == 3 && whole != "0" && !whole.contains('.');
    let is_point = !whole.contains(',') && !part.contains('.') && !may_part_thousands;
    let plain = if is_point {
        format!("{}.{part}", whole.replace('.', ""))
    } else {
        text.replace(',', "")
    };
    plain.parse().ok()
}

/// pytest writes characters that XML can not hold as `#x1B`: colours are taken away, and the others are what they were.
fn readable(text: &str) -> Cow<'_, str> {
    if !text.contains("#x") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("#x") {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 4).filter(|code| code.starts_with(['0', '1']));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                out.push(char::from(byte));
                rest = &rest[at + 4..];
            }
            None => {
                out.push_str("#x");
                rest = &rest[at + 2..];
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(SafeText::multiline(&plain(out.as_bytes())).into_string())
}

fn capped(text: &str) -> String {
    text.chars().take(4000).collect()
}

/// The value of an attribute; the first of several with this name.
fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start
        .attributes()
        .with_checks(false)
        .filter_map(Result::ok)
        .find(|attribute| attribute.key.as_ref() == name)?;
    Some(value_of(found).into_owned())
}

/// With the five entities of XML resolved and no others.
fn value_of(attribute: Attribute<'_>) -> Cow<'_, str> {
    let is_plain = |byte: u8| !matches!(byte, b'&' | b'\t' | b'\n' | b'\r');
    if attribute.value.bytes().all(is_plain) {
        return attribute.value;
    }
    match attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0) {
        Ok(value) => Cow::Owned(value.into_owned()),
        Err(_) => attribute.value,
    }
}

/// pytest writes a head line above each stream, also above an empty one.
fn without_pytest_heads(text: &str, head: &str) -> String {
    let is_head = |line: &&str| !(line.starts_with("-----") && line.ends_with("-----") && line.contains(" Captured "));
    if !text.contains(head) {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.lines().filter(is_head).collect();
    lines.join("\n").trim().to_owned()
}
