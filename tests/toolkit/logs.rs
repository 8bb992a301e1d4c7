//! The log view: traces folded and opened, structured lines, sources, bookmarks, and files of which only pages are here.

use super::{click, has, now, plain};
use chantier::base::log::LogForm;
use chantier::base::{LogLine, Stream};
use chantier::ui::filter_box::filter_ui;
use chantier::ui::log_view::{LogResponse, LogSource, LogState, lines_of, log_ui};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

fn line(text: &str) -> LogLine {
    LogLine {
        at: now(),
        stream: Stream::Out,
        text: text.to_owned(),
    }
}

fn trace() -> Vec<LogLine> {
    [
        "2026-11-26 17:32:20 INFO up",
        "2026-11-26 17:32:21 ERROR order 7 failed",
        "Traceback (most recent call last):",
        "  File \"/srv/app.py\", line 42, in order",
        "    stock = stocks[item]",
        "KeyError: 'candle'",
        "2026-11-26 17:32:22 INFO again",
    ]
    .map(line)
    .to_vec()
}

#[test]
fn a_trace_is_one_line_until_it_is_opened_and_a_hit_in_it_shows_it() {
    let mut harness = plain((LogState::default(), trace()), |ui, (state, lines)| {
        log_ui(ui, "log", "Output", state, &LogSource::slice(1, lines));
    });
    assert!(has(&harness, "2026-11-26 17:32:21 ERROR order 7 failed") && !has(&harness, "KeyError: 'candle'"));
    click(&mut harness, "4 more lines of the trace");
    assert!(has(&harness, "KeyError: 'candle'") && has(&harness, "2026-11-26 17:32:22 INFO again"));
    click(&mut harness, "4 more lines of the trace");
    assert!(!has(&harness, "KeyError: 'candle'"));
    // What is found inside a trace is the trace.
    harness.state_mut().0.filter = "candle".to_owned();
    harness.run();
    assert!(has(&harness, "2026-11-26 17:32:21 ERROR order 7 failed") && !has(&harness, "2026-11-26 17:32:20 INFO up"));
    // Everything of it is copied and exported.
    let (state, lines) = harness.state();
    assert!(
        lines_of(state, &LogSource::slice(1, lines))
            .iter()
            .any(|line| line == "KeyError: 'candle'")
    );
    harness.state_mut().0.fold = false;
    harness.run();
    assert!(has(&harness, "KeyError: 'candle'") && !has(&harness, "2026-11-26 17:32:21 ERROR order 7 failed"));
}

#[test]
fn structured_lines_are_readable_and_sources_can_be_hidden() {
    let lines = [
        r#"{"level":"warn","msg":"slow","ms":812}"#,
        r#"{"level":"info","msg":"fine","ms":1}"#,
        "plain words",
    ]
    .map(line)
    .to_vec();
    let mut harness = plain((LogState::default(), lines), |ui, (state, lines)| {
        let names = ["api".to_owned(), "web".to_owned()];
        let source = LogSource::slice(1, lines).origin(&names, |i| i % 2);
        log_ui(ui, "log", "Output", state, &source);
    });
    assert!(has(&harness, "WARN slow ms=812") && has(&harness, "plain words"));
    harness.state_mut().0.form = LogForm::Columns;
    harness.run();
    harness.run();
    assert!(has(&harness, "WARN   slow      812"));
    harness.state_mut().0.form = LogForm::Raw;
    harness.state_mut().0.hidden_sources.insert(1);
    harness.run();
    assert!(
        has(&harness, r#"{"level":"warn","msg":"slow","ms":812}"#) && !has(&harness, r#"{"level":"info","msg":"fine","ms":1}"#)
    );
    click(&mut harness, "View");
    click(&mut harness, "web");
    assert!(has(&harness, r#"{"level":"info","msg":"fine","ms":1}"#));
}

/// Ctrl+F is for the filter box of the page first, and for the output where there is none or the cursor is in it already.
#[test]
fn the_output_is_searched_with_the_keys_that_search_everywhere() {
    let find = |harness: &mut egui_kittest::Harness<'_, (LogState, String)>, words: &str| {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
        harness.run();
        harness.event(egui::Event::Text(words.to_owned()));
        harness.run();
    };
    let lines = [line("up"), line("down")];
    let alone = |ui: &mut egui::Ui, (state, _): &mut (LogState, String)| {
        log_ui(ui, "log", "Output", state, &LogSource::slice(1, &lines));
    };
    let mut harness = plain((LogState::default(), String::new()), alone);
    find(&mut harness, "up");
    assert_eq!(harness.state().0.filter, "up");
    let beside = |ui: &mut egui::Ui, (state, filter): &mut (LogState, String)| {
        filter_ui(ui, filter, "Filter files", 150.0);
        log_ui(ui, "log", "Output", state, &LogSource::slice(1, &lines));
    };
    let mut harness = plain((LogState::default(), String::new()), beside);
    find(&mut harness, "api");
    assert_eq!((harness.state().0.filter.as_str(), harness.state().1.as_str()), ("", "api"));
    find(&mut harness, "up");
    assert_eq!((harness.state().0.filter.as_str(), harness.state().1.as_str()), ("up", "api"));
}

#[test]
fn a_line_is_bookmarked_and_found_again() {
    let lines: Vec<LogLine> = (0..5000).map(|i| line(&format!("line {i}"))).collect();
    let mut harness = plain((LogState::default(), lines), |ui, (state, lines)| {
        log_ui(ui, "log", "Lines", state, &LogSource::slice(1, lines));
    });
    assert!(has(&harness, "line 4999"));
    harness.state_mut().0.marks.insert(17);
    harness.run();
    click(&mut harness, "1");
    click(&mut harness, "line 17");
    assert!(has(&harness, "line 17") && !has(&harness, "line 4999"));
    harness.get_by_label("Output").focus();
    harness.run();
    harness.key_press(Key::F2);
    harness.run();
    assert!(harness.state().0.marks.is_empty(), "the line that was gone to is selected");
}

#[test]
fn a_log_that_begins_anew_is_read_anew() {
    let lines: Vec<LogLine> = (0..500).map(|i| line(&format!("line {i}"))).collect();
    let mut harness = plain((LogState::default(), lines), |ui, (state, lines)| {
        log_ui(ui, "log", "Lines", state, &LogSource::slice(1, lines));
    });
    assert!(has(&harness, "line 499"));
    harness.state_mut().1 = vec![line("first"), line("    at order (app.js:1:1)")];
    harness.run();
    assert!(has(&harness, "first") && has(&harness, "1 more line of the trace"));
    harness.state_mut().1.clear();
    harness.run();
    assert!(has(&harness, "No output yet") || !has(&harness, "first"));
}

/// A file of ten million lines of which every line that is asked for is made up.
struct File {
    state: LogState,
    held: Vec<LogLine>,
    from: u64,
    hits: Option<Vec<u64>>,
    told: LogResponse,
}

const N: u64 = 10_000_000;

#[test]
fn ten_million_lines_are_scrolled_line_by_line_and_only_pages_are_asked_for() {
    let file = File {
        state: LogState::default(),
        held: Vec::new(),
        from: 0,
        hits: None,
        told: LogResponse::default(),
    };
    let mut harness = plain(file, |ui, file| {
        let File {
            state,
            held,
            from,
            hits,
            told,
        } = file;
        let source = LogSource::paged(1, N, hits.as_deref(), |number| {
            held.get(usize::try_from(number.checked_sub(*from)?).ok()?)
        });
        *told = log_ui(ui, "log", "big.log", state, &source);
    });
    // Gives what was asked for, as a job does.
    let fill = |harness: &mut egui_kittest::Harness<'_, File>| {
        for _ in 0..4 {
            let Some((from, until)) = harness.state().told.missing else {
                break;
            };
            let file = harness.state_mut();
            file.from = from.saturating_sub(10);
            file.held = (file.from..until + 10).map(|i| line(&format!("line {i}"))).collect();
            harness.run();
        }
        harness.state().told.missing
    };
    assert_eq!(fill(&mut harness), None);
    assert!(has(&harness, &format!("line {}", N - 1)), "the end is in sight at first");
    harness.state_mut().state.jump = Some(5_000_000);
    harness.run();
    assert_eq!(fill(&mut harness), None);
    assert!(has(&harness, "line 5000000") && has(&harness, "line 4999997"));
    let asked = harness.state().held.len();
    assert!(asked < 200, "{asked} lines are enough for a screen");
    // Of hits only those are shown.
    harness.state_mut().hits = Some((0..1000).map(|i| i * 10_000).collect());
    harness.state_mut().state.jump = Some(70_000);
    harness.run();
    let (from, until) = harness.state().told.missing.expect("the hits are not here");
    assert!(from <= 70_000 && until > 70_000);
}

#[test]
fn the_menu_of_a_line_opens_by_key() {
    let mut harness = plain((LogState::default(), trace()), |ui, (state, lines)| {
        log_ui(ui, "log", "Output", state, &LogSource::slice(1, lines));
    });
    harness.run();
    harness.get_by_role(egui::Role::Log).focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    harness.run();
    let marks = harness.get_by_role_and_label(egui::Role::MenuItem, "Bookmark");
    marks.focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.state().0.marks.contains(&0), "it is about the first line in sight");
    assert!(
        harness.get_by_role(egui::Role::Log).is_focused(),
        "the lines have the keys again"
    );
}
