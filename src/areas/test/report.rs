//! Results for others: JUnit XML, one HTML page that needs nothing beside it, and a badge. Pure: text in, text out.

use super::compare::{Group, groups};
use super::frameworks::{CaseId, Finished};
use crate::base::{Catalog, State, Timestamp, format};
use crate::msg;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// Slowest tests that the page names.
const SLOWEST: usize = 10;
/// Output of a failure that the page shows, in characters.
const MAX_OUTPUT_CHARS: usize = 20_000;
const STYLE: &str = include_str!("../../../resources/report.css");

/// What a report tells.
pub struct Told {
    /// The workspace's name.
    pub name: String,
    pub commit: Option<String>,
    pub is_dirty: bool,
    pub at: Timestamp,
    pub results: Vec<Finished>,
    /// Last results per case, oldest first; a flaky pass is degraded.
    pub strips: BTreeMap<CaseId, Vec<State>>,
    /// Lines that tests ran, in percent.
    pub coverage: Option<f64>,
}

/// What tells that a file is a report that this wrote: such a one may be written over.
pub const MARK: &str = "<!-- chantier test report -->";

/// How many did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub n_passed: u64,
    pub n_failed: u64,
    pub n_skipped: u64,
    pub n_flaky: u64,
}

impl Sums {
    pub fn of<'a>(results: impl IntoIterator<Item = &'a Finished>) -> Self {
        let mut sums = Self::default();
        for result in results {
            match result.state {
                State::Done => sums.n_passed += 1,
                State::Skipped | State::None => sums.n_skipped += 1,
                _ => sums.n_failed += 1,
            }
            sums.n_flaky += u64::from(result.flaky);
        }
        sums
    }
}

/// JUnit XML, one suite per suite.
pub fn junit(told: &Told) -> Result<String, String> {
    let mut by_suite: BTreeMap<String, Vec<&Finished>> = BTreeMap::new();
    for result in &told.results {
        by_suite.entry(result.case.stored_suite()).or_default().push(result);
    }
    let mut report = Report::new(told.name.as_str());
    let mut total = Duration::ZERO;
    for (name, results) in by_suite {
        let mut suite = TestSuite::new(name.as_str());
        let mut of_suite = Duration::ZERO;
        for result in results {
            let status = match result.state {
                State::Done => TestCaseStatus::success(),
                State::Skipped | State::None => {
                    let mut status = TestCaseStatus::skipped();
                    if !result.message.is_empty() {
                        status.set_message(result.message.as_str());
                    }
                    status
                }
                _ => {
                    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                    status
                        .set_message(result.message.as_str())
                        .set_description(result.output.as_str());
                    status
                }
            };
            let mut case = TestCase::new(result.case.name.as_str(), status);
            case.set_classname(result.case.suite.as_str());
            if let Some(ms) = result.duration_ms {
                case.set_time(Duration::from_millis(ms));
                of_suite += Duration::from_millis(ms);
            }
            if let Some(place) = &result.place {
                case.extra.insert("file".into(), place.path.to_string_lossy().as_ref().into());
                if let Some(line) = place.line {
                    case.extra.insert("line".into(), line.to_string().into());
                }
            }
            if result.state == State::Done && !result.output.is_empty() {
                case.set_system_out(result.output.as_str());
            }
            suite.add_test_case(case);
        }
        suite.set_time(of_suite);
        total += of_suite;
        report.add_test_suite(suite);
    }
    report.set_time(total);
    let text = report.to_string().map_err(|error| error.to_string())?;
    Ok(text.replacen("?>\n", &format!("?>\n{MARK}\n"), 1))
}

/// A badge as services show them: a word, and how many passed.
pub fn badge(told: &Told, texts: &Catalog) -> String {
    let sums = Sums::of(&told.results);
    let label = texts.t("test-badge");
    let (value, colour) = if sums.n_failed > 0 {
        (texts.msg(&msg!("test-n-failed", n = sums.n_failed)), "#c0392b")
    } else if sums.n_passed == 0 {
        (texts.t("test-word-not-run").into_owned(), "#6b7280")
    } else {
        (texts.msg(&msg!("test-n-passed", n = sums.n_passed)), "#2e8540")
    };
    // Verdana at 11 px, about; `textLength` makes it fit whatever face is there.
    let width = |text: &str| text.chars().count() as u32 * 7 + 10;
    let (left, right) = (width(&label), width(&value));
    let all = left + right;
    let (label, value) = (escaped(&label), escaped(&value));
    format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="20" role="img" aria-label="{label}: {value}">"#,
            r#"<title>{label}: {value}</title><clipPath id="r"><rect width="{all}" height="20" rx="3"/></clipPath>"#,
            r##"<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#4b5563"/>"##,
            r#"<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>"#,
            r##"<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">"##,
            r#"<text x="{left_at}" y="14" textLength="{left_length}">{label}</text>"#,
            r#"<text x="{right_at}" y="14" textLength="{right_length}">{value}</text></g></svg>"#,
            "{mark}\n"
        ),
        mark = MARK,
        all = all,
        left = left,
        right = right,
        colour = colour,
        label = label,
        value = value,
        left_at = left / 2,
        left_length = left - 10,
        right_at = left + right / 2,
        right_length = right - 10,
    )
}

/// What every page begins with, up to its body.
pub fn head(title: &str, texts: &Catalog) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title><style>{STYLE}</style></head><body>\n",
        texts.lang().code(),
        escaped(title)
    )
}

/// One page: light or dark as the reader's system is, no script, nothing loaded.
pub fn html(told: &Told, texts: &Catalog) -> String {
    let sums = Sums::of(&told.results);
    let title = format!("{} – {}", told.name, texts.t("test-report-title"));
    let mut out = String::new();
    let mut put = |text: &str| out.push_str(text);
    put(&head(&title, texts).replacen("<title>", &format!("{MARK}<title>"), 1));
    put(&format!("<header><h1>{}</h1><p>", escaped(&title)));
    if let Some(commit) = &told.commit {
        let dirty = if told.is_dirty {
            format!(" {}", texts.t("test-with-changes"))
        } else {
            String::new()
        };
        put(&format!(
            "<code>{}</code>{} · ",
            escaped(format::short_oid(commit)),
            escaped(&dirty)
        ));
    }
    let zoned = told.at.to_zoned(jiff::tz::TimeZone::UTC);
    put(&format!(
        "<time>{}</time></p></header>\n",
        zoned.strftime("%Y-%m-%d %H:%M UTC")
    ));
    put(&format!(
        "<section class=\"sums\">{}</section>\n",
        sums_html(&sums, told, texts)
    ));
    let failed: Vec<&Finished> = told.results.iter().filter(|result| result.state == State::Failed).collect();
    if !failed.is_empty() {
        put(&format!("<section><h2>{}</h2>\n", escaped(&texts.t("test-report-failures"))));
        let by_error = groups(failed.iter().map(|result| (&result.case, result.message.as_str())));
        for group in &by_error {
            put(&group_html(group, &failed, told, texts));
        }
        put("</section>\n");
    }
    let mut slow: Vec<&Finished> = told
        .results
        .iter()
        .filter(|result| result.duration_ms.is_some_and(|ms| ms > 0))
        .collect();
    slow.sort_by_key(|result| std::cmp::Reverse(result.duration_ms));
    if !slow.is_empty() {
        put(&format!(
            "<section><h2>{}</h2><table>",
            escaped(&texts.t("test-report-slowest"))
        ));
        slow.iter()
            .take(SLOWEST)
            .for_each(|result| put(&row_html(result, told, texts, true)));
        put("</table></section>\n");
    }
    put(&format!("<section><h2>{}</h2>\n", escaped(&texts.t("test-report-all"))));
    let mut by_suite: BTreeMap<String, Vec<&Finished>> = BTreeMap::new();
    for result in &told.results {
        by_suite.entry(result.case.stored_suite()).or_default().push(result);
    }
    for (suite, results) in by_suite {
        let sums = Sums::of(results.iter().copied());
        let words = texts.msg(&msg!(
            "test-counts",
            passed = sums.n_passed,
            failed = sums.n_failed,
            skipped = sums.n_skipped
        ));
        let open = if sums.n_failed > 0 { " open" } else { "" };
        put(&format!(
            "<details{open}><summary><b>{}</b> <span>{}</span></summary><table>",
            escaped(&suite),
            escaped(&words)
        ));
        for result in &results {
            put(&row_html(result, told, texts, false));
        }
        put("</table></details>\n");
    }
    put("</section>\n</body></html>\n");
    out
}

fn sums_html(sums: &Sums, told: &Told, texts: &Catalog) -> String {
    let mut out = String::new();
    let all = (sums.n_passed + sums.n_failed + sums.n_skipped).max(1);
    let share = |n: u64| n as f64 * 100.0 / all as f64;
    let mut number = |class: &str, value: String, word: String| {
        write!(
            out,
            "<div class=\"{class}\"><b>{}</b><span>{}</span></div>",
            escaped(&value),
            escaped(&word)
        )
        .expect("a string takes every write");
    };
    number("fail", sums.n_failed.to_string(), texts.t("test-word-failed").into_owned());
    number("pass", sums.n_passed.to_string(), texts.t("test-word-passed").into_owned());
    number("skip", sums.n_skipped.to_string(), texts.t("test-word-skipped").into_owned());
    number("flaky", sums.n_flaky.to_string(), texts.t("test-word-flaky").into_owned());
    if let Some(percent) = told.coverage {
        number(
            "",
            format!("{} %", format::decimal(percent, 1, texts)),
            texts.t("test-tab-coverage").into_owned(),
        );
    }
    let bar = |class: &str, n: u64| format!("<i class=\"{class}\" style=\"width:{:.2}%\"></i>", share(n));
    write!(
        out,
        "<p class=\"bar\">{}{}{}</p>",
        bar("fail", sums.n_failed),
        bar("pass", sums.n_passed),
        bar("skip", sums.n_skipped)
    )
    .expect("a string takes every write");
    out
}

fn group_html(group: &Group, failed: &[&Finished], told: &Told, texts: &Catalog) -> String {
    let mut out = String::new();
    let count = texts.msg(&msg!("test-n-tests", n = group.cases.len()));
    let first = group.example.lines().next().unwrap_or_default();
    write!(out, "<article><h3>{} <span>{}</span></h3>", escaped(first), escaped(&count)).expect("a string takes every write");
    for case in &group.cases {
        let Some(result) = failed.iter().find(|result| result.case == *case) else {
            continue;
        };
        let place = result.place.as_ref().map(|place| match place.line {
            Some(line) => format!("{}:{line}", place.path.display()),
            None => place.path.display().to_string(),
        });
        let text: String = if result.output.is_empty() {
            &result.message
        } else {
            &result.output
        }
        .chars()
        .take(MAX_OUTPUT_CHARS)
        .collect();
        write!(
            out,
            "<details><summary>{} {} <code>{}</code></summary><pre>{}</pre></details>",
            escaped(&case.text()),
            strip_html(told.strips.get(case), texts),
            escaped(&place.unwrap_or_default()),
            escaped(&text)
        )
        .expect("a string takes every write");
    }
    out.push_str("</article>\n");
    out
}

fn class_of(state: State) -> (&'static str, char) {
    match state {
        State::Done => ("pass", '✓'),
        State::Degraded => ("flaky", '~'),
        State::Skipped | State::None => ("skip", '–'),
        State::Cancelled | State::Unknown => ("skip", '?'),
        _ => ("fail", '✗'),
    }
}

fn row_html(result: &Finished, told: &Told, texts: &Catalog, with_suite: bool) -> String {
    let state = if result.flaky { State::Degraded } else { result.state };
    let (class, mark) = class_of(state);
    let time = result
        .duration_ms
        .map(|ms| format::duration_secs(ms as f64 / 1000.0, texts))
        .unwrap_or_default();
    let name = if with_suite {
        result.case.text()
    } else {
        result.case.name.clone()
    };
    format!(
        "<tr><td class=\"{class}\">{mark}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>\n",
        escaped(&name),
        strip_html(told.strips.get(&result.case), texts),
        escaped(&time)
    )
}

/// A mark per result; its words for who can not see it.
fn strip_html(strip: Option<&Vec<State>>, texts: &Catalog) -> String {
    let Some(strip) = strip.filter(|strip| strip.len() > 1) else {
        return String::new();
    };
    let n_passed = strip
        .iter()
        .filter(|state| matches!(state, State::Done | State::Degraded))
        .count();
    let words = texts.msg(&msg!("test-strip", passed = n_passed, total = strip.len()));
    let marks: String = strip
        .iter()
        .map(|state| format!("<i class=\"{}\"></i>", class_of(*state).0))
        .collect();
    format!(
        "<span class=\"strip\" role=\"img\" aria-label=\"{0}\" title=\"{0}\">{marks}</span>",
        escaped(&words)
    )
}

/// As it stands in HTML.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
