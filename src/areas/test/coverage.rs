//! Coverage: which lines the tests ran, read from files of lcov, Cobertura, llvm-cov, coverage.py and go. Pure but for what is read.

use crate::base::Problem;
use crate::msg;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Elements inside each other; deeper ones are refused.
const MAX_DEPTH: usize = 64;

/// Lines of one block of go; longer ones are no source of a person.
const MAX_BLOCK: u32 = 1_000_000;

/// Lines that can be run, by number, with how often they were.
pub type Lines = BTreeMap<u32, u64>;

/// Files with their lines; paths are relative to the workspace where they stand in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    pub files: BTreeMap<PathBuf, Lines>,
}

/// Lines that can be run, and those that were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Covered {
    pub n_lines: u64,
    pub n_hit: u64,
}

impl Covered {
    pub fn of(lines: &Lines) -> Self {
        Self {
            n_lines: lines.len() as u64,
            n_hit: lines.values().filter(|hits| **hits > 0).count() as u64,
        }
    }

    /// From 0 to 100; None where no line can be run.
    pub fn percent(self) -> Option<f64> {
        (self.n_lines > 0).then(|| self.n_hit as f64 * 100.0 / self.n_lines as f64)
    }
}

impl Coverage {
    pub fn covered(&self) -> Covered {
        self.files
            .values()
            .map(Covered::of)
            .fold(Covered::default(), |sum, file| Covered {
                n_lines: sum.n_lines + file.n_lines,
                n_hit: sum.n_hit + file.n_hit,
            })
    }

    fn add(&mut self, path: PathBuf, line: u32, hits: u64) {
        let known = self.files.entry(path).or_default().entry(line).or_default();
        *known = known.saturating_add(hits);
    }

    fn at_least(&mut self, path: &Path, line: u32, hits: u64) {
        let known = self.files.entry(path.to_path_buf()).or_default().entry(line).or_default();
        *known = (*known).max(hits);
    }
}

/// Reads a report of any of the formats. What is wrong in it is told, what is right is kept.
pub fn parse(text: &str, path: &Path) -> Result<(Coverage, Vec<Problem>), Problem> {
    let words = text.trim_start_matches('\u{feff}').trim_start();
    let problem = |why: &str| {
        Problem::user(msg!("test-coverage-broken", why = why))
            .code("bad-report")
            .at_place(path, 0, 0)
    };
    if words.starts_with('<') {
        cobertura(words).map_err(|why| problem(&why))
    } else if words.starts_with("mode: ") {
        let (coverage, broken) = go_profile(words);
        Ok((coverage, broken.map(|why| problem(&why)).into_iter().collect()))
    } else if words.starts_with('{') {
        coverage_py(words)
            .map_or_else(|| llvm(words), Ok)
            .map_err(|why| problem(&why))
            .map(|coverage| (coverage, Vec::new()))
    } else {
        let (coverage, broken) = lcov(words);
        if coverage.files.is_empty() {
            return Err(problem(
                broken.as_deref().unwrap_or("lcov, Cobertura, llvm-cov, coverage.py, go"),
            ));
        }
        Ok((coverage, broken.map(|why| problem(&why)).into_iter().collect()))
    }
}

/// Files of a go module by their paths: `example.com/calc/shape/shape.go` stands in the module's folder.
pub fn of_module(coverage: Coverage, module: &str, dir: &Path) -> Coverage {
    let named = |path: PathBuf| match path.strip_prefix(module) {
        Ok(below) => dir.join(below),
        Err(_) => path,
    };
    Coverage {
        files: coverage.files.into_iter().map(|(path, lines)| (named(path), lines)).collect(),
    }
}

/// The same files named as the workspace knows them: `is_there` says whether a path below it is a file.
pub fn relative(coverage: Coverage, root: &Path, report_dir: &Path, is_there: &dyn Fn(&Path) -> bool) -> Coverage {
    let mut out = Coverage::default();
    for (path, lines) in coverage.files {
        let near = report_dir.strip_prefix(root).map(|dir| dir.join(&path)).unwrap_or_default();
        let named = match path.strip_prefix(root) {
            Ok(below) => below.to_path_buf(),
            Err(_) if !path.is_absolute() && is_there(&path) => path,
            Err(_) if !path.is_absolute() && is_there(&near) => near,
            // Made elsewhere, such as in a container: the longest end of the path that is a file here.
            Err(_) => {
                let mut parts = path.components();
                let mut found = None;
                while found.is_none() && parts.next().is_some() {
                    found = Some(parts.as_path().to_path_buf()).filter(|end| !end.as_os_str().is_empty() && is_there(end));
                }
                found.unwrap_or(path)
            }
        };
        for (line, hits) in lines {
            out.add(named.clone(), line, hits);
        }
    }
    out
}

/// `SF:src/lib.rs`, `DA:3,1`, `end_of_record`: geninfo(1).
fn lcov(text: &str) -> (Coverage, Option<String>) {
    let mut coverage = Coverage::default();
    let mut file: Option<PathBuf> = None;
    let mut broken = None;
    for record in lcov::Reader::new(text.as_bytes()) {
        match record {
            Ok(lcov::Record::SourceFile { path }) => file = Some(path),
            Ok(lcov::Record::LineData { line, count, .. }) => {
                if let Some(file) = &file {
                    coverage.add(file.clone(), line, count);
                }
            }
            Ok(lcov::Record::EndOfRecord) => file = None,
            Ok(_) => {}
            // Records that this version of the format does not know stand beside those that are understood.
            Err(error) => broken = broken.or(Some(error.to_string())),
        }
    }
    (coverage, broken)
}

/// coverage.py, gcovr, coverlet and others: `class filename` holds `line number hits`, below the folders of `source`.
fn cobertura(text: &str) -> Result<(Coverage, Vec<Problem>), String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut coverage = Coverage::default();
    let (mut sources, mut file, mut is_source, mut is_report, mut depth) = (Vec::<PathBuf>::new(), None, false, false, 0);
    loop {
        let event = reader
            .read_event()
            .map_err(|error| format!("{error} (byte {})", reader.error_position()))?;
        match event {
            Event::Eof => break,
            Event::Start(start) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err("too deep".to_owned());
                }
                is_report |= start.name().as_ref() == "coverage";
                is_source = start.name().as_ref() == "source";
                element(&start, &mut file, &mut coverage);
            }
            Event::Empty(start) => element(&start, &mut file, &mut coverage),
            Event::Text(words) if is_source => sources.push(PathBuf::from(words.trim())),
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                is_source = false;
                if end.name().as_ref() == "class" {
                    file = None;
                }
            }
            _ => {}
        }
    }
    if !is_report {
        return Err("<coverage>".to_owned());
    }
    // With one source its folder stands before every path.
    if let [source] = sources.as_slice() {
        let files = std::mem::take(&mut coverage.files);
        coverage.files = files.into_iter().map(|(path, lines)| (source.join(path), lines)).collect();
    }
    Ok((coverage, Vec::new()))
}

fn element(start: &BytesStart<'_>, file: &mut Option<PathBuf>, coverage: &mut Coverage) {
    let attribute = |name: &str| {
        let found = start
            .attributes()
            .with_checks(false)
            .filter_map(Result::ok)
            .find(|one| one.key.as_ref() == name)?;
        Some(found.normalized_value(quick_xml::XmlVersion::Explicit1_0).ok()?.into_owned())
    };
    match start.name().as_ref() {
        "class" => *file = attribute("filename").map(PathBuf::from),
        "line" => {
            let number = attribute("number").and_then(|number| number.parse().ok());
            let hits = attribute("hits").and_then(|hits| hits.parse().ok());
            if let (Some(file), Some(number), Some(hits)) = (file.as_ref(), number, hits) {
                // A line stands below its method and below its class.
                coverage.at_least(file, number, hits);
            }
        }
        _ => {}
    }
}

/// A profile of `go test -coverprofile` (cmd/cover): after `mode: set`, `count` or `atomic` one block per line,
/// `example.com/calc/calc.go:3.24,5.2 1 0`: file, from line and column, to line and column, statements, count. The first line that is
/// none is told.
fn go_profile(text: &str) -> (Coverage, Option<String>) {
    let mut coverage = Coverage::default();
    let mut broken = None;
    for line in text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("mode: "))
    {
        match go_block(line) {
            // A line may belong to several blocks: it ran when one of them did.
            Some((file, from, to, hits)) if from <= to && to - from < MAX_BLOCK => {
                for number in from..=to {
                    coverage.at_least(Path::new(file), number, hits);
                }
            }
            _ => broken = broken.or_else(|| Some(line.chars().take(200).collect())),
        }
    }
    (coverage, broken)
}

fn go_block(line: &str) -> Option<(&str, u32, u32, u64)> {
    let mut words = line.rsplitn(3, ' ');
    let hits = words.next()?.parse().ok()?;
    words.next()?.parse::<u64>().ok()?;
    let (file, span) = words.next()?.rsplit_once(':')?;
    let (from, to) = span.split_once(',')?;
    let number = |place: &str| place.split_once('.')?.0.parse().ok();
    Some((file, number(from)?, number(to)?, hits))
}

/// `coverage json` of coverage.py; None when it is another JSON.
fn coverage_py(text: &str) -> Option<Coverage> {
    #[derive(Deserialize)]
    struct Report {
        #[serde(rename = "meta")]
        _meta: serde_json::Value,
        files: BTreeMap<PathBuf, OfFile>,
    }
    #[derive(Deserialize)]
    struct OfFile {
        executed_lines: Vec<u32>,
        missing_lines: Vec<u32>,
    }
    let report: Report = serde_json::from_str(text).ok()?;
    let mut coverage = Coverage::default();
    for (path, file) in report.files {
        let executed = file.executed_lines.into_iter().map(|line| (line, 1));
        let missing = file.missing_lines.into_iter().map(|line| (line, 0));
        for (line, hits) in executed.chain(missing) {
            coverage.at_least(&path, line, hits);
        }
    }
    Some(coverage)
}

#[derive(Deserialize)]
struct Export {
    data: Vec<ExportData>,
}

#[derive(Deserialize)]
struct ExportData {
    files: Vec<ExportFile>,
}

#[derive(Deserialize)]
struct ExportFile {
    filename: PathBuf,
    /// Line, column, count, whether it has a count, whether a region begins, whether it is a gap.
    #[serde(default)]
    segments: Vec<Vec<serde_json::Value>>,
}

struct Segment {
    line: u32,
    count: u64,
    has_count: bool,
    is_entry: bool,
    is_gap: bool,
}

/// `llvm-cov export`: lines from segments as LLVM's `LineCoverageStats` counts them.
fn llvm(text: &str) -> Result<Coverage, String> {
    let export: Export = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut coverage = Coverage::default();
    for file in export.data.into_iter().flat_map(|data| data.files) {
        let segments: Vec<Segment> = file.segments.iter().filter_map(|segment| segment_of(segment)).collect();
        let mut wrapped: Option<&Segment> = None;
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            continue;
        };
        let mut at = 0;
        for line in first.line..=last.line {
            let from = at;
            while segments.get(at).is_some_and(|segment| segment.line == line) {
                at += 1;
            }
            let here = &segments[from..at];
            let is_start = |segment: &&Segment| !segment.is_gap && segment.has_count && segment.is_entry;
            let starts_skipped = here.first().is_some_and(|segment| !segment.has_count && segment.is_entry);
            let n_starts = here.iter().filter(is_start).count();
            let is_mapped = !starts_skipped && (wrapped.is_some_and(|segment| segment.has_count) || n_starts > 0);
            if is_mapped {
                let before = wrapped.filter(|segment| segment.has_count).map_or(0, |segment| segment.count);
                let count = here
                    .iter()
                    .filter(is_start)
                    .map(|segment| segment.count)
                    .fold(before, u64::max);
                coverage.at_least(&file.filename, line, count);
            }
            wrapped = here.last().or(wrapped);
        }
    }
    Ok(coverage)
}

fn segment_of(values: &[serde_json::Value]) -> Option<Segment> {
    let is = |at: usize| values.get(at).and_then(serde_json::Value::as_bool).unwrap_or(false);
    Some(Segment {
        line: u32::try_from(values.first()?.as_u64()?).ok()?,
        count: values.get(2)?.as_u64().unwrap_or(0),
        has_count: is(3),
        is_entry: is(4),
        is_gap: is(5),
    })
}

/// Line numbers as `3-5, 9`.
pub fn ranges(lines: impl Iterator<Item = u32>) -> String {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match found.last_mut() {
            Some((_, last)) if *last + 1 == line => *last = line,
            _ => found.push((line, line)),
        }
    }
    let words: Vec<String> = found
        .into_iter()
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        })
        .collect();
    words.join(", ")
}
