//! Header, detail, dialogs, forms, output, differences, charts, palette, toasts.

use super::{CTRL, click, copied, has, is_disabled, now, plain, target, thread, type_into, window};
use chantier::base::diff::{DiffContent, DiffFile, DiffLine, Hunk, HunkId, LineEnd, LineKind};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Change, GitPath, Lang, Loadable, LogLine, Msg, Problem, Progress, State, Stream, Target, Unit};
use chantier::ui::action::{self, Action};
use chantier::ui::detail::{self, Fact, Heading, UndoRow};
use chantier::ui::diff_view::{DiffButton, DiffResponse, DiffState, DiffView};
use chantier::ui::log_view::{LogSource, LogState, log_ui};
use chantier::ui::page_frame::{self, Header, LoadableAsk, LoadableView, Tab};
use chantier::ui::palette::{PaletteEntry, PaletteState, palette_ui};
use chantier::ui::plot::{Chart, ChartState, Marker, Series};
use chantier::ui::toast::{Toast, Toasts};
use chantier::ui::{button, diff_line, form, icons, input, state_mark, text};
use egui::{Key, Modifiers, Role, Ui};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

type Asked = Vec<&'static str>;

fn actions() -> Vec<Action<&'static str>> {
    vec![
        Action::new("pull", "Pull", "pull").toolbar(),
        Action::new("push", "Push", "push")
            .toolbar()
            .disabled_because(Some("No remote".to_owned())),
        Action::new("commit", "Commit 3 files", "commit").primary(),
        Action::new("refresh", "Refresh", "refresh").shortcut(Modifiers::NONE, Key::F5),
        Action::new("delete", "Delete production…", "delete").danger().confirm_typed(
            "Delete the environment production",
            "Nine instances are forgotten.",
            "production",
        ),
    ]
}

fn actions_page() -> egui_kittest::Harness<'static, (Asked, String)> {
    plain((Vec::new(), String::new()), |ui, (asked, filter)| {
        let actions = actions();
        let header = Header::new("Code")
            .subtitle("7 files changed")
            .filter(filter, "Filter files")
            .show(ui, &actions);
        asked.extend(header.asked);
        asked.extend(super::keys::asked_of(action::shortcuts(ui.ctx(), &actions)));
        asked.extend(action::confirm_ui::<&'static str>(ui.ctx()));
    })
}

#[test]
fn one_list_of_actions_feeds_buttons_menu_and_shortcuts() {
    let mut harness = actions_page();
    click(&mut harness, "Pull");
    click(&mut harness, "Commit 3 files");
    assert!(is_disabled(&harness, "Push"));
    click(&mut harness, "Push");
    harness.key_press(Key::F5);
    harness.run();
    harness.key_press_modifiers(CTRL, Key::Enter);
    harness.run();
    click(&mut harness, "More actions");
    click(&mut harness, "Refresh");
    assert_eq!(harness.state().0, ["pull", "commit", "refresh", "commit", "refresh"]);
    harness.key_press_modifiers(CTRL, Key::F);
    harness.run();
    harness.event(egui::Event::Text("balance".to_owned()));
    harness.run();
    assert_eq!(harness.state().1, "balance");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().1, "");
}

#[test]
fn what_can_not_be_undone_asks_and_wants_its_name() {
    let mut harness = actions_page();
    click(&mut harness, "More actions");
    click(&mut harness, "Delete production…");
    assert!(has(&harness, "Delete the environment production"));
    assert!(is_disabled(&harness, "Delete production"));
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.state().0.is_empty());
    type_into(&mut harness, "Type production to confirm", "production");
    click(&mut harness, "Delete production");
    assert_eq!(harness.state().0, ["delete"]);
    assert!(!has(&harness, "Delete the environment production"));
    click(&mut harness, "More actions");
    click(&mut harness, "Delete production…");
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!has(&harness, "Delete the environment production"));
    assert_eq!(harness.state().0, ["delete"]);
}

#[test]
fn a_value_has_four_faces() {
    type State = (Loadable<Vec<&'static str>>, Vec<LoadableAsk>);
    let mut harness = plain((Loadable::Empty, Vec::new()), |ui, (value, asks): &mut State| {
        let progress = Progress::of(812, 1204, Unit::Tests);
        let view = LoadableView {
            icon: icons::FLASK,
            empty: "No test has run here yet",
            empty_action: Some("Run all tests"),
            progress: Some(&progress),
        };
        let ask = page_frame::loadable_ui(ui, value, &view, Vec::is_empty, |ui, rows| {
            for row in rows {
                text::body(ui, row);
            }
        });
        asks.extend(ask);
    });
    click(&mut harness, "Run all tests");
    assert_eq!(harness.state().1, [LoadableAsk::Fill]);
    harness.state_mut().0.start();
    harness.run();
    assert!(
        has(&harness, "812 of 1,204") && !has(&harness, "No test has run here yet"),
        "never empty while loading"
    );
    harness.state_mut().0.finish(vec!["first"]);
    harness.run();
    assert!(has(&harness, "first"));
    harness.state_mut().0.start();
    harness.run();
    assert!(has(&harness, "first"), "the previous value stays");
    let problem = Problem::environment(Msg::verbatim("cargo is not installed"))
        .details("os error 2")
        .hint(Msg::verbatim("Install Rust"));
    harness.state_mut().0.fail(problem);
    harness.run();
    assert!(has(&harness, "cargo is not installed") && has(&harness, "Install Rust") && has(&harness, "first"));
    click(&mut harness, "Retry");
    assert_eq!(harness.state().1.last(), Some(&LoadableAsk::Retry));
    harness.get_by_label("Copy details").click();
    harness.step();
    harness.step();
    assert!(copied(&harness).is_none_or(|text| text.contains("os error 2")));
    harness.state_mut().0.finish(Vec::new());
    harness.run();
    assert!(has(&harness, "No test has run here yet"));
}

/// A name is not cut for the state beside it: it gets two lines, and its state the next one.
#[test]
fn a_long_name_in_a_heading_is_read_whole() {
    for (name, is_long) in [("atelier", false), ("production answers is down: nobody listens", true)] {
        let mut harness = window([300.0, 200.0], ThemeChoice::Dark, Lang::En, (), |ui, ()| {
            let heading = Heading {
                icon: icons::FOLDER,
                name,
                note: "",
                state: Some((State::Failed, "open")),
            };
            detail::heading_ui(ui, &heading);
        });
        harness.run();
        let (title, chip) = (harness.get_by_label(name).rect(), harness.get_by_label("open").rect());
        assert_eq!(title.height() > 25.0, is_long, "{name}: {title:?}");
        assert_eq!(chip.top() >= title.bottom(), is_long, "{name}: {title:?} {chip:?}");
        assert!(title.right() <= 300.0 && chip.right() <= 300.0, "{name}");
    }
}

#[test]
fn a_detail_leads_to_what_it_names() {
    let mut harness = plain(Vec::<Target>::new(), |ui, gone| {
        let heading = Heading {
            icon: icons::FOLDER,
            name: "meteo-api",
            note: "Rust",
            state: Some((State::Degraded, "8 of 9")),
        };
        detail::heading_ui(ui, &heading);
        let facts = [
            Fact::text("Branch", "main"),
            Fact::link("Commit", "3f9c2ab", "12 min ago", target("commit")),
            Fact::path("Path", "/home/somebody/projects/a/very/long/way/down/meteo-api"),
            Fact::state("Live", State::Failed, "0 / 1"),
            Fact::text("Owner", ""),
        ];
        gone.extend(detail::facts_ui(ui, &facts));
        gone.extend(detail::thread_ui(ui, &thread(), now()));
        let undo = [UndoRow {
            label: "Unstaged 5 lines".to_owned(),
            at: now(),
            disabled_because: None,
        }];
        if detail::undo_ui(ui, &undo, now()).is_some() {
            gone.push(target("undo"));
        }
    });
    for name in ["meteo-api", "8 of 9", "Branch, main", "Live, 0 / 1", "Thread"] {
        assert!(harness.query_all_by_label(name).next().is_some(), "{name}");
    }
    click(&mut harness, "3f9c2ab");
    click(&mut harness, "7d20e51");
    click(&mut harness, "Undo Unstaged 5 lines");
    assert_eq!(harness.state()[..], [target("commit"), target("7d20e51"), target("undo")]);
    harness.get_by_label("Branch, main").hover();
    harness.run();
    harness.get_by_label("Copy Branch").click();
    harness.step();
    let seen = copied(&harness);
    harness.step();
    assert_eq!(seen.or_else(|| copied(&harness)).as_deref(), Some("main"));
}

#[derive(Default)]
struct Fields {
    name: String,
    number: i64,
    duration: String,
    choice: u8,
    tick: bool,
    valid: bool,
}

#[test]
fn a_form_says_what_is_wrong_below_the_field() {
    let mut harness = plain(
        Fields {
            number: 4,
            duration: "10m".to_owned(),
            ..Fields::default()
        },
        |ui, fields| {
            let choices = [(0, "one2many".to_owned()), (1, "many2one".to_owned())];
            let missing = fields.name.is_empty().then_some("A name is needed");
            let response = form::form_ui(ui, "form", |form| {
                form.text("Name", &mut fields.name, "meteo-api", missing);
                form.number("Jobs", &mut fields.number, 1..=64, "jobs");
                form.duration("Timeout", &mut fields.duration);
                form.choice("Type", &mut fields.choice, &choices);
                form.tick("Sign", &mut fields.tick);
            });
            fields.valid = response.valid;
        },
    );
    assert!(has(&harness, "A name is needed") && !harness.state().valid);
    type_into(&mut harness, "Name", "x");
    assert!(!has(&harness, "A name is needed") && harness.state().valid);
    type_into(&mut harness, "Jobs", "000");
    assert!(has(&harness, "A whole number from 1 to 64") && !harness.state().valid);
    assert_eq!(harness.state().number, 4);
    harness.get_by_role_and_label(Role::ComboBox, "Type").click();
    harness.run();
    harness.get_by_role_and_label(Role::MenuItem, "many2one").click();
    harness.run();
    assert_eq!(harness.state().choice, 1);
    harness.get_by_role_and_label(Role::CheckBox, "Sign").click();
    harness.run();
    assert!(harness.state().tick);
}

#[test]
fn output_is_filtered_and_copied() {
    let line = |i: usize| {
        let text = match i % 3 {
            0 => format!("\u{1b}[32mPASS\u{1b}[0m case {i}"),
            1 => format!("WARN case {i}"),
            _ => format!("ERROR case {i}"),
        };
        LogLine {
            at: now(),
            stream: if i % 3 == 2 { Stream::Err } else { Stream::Out },
            text,
        }
    };
    let lines: Vec<LogLine> = (0..300).map(line).collect();
    let mut harness = plain((LogState::default(), lines), |ui, (state, lines)| {
        log_ui(ui, "log", "Output of the job", state, &LogSource::slice(1, lines));
    });
    assert!(
        has(&harness, "PASS case 297") && has(&harness, "ERROR case 299"),
        "the end is in sight"
    );
    assert!(!has(&harness, "PASS case 0"));
    type_into(&mut harness, "Filter or regex", r"case 1?\d$");
    assert!(has(&harness, "PASS case 0") && has(&harness, "WARN case 19") && !has(&harness, "ERROR case 299"));
    click(&mut harness, "All levels");
    click(&mut harness, "Errors only");
    assert!(has(&harness, "ERROR case 2") && !has(&harness, "PASS case 0"));
    harness.get_by_label("Copy lines").click();
    harness.step();
    let seen = copied(&harness);
    harness.step();
    let text = seen.or_else(|| copied(&harness)).expect("lines are copied");
    assert_eq!(text.lines().count(), 6);
    assert!(!text.contains('\u{1b}'));
    harness.state_mut().1.push(LogLine {
        at: now(),
        stream: Stream::Out,
        text: "ERROR case 7".to_owned(),
    });
    harness.run();
    assert!(has(&harness, "ERROR case 7"));
}

fn diff_file() -> DiffFile {
    let line = |kind, no: u32, text: &str| DiffLine {
        kind,
        old_no: (kind != LineKind::Added).then_some(no),
        new_no: (kind != LineKind::Removed).then_some(no),
        text: text.to_owned(),
        spans: Vec::new(),
        end: LineEnd::Lf,
        index_no: None,
    };
    let hunk = Hunk {
        id: HunkId {
            old_start: 38,
            old_lines: 2,
            new_start: 38,
            new_lines: 2,
            digest: 7,
        },
        header: "fn pick".to_owned(),
        lines: vec![
            line(LineKind::Context, 38, "pub fn pick() {"),
            line(LineKind::Removed, 39, "    let n = 1;"),
            line(LineKind::Added, 39, "    let n = 2;"),
        ],
    };
    DiffFile {
        path: GitPath::new("src/balance.rs"),
        old_path: None,
        change: Change::Modified,
        old_mode: 0o100_644,
        new_mode: 0o100_644,
        n_added: 1,
        n_removed: 1,
        content: DiffContent::Text { hunks: vec![hunk] },
    }
}

#[test]
fn a_difference_is_staged_by_hunk_and_by_line() {
    let large = DiffFile {
        content: DiffContent::TooLarge {
            bytes: 9_000_000,
            lines: 200_000,
            is_hopeless: false,
        },
        ..diff_file()
    };
    let files = vec![
        diff_file(),
        DiffFile {
            path: GitPath::new("big.json"),
            ..large
        },
    ];
    let mut harness = plain((DiffState::default(), Vec::<DiffResponse>::new()), move |ui, (state, log)| {
        let response = DiffView::new("diff", &files)
            .tick(|(_, _, line)| Some(line == 1))
            .note(|_, _| "1 of 2 lines staged".to_owned())
            .hunk_buttons(|_, _| vec![DiffButton::new("Stage hunk"), DiffButton::new("Discard").bare().danger()])
            .show(ui, state);
        if response != DiffResponse::default() {
            log.push(response);
        }
    });
    click(&mut harness, "Discard");
    assert_eq!(
        harness.state().1.last().and_then(|response| response.hunk_button),
        Some((0, 0, 1))
    );
    click(&mut harness, "+ let n = 2;");
    assert_eq!(
        harness.state().1.last().map(|response| response.ticked.clone()),
        Some(vec![(0, 0, 2)])
    );
    click(&mut harness, "Show all the same");
    assert_eq!(harness.state().1.last().and_then(|response| response.show_anyway), Some(1));
    harness.state_mut().0.side_by_side = true;
    harness.run();
    assert_eq!(harness.query_all_by_label("pub fn pick() {").count(), 2);
    harness
        .get_by_role_and_label(Role::DisclosureTriangle, "src/balance.rs")
        .click();
    harness.run();
    assert!(!has(&harness, "Stage hunk"));
}

#[test]
fn charts_hide_series_and_zoom() {
    let from = 1_795_000_000.0;
    let points: Vec<[f64; 2]> = (0..200)
        .map(|i| [from + f64::from(i) * 6.0, if i == 90 { f64::NAN } else { f64::from(i) }])
        .collect();
    let series = vec![
        Series::new("2.4.1", 0, points.clone()),
        Series::new("2.5.0", 1, points).dashed(),
    ];
    let markers = vec![
        Marker::flag(from + 600.0, "deploy", true),
        Marker::band(from + 700.0, from + 800.0, "incident 18", State::Degraded),
    ];
    let mut harness = plain((ChartState::default(), None), move |ui, (state, marker)| {
        let chart = Chart::new("chart", "Requests", "per second", (from, from + 1200.0), &series)
            .markers(&markers)
            .limit(150.0, "limit");
        let response = chart.show(ui, state);
        *marker = response.marker.or(*marker);
    });
    assert!(has(&harness, "Requests per second, 2.4.1 199, 2.5.0 199"));
    click(&mut harness, "2.5.0");
    assert!(has(&harness, "Requests per second, 2.4.1 199"));
    click(&mut harness, "deploy");
    assert_eq!(harness.state().1, Some(0));
    let rect = harness.get_by_label("Requests per second, 2.4.1 199").rect();
    let y = rect.center().y;
    harness.hover_at(egui::pos2(rect.left() + 100.0, y));
    harness.step();
    harness.drag_at(egui::pos2(rect.left() + 100.0, y));
    harness.step();
    harness.hover_at(egui::pos2(rect.left() + 200.0, y));
    harness.step();
    harness.drop_at(egui::pos2(rect.left() + 300.0, y));
    harness.run();
    let (a, b) = harness.state().0.zoom.expect("the chart is zoomed");
    assert!(a > from && b < from + 1200.0 && b > a);
}

#[test]
fn the_palette_runs_what_was_typed() {
    type Palette = (PaletteState, Option<u8>);
    let mut harness = plain((PaletteState::default(), None), |ui, (state, chosen): &mut Palette| {
        let entries = [
            PaletteEntry::new("Actions", "Run all tests", 1).icon(icons::RUN),
            PaletteEntry::new("Actions", "Deploy a version…", 2).context("meteo-api to production"),
            PaletteEntry::new("Pages", "Deploy", 3).shortcut(Some("Ctrl+7".to_owned())),
            PaletteEntry::new("Pages", "Push", 4).disabled_because(Some("No remote".to_owned())),
        ];
        text::body(ui, "behind");
        *chosen = palette_ui(ui.ctx(), state, &entries).or(*chosen);
    });
    harness.state_mut().0.open();
    harness.run();
    assert!(has(&harness, "4 of 4"));
    type_into(&mut harness, "Search or run a command", "depl");
    assert!(has(&harness, "2 of 4") && !has(&harness, "Run all tests"));
    harness.key_press(Key::ArrowDown);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().1, Some(3));
    assert!(!harness.state().0.open);
    harness.state_mut().0.open();
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!harness.state().0.open);
}

#[test]
fn a_toast_offers_its_act_and_goes() {
    let toasts: Toasts<&'static str> = Toasts::default();
    let mut harness = plain((toasts, Vec::<&'static str>::new(), true), |ui, (toasts, asked, first)| {
        if std::mem::take(first) {
            toasts.push(ui.ctx(), Toast::new(State::Done, "Branch deleted").action("Undo", "undo"));
            toasts.push(
                ui.ctx(),
                Toast::new(State::Failed, "Deployment failed").note("Error rate above 0.50 %"),
            );
        }
        asked.extend(toasts.show(ui.ctx(), 24.0));
    });
    harness.step();
    assert!(has(&harness, "Branch deleted") && has(&harness, "Deployment failed"));
    harness.get_by_label("Undo").click();
    harness.step();
    harness.step();
    assert_eq!(harness.state().1, ["undo"]);
    for _ in 0..120 {
        harness.step();
    }
    assert!(harness.state().0.is_empty());
}

/// Everything at once, for the walls: both themes, both languages, any size.
fn gallery(ui: &mut Ui, texts: &mut (String, u8, bool, LogState, DiffState, ChartState)) {
    let (filter, tab, tick, log, diff, chart) = texts;
    Header::new("Deploy")
        .subtitle("4 environments")
        .filter(filter, "Filter")
        .show(ui, &actions());
    page_frame::tabs_ui(
        ui,
        tab,
        &[
            Tab::new(0, "Environments").count(4).state(State::Failed),
            Tab::new(1, "Plans"),
        ],
    );
    page_frame::split_ui(
        ui,
        "gallery",
        288.0,
        &mut (),
        |ui, ()| {
            let heading = Heading {
                icon: icons::UPLOAD,
                name: "Production",
                note: "2 machines",
                state: Some((State::InProgress, "canary")),
            };
            detail::heading_ui(ui, &heading);
            detail::actions_ui(ui, &actions());
            detail::thread_ui(ui, &thread(), now());
            let lines = ["let a = 1;".to_owned(), "return a;".to_owned()];
            diff_line::source_ui(ui, "a.rs", 60, &lines, Some(61), Some("^^^ here"));
        },
        |ui, ()| {
            for state in [
                State::Failed,
                State::Degraded,
                State::Unknown,
                State::InProgress,
                State::Queued,
                State::Running,
            ] {
                ui.horizontal(|ui| {
                    state_mark::state_ui(ui, state);
                    state_mark::chip_ui(ui, state, &text::tr(ui, state.key()));
                    state_mark::strip_ui(ui, &[state; 40], "history");
                    state_mark::sparkline_ui(ui, &[1.0, f32::NAN, 2.0, 3.0], 70.0, state, "cpu");
                    state_mark::dots_ui(ui, &[state; 9], "7 + 2");
                    state_mark::tag_ui(ui, "feature/canary-weights", state_mark::TagLook::Accent);
                });
            }
            ui.horizontal(|ui| {
                button::tick_ui(ui, tick, "Sign the commit", "");
                ui.add(button::Button::new("Commit").primary().note("Ctrl+Enter"));
                let id = egui::Id::unique("gallery-message");
                input::Input::new(id, "Message").rows(3).show(ui, filter);
            });
            let series = [Series::new("all", 0, vec![[1.0, 1.0], [2.0, 5.0]])];
            Chart::new("gallery", "Requests", "per second", (0.0, 60.0), &series)
                .height(80.0)
                .show(ui, chart);
            let lines = [LogLine {
                at: now(),
                stream: Stream::Out,
                text: "x".repeat(3000),
            }];
            page_frame::split_bottom_ui(
                ui,
                "gallery-bottom",
                120.0,
                &mut (log, diff),
                |ui, (log, _)| {
                    log_ui(ui, "gallery", "Output", log, &LogSource::slice(1, &lines));
                },
                |ui, (_, diff)| {
                    DiffView::new("gallery", &[diff_file()]).file_heads(true).show(ui, diff);
                },
            );
        },
    );
}

#[test]
fn every_widget_stands_in_both_themes_and_languages_at_any_size() {
    for theme in [ThemeChoice::Dark, ThemeChoice::Light] {
        for lang in Lang::ALL {
            for size in [[1280.0, 900.0], [640.0, 480.0], [220.0, 160.0], [30.0, 20.0]] {
                let mut harness = window(size, theme, lang, Default::default(), gallery);
                harness.run();
                if size[0] > 1000.0 {
                    let word = if lang == Lang::Fr { "en cours" } else { "in progress" };
                    assert!(has(&harness, word), "{word}");
                    for name in ["Production", "Commit 3 files", "Environments", "Message", "history", "7 + 2"] {
                        assert!(has(&harness, name), "{name}");
                    }
                    let tab = harness.get_by_role_and_label(Role::Tab, "Environments");
                    assert_eq!(tab.accesskit_node().toggled(), Some(egui::accesskit::Toggled::True));
                }
            }
        }
    }
}
